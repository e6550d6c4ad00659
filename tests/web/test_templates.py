# SPDX-License-Identifier: Apache-2.0
"""Where a template comes from, what a theme may do, and what happens when it goes wrong."""

from pathlib import Path

import httpx
import pytest
from jinja2 import TemplateNotFound, UndefinedError

from liren.web import i18n, scene
from liren.web.app import PageApp
from liren.web.pages import SitePages
from liren.web.sessions import Session
from liren.web.site import Site
from liren.web.templates import CORE, Loader, Package, Theme
from liren.web.themes import choose, installed

from .conftest import NOTICES, ROUTES, SECRET, browser_of


def theme_at(folder: Path, **templates: str) -> Theme:
    (folder / "static").mkdir(parents=True)
    (folder / "static" / "red.css").write_text(":root { --accent: red }")
    for name, text in templates.items():
        path = folder / "templates" / (name.replace("__", "/") + ".html")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Theme("red", folder)


async def front(site: Site) -> httpx.Response:
    async with browser_of(PageApp(ROUTES, site)) as client:
        return await client.get("/notices")


def test_the_theme_comes_first_then_the_plugin_then_the_core(tmp_path: Path) -> None:
    theme = theme_at(tmp_path)
    loader = Loader([NOTICES], theme)
    assert loader.places("notices/list.html") == [
        tmp_path / "templates/notices/list.html",
        NOTICES.folder / "templates/list.html",
        NOTICES.folder / "templates/notices/list.html",
    ]
    assert loader.places("ui.html") == [tmp_path / "templates/ui.html", CORE / "templates/ui.html"]
    assert loader.places("core/layout.html") == [CORE / "templates/layout.html"]


@pytest.mark.parametrize("name", ["../conftest.html", "notices/../../x.html", "list.txt", "unknown/list.html"])
def test_nothing_outside_of_a_template_folder_can_be_reached(name: str) -> None:
    site = Site(secret=SECRET, packages=[NOTICES])
    with pytest.raises(TemplateNotFound):
        site._templates.get_template(name)


async def test_a_plugin_cannot_replace_a_template_of_the_core_or_of_another(tmp_path: Path) -> None:
    (tmp_path / "templates" / "notices").mkdir(parents=True)
    for name in ("layout.html", "notices/list.html", "ui.html"):
        (tmp_path / "templates" / name).write_text("hijacked")
    site = Site(secret=SECRET, packages=[Package("bad", tmp_path), NOTICES])
    assert "hijacked" not in (await front(site)).text


async def test_a_theme_fills_declared_blocks_and_overrides_a_page(tmp_path: Path) -> None:
    layout = '{% extends "core/layout.html" %}{% block colophon %}<span>备案号</span>{% endblock %}'
    site = Site(secret=SECRET, packages=[NOTICES], theme=theme_at(tmp_path, layout=layout))
    page = await front(site)
    assert "备案号" in page.text
    assert "/theme/red.css" in page.text


async def test_a_theme_that_does_not_parse_is_left_out(tmp_path: Path) -> None:
    _, plain = choose(None)
    site = Site(secret=SECRET, packages=[NOTICES], theme=theme_at(tmp_path, layout="{% if %}"), fallback=plain)
    assert "theme/plain.css" in (await front(site)).text


async def test_a_theme_that_breaks_while_drawing_falls_back_to_plain(tmp_path: Path) -> None:
    _, plain = choose(None)
    broken = theme_at(
        tmp_path, layout='{% extends "core/layout.html" %}{% block masthead %}{{ nothing }}{% endblock %}'
    )
    site = Site(secret=SECRET, packages=[NOTICES], theme=broken, fallback=plain)
    page = await front(site)
    assert page.status_code == 200
    assert "theme/plain.css" in page.text
    assert site.theme == plain


async def test_without_any_theme_pages_stand_in_neutral_colours() -> None:
    page = await front(Site(secret=SECRET, packages=[NOTICES]))
    assert page.status_code == 200
    assert "theme" not in page.text.split("</head>")[0].replace("theme-color", "")


def test_the_plain_theme_is_found_through_its_entry_point_without_importing_it() -> None:
    import sys

    theme = installed()["plain"]
    assert (theme.folder / "static/plain.css").is_file()
    assert "liren_theme_plain" not in sys.modules


async def test_a_misspelt_name_is_an_error_not_an_empty_page() -> None:
    site = Site(secret=SECRET, packages=[NOTICES])
    scene.enter(scene.Scene(site=site, session=Session(None)))
    with pytest.raises(UndefinedError):
        await site.fragment("notices/list.html")
    with pytest.raises(LookupError, match="no static file"):
        site.assets.url("missing.css")


async def test_what_was_not_awaited_is_an_error_not_an_odd_text(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/x.html").write_text("{{ slot() }}")

    async def slot() -> str:
        return "late"

    with pytest.raises(TypeError, match="await it in the page"):
        await Site(secret=SECRET, packages=[Package("x", tmp_path)]).fragment("x/x.html", slot=slot)


async def test_the_kernel_gets_pages_fragments_and_translations_from_a_site() -> None:
    site = Site(secret=SECRET, packages=[NOTICES])
    pages = SitePages(site)
    scene.enter(scene.Scene(site=site, session=Session(None), language="en"))
    i18n.speak("en", site.catalogs)
    try:
        assert pages.translate("notices", "zh", "公告") == "Notices", "the page's language counts"
        ctx: object = "the context"
        page = await pages.render(ctx, "notices/list.html", {"said": "hello"}, 418)  # type: ignore[arg-type]
        assert (page.status_code, "hello" in page.content) == (418, True)
        fault = await pages.fault(ctx, "notices", "<b>")  # type: ignore[arg-type]
        assert "&lt;b&gt;" in fault
    finally:
        i18n.speak("zh", site.catalogs)
