# SPDX-License-Identifier: Apache-2.0
"""The types hooks name: small frozen values a plugin returns and the core reads.

Titles and texts are Chinese source strings marked with ``_()`` from :mod:`liren.api`; the page that shows
one translates it with the plugin's own catalogue.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from markupsafe import Markup

if TYPE_CHECKING:
    from liren.plugins.context import Context


class Gate(Enum):
    """Who may open a page for which no permission is asked."""

    ANYONE = "anyone"
    SIGNED_IN = "signed-in"
    """Others are sent to ``/login?next=…``."""


Allow = str | Gate
"""A route's ``allow``: a gate or a permission (``credit.review``); kept in the handler's ``opt["allow"]``."""


def _(text: str) -> str:
    """Marks a text for translation; the page that shows it translates."""
    return text


@dataclass(frozen=True, slots=True)
class Permission:
    """``name`` is ``<plugin>.<what>``, e.g. ``credit.review``."""

    name: str
    title: str
    help: str = ""
    street: bool = False
    """What it opens belongs to the whole street (rules, plugins, the audit): it holds only where it is granted at the
    street, and is nothing where a role with it is granted below."""


@dataclass(frozen=True, slots=True)
class Role:
    """A bundle of permissions offered by default; granted at a unit, it holds for the subtree."""

    name: str
    """``<plugin>.<role>``, e.g. ``credit.reviewer``."""
    title: str
    permissions: tuple[str, ...]
    """Own ones, or those of the core or of a required plugin."""


Place = Literal["desk", "home", "board"]
"""Where a menu stands."""


@dataclass(frozen=True, slots=True)
class NavItem:
    """A menu entry; shown to whoever the named route lets in."""

    title: str
    route: str
    """``<plugin>.<handler>``, or the handler's name alone for one of the own plugin."""
    place: Place = "desk"
    """The staff's desk, a resident's own pages, or the public board."""
    order: int = 50
    icon: str = "list"
    """Name of a symbol in ``icons.html``: entries of ``home`` and ``desk`` are also drawn as tiles."""


@dataclass(frozen=True, slots=True)
class Link:
    """A menu entry the visitor may follow."""

    title: str
    url: str
    plugin: str
    route: str
    icon: str = "list"


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a page for a slot; the lower ``order`` stands first."""

    html: Markup
    order: int = 50


@dataclass(frozen=True, slots=True)
class Todo:
    """Work waiting for the person asked about."""

    title: str
    url: str
    count: int = 1
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its measure, how many facts stand behind it, and how it moved."""

    key: str
    """``<plugin>.<what>``: stable, so that months can be compared."""
    title: str
    value: int
    measure: str
    """分, 人, 单 …"""
    n: int | None = None
    """How many cases the value is made of; None where it is a count itself."""
    of: str = ""
    """What ``n`` counts: 人, 笔 …"""
    trend: tuple[int, ...] = ()
    """Earlier values, oldest first, one a month."""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing a search found, that the visitor may open."""

    title: str
    url: str
    kind: str
    """What it is, in one word: 居民, 商户, 细则 …"""
    detail: str = ""
    """What tells it from others of the same title; never a sealed field in the clear."""


@dataclass(frozen=True, slots=True)
class RecordCode:
    """What a code that stands in signed records means, for who reads the record."""

    name: str
    """``<plugin>.<what>``, as it is posted or attested."""
    title: str
    """In a resident's words, as one line of a passbook: 下单兑换."""


@dataclass(frozen=True, slots=True)
class Titled:
    """What something the core asked about is called."""

    name: str
    """As it was asked."""
    title: str


@dataclass(frozen=True, slots=True)
class Sent:
    """Whether a notice went out; ``False``: this person cannot be reached this way."""

    sent: bool


@dataclass(frozen=True, slots=True)
class Proved:
    """What a login method found out: who somebody is, or that they hold a phone."""

    person: str = ""
    """Person id."""
    phone: str = ""
    """The core finds out whose it is, and asks where a family shares one."""


@dataclass(frozen=True, slots=True)
class LoginMethod:
    """A way to sign in, in two steps: the visitor types something, then answers. The core draws both pages,
    counts tries, keeps ``state`` sealed between them for ten minutes, and starts the session."""

    name: str
    """``[a-z]+``, unique within the plugin."""
    title: str
    label: str
    """What to type first: 手机号."""
    answer: str
    """What to type then: 短信里的 6 位数字."""
    begin: "Callable[[Context, str], Awaitable[str]]"
    """``begin(ctx, typed)`` sends the code; returns ``state`` for ``finish``. Answer alike whether anybody is known
    by what was typed. Refuse with a LirenError."""
    finish: "Callable[[Context, str, str], Awaitable[Proved | None]]"
    """``finish(ctx, state, answer)``; None: wrong, late or used. A code works once: that is the method's to see to."""
    leave: "Callable[[Context, str, str], Awaitable[str]] | None" = None
    """For a way that leads through another site (WeChat): ``leave(ctx, state, back)`` returns the ``https://`` address
    to go to. That site has to send the visitor to ``back`` with ``state=<state>`` in the query; ``finish`` gets the
    whole query as ``answer``. Nothing is typed here, so ``begin`` is not called."""


