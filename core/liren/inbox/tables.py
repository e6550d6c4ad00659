# SPDX-License-Identifier: Apache-2.0
"""Notices to a person: a sentence and where it leads."""

from piccolo.columns import BigInt, BigSerial, Text, Varchar
from piccolo.table import Table


class Notice(Table, tablename="inbox_notice"):
    id = BigSerial(primary_key=True)
    person = Varchar(length=40, index=True)
    plugin = Varchar(length=20)
    text = Text()
    link = Text()
    at_ms = BigInt()
    read_ms = BigInt(null=True, default=None)
    forwarded_ms = BigInt(null=True, default=None)
