# SPDX-License-Identifier: Apache-2.0
"""Two languages: which one is spoken, what the catalogs hold, and the check that finds what is missing."""

from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import pytest

from liren.web import formats, gettext, i18n, ngettext
from liren.web.app import PageApp
from liren.web.site import Site
from liren.web.strings import bare, misplaced, missing, used
from liren.web.templates import CORE, Package, environment

from .conftest import NOTICES, SECRET, send


@pytest.fixture
def english() -> object:
    i18n.speak("en", i18n.Catalogs.read([CORE, NOTICES.folder]))
    yield
    i18n.speak("zh", i18n.Catalogs())


async def test_a_visitor_switches_language_by_link_and_the_browser_remembers(client: httpx.AsyncClient) -> None:
    chinese = await client.get("/notices")
    assert '<html lang="zh-CN"' in chinese.text
    assert 'href="/notices?lang=en"' in chinese.text
    english = await client.get("/notices?lang=en")
    assert '<html lang="en"' in english.text
    assert "3 days left" in english.text
    assert "3 days left" in (await client.get("/notices")).text
    assert "还剩 3 天" in (await client.get("/notices?lang=zh")).text


@pytest.mark.parametrize("asked", ["fr", "", "../en"])
async def test_an_unknown_language_changes_nothing(client: httpx.AsyncClient, asked: str) -> None:
    page = await client.get(f"/notices?lang={asked}&elder=yes")
    assert "公告" in page.text
    assert "set-cookie" not in page.headers


async def test_large_print_is_remembered_and_told_to_the_account(client: httpx.AsyncClient, app: PageApp) -> None:
    told: list[tuple[str, bool, str]] = []

    async def remember(scene: i18n.Any) -> None:
        told.append((scene.visitor.account, scene.elder, scene.language))

    app.site.remember = remember
    await client.get("/notices?elder=1")
    assert 'class=" elder"' in (await client.get("/notices")).text
    assert told == []
    await send(client, "/sign-in", {})
    await client.get("/notices?elder=0")
    assert told == [("a-wang", False, "zh")]


def test_one_chinese_word_is_said_as_each_package_says_it(tmp_path: Path) -> None:
    packages = []
    for name, said in (("units", "Close"), ("ledger", "Revoke"), ("silent", "")):
        folder = tmp_path / name
        (folder / "locale").mkdir(parents=True)
        (folder / "templates").mkdir()
        (folder / "locale/en.po").write_text(f'msgid "撤销"\nmsgstr "{said}"\n', "utf-8")
        (folder / "templates/word.html").write_text(
            "{% macro word() %}{{ _('撤销') }}{% endmacro %}{{ word() }}", "utf-8"
        )
        packages.append(Package(name, folder))
    text = "{% from 'ledger/word.html' import word %}{{ word() }} {{ _('撤销') }}"
    (tmp_path / "units/templates/both.html").write_text(text, "utf-8")
    pages = environment(packages, None, {})
    i18n.speak("en", i18n.Catalogs.read([CORE, *(package.folder for package in packages)]))
    said = {package.id: pages.get_template(f"{package.id}/word.html").render() for package in packages}
    assert said == {"units": "Close", "ledger": "Revoke", "silent": "Close"}
    assert pages.get_template("units/both.html").render() == "Revoke Close"
    i18n.speak("zh", i18n.Catalogs())
    assert pages.get_template("ledger/word.html").render() == "撤销"


def test_english_tells_one_from_many(english: object) -> None:
    text = "有 %(num)s 处要改一改"
    assert ngettext(text, text, 1) == "1 answer needs another look"
    assert ngettext(text, text, 2) == "2 answers need another look"
    assert gettext("还剩 %(days)s 天", days=5) == "5 days left"
    assert gettext("没有翻译的话") == "没有翻译的话"


def test_numbers_days_and_money_read_naturally_in_chinese() -> None:
    assert formats.num(4472) == "4\u00a0472"
    assert formats.num(None) == "–"
    assert (formats.signed(4), formats.signed(-20), formats.signed(0)) == ("+4", "−20", "0")
    assert (formats.yuan(1550), formats.yuan(1500), formats.yuan(-805)) == ("15.50 元", "15 元", "−8.05 元")
    assert formats.day(date(2020, 3, 9)) == "2020年3月9日"
    assert formats.day(date(2020, 3, 9), year=False) == "3月9日"
    assert formats.weekday(date(2020, 3, 9)) == "2020年3月9日 星期一"
    assert formats.month(date(2026, 3, 1)) == "2026年3月"
    assert formats.moment(datetime(2020, 3, 8, 16, 30, tzinfo=UTC)) == "2020年3月9日 00:30", "street time, 24 hours"
    assert formats.moment(1583685000000) == "2020年3月9日 00:30"


def test_numbers_days_and_money_read_naturally_in_english(english: object) -> None:
    assert formats.yuan(1550) == "¥15.50"
    assert formats.day(date(2020, 3, 9)) == "9 Mar 2020"
    assert formats.weekday(date(2020, 3, 9)) == "Monday, 9 Mar 2020"
    assert formats.month(date(2026, 3, 1)) == "Mar 2026"
    assert formats.month_name(date(2026, 3, 1)) == "Mar"


def test_the_page_kit_and_its_sample_plugin_are_complete_in_english() -> None:
    core = i18n.read_messages(CORE / "locale/en.po")
    assert missing(CORE, {}) == []
    assert misplaced(CORE) == []
    assert missing(NOTICES.folder, core) == []
    assert len(list(used(CORE))) > 200


def test_the_check_finds_what_is_missing_misplaced_or_bare(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "locale").mkdir()
    page = tmp_path / "templates" / "x.html"
    page.write_text('{{ _("没有英文") }}{{ ngettext("%(num)s 个", "%(num)s 个", 2) }}<p>裸字</p>{{ "裸串" }}{# 注释 #}')
    (tmp_path / "x.py").write_text('def f(ctx, _):\n    ctx.t("还剩 {n} 天", n=1)\n    _("有英文 %(n)s", n=1)\n')
    (tmp_path / "locale" / "en.po").write_text('msgid "有英文 %(n)s"\nmsgstr "has English %(m)s"\n')
    assert sorted((f.path.name, f.line, f.text.split(": ")[1]) for f in missing(tmp_path, {})) == [
        ("x.html", 1, "%(num)s 个"),
        ("x.html", 1, "没有英文"),
        ("x.py", 2, "还剩 {n} 天"),
    ]
    assert [f.text for f in misplaced(tmp_path)] == ["other places for values than in: 有英文 %(n)s"]
    assert sorted(f.text for f in bare(page)) == [
        "Chinese outside of _(): <p>裸字</p>",
        "Chinese outside of _(): 裸串",
    ]


def test_what_is_written_without_a_visitor_is_translated_too() -> None:
    site = Site(secret=SECRET, packages=[NOTICES])
    assert site.translate("en", "还剩 %(days)s 天", days=2) == "2 days left"
    assert site.translate("zh", "公告") == "公告"
