# SPDX-License-Identifier: Apache-2.0
"""One table; people and units by id."""

from piccolo.columns import Date, Text, Varchar
from piccolo.table import Table


class Notice(Table, tablename="noticeboard_notice"):
    id = Varchar(length=16, primary_key=True)
    title = Varchar(length=80)
    body = Text()
    author = Varchar(length=40)
    published_on = Date()
