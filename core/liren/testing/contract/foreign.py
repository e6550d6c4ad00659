# SPDX-License-Identifier: Apache-2.0
"""Nobody of another community sees or changes what the plugin holds in one."""

from collections.abc import Awaitable, Callable
from contextlib import aclosing

import pytest

from liren.plugins.types import Gate
from liren.testing.foreign import PLACE, Specimens, asks, changed, routes_of, rows_of, trespass
from liren.testing.street import Running

__all__ = ["test_nobody_of_another_community_sees_or_changes_what_it_holds"]

Plant = Callable[[Running, str], Awaitable[Specimens]]


async def test_nobody_of_another_community_sees_or_changes_what_it_holds(
    street: Running, plugin: str, specimens: Plant | None
) -> None:
    """Every page and form, asked for real objects of one community by somebody with every role in another, by a
    resident there and by a stranger."""
    routes = routes_of(street, [plugin])
    if specimens is None:
        closed = [one.name for one in routes if PLACE.search(one.path) and one.allow is not Gate.ANYONE]
        assert not closed, f"give a fixture specimens: what stands in a community for {', '.join(closed)}"
        pytest.skip("none of the plugin's pages is about an object that not everybody may see")
    first, second, *_ = await street.street.identity.units.all("community")
    planted = await specimens(street, first.code)
    wanted, unknown = asks(routes, planted)
    assert not unknown, "\n".join(unknown)
    await street.person("客满堂", *street.street.identity.who.titles, unit=second.code)
    await street.person("客居民", unit=second.code)
    found = list[str]()
    for name in ("", "客居民", "客满堂"):
        async with aclosing(await street.signed_in(name) if name else street.visitor()) as visitor:
            rows = await street.street.store.read(
                "SELECT p.id, a.id FROM person p JOIN login_account a ON a.person = p.id WHERE p.name = ?", name
            )
            before = await rows_of(street.street.store)
            found += await trespass(visitor, name or "a stranger", wanted, planted)
            after = await rows_of(street.street.store)
            found += [f"{name} changed {row}" for row in changed(before, after, [each for row in rows for each in row])]
    assert not found, "\n".join(found)
