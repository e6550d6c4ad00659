# SPDX-License-Identifier: Apache-2.0
"""What one says at this hour, pure."""

from datetime import datetime

from liren.plugins.types import _

HOURS = (
    (5, _("夜深了")),
    (9, _("早上好")),
    (12, _("上午好")),
    (14, _("中午好")),
    (18, _("下午好")),
    (24, _("晚上好")),
)


def of_the_hour(now: datetime) -> str:
    """A source string, for the page to translate."""
    return next(words for before, words in HOURS if now.hour < before)
