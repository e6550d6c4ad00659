# SPDX-License-Identifier: Apache-2.0
"""What a module has in this database, asked of the database alone: the module may be broken, or gone by hand."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from liren.ledger.log.note import open_note
from liren.ledger.log.records import Post, decode
from liren.packaging.parts import Part, has_table, parts, quoted
from liren.store import Store


@dataclass(frozen=True, slots=True)
class Remains:
    plugin: str
    rows: dict[Part, int]
    """How many rows in each of its tables, also in empty ones, and in those of the core where it has any."""
    migrations: tuple[str, ...]
    """Ids of those that ran, in order."""
    grants: int
    known: bool
    """Whether the street ever enabled or configured it."""
    enabled: bool

    @property
    def tables(self) -> list[str]:
        """Its own."""
        return [part.table for part in self.rows if not part.shared]

    @property
    def anything(self) -> bool:
        return bool(self.rows or self.migrations or self.grants or self.known)

    @property
    def total(self) -> int:
        """Rows it holds."""
        return sum(self.rows.values())


async def remains(store: Store, plugin: str) -> Remains:
    rows = {part: await count(store, part, plugin) for part in await parts(store, plugin)}
    ran = await store.read("SELECT id FROM migration WHERE app = ? ORDER BY id", plugin)
    states = await _read(store, "SELECT enabled FROM plugin_state WHERE id = ?", plugin)
    grants = await _read(store, "SELECT COUNT(*) FROM role_grant WHERE role LIKE ?", f"{plugin}.%")
    return Remains(
        plugin=plugin,
        rows={part: number for part, number in rows.items() if number or not part.shared},
        migrations=tuple(str(one) for (one,) in ran),
        grants=int(grants[0][0]) if grants else 0,
        known=bool(states),
        enabled=bool(states and states[0][0]),
    )


async def count(store: Store, part: Part, plugin: str) -> int:
    """Rows of it."""
    where, args = part.of(plugin)
    return int((await store.read(f"SELECT COUNT(*) FROM {quoted(part.table)}{where}", *args))[0][0])


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
    posts = [decode(open_note(bytes(body))[0]) for (body,) in held]
    return sum(isinstance(post, Post) and post.code.startswith(f"{plugin}.") for post in posts)


async def _read(store: Store, query: str, *args: str) -> list[tuple[Any, ...]]:
    """No rows where the table is not there yet: a home before its street was founded."""
    there = await has_table(store, query.partition(" FROM ")[2].split()[0])
    return await store.read(query, *args) if there else []
