# SPDX-License-Identifier: Apache-2.0
"""A page in a test is used by what stands on it: labels, buttons, links, tables."""

import pytest

from liren.testing.browser import Browser
from liren.testing.form import PageForm
from liren.testing.html import parse
from liren.testing.street import Running


@pytest.fixture
async def page(client: Browser) -> Browser:
    return await client.open("/styleguide")  # every kind of field there is


async def test_a_form_is_filled_in_by_the_words_beside_its_fields(page: Browser) -> None:
    form = page.form("保存")
    assert form.labels[:3] == ["行为类别", "星期几", "细则名称"]
    form.fill({"细则名称": "楼道清扫", "每次几分": 4, "我看过这条细则的全文": True})
    choice = page.main.first("fieldset")
    assert choice is not None
    await page.press("保存", {"细则名称": "楼道清扫", "每次几分": "四"}, 说明="每周一次")
    assert page.status == 422
    assert any("每次几分" in error for error in page.errors)
    again = page.form("保存")
    assert (again.value("细则名称"), again.value("每次几分"), again.value("说明")) == ("楼道清扫", "四", "每周一次")


async def test_choices_are_made_by_their_titles_and_files_by_name_and_content() -> None:
    form = PageForm(
        parse(
            '<form action="/x" method="post"><fieldset>'
            '<legend>哪天 <span class="field__optional">（可不填）</span></legend>'
            '<label><input type="checkbox" name="day" value="1"><span>周一<small>上午</small></span></label>'
            '<label><input type="checkbox" name="day" value="2" checked><span>周二</span></label></fieldset>'
            '<label for="u">社区</label><select id="u" name="unit"><option value="">请选择</option>'
            '<option value="01">老街</option></select>'
            '<label for="f">名单</label><input type="file" id="f" name="sheet">'
            '<label for="t">说明</label><textarea id="t" name="why">\n旧的</textarea>'
            '<label class="choice"><input type="checkbox" name="yes" value="on"><span>同意</span></label></form>'
        ).children[0]  # type: ignore[arg-type]
    )
    assert form.labels == ["哪天", "社区", "名单", "说明", "同意"]
    assert form.values == {"day": "2", "unit": "", "why": "旧的"}
    form.fill({"哪天": ["周一", "周二"], "社区": "老街", "名单": ("a.xlsx", b"PK"), "同意": True})
    assert form.values == {"day": ["1", "2"], "unit": "01", "why": "旧的", "yes": "on"}
    assert form.files == {"sheet": ("a.xlsx", b"PK")}
    form.fill({"同意": False})
    assert "yes" not in form.values
    with pytest.raises(AssertionError, match="no choice “荷畔”; there are: 请选择, 老街"):
        form.fill({"社区": "荷畔"})
    with pytest.raises(AssertionError, match="no field “楼栋”"):
        form.fill({"楼栋": "3"})


async def test_tables_are_read_by_their_columns(page: Browser) -> None:
    first, second, *_ = page.rows("样张里的行")
    assert (first["姓名"], first["积分"], second["积分"]) == ("王**", "37", "74")
    with pytest.raises(AssertionError, match="no table “别的”"):
        page.rows("别的")


async def test_what_is_not_there_is_said_with_what_is(page: Browser) -> None:
    with pytest.raises(AssertionError, match="no button “寄出”"):
        page.form("寄出")
    with pytest.raises(AssertionError, match="no link “天边”"):
        await page.follow("天边")


async def test_a_link_is_followed_and_a_signed_in_visitor_has_their_own_pages(
    street: Running, resident: Browser
) -> None:
    page = await resident.open("/home")
    assert "王芳" in page.title
    assert (await page.follow("我的账号")).path == "/me"
