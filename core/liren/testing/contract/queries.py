# SPDX-License-Identifier: Apache-2.0
"""Pages ask for no more than they show: a street has 300 000 people, a test has three."""

import re
from contextlib import aclosing
from typing import Any

import pytest

from liren.testing.contract.subject import address, its
from liren.testing.street import Running

__all__ = ["test_no_page_reads_a_table_without_a_limit"]

NARROW = re.compile(r"""\blimit\b|\bwhere\b.*?(=\s*\?|=\s*'|=\s*\d|\bin\s*\(|\$\d|is\s+null)|\bexists\b""", re.I | re.S)
SUMS = re.compile(r"^\s*select\s+(all\s+|distinct\s+)?(count|sum|min|max|avg|coalesce)\s*\(", re.I)
CORE_PAGES = ("/", "/home", "/desk")
"""Where slots, menus, figures and to-dos stand."""


async def test_no_page_reads_a_table_without_a_limit(
    street: Running, plugin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every query of a page on the plugin's tables has a LIMIT, or a WHERE with ``=`` or ``IN``, or gives one sum."""
    loaded, asked = its(street, plugin), list[str]()
    engine = type(street.street.store.engine)
    real = engine.run_querystring

    async def listening(self: Any, querystring: Any, in_pool: bool = False) -> Any:
        asked.append(querystring.compile_string(engine_type=self.engine_type)[0])
        return await real(self, querystring, in_pool)

    monkeypatch.setattr(engine, "run_querystring", listening)
    own = re.compile(rf'\b(from|join)\s+"?(public"?\.)?"?{plugin}_', re.I)
    await street.person("全能", *street.street.identity.who.titles)
    wide: dict[str, str] = {}
    async with aclosing(await street.signed_in("全能")) as visitor:
        paths = [address(route) for route in loaded.routes if "GET" in route.methods]
        for path in (*CORE_PAGES, *paths):
            asked.clear()
            await visitor.get(path, follow_redirects=True)
            wide |= {query: path for query in asked if own.search(query) and not narrow(query)}
    assert not wide, "\n".join(f"{path}: {query}" for query, path in wide.items())


def narrow(query: str) -> bool:
    """Whether a query's answer does not grow with the table."""
    if not query.lstrip().lower().startswith(("select", "with")):
        return True
    grouped = re.search(r"\bgroup\s+by\b", query, re.I)
    return bool(NARROW.search(query)) or bool(SUMS.search(query) and not grouped)
