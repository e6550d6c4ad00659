# SPDX-License-Identifier: Apache-2.0
"""What others may hear of the market. Ids and numbers only."""

from liren.api import Event, _


class Redeemed(Event, frozen=True):
    """Goods were handed out for points."""

    name = "market.redeemed"
    title = _("核销了一单")
    order: str
    person: str
    merchant: str
    goods: str
    unit: str
    """Community of the merchant."""
    pieces: int
    points: int
    day: str


class Returned(Event, frozen=True):
    """Goods came back, points were given back."""

    name = "market.returned"
    title = _("退了一单")
    order: str
    person: str
    merchant: str
    unit: str
    points: int
    day: str


EVENTS = (Redeemed, Returned)
