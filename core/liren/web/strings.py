# SPDX-License-Identifier: Apache-2.0
"""Finds every text a package shows and says which ones have no English yet; ``make check`` fails on any.

Texts are what stands in ``_()``, ``gettext()``, ``ngettext()``, ``N_()`` and ``ctx.t()`` of Python files and
templates. Chinese that stands in a template outside of them is found as well: nobody could ever translate it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.messages.extract import extract
from jinja2 import Environment, nodes
from jinja2.ext import babel_extract

from liren.web.i18n import Messages, read_messages

CHINESE = re.compile(r"[\u3400-\u9fff]")
PLACE = re.compile(r"%\((\w+)\)|\{(\w+)[^}]*\}")
KEYWORDS: Mapping[str, Any] = {"_": None, "gettext": None, "N_": None, "t": None, "ngettext": (1, 2)}
EXTENSIONS = "jinja2.ext.do,jinja2.ext.loopcontrols"
OPTIONS = {
    "extensions": EXTENSIONS,
    "trimmed": "true",
    "newstyle_gettext": "true",
    "trim_blocks": "true",
    "lstrip_blocks": "true",
    "silent": "false",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend."""

    path: Path
    line: int
    text: str


def used(package: Path) -> Iterator[tuple[Path, int, str]]:
    """(file, line, Chinese text) for everything in a package that is shown in one of two languages."""
    for path in sorted(package.rglob("*")):
        if path.suffix not in {".py", ".html"} or "tests" in path.relative_to(package).parts:
            continue
        if path.suffix == ".html" and "templates" not in path.parts:
            continue
        with path.open("rb") as file:
            method: Any = "python" if path.suffix == ".py" else babel_extract
            options = {"encoding": "utf-8"} if path.suffix == ".py" else OPTIONS
            for line, message, *_rest in extract(method, file, keywords=KEYWORDS, options=options):
                text = message if isinstance(message, str) else message[0]
                if CHINESE.search(text):
                    yield path, line, text


def missing(package: Path, known: Messages) -> list[Finding]:
    """Texts of a package without English.

    :param known: translations that are there besides the package's own ``locale/en.po`` (the core's)
    """
    own = read_messages(package / "locale" / "en.po")
    return [
        Finding(path, line, f"no English in locale/en.po: {text}")
        for path, line, text in used(package)
        if text not in own and text not in known
    ]


def misplaced(package: Path) -> list[Finding]:
    """Translations that lost or invented a place for a value: they would break the page that uses them."""
    path = package / "locale" / "en.po"
    found = []
    for text, forms in read_messages(path).items():
        for form in forms:
            if _places(form) - _places(text) or (len(forms) == 1 and _places(text) - _places(form)):
                found.append(Finding(path, 0, f"other places for values than in: {text}"))
    return found


def _places(text: str) -> set[str]:
    return {a or b for a, b in PLACE.findall(text)}


def bare(path: Path) -> list[Finding]:
    """Chinese in a template that stands outside of ``_()``."""
    env = Environment(  # noqa: S701  (only parsed, never rendered)
        extensions=["jinja2.ext.i18n", *EXTENSIONS.split(",")], trim_blocks=True
    )
    tree = env.parse(path.read_text("utf-8"))
    said: set[int] = set()
    for call in tree.find_all(nodes.Call):
        name = getattr(call.node, "name", None) or getattr(call.node, "attr", None)
        if name in KEYWORDS:
            said |= {id(argument) for argument in call.args}
    shown: list[tuple[int, Any]] = [(data.lineno, data.data) for data in tree.find_all(nodes.TemplateData)]
    shown += [(const.lineno, const.value) for const in tree.find_all(nodes.Const) if id(const) not in said]
    return [
        Finding(path, line, f"Chinese outside of _(): {text.strip()[:40]}")
        for line, text in shown
        if isinstance(text, str) and CHINESE.search(text)
    ]
