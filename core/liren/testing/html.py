# SPDX-License-Identifier: Apache-2.0
"""A page as a tree, just enough to find what a person would: labels, buttons, links, tables."""

from collections.abc import Iterator
from html.parser import HTMLParser

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})


class Element:
    """One tag with what stands in it."""

    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.children: list[Element | str] = []

    def get(self, name: str, missing: str = "") -> str:
        return self.attributes.get(name, missing)

    def all(self, *tags: str) -> Iterator["Element"]:
        """Every element below with one of these tags, in the order of the page."""
        for child in self.children:
            if isinstance(child, Element):
                if not tags or child.tag in tags:
                    yield child
                yield from child.all(*tags)

    def first(self, *tags: str) -> "Element | None":
        return next(self.all(*tags), None)

    @property
    def text(self) -> str:
        """What is read, spaces run together."""
        return " ".join(" ".join(self._texts()).split())

    @property
    def raw(self) -> str:
        """The text as it stands: of a ``textarea``."""
        return "".join(child if isinstance(child, str) else child.raw for child in self.children)

    def _texts(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag not in ("script", "style", "template"):
                yield from child._texts()


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Element("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        for depth in range(len(self.open) - 1, 0, -1):
            if self.open[depth].tag == tag:
                del self.open[depth:]
                return

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def parse(text: str) -> Element:
    """:returns: the root, whose children are the page's outermost elements"""
    builder = _Builder()
    builder.feed(text)
    builder.close()
    return builder.open[0]
