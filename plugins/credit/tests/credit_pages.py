# SPDX-License-Identifier: Apache-2.0
"""What people do on the pages of awards, in one line each: upload, press a button, look at drawn rows, post."""

import re

import httpx
from credit_lists import workbook
from credit_street import Town, register_rows

from liren.testing.street import CSRF, KEY, Visitor
from liren.web.sheets import Cell

HEAD: list[Cell] = ["姓名", "手机号", "细则编号", "数量", "日期", "证明材料"]
PEOPLE = register_rows()[1:]
UPLOAD = "/credit/lists/new"


def award(n: int, rule: str = "FX-01", quantity: Cell = 2, day: Cell = "2026-03-08") -> list[Cell]:
    """A row about the n-th resident."""
    return [PEOPLE[n][0], PEOPLE[n][2], rule, quantity, day, "签到表"]


def a_list(count: int = 5, *more: list[Cell]) -> bytes:
    return workbook(HEAD, *(award(n) for n in range(count)), *more)


async def upload(visitor: Visitor, data: bytes, name: str = "三月.xlsx", **more: str) -> httpx.Response:
    text = (await visitor.get(UPLOAD)).text
    token, key = CSRF.search(text), KEY.search(text)
    assert token is not None
    assert key is not None
    fields = {"_csrf": token[1], "_key": key[1], **more}
    return await visitor.post(UPLOAD, data=fields, files={"file": (name, data)})


async def press(visitor: Visitor, page: str, button: str, **fields: str) -> httpx.Response:
    """Press the button of a list's page whose form goes to ``…/button``."""
    return await visitor.send_form(page, f"{page}/{button}", **fields)


async def look_at_all(visitor: Visitor, page: str) -> None:
    text = (await visitor.get(page)).text
    shown = re.findall(r'name="shown" value="([^"]+)"', text)
    assert shown
    token, key = CSRF.search(text), KEY.search(text)
    assert token is not None
    assert key is not None
    answer = await visitor.post(f"{page}/look", data={"_csrf": token[1], "_key": key[1], "shown": shown})
    assert answer.status_code == 303, answer.text


async def submitted(town: Town, data: bytes) -> tuple[Visitor, str]:
    """A list handed in and submitted by 赵磊; :returns: the collector's browser and the list's page"""
    collector = await town.enter("赵磊")
    answer = await upload(collector, data)
    assert answer.status_code == 303, answer.text
    page = answer.headers["location"]
    answer = await press(collector, page, "submit")
    assert answer.status_code == 303, answer.text
    return collector, page


async def posted(town: Town, data: bytes) -> str:
    _collector, page = await submitted(town, data)
    await credited(await town.enter("李敏"), page)
    return page


async def credited(reviewer: Visitor, page: str) -> None:
    """Drawn rows looked at, approved, posted; waits for the end."""
    await look_at_all(reviewer, page)
    assert (await press(reviewer, page, "approve")).status_code == 303
    assert (await press(reviewer, page, "post")).status_code == 303
    await seen(reviewer, page, "已全部入账")


async def seen(visitor: Visitor, page: str, words: str) -> None:
    """Wait until the page says so."""
    await (await visitor.open(page)).until(words)
