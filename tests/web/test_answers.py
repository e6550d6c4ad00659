# SPDX-License-Identifier: Apache-2.0
"""The small parts of an answer: redirects that stay here, downloads, lists in pages, fragments, QR codes."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liren.web import ANYONE, SIGNED_IN, ask, download, element, get, local, post, qr, slice_of
from liren.web.html import join


@pytest.mark.parametrize("url", ["/notices", "/notices?page=2#x", "/居民/1?q=王"])
def test_a_path_of_this_site_is_followed(url: str) -> None:
    assert unquote(local(url)) == url


@pytest.mark.parametrize(
    "url",
    [None, "", "https://evil.example", "//evil.example", "/\\evil.example", "/a\nb", "javascript:alert(1)", "/\t/x"],
)
def test_an_address_elsewhere_leads_to_the_front_page(url: str | None) -> None:
    assert local(url) == "/"
    assert local(url, "/me") == "/me"


@given(st.text())
def test_no_text_whatsoever_leads_out_of_the_site(text: str) -> None:
    for url in (text, "/" + text):
        there = local(url)
        assert there.startswith("/")
        assert not there.startswith(("//", "/\\"))
        assert there.isascii()
        assert not any(ord(c) < 33 for c in there)


def test_a_download_keeps_its_chinese_name_and_says_what_it_is() -> None:
    answer = download(b"x", '名单 "三月".xlsx')
    value = answer.headers["content-disposition"]
    assert 'attachment; filename="_______.xlsx";' in value
    assert "filename*=UTF-8''%E5%90%8D%E5%8D%95%20%22%E4%B8%89%E6%9C%88%22.xlsx" in value
    assert "spreadsheetml" in str(answer.media_type)
    assert "\n" not in download(b"", "a\r\nset-cookie: x.csv").headers["content-disposition"]


def test_a_list_comes_in_pages() -> None:
    page = slice_of(range(1, 187), "3", size=20)
    assert list(page.items) == list(range(41, 61))
    assert (page.first_row, page.last_row, page.last) == (41, 60, 10)
    assert page.near == (1, 2, 3, 4, 5, 0, 10)
    assert slice_of([], None).near == (1,)


@pytest.mark.parametrize("asked", [None, "", "0", "-1", "x", "１", "9" * 30, "1.5", "²"])
def test_a_page_number_that_cannot_be_read_is_some_page_never_an_error(asked: str | None) -> None:
    assert 1 <= ask(asked).number <= 1_000_000
    assert slice_of([1, 2, 3], asked, size=2).items


def test_a_fragment_escapes_what_it_is_given_and_refuses_script_and_style() -> None:
    made = element("a", "<存折>", element("b", "1 & 2"), href='/me"x', class_="act", hidden=True, title=None)
    assert made == '<a href="/me&#34;x" class="act" hidden>&lt;存折&gt;<b>1 &amp; 2</b></a>'
    assert join(["<a>", element("br")], " · ") == "&lt;a&gt; · <br>"
    for attribute in ("style", "onclick"):
        with pytest.raises(ValueError, match="not allowed"):
            element("a", **{attribute: "x"})


def test_a_qr_code_is_one_picture_without_style_or_script() -> None:
    picture = qr("LIREN-3K7M", label='码 "1"')
    assert picture.startswith('<svg class="qr" viewBox="0 0 29 29" role="img" aria-label="码 &#34;1&#34;"')
    assert "style" not in picture
    assert picture.count("<path") == 1


def test_a_page_must_say_who_may_open_it() -> None:
    for allow in ("everyone", None, ""):
        with pytest.raises(TypeError, match="allow must be"):
            get("/x", allow=allow)  # type: ignore[arg-type]

    @post("/x", allow="credit.review", name="send", camera=True)
    def page() -> str:
        return ""

    assert (page.opt["allow"], page.opt["name"]) == ("credit.review", "send")
    assert any(header.value == "camera=(self), microphone=(), geolocation=()" for header in page.response_headers)
    assert get("/x", allow=ANYONE)(page.fn).opt["allow"] is ANYONE
    assert SIGNED_IN.value == "signed-in"
