# SPDX-License-Identifier: Apache-2.0
"""代办: one person does something for another, by a consent on record, up to a cap, with a slip and a way back.

A module declares what can be done for somebody (``register_deeds``); the core keeps the consents, counts the caps,
numbers the slips, takes undoing and picks which acts are checked by a call. ``ctx.acting`` is the module's side of it.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from liren.plugins.context import Context
    from liren.plugins.services import Tx

Measure = Literal["points", "fen", "times"]
"""What a cap counts: points, RMB 分, or how often."""
Kind = Literal["staff", "family"]
"""``staff``: a worker within their area, by a consent taken for this occasion. ``family``: whoever the person named."""
How = Literal["on-site", "paper", "sms", "page"]
"""How the person agreed: standing beside it, on paper, by a code sent to their phone, on their own page."""


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that can be done for somebody else."""

    name: str
    """``<plugin>.<what>``, e.g. ``market.order``."""
    title: str
    page: str
    """Route of the plugin's own page where it begins; it is given ``?mandate=<id>``. It lets in whoever is signed in:
    the mandate says who may."""
    undo: "Callable[[Context, Tx, Slip], Awaitable[None]]"
    """``undo(ctx, tx, slip)`` takes the act of ``slip.subject`` back, in this transaction; a LirenError says why that
    is no longer possible. Whoever undoes is ``ctx.visitor``; who may is the core's question."""
    shown: "Callable[[Context, Slip], str] | None" = None
    """Address of the plugin's own page of the act (a voucher to print), linked from the slip for who acted."""
    measure: Measure = "points"
    cap: int = 0
    """The most in a month for one person where staff do it, all staff together; 0: what the street set."""
    staff: bool = True
    family: bool = True
    undo_hours: int = 24


@dataclass(frozen=True, slots=True)
class Mandate:
    """A consent that holds now."""

    id: str
    person: str
    """For whom."""
    name: str
    """Theirs, for the page."""
    actor: str
    """Who may act."""
    kind: Kind
    how: How
    caps: Mapping[str, int]
    """Deed → the most in a month."""
    until_ms: int
    """Holds before this moment."""
    unit: str
    """Code of the unit the person lives in; the street's where none is known."""


@dataclass(frozen=True, slots=True)
class Slip:
    """One act on record. ``ctx.url("acting.slip", slip=slip.id)`` is its page, for both of them."""

    id: str
    number: str
    """What is printed and read out over the phone: eight digits."""
    mandate: str
    person: str
    actor: str
    kind: Kind
    how: How
    deed: str
    measure: Measure
    amount: int
    text: str
    """What was done, in one line."""
    subject: str
    """The module's own id of it."""
    record: str | None
    """The ledger's record, where points moved."""
    unit: str
    at_ms: int
    undo_until_ms: int
    undone_ms: int | None
    undone_by: str | None
    objected_ms: int | None
    """The person said that this was not their wish."""
