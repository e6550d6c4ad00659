# SPDX-License-Identifier: Apache-2.0
"""The table of moves: the only ways points can go. Data first, then one pure check of a record's shape.

Whether the accounts hold enough, and whether the referenced record leaves room, is the posting engine's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from liren.ledger.errors import Malformed, Refused
from liren.ledger.rules import addresses
from liren.ledger.rules.addresses import Kind

Signer = Literal["street", "unit", "reviewer", "reviewer?", "service", "core"]
"""``reviewer?``: where the rule asks for four eyes. ``core``: the core's own service key."""

Posting = tuple[str, str, str, int]
"""(asset, from, to, amount > 0)."""

FEN: Final = "fen"
MAX_POSTINGS: Final = 32
SINGLE: Final = frozenset({"award", "settle", "expire"})
"""Moves of exactly one posting."""
COMMITTED: Final = frozenset({"award", "deduct", "reverse", "close"})
"""Moves whose record must commit to a personal part."""
MIXED: Final = frozenset({"budget", "clear", "close", "reverse"})
"""Moves whose postings may differ in asset."""


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table."""

    why: str
    ways: frozenset[tuple[Kind, Kind]]
    """(from, to) kinds in points."""
    fen_ways: frozenset[tuple[Kind, Kind]]
    """The same in asset ``fen``, where ``fund`` exists and ``budget`` does not."""
    signers: tuple[Signer, ...]
    ref: tuple[str, ...] = ()
    """What ``ref`` must be: a post with one of these ``why``, or ``attest``; empty: no ``ref``."""


def _move(
    why: str,
    ways: str,
    signers: tuple[Signer, ...],
    *,
    ref: tuple[str, ...] = (),
    fen: str | None = None,
) -> Move:
    def read(text: str) -> frozenset[tuple[Kind, Kind]]:
        pairs = (way.split(">") for way in text.split())
        return frozenset((a, b) for a, b in pairs)  # type: ignore[misc]

    return Move(why, read(ways), read(ways if fen is None else fen), signers, ref)


MOVES: Final[dict[str, Move]] = {
    move.why: move
    for move in (
        _move(
            "budget",
            "issuance>budget budget>issuance",
            ("street", "reviewer"),
            fen="issuance>fund fund>issuance",
        ),
        _move("award", "budget>h budget>o", ("unit", "reviewer?"), fen=""),
        _move("spend", "h>escrow o>escrow", ("service",), fen=""),
        _move("settle", "escrow>merchant", ("service",), ref=("spend",), fen=""),
        _move("void", "escrow>h escrow>o", ("service",), ref=("spend",), fen=""),
        _move(
            "refund",
            "merchant>h merchant>o redeemed>h redeemed>o",
            ("service",),
            ref=("settle",),
            fen="",
        ),
        _move(
            "clear",
            "merchant>redeemed",
            ("street", "reviewer"),
            ref=("attest",),
            fen="fund>merchant merchant>fund",
        ),
        _move("expire", "h>expired o>expired", ("core",), fen=""),
        _move("deduct", "h>expired o>expired", ("unit", "reviewer"), fen=""),
        _move(
            "reverse",
            "h>budget o>budget expired>h expired>o redeemed>merchant",
            ("unit", "reviewer"),
            ref=("award", "deduct", "close", "clear"),
            fen="fund>merchant merchant>fund",
        ),
        _move("close", "h>expired o>expired", ("unit", "reviewer"), fen=""),
    )
}


def check_shape(why: str, rid: str, p: Sequence[Posting], ref: str | None) -> None:
    """That a record's postings are a row of the table and touch one holder.

    :raises Malformed: what no ledger of this format would write
    :raises Refused: the table has no such move
    """
    move = MOVES.get(why)
    if move is None:
        raise Malformed(f"账本没有“{why}”这种变动。", f"The ledger knows no move “{why}”.")
    if bool(move.ref) != (ref is not None):
        raise Malformed(
            f"“{why}”{'必须' if move.ref else '不能'}注明它所依据的记录。",
            f"A {why} {'must' if move.ref else 'cannot'} name the record it refers to.",
        )
    if not 1 <= len(p) <= MAX_POSTINGS:
        raise Malformed(
            f"一笔记录最多写 {MAX_POSTINGS} 个账户变动，请分成几笔。",
            f"A record holds 1 to {MAX_POSTINGS} postings; split it.",
        )
    if why in SINGLE and len(p) != 1:
        raise Malformed(f"“{why}”一笔只写一个账户变动。", f"A {why} has exactly one posting.")
    if len(p) > 1:
        _check_several(why, p)
    own = rid if why == "spend" else ref  # void and settle: the spend's
    for asset, source, target, amount in p:
        if amount <= 0:
            raise Malformed("积分数必须是大于 0 的整数。", "The amount must be a whole number above 0.")
        a, b = _end(source, own), _end(target, own)
        if (a, b) not in (move.fen_ways if asset == FEN else move.ways):
            raise Refused(
                f"积分不能这样流动：“{why}”不允许从 {a} 到 {b}。",
                f"Points cannot go this way: a {why} never goes from {a} to {b}.",
            )


def _check_several(why: str, p: Sequence[Posting]) -> None:
    """What more than one posting must have in common."""
    if why not in MIXED and len({posting[0] for posting in p}) > 1:
        raise Malformed("一笔记录只能用一种积分。", f"A {why} moves one asset only.")
    if len({posting[:3] for posting in p}) < len(p):
        raise Malformed("同一对账户写了两遍，请合并。", "Two postings share asset, from and to: merge them.")
    ends = [addresses.parse(end) for _, source, target, _ in p for end in (source, target)]
    if len({(end.kind, end.name) for end in ends if end.of_holder}) > 1:
        raise Malformed("一笔记录只能涉及一个人，请分开记。", "A record touches one holder only; split it.")


def _end(text: str, own: str | None) -> Kind:
    """The kind of one end of a posting.

    :param own: the spend whose escrow the record may touch; its id was read already, so that an escrow needs no parsing
    """
    if text.startswith("escrow/"):
        if text[7:] != own:
            raise Malformed(
                "冻结账户与订单不符。", "An escrow belongs to the spend it is named after, and to no other."
            )
        return "escrow"
    return addresses.parse(text).kind
