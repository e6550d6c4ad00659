# SPDX-License-Identifier: Apache-2.0
"""Whatever goes wrong: one friendly page, in two languages, with a number that is in the log as well."""

import re

import httpx
import pytest
from structlog.testing import capture_logs

from liren.web.uploads import MAX_BYTES

from .conftest import send, token_in

PART = b'--x\r\ncontent-disposition: form-data; name="a"'


def number_on(page: httpx.Response) -> str:
    found = re.search(r"(?:编号|Number) ([2-9A-Z]{8})", page.text)
    assert found, "no reference number on the page"
    return found[1]


async def test_a_bug_shows_a_number_and_no_detail_and_the_log_has_the_same(client: httpx.AsyncClient) -> None:
    with capture_logs(processors=[__import__("structlog").contextvars.merge_contextvars]) as lines:
        page = await client.get("/fails/bug")
    assert page.status_code == 500
    assert "a secret detail" not in page.text
    assert "Traceback" not in page.text
    (line,) = [line for line in lines if line["event"] == "request failed"]
    assert line["reference"] == number_on(page)
    assert "RuntimeError: a secret detail" in line["trace"]


@pytest.mark.parametrize(
    ("path", "status", "zh", "en"),
    [
        ("/fails/denied", 403, "您不能办这件事", "You may not do this"),
        ("/fails/conflict", 409, "这一单已经取消了", "This order has been cancelled"),
        ("/fails/busy", 503, "请稍后再试", "Try again later"),
        ("/nowhere", 404, "没有找到这一页", "Page not found"),
        ("/notices/abc", 404, "没有找到这一页", "Page not found"),
        ("/notices/3?size=big", 400, "这一步没有办成", "That did not work"),
        ("/sign-in", 405, "请从页面上的按钮提交", "Please use the button on the page"),
    ],
)
async def test_it_says_what_happened_in_both_languages(
    client: httpx.AsyncClient, path: str, status: int, zh: str, en: str
) -> None:
    chinese = await client.get(path)
    assert (chinese.status_code, zh in chinese.text) == (status, True)
    english = await client.get(path, params={"lang": "en", "size": "big"} if "size" in path else {"lang": "en"})
    assert (english.status_code, en in english.text) == (status, True)
    assert number_on(english)


async def test_the_api_answers_in_json(client: httpx.AsyncClient) -> None:
    for path, status in (("/api/fails", 500), ("/api/nowhere", 404)):
        answer = await client.get(path)
        assert answer.status_code == status
        assert set(answer.json()) == {"error", "message", "reference"}
        assert "secret" not in answer.text


async def test_the_error_page_stands_when_the_bar_cannot_be_filled_in(client: httpx.AsyncClient, app: object) -> None:
    async def broken(scene: object) -> object:
        raise RuntimeError("no menu today")

    app.site.chrome = broken  # type: ignore[attr-defined]
    page = await client.get("/notices")
    assert page.status_code == 500
    assert number_on(page)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nrubbish"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n\xff\xfe\r\n--x--',
        ),
        ("multipart/form-data; boundary=", b"--"),
        ("application/x-www-form-urlencoded", b"%zz=%ff&\xff=1&=&&"),
        ("application/json", b"{"),
        ("text/plain; charset=nonsense", b"\xff"),
        ("", b"\x00\x01"),
    ],
)
async def test_a_broken_body_is_the_senders_mistake_not_ours(
    client: httpx.AsyncClient, content_type: str, body: bytes
) -> None:
    await client.get("/notices/new")
    answer = await client.post("/notices/new", content=body, headers={"content-type": content_type})
    assert 400 <= answer.status_code < 500, answer.text
    token = token_in(await client.get("/notices/new"))
    answer = await client.post(
        "/notices/new", content=body, headers={"content-type": content_type, "x-csrf-token": token}
    )
    assert 400 <= answer.status_code < 500, answer.text


async def test_a_body_over_the_limit_is_told_so(client: httpx.AsyncClient) -> None:
    files = {"sheet": ("big.xlsx", b"PK\x03\x04" + bytes(2 * MAX_BYTES))}
    answer = await send(client, "/notices/new", {"title": "名单", "days": "1"}, files=files)
    assert answer.status_code == 413
    assert "10 MB" in answer.text
