# SPDX-License-Identifier: Apache-2.0
"""The chain over the store's raw audit rows, and the heads that stand in the ledger."""

from piccolo.columns import BigInt, Bytea, Date, Text
from piccolo.table import Table


class AuditRow(Table, tablename="audit"):
    """The store's own table (its migration makes it): who did what to what. Ids and codes only."""

    id = BigInt(primary_key=True, default=None)
    at_ms = BigInt()
    actor = Text()
    plugin = Text()
    what = Text()
    subject = Text()
    unit = Text(null=True, default=None)
    detail = Text()


class Link(Table, tablename="audit_link"):
    """The digest of everything up to one audit row."""

    id = BigInt(primary_key=True, default=None)
    digest = Bytea()


class Head(Table, tablename="audit_head"):
    """A day's last link, and the record that attests it."""

    day = Date(primary_key=True, default=None)
    last = BigInt(help_text="audit.id of the day's last row")
    digest = Bytea()
    salt = Bytea(help_text="of the attested digest: kept here, not in the log")
    rid = Text()


TABLES = (Link, Head)
