# SPDX-License-Identifier: Apache-2.0
"""What tables a database has: asked the same way on both."""

from liren.store import Store

Shape = dict[str, set[str]]
"""Table → its columns."""


async def shape(store: Store) -> Shape:
    """Every table of the database with its columns."""
    found: Shape = {}
    if store.kind == "sqlite":
        rows = await store.read(
            "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c"
            " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
        )
    else:
        rows = await store.read(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        )
    for table, column in rows:
        found.setdefault(table, set()).add(column)
    return found
