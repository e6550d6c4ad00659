# SPDX-License-Identifier: Apache-2.0
"""The module's rows; people and units are kept by id."""

from piccolo.columns import Date, Text, Varchar
from piccolo.table import Table


class Entry(Table, tablename="starter_entry"):
    id = Varchar(length=16, primary_key=True)
    title = Varchar(length=40)
    body = Text()
    author = Varchar(length=40, index=True)
    written_on = Date()
