# SPDX-License-Identifier: Apache-2.0
"""A plan: one post with all its numbers decided, and what every move needs to decide them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, field

from liren.ledger.errors import Refused
from liren.ledger.log import records
from liren.ledger.log.records import Post
from liren.ledger.rules.addresses import new_id
from liren.ledger.rules.moves import Posting

if TYPE_CHECKING:
    from liren.ledger.engine.posting import LedgerState


class Plan(Struct):
    """One post, all numbers decided."""

    why: str
    code: str
    unit: str
    eff: str
    p: Sequence[Posting]
    rid: str = field(default_factory=new_id)
    ref: str | None = None
    reason: Mapping[str, str | int] = {}
    reviewer: str | None = None
    """Person id of the second signer; None: no second signature."""
    holder: str | None = None
    """Under whose key the opening is sealed."""


def read_post(note: bytes) -> Post:
    """The post of a stored note."""
    record = records.read_stored(note)
    assert isinstance(record, Post)
    return record


def service(
    state: LedgerState,
    why: str,
    code: str,
    p: Sequence[Posting],
    *,
    rid: str | None = None,
    ref: str | None = None,
    reason: Mapping[str, str | int] | None = None,
    holder: str | None = None,
) -> Plan:
    """What a service key signs stands in the street's name.

    :raises Malformed: the code is not ``<plugin>.<what>``
    """
    records.check_module_code(code)
    street = state.view.keys.street
    return Plan(why, code, street, state.eff, p, rid or new_id(), ref, reason or {}, None, holder)


def total(posts: Sequence[Post]) -> int:
    return sum(posting[3] for post in posts for posting in post.p)


def check_amount(
    amount: int, zh: str = "积分数必须是大于 0 的整数。", en: str = "The amount must be a whole number above 0."
) -> None:
    if amount < 1:
        raise Refused(zh, en)