@dataclass(frozen=True, slots=True)
class Job:
    """Scheduled work. Give ``every`` or ``daily`` (street time)."""

    name: str
    """``[a-z_]+``, unique within the plugin."""
    title: str
    run: "Callable[[Context], Awaitable[None]]"
    every: timedelta | None = None
    daily: time | None = None
    limit_s: float = 60
    """Cancelled after this many seconds."""


@dataclass(frozen=True, slots=True)
class Health:
    """What a health check found; ``text`` says what to do where it is not ok."""

    ok: bool
    text: str


@dataclass(frozen=True, slots=True)
class HealthCheck:
    name: str
    title: str
    run: "Callable[[Context], Awaitable[Health]]"


@dataclass(frozen=True, slots=True)
class PersonalData:
    """One table of what a plugin holds about a person, for the download they may ask for."""

    title: str
    rows: Sequence[Mapping[str, str | int | None]]


@dataclass(frozen=True, slots=True)
class Field:
    """Columns of one table that say something of a person, as the field register tells residents."""

    title: str
    """In words a resident knows: 手机号."""
    columns: tuple[str, ...]
    purpose: str
    """What it is kept for."""
    until: str
    """How long: a term, or what ends it."""
    seen_by: str
    sensitive: bool = False
    """Health, minors, an ID number: 《个人信息保护法》第二十八条."""


@dataclass(frozen=True, slots=True)
class TableFields:
    """Every column of one table: those about a person, and those that are not."""

    table: str
    fields: tuple[Field, ...] = ()
    plain: tuple[str, ...] = ()
    """Columns that say nothing of a person: keys, sums, states, names of places."""


@dataclass(frozen=True, slots=True)
class Holding:
    """What a plugin keeps of a unit: shown before the unit is merged, split or closed."""

    title: str
    count: int
    measure: str
    """人, 项, 家 …"""
    blocks: bool = False
    """The unit cannot be closed while there are any."""


@dataclass(frozen=True, slots=True)
class UnitChange:
    """What became of a unit, for who keeps something of it. Its code stays what it was, in old records too."""

    what: Literal["merged", "split", "moved", "closed"]
    day: date
    """From this day on."""
    gone: str
    """Code of the unit that is closed; empty for ``moved``."""
    heir: str
    """Code of the unit that takes over what has no better place; empty for ``moved`` and ``closed``."""
    carry: bool
    """Whether roles held at ``gone`` go on at ``heir``; otherwise they end."""
    moved: tuple[tuple[str, str], ...] = ()
    """(old path, new path) of the tops of subtrees that hang elsewhere now; their codes stay."""


@dataclass(frozen=True, slots=True)
class Erased:
    """How many rows were deleted or stripped of the person."""

    rows: int


@dataclass(frozen=True, slots=True)
class Retain:
    """What may not be deleted yet: until when, and the law that says so."""

    until: date
    law: str
    rows: int = 0


async def _do(name: str, work: Callable[[], Awaitable[object]]) -> None:
    """A step that nobody remembers."""
    await work()


@dataclass(frozen=True, slots=True)
class Demo:
    """What ``demo_data`` gets to fill the demo street through the plugin's real verbs."""

    samples: Path
    """Folder of the sample street's files (``people.xlsx``, ``rules.xlsx``, ``awards.xlsx``)."""
    acting: "Callable[[str], Awaitable[Context]]"
    """The plugin's Context of the demo person who holds this role, e.g. ``credit.reviewer``."""
    progress: Callable[[str, int, int], None]
    """``progress(what, done, total)``: draws the bar."""
    scale: Literal["street", "city"] = "street"
    """``city``: a street of 326 000 people (``liren demo --scale city``); bring figures that fit, within minutes."""
    step: Callable[[str, Callable[[], Awaitable[object]]], Awaitable[None]] = _do
    """``await step("menus", work)``: does ``work()`` unless an earlier run, killed since, finished it. A step that was
    killed halfway is done again: write through request keys of its own (``ctx.once``), so that nothing comes twice."""
