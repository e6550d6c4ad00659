# SPDX-License-Identifier: Apache-2.0
"""One street of a given size in a process of its own: seeded through the upload page, then asked for pages by lines.

``python -m tests.bench._city_street HOME PEOPLE [DATABASE]``: prints one JSON line when ready, then for each path on
standard input (``clerk /people?q=wxl``) the milliseconds its page took.
"""

import asyncio
import json
import logging
import resource
import sys
import time
from pathlib import Path

from liren.app import Plan
from liren.testing.street import CSRF, KEY, Running, Visitor, small_street
from tests.bench._city import _PLACES, COMMUNITIES, workbook

PLAN = Plan("里仁街道", "city.example", tuple(f"{name}社区" for name in _PLACES[:COMMUNITIES]), "李敏", "吴志强")


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


async def until(visitor: Visitor, page: str, *words: str) -> str:
    """Look at a page until it says one of the words."""
    while True:
        text = (await visitor.get(page)).text
        if any(word in text for word in words):
            return text
        await asyncio.sleep(0.5)


async def seed(running: Running, file: Path) -> dict[str, float]:
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
    await until(visitor, page, "收下这")
    checked = time.perf_counter()
    await visitor.send_form(page, page)
    text = await until(visitor, page, "收下了", "没有收下")
    assert "没有收下" not in text
    done = time.perf_counter()
    watch.stop()
    await watching
    return {
        "check_s": checked - began,
        "take_s": done - checked,
        "write_p99_ms": p99(watch.writes),
        "write_max_ms": max(watch.writes),
        "page_p99_ms": p99(watch.pages),
    }


async def main(home: Path, people: int, database: str) -> None:
    file = workbook(home.parent / f"people-{people}.xlsx", people)
    async with small_street(home, database, plan=PLAN) as running:
        told = await seed(running, file)
        told["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        told["reader_mb"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        told["file_mb"] = file.stat().st_size / 1e6
        file.unlink()
        await running.person("鲜社区", "identity.clerk", unit="taoyuan")
        await running.person("鲜街道", "identity.registrar")
        visitors = {"clerk": await running.signed_in("鲜社区"), "street": await running.signed_in("鲜街道")}
        print(json.dumps(told), flush=True)
        while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
            who, path = line.split(" ", 1)
            began = time.perf_counter()
            answer = await visitors[who].get(path)
            took = (time.perf_counter() - began) * 1000
            assert answer.status_code == 200, (path, answer.status_code)
            print(f"{took:.3f}", flush=True)


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
