# SPDX-License-Identifier: Apache-2.0
"""A street that is being served while its disk is full, refuses writes, or its anchor cannot be written.

The disk is a real one of its own, mounted in memory and filled to the last block. People are told in words, in their
language; pages are read; the health page is red; and as soon as there is room again, the same process goes on.
"""

import resource
import shutil
import subprocess
import time
from collections.abc import Iterator

import httpx
import pytest
from tests.faults.small_disk import SIZE_MB, OwnPostgres, SmallDisk, own_postgres, small_disk
from tests.faults.test_at_once import order_form, spends
from tests.faults.test_kill_server import cheap_goods
from tests.prove import PROVING, figures
from tests.served import CSRF, KEY, LIREN, Client, Served, environment, start

from liren.ledger.log.anchor import Anchor
from liren.testing.patience import PATIENCE_S, wait_until
from liren.testing.pytest_plugin import KINDS

MOST_ORDERS = 3000
pytestmark = pytest.mark.slow


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    with small_disk() as mounted:
        yield mounted


@pytest.fixture(params=KINDS if PROVING else KINDS[:1])
def on_it(request: pytest.FixtureRequest, disk: SmallDisk) -> Iterator[tuple[Served, OwnPostgres | None]]:
    """A demo street whose home and database lie on the small disk; with the server of its own, if it has one."""
    home = disk.path / "home"
    if request.param == "sqlite":
        shutil.copytree(request.getfixturevalue("demo_home"), home)
        served = start(home)
        yield served, None
        served.process.kill()
        return
    with own_postgres(disk.path / "postgres") as server:
        database = server.url("street")
        build = [LIREN, "demo", "--build-only"]
        subprocess.run(build, env=environment(home, LIREN_DATABASE=database), check=True, timeout=PATIENCE_S * 3)
        served = start(home, database)
        yield served, server
        served.process.kill()


