# SPDX-License-Identifier: Apache-2.0
"""What a module has in this database, asked of the database alone: the module may be broken, or gone by hand.

Its tables are those whose names begin with ``<id>_``: ids have no underscore, the loader refuses tables outside the
prefix, and the core keeps its own prefixes (``liren.plugins.manifest.RESERVED``).
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from liren.ledger.records import Post, decode
from liren.store import Store

OWN_ROWS: Final = (
    ("plugin_state", "id"),
    ("job_run", "plugin"),
    ("task", "plugin"),
    ("event_listener", "plugin"),
    ("event_retry", "plugin"),
)
"""(table of the core, its column that names the module): cleared with it. Audit, notices and events stay."""


@dataclass(frozen=True, slots=True)
class Remains:
    plugin: str
    rows: dict[str, int]
    """Table → how many rows, by name."""
    migrations: tuple[str, ...]
    """Ids of those that ran, in order."""
    grants: int
    known: bool
    """Whether the street ever enabled or configured it."""
    enabled: bool

    @property
    def anything(self) -> bool:
        return bool(self.rows or self.migrations or self.grants or self.known)

    @property
    def total(self) -> int:
        """Rows in its tables."""
        return sum(self.rows.values())


async def remains(store: Store, plugin: str) -> Remains:
    rows = {
        table: int((await store.read(f"SELECT COUNT(*) FROM {quoted(table)}"))[0][0])
        for table in await tables(store, plugin)
    }
    ran = await store.read("SELECT id FROM migration WHERE app = ? ORDER BY id", plugin)
    states = await _read(store, "SELECT enabled FROM plugin_state WHERE id = ?", plugin)
    grants = await _read(store, "SELECT COUNT(*) FROM role_grant WHERE role LIKE ?", f"{plugin}.%")
    return Remains(
        plugin=plugin,
        rows=rows,
        migrations=tuple(str(one) for (one,) in ran),
        grants=int(grants[0][0]) if grants else 0,
        known=bool(states),
        enabled=bool(states and states[0][0]),
    )


async def tables(store: Store, plugin: str) -> list[str]:
    """Names of its tables, sorted."""
    prefix = f"{plugin}_"
    if store.kind == "sqlite":
        found = await store.read("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    else:
        found = await store.read(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
        )
    return [str(name) for (name,) in found if str(name).startswith(prefix)]


async def left_behind(store: Store, there: Collection[str]) -> list[Remains]:
    """Of modules whose program is gone while their data is here.

    :param there: ids of all that is installed, also of what did not load, and of the core
    """
    known = {str(one) for (one,) in await _read(store, "SELECT id FROM plugin_state")}
    known |= {str(app) for (app,) in await store.read("SELECT DISTINCT app FROM migration")}
    gone = sorted(known - set(there) - {"store", "plugins"})
    return [found for found in [await remains(store, plugin) for plugin in gone] if found.anything]


async def open_spends(store: Store, plugin: str) -> int:
    """How many residents' points it holds in escrow: orders it has neither settled nor given back."""
    held = await _read(
        store,
        "SELECT e.body FROM account a JOIN log_entry e ON e.rid = substr(a.address, 8)"
        " WHERE a.address LIKE 'escrow/%' AND a.balance > 0",
    )
    posts = [decode(bytes(body)) for (body,) in held]
    return sum(isinstance(post, Post) and post.code.startswith(f"{plugin}.") for post in posts)


def quoted(name: str) -> str:
    """An SQL name, whatever is in it."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


async def _read(store: Store, query: str, *args: str) -> list[tuple[Any, ...]]:
    """No rows where the table is not there yet: a home before its street was founded."""
    table = query.partition(" FROM ")[2].split()[0]
    if store.kind == "sqlite":
        there = await store.read("SELECT 1 FROM sqlite_master WHERE name = ?", table)
    else:
        there = await store.read("SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = ?", table)
    return await store.read(query, *args) if there else []
