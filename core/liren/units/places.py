# SPDX-License-Identifier: Apache-2.0
"""A unit as people write it in a list: ``桃园社区/第3网格/7号楼``, with or without the street, or its code."""

import re
import unicodedata

from liren.plugins.services import UnitCard
from liren.units.errors import BadUnit
from liren.units.rules import LEVELS, name_key
from liren.units.tree import Tree

_BETWEEN = re.compile(r"\s*[/\\>·|-]+\s*|\s+")
SEPARATOR = "/"


class Places:
    """Finds units of one tree by their way; made once a list, so that a row costs a few look-ups."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._named: dict[tuple[str | None, str, str], UnitCard] = {}
        self._found: dict[str, UnitCard | None] = {}
        for card in tree.by_code.values():
            key = (card.parent, card.level, name_key(card.level, card.name))
            standing = self._named.get(key)
            if standing is None or standing.closed is not None:
                self._named[key] = card

    def find(self, text: str) -> UnitCard | None:
        """The unit, a closed one too where no open one has the name; None for an unknown way."""
        if text not in self._found:
            self._found[text] = self._walk(text)
        return self._found[text]

    def _walk(self, text: str) -> UnitCard | None:
        plain = unicodedata.normalize("NFKC", text).strip()
        if (card := self._tree.get(plain)) is not None:
            return card
        at: UnitCard | None = None
        for root in self._tree.children(None):
            at = root
        if at is None:
            return None
        parts = [part for part in _BETWEEN.split(plain) if part]
        if parts and self._is(at, parts[0]):
            parts = parts[1:]
        elif not parts:
            return None
        for part in parts:
            at = self._child(at, part) if at else None
        return at

    def _child(self, parent: UnitCard, part: str) -> UnitCard | None:
        for level in LEVELS:
            found = self._named.get((parent.code, level, _key(level, part)))
            if found is not None:
                return found
        return None

    def _is(self, card: UnitCard, part: str) -> bool:
        return name_key(card.level, card.name) == _key(card.level, part)


def _key(level: str, part: str) -> str:
    try:
        return name_key(level, part)
    except BadUnit:
        return ""


def way_text(tree: Tree, code: str) -> str:
    """``桃园社区/第3网格``: as :class:`Places` reads it; the street's own name for the street."""
    way = tree.way(code)
    return SEPARATOR.join(card.name for card in way[1:]) or (way[0].name if way else "")
