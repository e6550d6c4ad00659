# SPDX-License-Identifier: Apache-2.0
"""The catalogue of components: complete, shown, and the authors' page says the same."""

from pathlib import Path

import httpx
from jinja2 import Environment, nodes
from markupsafe import escape

from liren.web import components
from liren.web.components import BEGIN, GROUPS, SPOKEN, TEMPLATES, written

PAGE = Path(__file__).parents[2] / "docs/plugins/components.md"


def offered() -> set[str]:
    """What ``ui.html`` gives to a page."""
    tree = Environment().parse((TEMPLATES / "ui.html").read_text("utf-8"))
    names = {name.name for assign in tree.find_all(nodes.Assign) for name in assign.target.find_all(nodes.Name)}
    return names


def test_every_component_is_in_the_catalogue_exactly_once_and_explained() -> None:
    named = [name for group in GROUPS for part in group.parts for name in part.names]
    assert len(named) == len(set(named))
    assert set(named) == offered() | set(components.CHARTS) | {"qr"}
    assert [name for name in named if not SPOKEN[name].says] == []
    assert SPOKEN["tag"].signature == 'ui.tag(text, kind="")'


def test_every_example_uses_what_it_shows_and_none_is_left_over() -> None:
    parts = [part for group in GROUPS for part in group.parts]
    for part in parts:
        assert f".{part.name}(" in part.source or f"{part.name}(" in part.source
    files = {path.stem for path in (TEMPLATES / "examples").glob("*.html")}
    assert files == {part.name for part in parts}


def test_the_authors_page_is_what_the_catalogue_writes() -> None:
    text = PAGE.read_text("utf-8")
    assert BEGIN in text
    assert written(text) == text, "run: python -m liren.web.components docs/plugins/components.md"


async def test_the_style_guide_shows_each_one_in_both_languages(client: httpx.AsyncClient) -> None:
    for language, title in (("zh", "每处一张小图"), ("en", "Small multiples")):
        page = await client.get(f"/styleguide?lang={language}")
        assert page.status_code == 200
        assert title in page.text
        for group in GROUPS:
            for part in group.parts:
                assert not part.live or str(escape(part.source)) in page.text


def test_every_icon_comes_from_the_one_set() -> None:
    drawn = [path.name for path in TEMPLATES.rglob("*.html") if "<path" in path.read_text("utf-8")]
    assert drawn == ["marks.html"], "the icon macro draws what icons.html knows; nothing else draws a path"
    root = Path(__file__).parents[2]
    others = [*root.glob("core/liren/*/templates/**/*.html"), *root.glob("plugins/*/liren_*/templates/**/*.html")]
    assert [p for p in others if not p.is_relative_to(TEMPLATES) and "<svg" in p.read_text("utf-8")] == []
