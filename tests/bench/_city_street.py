# SPDX-License-Identifier: Apache-2.0
"""One street of a given size in a process of its own: seeded through the upload page, then asked for pages by lines.

``python -m tests.bench._city_street HOME PEOPLE [DATABASE]``: prints one JSON line when ready, then for each path on
standard input (``clerk /people?q=wxl``) the milliseconds its page took. ``plans`` on a line tells of the statements
behind those pages which read a table from end to end. A street that was seeded before is opened.
"""

import asyncio
import json
import logging
import re
import resource
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from liren.app import Plan, create_app, open_street
from liren.demo.city_people import PLACES, residents, workbook
from liren.identity.signin import links
from liren.store.sqlite import SQLiteBackend
from liren.testing.street import CSRF, KEY, Running, Visitor, in_own_task, settings_for, small_street

PLAN = Plan("里仁街道", "city.example", tuple(f"{name}社区" for name in PLACES), "李敏", "吴志强")
TOLD = "bench.json"
"""In the home of a street that was seeded to the end."""
SCAN = re.compile(r"SCAN (?!.* USING (?:COVERING )?INDEX)(\w+)")
FEW = {
    "people_pending",
    "q",
    "people_pending_unit",
    "w",
    "unit",
    "u",
    "people_in_unit",
    "c",
    "role_grant",
    "credit_rule",
    "canteen_kitchen",
    "canteen_site",
    "CONSTANT",
}
"""Tables that do not grow with the people: lists under way, the tree, the counts of its units, roles, rules, kitchens
and their sites; and SQLite's one row of constants, which is no table."""
VALUES = re.compile(r"'(?:[^']|'')*'|\b\d+\b")


class Told(msgspec.Struct):
    """What the seeding took."""

    people: int
    seeded: str
    """Day."""
    check_s: float
    take_s: float
    write_p99_ms: float
    write_max_ms: float
    page_p99_ms: float
    peak_mb: float
    reader_mb: float
    file_mb: float


class Watch:
    """How long a trivial write and a page take while the list is taken."""

    def __init__(self, running: Running) -> None:
        self._running, self._over = running, False
        self.writes: list[float] = []
        self.pages: list[float] = []

    async def run(self) -> None:
        store = self._running.street.store
        async with self._running.visitor() as visitor:
            await visitor.get("/")  # templates are compiled once
            while not self._over:
                began = time.perf_counter()
                async with store.transaction("job:bench") as tx:
                    await tx.sql("UPDATE register_version SET version = version WHERE name = 'nothing'")
                self.writes.append((time.perf_counter() - began) * 1000)
                began = time.perf_counter()
                assert (await visitor.get("/")).status_code == 200
                self.pages.append((time.perf_counter() - began) * 1000)
                await asyncio.sleep(0.1)

    def stop(self) -> None:
        self._over = True


def p99(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.99)] if times else 0.0


