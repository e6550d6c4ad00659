# SPDX-License-Identifier: Apache-2.0
"""The unit tree for everybody else: :class:`liren.plugins.services.Units` over a cached snapshot."""

from collections.abc import Mapping, Sequence
from typing import Any

from liren.plugins.services import UnitCard
from liren.store import Store
from liren.units.errors import BadUnit
from liren.units.photos import Photos
from liren.units.posts import COLUMNS as POST_COLUMNS
from liren.units.posts import Posts, roles_carried
from liren.units.tree import Tree
from liren.units.verbs import COLUMNS, VERSION, card_of
from liren.units.version import Watch


class UnitsService:
    """One per process."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._watch = Watch(store, VERSION)
        self._tree = Tree()
        self._version = -1
        self._post_rows: list[tuple[Any, ...]] = []
        self._carried: Mapping[str, tuple[str, ...]] = {}
        self.role_titles: Mapping[str, str] = {}
        """Every role the plugins declared and its title; identity says so once they have loaded."""
        self.photos: Photos | None = None
        """Set by the application, which knows where files lie."""

    async def tree(self) -> Tree:
        """The tree as it stands; read again only after a change."""
        version = await self._watch.current()
        if version != self._version:
            rows = await self.store.read(f"SELECT {COLUMNS} FROM unit")  # noqa: S608 - own column names
            posts = await self.store.read(f"SELECT {POST_COLUMNS} FROM post")  # noqa: S608 - own column names
            self._post_rows, self._carried = posts, roles_carried(posts)
            self._tree, self._version = Tree.of(card_of(row) for row in rows), version
        return self._tree

    async def posts(self, preset: str = "plain") -> Posts:
        """The street's posts.

        :param preset: of its settings
        """
        await self.tree()
        return Posts.of(preset, self._post_rows)

    @property
    def carried(self) -> Mapping[str, tuple[str, ...]]:
        """Post → the roles it carries, as last read; :meth:`tree` was awaited earlier in the same request."""
        return self._carried

    @property
    def known(self) -> Tree:
        """The tree as last read, for code that cannot wait; :meth:`tree` was awaited earlier in the same request."""
        return self._tree

    async def get(self, code: str) -> UnitCard | None:
        return (await self.tree()).get(code)

    async def all(self, level: str | None = None) -> Sequence[UnitCard]:
        """Open units, a parent before its children."""
        tree = await self.tree()
        cards = [card for root in tree.children(None) for card in tree.below(root.code)]
        return cards if level is None else [card for card in cards if card.level == level]

    async def street(self) -> UnitCard:
        """:raises BadUnit: none was set up yet"""
        roots = (await self.tree()).children(None)
        if not roots:
            raise BadUnit(
                "还没有设立街道。请先导入居民或新建街道。",
                "No street has been set up yet. Import the people or create the street first.",
            )
        return roots[0]

    async def path(self, code: str) -> Sequence[UnitCard]:
        """From the street down to the unit itself; empty for an unknown code."""
        return (await self.tree()).way(code)
