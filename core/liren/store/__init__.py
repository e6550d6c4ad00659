# SPDX-License-Identifier: Apache-2.0
"""The store: one database by one setting, one writer with group commit, migrations, sealed fields."""

from liren.store.migrations import MigrationSource, migrate, pending
from liren.store.store import Store
from liren.store.tx import Participant, Tx, WriterConnection
from liren.store.vault import SubjectKey, Vault

__all__ = [
    "MigrationSource",
    "Participant",
    "Store",
    "SubjectKey",
    "Tx",
    "Vault",
    "WriterConnection",
    "migrate",
    "pending",
]