def say(text: str) -> None:
    print(f"  {time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


async def until(what: str, visitor: Visitor, page: str, *words: str) -> str:
    """Look at a page until it says one of the words; tell now and then how far its bar is."""
    told = time.monotonic()
    while True:
        text = (await visitor.get(page)).text
        if any(word in text for word in words):
            return text
        bar = re.search(r'<progress[^>]* max="(\d+)" value="(\d+)"', text)
        if bar is not None and time.monotonic() - told > 15:
            told = time.monotonic()
            say(f"{what}: {int(bar[2]):,} of {int(bar[1]):,}")
        await asyncio.sleep(2)  # as the page itself does


async def seed(running: Running, people: int, file: Path) -> Told:
    """Upload, verdicts, taking: as a registrar does it."""
    await running.person("冼名册", "identity.registrar")
    visitor = await running.signed_in("冼名册")
    visitor.timeout = 600
    watch = Watch(running)
    watching = asyncio.create_task(watch.run())
    began = time.perf_counter()
    form = (await visitor.get("/people/lists")).text
    token, key = CSRF.search(form), KEY.search(form)
    assert token is not None
    assert key is not None
    sent = await visitor.post(
        "/people/lists",
        data={"_csrf": token[1], "_key": key[1], "consent": "on"},
        files={"file": (file.name, file.read_bytes())},
    )
    page = sent.headers["location"]
    await until(f"verdicts on {people:,} rows", visitor, page, "收下这")
    checked = time.perf_counter()
    say(f"verdicts on {people:,} rows: {checked - began:.0f} s")
    await visitor.send_form(page, page)
    text = await until(f"registering {people:,} people", visitor, page, "收下了", "没有收下")
    assert "没有收下" not in text
    done = time.perf_counter()
    say(f"registering {people:,} people: {done - checked:.0f} s")
    watch.stop()
    await watching
    peak, reader = (
        resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return Told(
        people,
        running.street.today().isoformat(),
        checked - began,
        done - checked,
        p99(watch.writes),
        max(watch.writes),
        p99(watch.pages),
        peak,
        reader,
        file.stat().st_size / 1e6,
    )


STAFF = {"clerk": ("鲜社区", "identity.clerk", "taoyuan"), "street": ("鲜街道", "identity.registrar", None)}


@asynccontextmanager
async def street(home: Path, people: int, database: str) -> AsyncIterator[tuple[Running, Told]]:
    """Opened where it was seeded before, else seeded."""
    kept = home / TOLD
    if kept.exists():
        async with in_own_task(_opened(home, database)) as running:
            yield running, msgspec.json.decode(kept.read_bytes(), type=Told)
        return
    file = home.parent / f"people-{people}.xlsx"
    if not file.exists():
        say(f"writing a workbook of {people:,} people")
        workbook(file, residents(people))
    async with small_street(home, database, plan=PLAN) as running:
        told = await seed(running, people, file)
        for name, role, unit in STAFF.values():
            await running.person(name, role, unit=unit)
        kept.write_bytes(msgspec.json.encode(told))
        yield running, told


@asynccontextmanager
async def _opened(home: Path, database: str) -> AsyncIterator[Running]:
    async with open_street(settings_for(home, database), upgrade=True) as opened:
        app = create_app(opened)
        async with app.lifespan():
            yield Running(opened, app, {})


async def sign_in(running: Running, name: str) -> Visitor:
    """By a fresh link."""
    found = await running.street.store.read(
        "SELECT a.id FROM login_account a JOIN person p ON p.id = a.person WHERE p.name = ?", name
    )
    async with running.street.store.transaction("job:bench") as tx:
        token = await links.make(tx, found[0][0])
    running.links[name] = f"{running.street.settings.public_url}/login/once/{token}"
    return await running.signed_in(name)


class Plans:
    """The statements behind the pages, on SQLite."""

    def __init__(self, running: Running) -> None:
        self._store = running.street.store
        self.seen: set[str] = set()
        backend = self._store.backend
        assert isinstance(backend, SQLiteBackend)
        assert backend.engine.reader is not None
        backend.engine.reader.set_trace_callback(self.seen.add)

    async def told(self) -> dict[str, object]:
        """One of each shape, whatever its values."""
        asked = {VALUES.sub("?", s): s for s in self.seen if s.lstrip().upper().startswith("SELECT")}
        bad = []
        for statement in asked.values():
            for *_, step in await self._store.read(f"EXPLAIN QUERY PLAN {statement}"):
                found = SCAN.match(step)
                if found is not None and found[1] not in FEW:
                    bad.append(f"{step} | {statement[:200]}")
        return {"statements": len(asked), "bad": bad}


async def someone(running: Running) -> tuple[str, str]:
    """A resident of the first community, and a building there."""
    rows = await running.street.store.read(
        "SELECT r.person, r.unit FROM residence r WHERE r.unit >= 'taoyuan-' AND r.unit < 'taoyuan.'"
        " AND r.until IS NULL LIMIT 1"
    )
    return str(rows[0][0]), str(rows[0][1])


async def main(home: Path, people: int, database: str) -> None:
    async with street(home, people, database) as (running, told):
        person, unit = await someone(running)
        visitors = {who: await sign_in(running, name) for who, (name, *_) in STAFF.items()}
        plans = Plans(running) if running.street.store.kind == "sqlite" else None
        print(msgspec.json.encode(told).decode(), flush=True)
        while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
            if line == "plans":
                print(json.dumps(await plans.told() if plans else {"statements": 0, "bad": []}), flush=True)
                continue
            who, path = line.format(person=person, unit=unit).split(" ", 1)
            began = time.perf_counter()
            answer = await visitors[who].get(path)
            took = (time.perf_counter() - began) * 1000
            assert answer.status_code == 200, (path, answer.status_code)
            print(f"{took:.3f}", flush=True)


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
