# SPDX-License-Identifier: Apache-2.0
"""A plugin that posts what is not its own: everything is refused, and the ledger is as it was, byte for byte."""

import importlib
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from liren.errors import LirenError
from liren.plugins.points import Budget, Close, Expire, Posted, Spend, Subject
from liren.plugins.services import Tx
from liren.testing.site import Site
from liren.testing.street import Running, small_street

PLUGINS = Path(__file__).parent / "plugins"


@pytest.fixture
def forger(tmp_path: Path) -> Iterator[Any]:
    site = Site(tmp_path / "site")
    site.install(PLUGINS / "forger")
    sys.path.insert(0, str(site.path))
    yield importlib.import_module("liren_forger")
    sys.path.remove(str(site.path))
    del sys.modules["liren_forger"]


@pytest.fixture
async def street(database: str, tmp_path: Path, forger: Any) -> AsyncIterator[Running]:
    async with small_street(tmp_path / "home", database) as running:
        yield running


async def head(street: Running) -> tuple[int, list[tuple[Any, ...]]]:
    rows = await street.street.store.read("SELECT size, root FROM log_head")
    accounts = await street.street.store.read("SELECT asset, address, balance FROM account ORDER BY asset, address")
    return rows[0][0], [*rows, *accounts]


async def test_a_plugin_posts_nothing_that_is_not_its_own(street: Running, forger: Any) -> None:
    [community, *_] = await street.street.identity.units.all("community")
    person = await street.person("孙悦", unit=community.code)
    ctx = await street.acting("forger", person)
    before = await head(street)
    rid = "A" * 22
    attempts = [*forger.drafts(person, community.code, rid)]
    attempts += [Budget(community.code, 1000, person), Expire("resident", f"h/{person}/2027-12-31")]
    attempts += [Close(Subject("h", person), community.code, person)]
    for n, draft in enumerate(attempts):
        with pytest.raises(LirenError) as refusal:
            await forger.attempt(ctx, f"forged-key-{n:08d}", draft)
        assert refusal.value.status < 500, draft
    with pytest.raises(LirenError):
        await forger.many(ctx, "forged-key-many", [Spend(Subject("h", person), "forger.order", 1), *attempts])
    with pytest.raises(LirenError):
        await forger.rules(ctx, "forged-key-rules", person)
    with pytest.raises(LirenError):
        await forger.attests(ctx, "forged-key-slip", community.code)
    assert await head(street) == before


async def test_the_core_stands_outside_the_fence(street: Running) -> None:
    """The same move that a plugin may not make, made by the core: the fence is what refused it."""
    [community, *_] = await street.street.identity.units.all("community")
    [reviewer] = await street.street.identity.people.lookup("李敏")
    ctx = await street.acting("ledger", reviewer.id)
    before = await head(street)

    async def body(tx: Tx) -> Posted:
        return await tx.post(Budget(community.code, 1000, reviewer.id))

    await ctx.once("budget-key-00000001", "budget", body, Posted)
    assert (await head(street))[0] == before[0] + 1
