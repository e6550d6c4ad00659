# SPDX-License-Identifier: Apache-2.0
"""The house check itself: what it must find, and what it must leave alone."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parent.parent / "check_house.py"


@pytest.fixture(scope="module")
def house() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_house", HERE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{{ text|safe }}", "|safe"),
        ("{{ Markup(text) }}", "Markup"),
        ("{% autoescape false %}{% endautoescape %}", "autoescape"),
        ('<a href="/" onclick="x()">a</a>', "inline handler"),
        ('<p class="a"\n style="color: red">a</p>', "inline style"),
        ("<style>p {}</style>", "inline style sheet"),
        ("<script>alert(1)</script>", "inline script"),
        ('<a href="javascript:x()">a</a>', "javascript:"),
        ('<img src="https://cdn.example/x.png">', "another site"),
        ('<img src="//cdn.example/x.png">', "another site"),
        ('<div hx-vals="js:{a: 1}"></div>', "eval"),
        ("<p>裸字</p>", "Chinese outside of _()"),
    ],
)
def test_it_finds(house: ModuleType, tmp_path: Path, line: str, why: str) -> None:
    page = tmp_path / "x.html"
    page.write_text(line)
    assert any(why in finding.text for finding in house.check_template(page))


def test_it_leaves_ordinary_pages_alone(house: ModuleType, tmp_path: Path) -> None:
    page = tmp_path / "x.html"
    page.write_text(
        '<script src="{{ static("liren.js") }}" defer></script><p data-on="1">{{ _("写好的字") }} on = style = 1</p>'
        '<a href="{{ ctx.url("list") }}" class="onward">{{ one }}</a>{# 注释 #}'
    )
    assert list(house.check_template(page)) == []


def test_templates_that_jinja_would_not_escape_are_found(house: ModuleType, tmp_path: Path) -> None:
    page = tmp_path / "x.txt"
    page.write_text("a")
    assert ["templates end in .html" in finding.text for finding in house.check_template(page)] == [True]
