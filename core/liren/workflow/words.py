# SPDX-License-Identifier: Apache-2.0
"""How a deadline reads: in words a person says, in the visitor's language."""

from datetime import date, datetime, timedelta, tzinfo

from liren.plugins.flows import OVER, Case, State
from liren.web import gettext
from liren.web.formats import day
from liren.workflow.rules import overdue

SOON_S = 2 * 3600


def due_words(state: State, case: Case, now: datetime) -> str:
    """``已超期 3 天``, ``今天到期``, ``还剩 2 天``; empty where nothing runs."""
    if case.due_ms is None or state.kind in OVER:
        return ""
    end = datetime.fromtimestamp(case.due_ms / 1000, now.tzinfo)
    days = (_last_day(end) - now.date()).days
    if state.kind != "open":
        return gettext("等到%(day)s", day=day(_last_day(end))) if end > now else gettext("日子到了，可以办了")
    if overdue(state, case, int(now.timestamp() * 1000)):
        late = (now.date() - _last_day(end)).days
        return gettext("已超期 %(n)s 天", n=late) if late else gettext("已超期")
    if days:
        return gettext("还剩 %(n)s 天", n=days)
    rest = int((end - now).total_seconds())
    if rest < SOON_S:
        return gettext("还剩 %(n)s 分钟", n=max(1, rest // 60))
    return gettext("今天到期")


def due_day(case: Case, tz: tzinfo | None) -> date | None:
    """The last day on which it is in time."""
    return None if case.due_ms is None else _last_day(datetime.fromtimestamp(case.due_ms / 1000, tz))


def _last_day(end: datetime) -> date:
    """Midnight belongs to the day that ends with it."""
    return (end - timedelta(milliseconds=1)).date()


def last_day_of(due_ms: int, tz: tzinfo | None) -> date:
    return _last_day(datetime.fromtimestamp(due_ms / 1000, tz))
