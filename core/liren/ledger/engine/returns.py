# SPDX-License-Identifier: Apache-2.0
"""What comes back: of a spend by void and refund, of a closing by its reversal. Latest expiry first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, cast

from liren.ledger.engine.plans import total
from liren.ledger.log.records import Post
from liren.ledger.rules import addresses, allocation, days
from liren.ledger.rules.allocation import Part

if TYPE_CHECKING:
    from liren.ledger.engine.posting import LedgerState


async def returns_of(state: LedgerState, spend: Post) -> int:
    """What voids and refunds of a spend have given back so far."""
    returned = total(await state.referring(spend.rid, "void"))
    for settle in await state.referring(spend.rid, "settle"):
        returned += total(await state.referring(settle.rid, "refund"))
    return returned


def drawn_by(record: Post, of: str | None = None) -> list[Part]:
    """What a record took from each account of its holder.

    :param of: only what it took in this asset
    """
    taken = [(addresses.parse(source), amount) for asset, source, _, amount in record.p if of in (None, asset)]
    return [Part(address.expires_on, amount, address.name) for address, amount in taken]


def returned_to(
    state: LedgerState, record: Post, returned: int, amount: int, of: str | None = None
) -> list[tuple[str, int]]:
    """(address, amount) of what comes back from ``record``'s accounts, latest expiry first.

    :param of: only what it took in this asset
    """
    drawn = drawn_by(record, of)
    kind = cast(Literal["h", "o"], addresses.parse(record.p[0][1]).kind)
    targets: dict[str, int] = {}
    for part_back in allocation.give_back(drawn, returned, amount):
        end = days.returned_until(part_back.expires_on, state.today)
        target = addresses.points(kind, drawn[0].holder, end)
        targets[target] = targets.get(target, 0) + part_back.amount
    return list(targets.items())


def pour(sources: Iterable[tuple[str, int]], targets: Iterable[tuple[str, int]]) -> Iterable[tuple[str, str, int]]:
    """Pours ``sources`` into ``targets`` of the same total, in order."""
    left = [list(source) for source in sources if source[1]]
    for target, wanted in targets:
        need = wanted
        while need:
            source = left[0]
            part = min(need, cast(int, source[1]))
            yield cast(str, source[0]), target, part
            need -= part
            source[1] = cast(int, source[1]) - part
            if not source[1]:
                left.pop(0)
