# SPDX-License-Identifier: Apache-2.0
"""What templates may not hold: inline script and style, unescaped text, addresses of other sites, bare Chinese."""

import re
from collections.abc import Iterator
from pathlib import Path

from liren.web.strings import Finding, bare

FORBIDDEN = (
    (re.compile(r"\|\s*safe\b"), "|safe lets unescaped text through: build fragments with liren.web.element"),
    (re.compile(r"\bMarkup\b"), "Markup in a template"),
    (re.compile(r"autoescape\s+false"), "autoescape switched off"),
    (re.compile(r"<[^>]*\son\w+\s*=", re.S), "an inline handler; the content security policy would drop it"),
    (re.compile(r"<[^>]*\sstyle\s*=", re.S), "an inline style; the content security policy would drop it"),
    (re.compile(r"<style\b"), "an inline style sheet"),
    (re.compile(r"<script\b(?![^>]*\ssrc=)"), "an inline script"),
    (re.compile(r"javascript:", re.I), "a javascript: address"),
    (re.compile(r"\b(?:src|href|action)\s*=\s*[\"'](?:https?:)?//"), "an address of another site"),
    (re.compile(r"\bhx-(?:on|vals)\b"), "htmx that needs eval"),
)
MARKUP = re.compile(r"(?<![\w`])Markup\(")


def check_template(path: Path) -> Iterator[Finding]:
    """One file below ``templates/``."""
    if path.suffix != ".html":
        yield Finding(path, 0, "templates end in .html, or jinja does not escape them")
        return
    text = path.read_text("utf-8")
    for pattern, why in FORBIDDEN:
        for match in pattern.finditer(text):
            yield Finding(path, text.count("\n", 0, match.start()) + 1, why)
    yield from bare(path)


def check_python(path: Path) -> Iterator[Finding]:
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if MARKUP.search(line):
            yield Finding(path, number, "Markup is made in liren/web/html.py alone: use liren.web.element")