class Shop:
    """Somebody who orders, somebody who looks at the health page, and what is in the log."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.goods = cheap_goods(served)
        self.resident, self.admin = served.client("居民"), served.client("系统管理员")
        self.before, self.acknowledged = spends(served), 0
        self.forms = [order_form(self.resident, self.goods) for _ in range(4)]

    def order(self, form: dict[str, str], language: str = "zh") -> httpx.Response:
        browser = Client(base_url=self.served.url, timeout=PATIENCE_S, cookies=self.resident.cookies)
        browser.cookies.set("liren-look", f"{language}.0")
        answer = browser.post(f"{self.goods}/confirm", data=form)
        self.acknowledged += answer.status_code == 303
        return answer

    def cancel(self, order: str) -> httpx.Response:
        page = self.resident.get(order).text
        button = page[page.index(f"{order}/cancel") :]
        keys = {"_csrf": CSRF.findall(button)[0], "_key": KEY.findall(button)[0]}
        return self.resident.post(f"{order}/cancel", data=keys)

    def until_refused(self, language: str = "zh", word: str = "请稍后再试") -> dict[str, str]:
        """Orders and cancels until something is refused, in words; the form that was, or the next.

        What was there before the disk was full may hold a few more rows.
        """
        for _ in range(MOST_ORDERS):
            form = order_form(self.resident, self.goods)
            answer = self.order(form, language)
            if answer.status_code == 503:
                assert word in answer.text
                return form
            assert answer.status_code == 303, answer.text[-2000:]
            if (refused := self.cancel(answer.headers["location"])).status_code == 503:
                assert "请稍后再试" in refused.text
                return order_form(self.resident, self.goods)
        raise AssertionError("the disk was never full")

    def refused_in_words(self, forms: list[dict[str, str]]) -> None:
        """In both languages; what is read is read."""
        for form, language, word in zip(forms, ("zh", "en"), ("请稍后再试", "try again"), strict=True):
            answer = self.order(form, language)
            assert answer.status_code == 503
            assert word in answer.text
        self.read()

    def read(self) -> None:
        """Pages are, whatever cannot be written."""
        for page in ("/", "/home", "/market/", "/ledger/mine"):
            assert self.resident.get(page, follow_redirects=True).status_code == 200, page

    def health(self) -> str:
        answer = self.admin.get("/admin/health")
        assert answer.status_code == 200, answer.text[-500:]
        return answer.text

    def until_green(self, *titles: str) -> None:
        def green() -> bool:
            text = self.health()
            return all(tag_of(text, title) == "正常" for title in titles)

        wait_until(green, self.health)

    def nothing_partial(self) -> None:
        """Every acknowledged order is one record, and nothing beyond the log was ever signed."""
        assert spends(self.served) == self.before + self.acknowledged
        ((placed,),) = self.served.sql("SELECT count(*) FROM market_order o JOIN log_entry e ON e.rid = o.spend")
        ((orders,),) = self.served.sql("SELECT count(*) FROM market_order")
        assert placed == orders
        ((size,),) = self.served.sql("SELECT size FROM log_head")
        ((signed,),) = self.served.sql("SELECT max(size) FROM checkpoint")
        anchored = Anchor(self.served.home / "anchor").read()
        assert anchored is not None
        assert signed <= anchored.size <= size


def tag_of(page: str, title: str) -> str:
    """What the health page says of a check."""
    after = page[page.index(title) :]
    return min(("正常", "要看一看"), key=lambda tag: after.find(tag) + 1 or 10**9)


DISK, LEDGER = "数据库能写，磁盘有空", "账本能记账，检查点已签"


@pytest.mark.proves("disk-full")
def test_a_full_disk_is_told_in_words_and_the_same_process_goes_on_when_there_is_room(
    disk: SmallDisk, on_it: tuple[Served, OwnPostgres | None]
) -> None:
    served, server = on_it
    shop = Shop(served)
    shop.until_green(DISK, LEDGER)
    if server is not None:
        server.psql("CHECKPOINT")  # its log has files in stock: what fails are the tables, as on a street's server
    disk.fill()
    refused = [shop.until_refused(), shop.until_refused("en", "try again")]
    assert disk.free < 10**6
    shop.read()
    assert tag_of(shop.health(), DISK) == "要看一看"
    shop.nothing_partial()
    if server is not None:
        assert "No space left on device" in server.log
    disk.empty()
    for again in refused:
        assert shop.resident.post(f"{shop.goods}/confirm", data=again).status_code == 303
    shop.acknowledged = spends(served) - shop.before
    shop.until_green(DISK, LEDGER)
    shop.nothing_partial()
    assert served.process.poll() is None, "the same process"
    assert served.stop() == 0
    assert served.liren("ledger", "verify").returncode == 0
    assert served.liren("ledger", "rebuild").returncode == 0
    figures(
        f"a file system of {SIZE_MB} MB filled to the last block: 503 in Chinese and English, pages read, health"
        " red; room again: the same requests served by the same process, verified and rebuilt",
        fault="disk-full",
        on=served.kind,
    )


@pytest.mark.proves("io-error")
@pytest.mark.skipif(not PROVING, reason="tests/ledger/test_bad_disk.py asks it of the ledger: make prove")
def test_a_disk_that_refuses_writes_is_told_in_words_and_the_same_process_goes_on(
    on_it: tuple[Served, OwnPostgres | None],
) -> None:
    """The kernel refuses every write beyond a file's first pages to the process that writes the database."""
    served, server = on_it
    shop = Shop(served)
    kept = resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE)
    if server is None:
        resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, (8192, kept[1]))
    else:
        server.refuse_writes("street")
    answer = shop.order(shop.forms[0])
    assert answer.status_code == 503
    assert "请稍后再试" in answer.text
    if server is None:
        shop.refused_in_words(shop.forms[:2])
        assert tag_of(shop.health(), DISK) == "要看一看"
        shop.nothing_partial()
        resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, kept)
    else:
        assert "File too large" in server.log  # its own log of changes: it ends all it does and recovers by itself
        server.wait()
    for again in shop.forms:

        def answer(form: dict[str, str] = again) -> int:
            return shop.resident.post(f"{shop.goods}/confirm", data=form).status_code

        wait_until(lambda: answer() != 503)
        assert answer() == 303  # under its key
    shop.acknowledged = spends(served) - shop.before
    assert shop.acknowledged == len(shop.forms)
    shop.until_green(DISK, LEDGER)
    shop.nothing_partial()
    assert served.stop() == 0
    assert served.liren("ledger", "verify").returncode == 0
    figures(
        "every write of the database's refused (RLIMIT_FSIZE): 503 in words; the limit gone: the same requests served"
        " by the same process, verified"
        if server is None
        else "every write of its backends refused (RLIMIT_FSIZE): PostgreSQL ends and recovers by itself; 503 in words"
        " meanwhile, then the same requests served by the same process of ours, verified",
        fault="io-error",
        on=served.kind,
    )


@pytest.mark.proves("anchor")
def test_an_anchor_that_cannot_be_written_publishes_nothing_and_the_health_page_says_so(served: Served) -> None:
    shop, anchor = Shop(served), served.home / "anchor"
    shop.until_green(LEDGER)
    ((published,),) = served.sql("SELECT max(size) FROM checkpoint")
    kept = anchor.read_bytes()
    anchor.unlink()
    anchor.mkdir()  # whatever is written there fails
    assert shop.order(shop.forms[0]).status_code == 303, "what is stored is acknowledged"
    page = shop.health()
    assert tag_of(page, LEDGER) == "要看一看"
    assert "锚文件" in page
    time.sleep(1.5)  # longer than a head may wait for its signature
    assert served.sql("SELECT max(size) FROM checkpoint") == [(published,)], "nothing unanchored is shown"
    anchor.rmdir()
    anchor.write_bytes(kept)
    shop.until_green(LEDGER)
    shop.nothing_partial()
    assert served.stop() == 0
    assert served.liren("ledger", "verify").returncode == 0
    figures(
        "a folder in its place: orders stored, none published, health red; put back: signed by the same process",
        fault="anchor",
        on=served.kind,
    )
