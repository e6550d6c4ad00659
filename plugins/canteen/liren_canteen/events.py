# SPDX-License-Identifier: Apache-2.0
"""What others may hear of the canteen. Ids, numbers and days only."""

from liren.api import Event, _


class MealTaken(Event, frozen=True):
    """A meal was handed over or brought."""

    name = "canteen.meal_taken"
    title = _("吃上了一餐")
    person: str
    day: str
    unit: str
    meal: str
    order: str


class MealMissed(Event, frozen=True):
    """Somebody ordered and did not come."""

    name = "canteen.meal_missed"
    title = _("订了餐没有来")
    person: str
    day: str
    unit: str
    """Community of the site."""
    meal: str
    order: str


class DeliveryCompleted(Event, frozen=True):
    """A volunteer brought the meals of a route."""

    name = "canteen.delivery_completed"
    title = _("完成一次送餐")
    person: str
    """The volunteer."""
    day: str
    unit: str
    quantity: int
    """Homes reached."""
    route: str


EVENTS = (MealTaken, MealMissed, DeliveryCompleted)
