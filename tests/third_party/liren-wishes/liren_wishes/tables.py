# SPDX-License-Identifier: Apache-2.0
"""One table."""

from piccolo.columns import BigInt, Text, Varchar
from piccolo.table import Table

OVER = 2
"""``heard`` of a wish whose person left: nobody grants it any more."""


class Wish(Table, tablename="wishes_wish"):
    id = Varchar(length=16, primary_key=True)
    text = Text()
    person = Varchar(length=40)
    heard = BigInt()
    unit = Text(default="")
