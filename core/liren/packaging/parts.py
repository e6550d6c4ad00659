# SPDX-License-Identifier: Apache-2.0
"""Which rows are a module's: its own tables, and its part of tables the core keeps for all modules.

Its own tables are those whose names begin with ``<id>_``: ids have no underscore, the loader refuses tables outside the
prefix, and the core keeps its own prefixes (``liren.plugins.manifest.RESERVED``).
"""

from dataclasses import dataclass
from typing import Final

from liren.store import Store


@dataclass(frozen=True, slots=True)
class Part:
    """A table, or some of its rows."""

    table: str
    where: str = ""
    """SQL with one ``?`` for the module's id; empty: all of it, the table is its own."""

    @property
    def shared(self) -> bool:
        return self.where != ""

    def of(self, plugin: str) -> tuple[str, tuple[str, ...]]:
        """``WHERE …`` or nothing, and what to put into it."""
        return (f" WHERE {self.where}", (plugin,)) if self.where else ("", ())


_ITS_CASES: Final = "case_id IN (SELECT id FROM workflow_case WHERE plugin = ?)"
SHARED: Final = (
    Part("workflow_case", "plugin = ?"),
    Part("workflow_step", _ITS_CASES),
    Part("workflow_file", _ITS_CASES),
)
"""Its data in tables of the core, referenced ones first: exported, and deleted where its tables are dropped."""

SETTLED: Final = (
    ("plugin_state", "id"),
    ("job_run", "plugin"),
    ("task", "plugin"),
    ("event_listener", "plugin"),
    ("event_retry", "plugin"),
)
"""(table of the core, its column that names the module): what the street decided and noted about it, always cleared.

Audit, notices to people and emitted events stay: what happened stays readable.
"""


async def parts(store: Store, plugin: str) -> list[Part]:
    """All there are: its tables by name, then what is in the core's."""
    own = [Part(name) for name in await _tables(store) if name.startswith(f"{plugin}_")]
    there = set(await _tables(store))
    return [*own, *(part for part in SHARED if part.table in there)]


async def has_table(store: Store, table: str) -> bool:
    return table in await _tables(store)


async def _tables(store: Store) -> list[str]:
    if store.kind == "sqlite":
        found = await store.read("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    else:
        found = await store.read(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
        )
    return [str(name) for (name,) in found]


def quoted(name: str) -> str:
    """An SQL name, whatever is in it."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
