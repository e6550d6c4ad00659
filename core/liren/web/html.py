# SPDX-License-Identifier: Apache-2.0
"""The one file that may declare text to be HTML; a lint refuses it everywhere else.

Whoever needs a fragment builds it from :func:`element`, which escapes what it is given.
"""

from collections.abc import Iterable

from markupsafe import Markup, escape

VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "wbr"})
"""HTML elements without an end tag; those of SVG need one inside an HTML page."""

EMPTY = Markup()

Attribute = str | int | bool | None
Child = str | Markup | int | None


def element(name: str, /, *children: Child, **attributes: Attribute) -> Markup:
    """``element("a", "存折", href="/me")`` → ``<a href="/me">存折</a>``; children and values are escaped.

    ``class_`` and ``for_`` stand for the reserved words, ``aria_label`` for ``aria-label``; ``True`` is
    a bare attribute, ``None`` and ``False`` leave it out. Attributes that would carry script or style
    are refused.
    """
    written = []
    for key, value in attributes.items():
        attribute = key.rstrip("_").replace("_", "-")
        if attribute == "style" or attribute.startswith("on"):
            raise ValueError(f"{attribute}= is not allowed in a page: the content security policy forbids it")
        if value is None or value is False:
            continue
        written.append(f" {attribute}" if value is True else f' {attribute}="{escape(value)}"')
    opening = f"<{name}{''.join(written)}>"
    if name in VOID:
        return Markup(opening)
    return Markup(opening) + join(children) + Markup(f"</{name}>")


def join(parts: Iterable[Child], between: str = "") -> Markup:
    """Fragments one after the other; plain text among them is escaped."""
    return Markup(escape(between)).join(escape(part) for part in parts if part is not None)


def rendered(text: str) -> Markup:
    """What a template of ours made: it was escaped there."""
    return Markup(text)
