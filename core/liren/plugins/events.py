# SPDX-License-Identifier: Apache-2.0
"""Facts plugins tell each other: the only way to affect a plugin one does not require.

The emitter declares a frozen Struct per event; the listener, which need not have the emitter installed, reads the
fields it cares about into a Struct of its own and ignores the rest. So an emitter may add fields within one version;
taking one away or changing what it means is a new version.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, TypeVar

import msgspec

T = TypeVar("T")


class Event(msgspec.Struct, frozen=True):
    """Base of every declared event. Fields hold ids, numbers and days; no names: rows outlive an erased person.

    A field called ``unit`` (a unit code) says where it happened: a plugin piloted in one community hears
    only what happened there.

    Example::

        class ShiftCompleted(Event, frozen=True):
            name = "volunteer.shift_completed"
            title = _("完成一次志愿服务")
            person: str
            unit: str
            hours: int
    """

    name: ClassVar[str] = ""
    """``<plugin>.<what happened>``."""
    title: ClassVar[str] = ""
    version: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class Received:
    """An event as a listener gets it, once or more often: ``key`` tells repetitions apart."""

    name: str
    version: int
    key: str
    """The same at every delivery of this event: ``ctx.once(event.key, …)`` acts on it exactly once."""
    at: datetime
    """When it was committed, street time."""
    plugin: str
    """Who emitted it."""
    data: dict[str, Any]

    def read(self, kind: type[T]) -> T:
        """The fields as a Struct or dataclass of the listener's own; unknown ones are left out.

        :raises msgspec.ValidationError: a field it needs is missing or of another type
        """
        return msgspec.convert(self.data, kind)
