# SPDX-License-Identifier: Apache-2.0
"""A grid worker orders at an elder's door; the elder, in large print on her phone, takes it back."""

import re

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.conftest import SignIn
from tests.served import Served

pytestmark = pytest.mark.browser
GOODS = "挂面 4 把"


def points(page: Page, street: Served) -> int:
    page.goto(street.url + "/market/")
    return int(re.sub(r"[^\d]", "", page.locator(".balance__value").first.inner_text()))


def test_the_worker_acts_by_consent_and_the_elder_undoes_it(street: Served, sign_in: SignIn) -> None:
    elder = sign_in("居民")
    elder.goto(street.url + "/home?elder=1")
    before = points(elder, street)

    worker = sign_in("网格员")
    worker.goto(street.url + "/acting/desk")
    worker.get_by_role("searchbox").first.fill("lsp")
    worker.get_by_role("button", name="查找").first.click()
    worker.get_by_role("link", name=re.compile("替 TA 办")).click()
    worker.get_by_label("信用超市兑换").check()
    worker.get_by_label("本人在场，口头同意").check()
    worker.get_by_role("button", name="本人同意，开始办").click()
    expect(worker.get_by_role("alert")).to_contain_text("念给本人听")
    worker.get_by_label("我把要办的事念给本人听了，本人同意").check()
    worker.get_by_role("button", name="本人同意，开始办").click()
    worker.get_by_role("link", name="信用超市兑换").click()
    expect(worker.locator("main")).to_contain_text("您在替卢淑萍办")
    worker.get_by_role("link", name=GOODS).click()
    worker.get_by_role("button", name="我要兑换").click()
    expect(worker.locator("main")).to_contain_text("卢淑萍现在有")
    worker.get_by_role("button", name="确认兑换").click()
    expect(worker.locator("h1")).to_contain_text(f"兑换{GOODS} 1 份")
    worker.get_by_role("link", name="打印凭条，交给本人").click()
    expect(worker.locator("main")).to_contain_text("代办人")
    worker.go_back()
    worker.get_by_role("link", name="打印代办单").click()
    number = worker.locator(".balance__value").inner_text()
    assert re.fullmatch(r"\d{4} \d{4}", number)

    assert points(elder, street) == before - 9
    elder.goto(street.url + "/home")
    elder.get_by_role("link", name="请人帮忙").last.click()
    expect(elder.locator("h1")).to_be_visible()  # the page is there before it is measured
    assert elder.evaluate("document.documentElement.scrollWidth") <= 390
    elder.get_by_role("link", name=f"兑换{GOODS}").click()
    expect(elder.locator("main")).to_contain_text(number)
    size = elder.locator("main p").first.evaluate("element => parseFloat(getComputedStyle(element).fontSize)")
    assert size >= 19
    elder.get_by_role("button", name="撤销这一件").click()
    expect(elder.locator("main")).to_contain_text("已经撤销")
    assert points(elder, street) == before

    worker.goto(street.url + "/acting/desk")
    expect(worker.locator("main")).to_contain_text("已撤销")
