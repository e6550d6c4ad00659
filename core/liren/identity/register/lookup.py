# SPDX-License-Identifier: Apache-2.0
"""How a few typed letters become one range of one index: at 326 000 people a lookup takes milliseconds."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from liren.identity.register.names import normalise
from liren.identity.register.numbers import id_number, phone
from liren.identity.register.pending import VISIBLE
from liren.units.rules import codes_in
from liren.units.tree import Tree

CARD_COLUMNS: Final = "p.id, p.name, p.died, p.left_on, p.merged_into, r.unit"
CARD: Final = f"SELECT {CARD_COLUMNS} FROM person p LEFT JOIN residence r ON r.person = p.id AND r.until IS NULL"  # noqa: S608 - own names

NUMBER_TAIL: Final = re.compile(r"\d{3}[\dXx]")
_LAST: Final = "\U0010ffff"
AFTER_PATH: Final = "{"
"""Follows every character a path can hold."""


@dataclass(frozen=True, slots=True)
class Condition:
    where: str
    args: tuple[str, ...]
    order: str


def ways(text: str, hash_of: Callable[[str, str], str]) -> list[Condition]:
    """How the text may be meant, the likeliest first; each is one range of one index, in that index's order."""
    wanted = normalise(text)
    if not wanted:
        return []
    if (number := id_number(wanted)) is not None:
        return [exactly("id_number_hash", hash_of("id_number", number))]
    if re.fullmatch(r"\d{4}", wanted):
        return [exactly("phone_tail", hash_of("phone_tail", wanted))]
    if (whole := phone(wanted)) is not None:
        return [exactly("phone_hash", hash_of("phone", whole))]
    if wanted.isascii():
        letters = "".join(c for c in wanted.lower() if c.isalpha())
        return [_beginning("initials", letters), _beginning("pinyin", letters)] if letters else []
    return [_beginning("name", wanted), _beginning("given", wanted)]


def exactly(column: str, value: str) -> Condition:
    return Condition(f"p.{column} = ?", (value,), "p.pinyin, p.id")


def _beginning(column: str, text: str) -> Condition:
    order = "p.initials, p.pinyin, p.id" if column == "initials" else f"p.{column}, p.id"
    return Condition(f"p.{column} >= ? AND p.{column} < ?", (text, text + _LAST), order)


def query_of(condition: Condition, prefixes: Sequence[str] | None, tree: Tree) -> tuple[str, list[Any]]:
    """In a large area the index of names leads and the search stops at the limit; in a small one its residents do."""
    rest = f"p.merged_into IS NULL AND {VISIBLE} AND {condition.where}"
    if prefixes is None:
        return f"{CARD} WHERE {rest} ORDER BY {condition.order} LIMIT ?", list(condition.args)
    scope = "(" + " OR ".join("u.path >= ? AND u.path < ?" for _ in prefixes) + ")"
    bounds = [bound for prefix in prefixes for bound in (prefix, prefix + AFTER_PATH)]
    if all(_is_small(tree, prefix) for prefix in prefixes):
        # CROSS JOIN keeps SQLite from starting with the people; PostgreSQL decides by its statistics.
        tables = "unit u CROSS JOIN residence r CROSS JOIN person p"
        joined = "r.unit = u.code AND r.until IS NULL AND p.id = r.person"
        query = f"SELECT {CARD_COLUMNS} FROM {tables} WHERE {joined} AND {scope} AND {rest}"  # noqa: S608 - own names
        return f"{query} ORDER BY {condition.order} LIMIT ?", [*bounds, *condition.args]
    tables = "person p CROSS JOIN residence r CROSS JOIN unit u"
    joined = "r.person = p.id AND r.until IS NULL AND u.code = r.unit"
    query = f"SELECT {CARD_COLUMNS} FROM {tables} WHERE {rest} AND {joined} AND {scope}"  # noqa: S608 - own names
    return f"{query} ORDER BY {condition.order} LIMIT ?", [*condition.args, *bounds]


def _is_small(tree: Tree, prefix: str) -> bool:
    """A grid and what is below it: a few thousand people at most."""
    card = tree.get(codes_in(prefix)[-1])
    return card is not None and card.level not in ("street", "community")
