# SPDX-License-Identifier: Apache-2.0
"""unit, dwelling, register_version. Prefix scans need byte order, whatever the database's own collation."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "0001"
DESCRIPTION = "unit, dwelling, register_version"

TABLES = (
    "CREATE TABLE unit (code TEXT{bytewise} PRIMARY KEY, level TEXT NOT NULL,"
    " parent TEXT{bytewise} REFERENCES unit (code), path TEXT{bytewise} NOT NULL UNIQUE,"
    " name TEXT NOT NULL, party_title TEXT, opened DATE NOT NULL, closed DATE)",
    "CREATE INDEX unit_parent ON unit (parent)",
    "CREATE TABLE dwelling (id TEXT PRIMARY KEY, unit TEXT{bytewise} NOT NULL REFERENCES unit (code),"
    " number TEXT NOT NULL, UNIQUE (unit, number))",
    "CREATE TABLE register_version (name TEXT PRIMARY KEY, version BIGINT NOT NULL)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="units", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        bytewise = "" if engine.engine_type == "sqlite" else ' COLLATE "C"'
        for statement in TABLES:
            await engine.run_ddl(statement.format(bytewise=bytewise))

    manager.add_raw(run)
    return manager
