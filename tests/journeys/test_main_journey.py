# SPDX-License-Identifier: Apache-2.0
"""A community's list of awards becomes signed points that a resident spends and anyone can verify.

Driven through Chromium at a phone's width, with JavaScript and without: upload, check, submit, sample, approve,
publicity, posting, 为什么, receipt, order, redemption by typed code, refund. Its screenshots are those of the README.
"""

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from playwright.sync_api import Page, expect
from tests.journeys.conftest import SignIn
from tests.served import Served

from liren.testing.patience import wait_until

VERIFY = Path(sys.prefix) / "bin" / "liren-verify"
IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
PHONE = "19900005318"
Shoot = Callable[..., None]

pytestmark = pytest.mark.browser


@pytest.fixture
def shoot(javascript: bool, request: pytest.FixtureRequest) -> Shoot:
    """Keep a picture for the README (``--pictures``), at 390 px or 1280 px."""

    def keep(page: Page, name: str, width: int = 390) -> None:
        if javascript and request.config.getoption("--pictures"):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=IMAGES / f"{name}-{width}.png", full_page=True)
            page.set_viewport_size({"width": 390, "height": 844})

    return keep


def award_list(folder: Path) -> Path:
    """A small list with its own titles and order of columns: three good rows, a duplicate, a stranger, a total."""
    day = (datetime.now(ZoneInfo("Asia/Shanghai")) - timedelta(days=2)).strftime("%Y.%m.%d")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["荷畔社区十一月志愿服务登记"])
    sheet.append(["服务日期", "居民姓名", "联系电话", "项目编号", "时长/次数", "凭证"])
    sheet.append([day, "卢淑萍", PHONE, "fx-01", 3, "签到表"])
    sheet.append([day, "卢淑萍", PHONE, "SX-01", "1次", "会议签到"])
    sheet.append([day, "叶怡桐", 19900002035, "FX-04", 2, "签到表"])
    sheet.append([day, "卢 淑萍", PHONE, "FX-01", 3, "签到表"])
    sheet.append([day, "查无此", "19911112222", "FX-01", 1, "签到表"])
    sheet.append(["合计", None, None, None, 10, None])
    path = folder / "十一月.xlsx"
    book.save(path)
    return path


def balance_of(page: Page, street: Served) -> int:
    page.goto(street.url + "/credit/mine")
    shown = page.locator(".balance__value").first.inner_text()
    return int(re.sub(r"[^\d]", "", shown))


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()


def test_from_a_list_of_awards_to_points_spent_and_verified(
    street: Served, sign_in: SignIn, tmp_path: Path, shoot: Shoot
) -> None:
    resident = sign_in("居民")
    before = balance_of(resident, street)

    where = upload_and_submit(sign_in("采集员"), street, award_list(tmp_path))
    review_and_post(sign_in("审核员"), street, where, shoot)

    earned = balance_of(resident, street)
    assert earned == before + 9  # 3 hours at 2 points, one meeting at 3
    receipt = ask_why(resident, street, tmp_path, shoot)

    code, cost = order_something(resident, street, shoot)
    assert balance_of(resident, street) == earned - cost
    merchant = sign_in("商户")
    redeem(merchant, street, code, shoot)
    assert balance_of(resident, street) == earned - cost
    refund(merchant, street)
    assert balance_of(resident, street) == earned

    assert street.stop() == 0
    receipt_holds_without_the_server(receipt)


def upload_and_submit(page: Page, street: Served, file: Path) -> str:
    """The collector uploads; every row has a verdict; the good ones go to review."""
    page.goto(street.url + "/credit/lists/new")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_label("标题").or_(page.locator("input[name=title]")).first.fill("荷畔十一月志愿服务")
    press(page, "上传并核对")
    expect(page.locator("main")).to_contain_text("荷畔十一月志愿服务")
    for figure in (r"可以入账\s*3 行", r"重复\s*1 行", r"要改\s*1 行"):
        expect(page.locator(".figures")).to_contain_text(re.compile(figure))
    press(page, "提交审核")
    expect(page.get_by_role("button", name="撤回作废")).to_be_visible()
    return page.url


def review_and_post(page: Page, street: Served, where: str, shoot: Shoot) -> None:
    """Another person looks at the drawn rows, approves, and (0 days of publicity in the demo) has them posted."""
    page.goto(street.url + "/credit/lists")
    page.get_by_role("link", name="三月志愿服务与守信行为赋分").click()
    expect(page.locator("main")).to_contain_text("40\u00a0248")
    shoot(page, "month", 1280)
    page.goto(where)
    shoot(page, "review", 1280)
    press(page, "看过了，记下抽查结果")
    press(page, "审核通过，开始公示")
    press(page, "入账")

    def posted() -> bool:
        page.goto(where)
        return "已全部入账" in page.locator("main").inner_text()

    wait_until(posted)


def ask_why(page: Page, street: Served, folder: Path, shoot: Shoot) -> Path:
    """为什么 answers; the receipt is downloaded."""
    page.goto(street.url + "/home")
    shoot(page, "home")
    page.goto(street.url + "/credit/mine")
    page.get_by_role("link", name=re.compile("为什么.*志愿服务")).first.click()
    for words in ("FX-01", "签到表"):
        expect(page.locator("main")).to_contain_text(words)
    shoot(page, "why")
    page.get_by_role("link", name="验真").first.click()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("下载")).first.click()
    path = folder / "mine.liren-receipt"
    download.value.save_as(path)
    return path


def order_something(page: Page, street: Served, shoot: Shoot) -> tuple[str, int]:
    """The resident orders at the merchant of the demo's clerk; points go into escrow."""
    page.goto(street.url + "/market/")
    page.get_by_role("link", name="抽纸 6 包").first.click()
    press(page, "我要兑换")
    press(page, "确认兑换")
    shown = page.locator(".balance__value").first
    expect(shown).to_have_text(re.compile(r"^\d{4}\s\d{4}$"))
    code = shown.inner_text()
    shoot(page, "code")
    return code, 8


def redeem(page: Page, street: Served, code: str, shoot: Shoot) -> None:
    """The merchant types the code, looks at what it is for, and settles; a second time it is refused."""
    page.goto(street.url + "/market/counter")
    page.get_by_label("兑换码").fill(code)
    press(page, "查这个码")
    expect(page.locator("main")).to_contain_text("抽纸 6 包")
    press(page, "确认核销")
    expect(page.locator("main")).to_contain_text("已核销")
    shoot(page, "counter", 1280)
    page.goto(street.url + "/market/counter")
    page.get_by_label("兑换码").fill(code)
    press(page, "查这个码")
    expect(page.locator("#f-code-error")).to_be_visible()


def refund(page: Page, street: Served) -> None:
    page.goto(street.url + "/market/counter")
    page.get_by_role("link", name=re.compile("退货.*抽纸 6 包")).first.click()
    press(page, "退货")
    expect(page.locator(".notice")).to_contain_text("退")


def receipt_holds_without_the_server(receipt: Path) -> None:
    checked = subprocess.run([VERIFY, receipt, "--lang", "en"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
