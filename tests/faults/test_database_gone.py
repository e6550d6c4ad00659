# SPDX-License-Identifier: Apache-2.0
"""kill −9 of what serves PostgreSQL while orders are placed, and the whole server stopped as by a crash.

Our process stays up, says "try again" in words while nobody answers it, and goes on by itself. The server acknowledges
only what its log has on the disk, as a street's does (other tests turn that off).
"""

import random
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.small_disk import OwnPostgres, open_folder, own_postgres
from tests.faults.test_at_once import order_form, spends
from tests.faults.test_kill_server import cheap_goods
from tests.prove import PROVING, figures
from tests.served import LIREN, Served, environment, start

from liren.testing.patience import PATIENCE_S, wait_until
from liren.testing.pytest_plugin import KINDS

CRASHES = 20
pytestmark = [
    pytest.mark.slow,
    pytest.mark.proves("database-gone", on="postgres"),
    pytest.mark.skipif(not PROVING, reason="a minute: make prove"),
    pytest.mark.skipif("postgres" not in KINDS, reason="no PostgreSQL here"),
]


@pytest.fixture
def server() -> Iterator[OwnPostgres]:
    with open_folder() as folder, own_postgres(folder / "postgres") as running:
        yield running


@pytest.fixture
def street_of_it(server: OwnPostgres, tmp_path: Path) -> Iterator[Served]:
    home, database = tmp_path / "home", server.url("street")
    build = [LIREN, "demo", "--build-only"]
    subprocess.run(build, env=environment(home, LIREN_DATABASE=database), check=True, timeout=PATIENCE_S * 3)
    served = start(home, database)
    yield served
    served.process.kill()


def test_a_database_that_crashes_loses_nothing_acknowledged_and_is_taken_up_again(
    server: OwnPostgres, street_of_it: Served
) -> None:
    served, dice = street_of_it, random.Random(20261122)
    goods, resident = cheap_goods(served), served.client("居民")
    before, acknowledged, refused = spends(served), set[str](), 0
    for _ in range(CRASHES):
        form = order_form(resident, goods)
        crash = threading.Timer(dice.uniform(0, 0.03), server.kill, ["street"])
        crash.start()
        answer = resident.post(f"{goods}/confirm", data=form)
        crash.join()
        while answer.status_code != 303:
            assert answer.status_code == 503, answer.text[-2000:]
            assert "请稍后再试" in answer.text
            refused += 1
            time.sleep(0.1)
            answer = resident.post(f"{goods}/confirm", data=form)  # the same request, under its key
        acknowledged.add(answer.headers["location"])
        server.wait()
        while resident.get(answer.headers["location"]).status_code == 503:
            time.sleep(0.1)
    assert spends(served) == before + len(acknowledged)
    assert len(acknowledged) == CRASHES
    assert served.process.poll() is None

    server.stop_at_once()
    for language, word in (("zh", "请稍后再试"), ("en", "try again")):
        resident.cookies.set("liren-look", f"{language}.0")
        for page in ("/", "/home", "/market/", "/api/"):
            answer = resident.get(page)
            assert answer.status_code == 503, (page, answer.text[:500])
            assert word in answer.text, page
    assert resident.post(f"{goods}/confirm", data=form).status_code == 503
    assert resident.get("/livez").status_code in (200, 503)
    server.start()
    wait_until(lambda: resident.get("/market/").status_code == 200)
    assert resident.post(f"{goods}/confirm", data=order_form(resident, goods)).status_code == 303
    assert served.stop() == 0
    assert served.liren("ledger", "verify").returncode == 0
    assert served.liren("ledger", "rebuild").returncode == 0
    figures(
        f"kill −9 of a backend during {CRASHES} orders: {refused} answers of 503 in words, {CRASHES} orders, 0 lost,"
        " 0 twice; the server stopped without a last checkpoint: every page 503 in words; started: served by the same"
        " process of ours, verified and rebuilt",
        fault="database-gone",
        on="postgres",
    )
