# SPDX-License-Identifier: Apache-2.0
"""Every route × every role granted in another community, a resident and a stranger: nothing seen, nothing changed."""

import importlib.util
from collections.abc import Iterator
from contextlib import AsyncExitStack, aclosing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.prove import PROVING
from tests.towns import REPAIRS, installed

from liren import clock
from liren.app import Plan
from liren.identity.signin import accounts, links
from liren.testing.foreign import Ask, Specimens, asks, changed, routes_of, rows_of, trespass
from liren.testing.points import Points
from liren.testing.street import Running, Visitor, small_street

ROOT = Path(__file__).parents[2]
NUMBERS = "甲乙丙丁戊己庚辛壬癸"
PLAN = Plan("里仁街道", "liren.example", ("桃园社区", "荷畔社区", "银山社区"), reviewer="李敏", admin="吴志强")


@pytest.fixture
def repairs() -> Iterator[None]:
    """A module with cases and files of residents beside ours."""
    with installed(REPAIRS):
        yield


def modules() -> Iterator[Any]:
    """``specimens.py`` of the core and of every module's tests."""
    for path in (ROOT / "tests/abuse/specimens.py", *sorted(ROOT.glob("plugins/*/tests/specimens.py"))):
        spec = importlib.util.spec_from_file_location(f"specimens_{path.parts[-3]}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield module


async def planted(running: Running, community: str) -> Specimens:
    whole = Specimens()
    for module in modules():
        whole |= await module.specimens(running, community)
    return whole


AGO = timedelta(days=45)
"""When the street began: a month of it is over and has a statement."""


async def from_before(running: Running, community: str) -> Specimens:
    """Somebody who got points in the month that is over."""
    person = await running.person("柳旧时", unit=community)
    await Points(running.street).give(person, 5)
    month = f"{running.street.today():%Y-%m}"
    return Specimens({"ledger.their_statement/person": person}, plain={"ledger.their_statement/month": month})


async def overdue(running: Running) -> None:
    """Run what a month has left to do (the statement among it), so that no job writes while visitors are watched."""
    await running.street.jobs.look()
    await running.idle()
    await running.street.jobs.stop()


async def visitors_of(running: Running, community: str, *, everybody: bool) -> dict[str, list[str]]:
    """Name → roles at ``community``: one with all of them, a resident, one for every role."""
    roles = list(running.street.identity.who.titles)
    found = {"客满堂": roles}
    if everybody:
        found |= {"客居民": []}
        found |= {f"客{NUMBERS[number // 10]}{NUMBERS[number % 10]}": [role] for number, role in enumerate(roles)}
    for name, its in found.items():
        await running.person(name, *its, unit=community)
    return found


def let_in(running: Running, wanted: list[Ask], roles: list[str]) -> list[Ask]:
    """What somebody with these roles is to ask for.

    ``make prove``: everything, whoever asks. Otherwise somebody with one role asks for what its own permissions open:
    what the gate keeps shut the contract checks ask already, role by role, and somebody with all roles asks the rest.
    """
    if PROVING or len(roles) != 1:
        return wanted
    held = set(running.street.identity.who.roles[roles[0]])
    return [ask for ask in wanted if ask.route.allow in held]


async def insiders_reach(running: Running, wanted: list[Ask]) -> list[str]:
    """Pages of objects nobody can open at all: a specimen that is none would prove nothing."""
    await running.person("街满堂", *running.street.identity.who.titles)
    rows = await running.street.store.read("SELECT id, name FROM person WHERE merged_into IS NULL ORDER BY name")
    boss = next(row for row in rows if row[1] == "街满堂")
    insiders = [boss, *[row for row in rows if row[1][0] in "冼宓麴眭" or row[1] == "李敏"]]
    left: dict[str, list[Ask]] = {}  # a page may need what its address asks for: one of its addresses is enough
    for ask in wanted:
        if ask.method == "GET" and ask.names_object:
            left.setdefault(ask.path.partition("?")[0], []).append(ask)
    for person, name in insiders:
        await _link(running, name, person)  # each their own: two may have one name
        async with aclosing(await running.signed_in(name)) as visitor:
            for path in list(left):
                if any([await _opens(visitor, ask.path) for ask in left[path]]):
                    del left[path]
    return [f"{asks[0].route.name} {path}" for path, asks in left.items()]


async def _opens(visitor: Visitor, path: str) -> bool:
    answer = await visitor.get(path)
    return answer.status_code == 200 or (answer.status_code == 303 and "/login" not in answer.headers["location"])


async def _link(running: Running, name: str, person: str) -> None:
    async with running.street.store.transaction("job:test") as tx:
        token = await links.make(tx, await accounts.open_account(tx, person))
    running.links[name] = f"{running.street.settings.public_url}/login/once/{token}"


async def test_nobody_of_another_community_sees_or_changes_anything(
    database: str, tmp_path: Path, repairs: None, capsys: pytest.CaptureFixture[str]
) -> None:
    on_sqlite = "://" not in database
    async with AsyncExitStack() as open_:
        with clock.behind(AGO // timedelta(milliseconds=1)):
            running = await open_.enter_async_context(small_street(tmp_path / "home", database, plan=PLAN))
            first, second, _ = await running.street.identity.units.all("community")
            before = await from_before(running, first.code)
        await overdue(running)
        specimens = await planted(running, first.code) | before
        routes = routes_of(running)
        wanted, unknown = asks(routes, specimens)
        assert not unknown, "name them in tests/abuse/specimens.py or plugins/<id>/tests/specimens.py:\n" + "\n".join(
            unknown
        )
        unreachable = await insiders_reach(running, wanted) if on_sqlite else []
        assert not unreachable, "no such page even for those it belongs to:\n" + "\n".join(unreachable)
        visitors = {"": [], **await visitors_of(running, second.code, everybody=on_sqlite or PROVING)}
        found, made = list[str](), 0
        for name, roles in visitors.items():
            mine = let_in(running, wanted, roles)
            async with aclosing(await running.signed_in(name) if name else running.visitor()) as visitor:
                own = await _ids(running, name)
                before = await rows_of(running.street.store)
                found += await trespass(visitor, name or "a stranger", mine, specimens)
                found += [f"{name} changed {row}" for row in changed(before, await rows_of(running.street.store), own)]
                made += len(mine)
    with capsys.disabled():
        print(f"\n{len(routes)} routes × {len(visitors)} visitors of another community: {made} requests")
    assert not found, "\n".join(found)


async def _ids(running: Running, name: str) -> list[str]:
    if not name:
        return []
    rows = await running.street.store.read(
        "SELECT p.id, a.id FROM person p JOIN login_account a ON a.person = p.id WHERE p.name = ?", name
    )
    return [each for row in rows for each in row]
