# SPDX-License-Identifier: Apache-2.0
"""What somebody typed is not lost by a closed tab or a lost connection; what is sent twice happens once."""

import re

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.conftest import SignIn
from tests.served import Served

pytestmark = pytest.mark.browser
AWARD = "/credit/lists/one"
PHONE = "19900005318"
GOES_ON = """(field, text) => {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  return field.form.querySelector(".draft").textContent;
}"""


def points(page: Page, street: Served) -> int:
    page.goto(street.url + "/credit/mine")
    return int(re.sub(r"[^\d]", "", page.locator(".balance__value").first.inner_text()))


def test_a_closed_tab_loses_nothing_and_a_form_sent_leaves_no_draft(
    street: Served, sign_in: SignIn, javascript: bool
) -> None:
    page = sign_in("采集员")
    page.goto(street.url + AWARD)
    page.locator("#f-name").fill("卢淑萍")
    page.locator("#f-evidence").fill("签到表")
    page.get_by_label("FX-01").check()
    if javascript:
        expect(page.locator(".draft")).to_contain_text("已经存着了")
        said = page.locator("#f-evidence").evaluate(GOES_ON, "签到表两张")
        assert "正在写" in said, "what is typed now is not kept yet"
        expect(page.locator(".draft")).to_contain_text("已经存着了")
    else:
        page.get_by_role("button", name="先存着").click()
        expect(page.locator("main")).to_contain_text("存好了，下次打开接着写。")
    again = page.context.new_page()
    page.close()
    again.goto(street.url + AWARD)
    expect(again.locator("main")).to_contain_text("接着上次没写完的")
    assert again.locator("#f-name").input_value() == "卢淑萍"
    assert again.locator("#f-evidence").input_value() == ("签到表两张" if javascript else "签到表")
    assert again.get_by_label("FX-01").is_checked()

    again.get_by_role("button", name="提交审核").click()
    expect(again.get_by_role("alert")).to_contain_text("要改一改")
    assert again.locator("#f-name").input_value() == "卢淑萍", "what was typed stands after an error too"
    again.locator("#f-number").fill(PHONE)
    again.locator("#f-quantity").fill("1")
    again.get_by_role("button", name="提交审核").click()
    expect(again).not_to_have_url(re.compile(AWARD + "$"))
    again.goto(street.url + AWARD)
    expect(again.locator("main")).not_to_contain_text("接着上次没写完的")
    assert again.locator("#f-name").input_value() == ""


def test_somebody_may_start_anew(street: Served, sign_in: SignIn, javascript: bool) -> None:
    page = sign_in("采集员")
    page.goto(street.url + AWARD)
    page.locator("#f-name").fill("卢淑")
    if javascript:
        page.locator("#f-name").blur()
        expect(page.locator(".draft")).to_contain_text("已经存着了")
        page.reload()
    else:
        page.get_by_role("button", name="先存着").click()
    expect(page.locator("main")).to_contain_text("接着上次没写完的")
    page.get_by_role("button", name="不要了，从头写").click()
    expect(page.locator("main")).to_contain_text("清空了")
    assert page.locator("#f-name").input_value() == ""


def test_a_lost_connection_is_said_and_made_good_for(street: Served, sign_in: SignIn, javascript: bool) -> None:
    if not javascript:
        pytest.skip("without a script the browser itself says that there is no connection")
    page = sign_in("采集员")
    page.goto(street.url + AWARD)
    page.context.set_offline(True)
    page.locator("#f-name").fill("网断的时候写的")
    page.locator("#f-name").blur()
    expect(page.locator(".draft")).to_contain_text("网络断了")
    page.get_by_role("button", name="提交审核").click()
    assert page.locator("#f-name").input_value() == "网断的时候写的", "the page is still there"
    page.context.set_offline(False)
    expect(page.locator(".draft")).to_contain_text("已经存着了")
    page.goto(street.url + AWARD)
    assert page.locator("#f-name").input_value() == "网断的时候写的"


def test_a_double_click_has_one_effect_and_one_message(street: Served, sign_in: SignIn) -> None:
    page = sign_in("居民")
    before = points(page, street)
    page.goto(street.url + "/market/")
    page.get_by_role("link", name="抽纸 6 包").first.click()
    page.get_by_role("button", name="我要兑换").first.click()
    page.get_by_role("button", name="确认兑换").first.dblclick()
    expect(page.locator(".balance__value").first).to_have_text(re.compile(r"\d{4}\s\d{4}"))
    assert page.locator("main > .notice").count() <= 1
    assert points(page, street) == before - 8
    page.goto(street.url + "/market/orders")
    assert page.get_by_text("抽纸 6 包").count() == 1
