# SPDX-License-Identifier: Apache-2.0
"""How a few typed letters become one range of one index: at 326 000 people a lookup takes milliseconds."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from liren.identity.register.names import normalise
from liren.identity.register.numbers import id_number, phone
from liren.identity.register.pending import VISIBLE
from liren.units.rules import area_of, codes_in
from liren.units.tree import Tree

CARD_COLUMNS: Final = "p.id, p.name, p.died, p.left_on, p.merged_into, r.unit"
CARD_WIDTH: Final = 6
_AREA_DEPTH: Final = 2
CARD: Final = f"SELECT {CARD_COLUMNS} FROM person p LEFT JOIN residence r ON r.person = p.id AND r.until IS NULL"  # noqa: S608 - own names

NUMBER_TAIL: Final = re.compile(r"\d{3}[\dXx]")
_LAST: Final = "\U0010ffff"
AFTER_PATH: Final = "{"
"""Follows every character a path can hold."""


@dataclass(frozen=True, slots=True)
class Condition:
    where: str
    args: tuple[str, ...]
    order: tuple[str, ...]
    """Columns, as they are sorted."""
    by_area: bool = False
    """An index begins with the community and goes on with the order."""


@dataclass(frozen=True, slots=True)
class Query:
    """Hits in the condition's order; behind the columns of a card stand those of the order."""

    text: str
    args: list[Any]


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
    return Condition(f"p.{column} = ?", (value,), ("p.pinyin", "p.id"))


def _beginning(column: str, text: str) -> Condition:
    order = ("p.initials", "p.pinyin", "p.id") if column == "initials" else (f"p.{column}", "p.id")
    return Condition(f"p.{column} >= ? AND p.{column} < ?", (text, text + _LAST), order, by_area=True)


def queries_of(condition: Condition, prefixes: Sequence[str] | None, tree: Tree) -> list[Query]:
    """In a small area its residents lead; in a community the index that begins with it, one search each; in the whole
    street the index of names. The last two stop at the limit.

    :param prefixes: paths of the subtrees to look in; None for everywhere
    """
    rest = f"p.merged_into IS NULL AND {VISIBLE} AND {condition.where}"
    if prefixes is None:
        return [_ordered(f"{CARD} WHERE {rest}", list(condition.args), condition)]
    small = [prefix for prefix in prefixes if _is_small(tree, prefix)]
    large = [prefix for prefix in prefixes if prefix not in small]
    found = []
    if small:
        # CROSS JOIN keeps SQLite from starting with the people; PostgreSQL decides by its statistics.
        tables = "unit u CROSS JOIN residence r CROSS JOIN person p"
        joined = "r.unit = u.code AND r.until IS NULL AND p.id = r.person"
        scope, bounds = _scope(small)
        query = f"SELECT {CARD_COLUMNS} FROM {tables} WHERE {joined} AND {scope} AND {rest}"  # noqa: S608 - own names
        found.append(_ordered(query, [*bounds, *condition.args], condition))
    found += [_large(condition, prefix, rest) for prefix in large]
    return found


def _large(condition: Condition, prefix: str, rest: str) -> Query:
    tables, joined = "person p CROSS JOIN residence r", "r.person = p.id AND r.until IS NULL"
    area = area_of(prefix)
    if area is not None and condition.by_area and len(codes_in(prefix)) == _AREA_DEPTH:
        # The units are not asked as well: PostgreSQL would take the two for independent and expect next to nobody.
        query = f"SELECT {CARD_COLUMNS} FROM {tables} WHERE p.area = ? AND {rest} AND {joined}"  # noqa: S608 - own names
        return _ordered(query, [area, *condition.args], condition)
    scope, bounds = _scope([prefix])
    query = (
        f"SELECT {CARD_COLUMNS} FROM {tables} CROSS JOIN unit u"  # noqa: S608 - own names
        f" WHERE {rest} AND {joined} AND u.code = r.unit AND {scope}"
    )
    return _ordered(query, [*condition.args, *bounds], condition)


def _ordered(query: str, args: list[Any], condition: Condition) -> Query:
    order = ", ".join(condition.order)
    return Query(query.replace(CARD_COLUMNS, f"{CARD_COLUMNS}, {order}", 1) + f" ORDER BY {order} LIMIT ?", args)


def _scope(prefixes: Sequence[str]) -> tuple[str, list[str]]:
    scope = "(" + " OR ".join("u.path >= ? AND u.path < ?" for _ in prefixes) + ")"
    return scope, [bound for prefix in prefixes for bound in (prefix, prefix + AFTER_PATH)]


def _is_small(tree: Tree, prefix: str) -> bool:
    """A grid and what is below it: a few thousand people at most."""
    card = tree.get(codes_in(prefix)[-1])
    return card is not None and card.level not in ("street", "community")
