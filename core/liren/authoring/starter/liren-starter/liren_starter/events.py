# SPDX-License-Identifier: Apache-2.0
"""What other modules may hear of this one. Fields hold ids, numbers and days, no names."""

from liren.api import Event, _


class EntryAdded(Event, frozen=True):
    name = "starter.entry_added"
    title = _("写了一条内容")
    person: str
    day: str
    unit: str
