# SPDX-License-Identifier: Apache-2.0
"""What the kernel asks of the floors above it, as protocols; ``liren.app`` wires the real ones in.

A module never sees these objects themselves, only through :class:`liren.plugins.context.Context`.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from litestar import Response
from litestar.connection import ASGIConnection
from markupsafe import Markup

from liren.plugins.acting import How, Mandate, Slip
from liren.plugins.events import Event
from liren.plugins.flows import Case, Move, Step
from liren.plugins.points import PointRule, PostDraft, Posted, Subject

if TYPE_CHECKING:
    from liren.plugins.context import Context

T = TypeVar("T")
Connection = ASGIConnection[Any, Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Visitor:
    """The signed-in person of a request (or of a hook call made for one)."""

    person: str
    """Public person id."""
    account: str
    name: str
    elder: bool = False
    language: str = "zh"


@dataclass(frozen=True, slots=True)
class PersonCard:
    """What a page may show of a person in scope; never a sealed field in the clear."""

    id: str
    name: str
    masked: str
    """张*, 欧阳*, 龚**: what publicity and reviewers see."""
    community: str | None
    """Unit code of the community the person lives in today."""
    active: bool = True


@dataclass(frozen=True, slots=True)
class PersonKeys:
    """What an importer matches a row against: keyed hashes, never the number itself."""

    id: str
    name: str
    community: str | None
    phone_hash: str | None
    id_number_hash: str | None
    household: str | None
    """Dwelling id: who lives in one dwelling is one household."""


@dataclass(frozen=True, slots=True)
class Guardian:
    """Who answers for a child, or for an adult without capacity (民法典 27, 28)."""

    person: str
    kind: Literal["minor", "adult"]
    """Why the ward has a guardian."""
    since: date


@dataclass(frozen=True, slots=True)
class OrganisationCard:
    id: str
    name: str
    kind: str
    """partner, merchant, property, department."""
    unit: str | None
    active: bool = True


@dataclass(frozen=True, slots=True)
class UnitCard:
    """One node of the unit tree."""

    id: str
    code: str
    """Stable ASCII code, never reused: what the ledger writes."""
    level: str
    """street, community, grid, building, stair."""
    name: str
    party_name: str | None
    path: str
    """Codes from the root, each followed by ``/``: a subtree is one prefix scan."""
    parent: str | None
    closed: date | None = None


class People(Protocol):
    async def cards(self, ids: Sequence[str]) -> dict[str, PersonCard]: ...

    async def keys(self) -> Sequence[PersonKeys]:
        """Everyone, for checking a list row by row: one query, cached per register version."""
        ...

    async def keys_of(
        self,
        *,
        ids: Collection[str] = (),
        names: Collection[str] = (),
        phones: Collection[str] = (),
        id_numbers: Collection[str] = (),
    ) -> Sequence[PersonKeys]:
        """Of whoever a list may mean, a batch at a time: it has one of these ids, is called so, or has one of these
        keyed hashes. A city's register is not read for a list of thirty rows.

        :param names: as people typed them
        """
        ...

    def hash_of(self, kind: str, value: str) -> str:
        """The keyed hash of a normalised ``phone`` or ``id_number``."""
        ...

    async def matching(self, kind: str, hashes: Sequence[str]) -> dict[str, Sequence[PersonCard]]:
        """Whose ``phone`` or ``id_number`` has one of these keyed hashes: hash → they; a phone may be several people's.

        For checking a list row by row without reading everybody.
        """
        ...

    async def ages(self, ids: Sequence[str], on: date) -> dict[str, int]:
        """Completed years of age on a day, the birthday itself included (民法典 1259); whose birthday is not known is
        left out. For rules that ask for an age: the birthday itself stays sealed."""
        ...

    async def declined(self, purpose: str) -> frozenset[str]:
        """Who took a consent back (``points``, ``show_name``) and has not given it anew: nothing new is recorded of
        them under it, and no service is refused."""
        ...

    async def agreed(self, purpose: str, ids: Sequence[str]) -> frozenset[str]:
        """Which of them have given this consent and not taken it back: for what asks for one of its own."""
        ...

    async def guardians(self, ids: Sequence[str], on: date) -> dict[str, Sequence[Guardian]]:
        """Who answers for each of them on a day; who has no guardian is left out, and so is a child grown up by then.

        With :meth:`ages`: a minor who is not among the answers has nobody on record who may agree for them.
        """
        ...

    async def lookup(self, text: str, *, unit: str | None = None, limit: int = 20) -> Sequence[PersonCard]:
        """By name, pinyin, initials or the last digits of the phone, inside the subtree of ``unit``."""
        ...

    async def community_on(self, ids: Sequence[str], day: date) -> dict[str, str]:
        """Unit code of the community each of them belonged to on that day: a record's ``unit`` is the one on its
        ``eff``. Who lived nowhere in the street then is left out.
        """
        ...

    async def household(self, person: str) -> Sequence[str]:
        """Ids of everybody who lives in one dwelling with them today, themself included."""
        ...

    async def organisations(self, ids: Sequence[str]) -> dict[str, OrganisationCard]: ...

    async def organisations_of(self, person: str, *, kind: str | None = None) -> Sequence[OrganisationCard]:
        """The organisations this person acts for today."""
        ...

    async def organisations_by_kind(self, kind: str, *, limit: int = 500) -> Sequence[OrganisationCard]:
        """Those that exist today, by name: for a form that chooses one."""
        ...


class Secrets(Protocol):
    """The vault, as far as a module may use it."""

    def keyed_hash(self, kind: str, value: str) -> str: ...


class Units(Protocol):
    async def get(self, code: str) -> UnitCard | None: ...

    async def all(self, level: str | None = None) -> Sequence[UnitCard]: ...

    async def street(self) -> UnitCard: ...

    async def path(self, code: str) -> Sequence[UnitCard]:
        """From the street down to the unit itself."""
        ...


class Access(Protocol):
    """Whether a person holds a permission at a unit (or anywhere, where ``unit`` is None)."""

    def can(self, permission: str, unit: str | None = None) -> bool: ...

    def units_with(self, permission: str) -> tuple[str, ...]:
        """Path prefixes of the subtrees where the permission holds; empty when nowhere."""
        ...


@dataclass(frozen=True, slots=True)
class Lot:
    expires_on: date | None
    amount: int


@dataclass(frozen=True, slots=True)
class Balance:
    """What a subject can spend today, and when it ends."""

    asset: str
    total: int
    lots: tuple[Lot, ...] = ()


@dataclass(frozen=True, slots=True)
class EntryView:
    """One record as its holder sees it."""

    rid: str
    pos: int
    why: str
    code: str
    unit: str
    asset: str
    amount: int
    """Signed: what it did to the holder's points."""
    eff: date
    admitted_ms: int
    ref: str | None
    reason: Mapping[str, Any]
    """The opening's personal part; empty when erased."""
    merchant: str = ""
    """``<plugin>.<id>`` of the merchant whose takings it moved (a refund): ``ctx.titles`` says what it is called."""


class LedgerReader(Protocol):
    async def balance(self, subject: Subject, asset: str = "resident") -> Balance: ...

    async def balance_on(self, subject: Subject, day: date, asset: str = "resident") -> Balance:
        """What a subject could spend at the end of ``day``, street time."""
        ...

    async def balance_of(self, address: str, asset: str = "resident") -> int:
        """Of ``budget/<unit>``, ``merchant/<plugin>.<id>``, ``escrow/<rid>`` …"""
        ...

    async def entries(self, subject: Subject, *, limit: int = 20, before: int | None = None) -> Sequence[EntryView]: ...

    async def entry(self, rid: str) -> EntryView | None: ...

    async def head(self) -> tuple[int, bytes]:
        """(size, root) of the latest signed checkpoint."""
        ...

    async def receipt_token(self, rid: str) -> str:
        """The 22 base32 characters of the everyday QR (page ``/r/<token>``)."""
        ...


class LedgerTx(Protocol):
    """What ``tx`` offers inside ``once()``: everything that can be refused is refused here, at once."""

    async def post(self, draft: PostDraft) -> Posted: ...

    async def post_many(
        self, drafts: Sequence[PostDraft], progress: Callable[[int], None] | None = None
    ) -> Sequence[Posted]:
        """Up to 5 000 records, all or nothing; ``progress(done)`` is called as it goes."""
        ...

    async def balance(self, subject: Subject, asset: str = "resident") -> Balance:
        """As it stands inside this transaction."""
        ...

    async def attest(self, subject: str, digest: bytes, *, code: str, unit: str) -> Posted: ...

    async def adopt(
        self, rules: Sequence[PointRule], *, reviewer: str, deduct_h: Mapping[str, str] | None = None
    ) -> Posted:
        """The street's policy from now on, signed by street and reviewer. ``credit`` only.

        :param deduct_h: code → legal basis, for each rule that may take points from a person
        """
        ...


class Outbox(Protocol):
    @property
    def now_ms(self) -> int:
        """When this transaction was admitted, Unix milliseconds."""
        ...

    async def emit(self, event: Event) -> None: ...

    async def audit(self, what: str, subject: str, **detail: str | int) -> None: ...


class Tx(LedgerTx, Outbox, Protocol):
    """A module's transaction."""


class Writing(Protocol):
    """Every write goes through one of the two."""

    async def once(
        self,
        actor: str,
        key: str,
        command: Any,
        body: Callable[[Tx], Awaitable[T]],
        returns: type[T],
        plugin: str,
    ) -> T: ...

    def transaction(self, plugin: str, actor: str) -> AbstractAsyncContextManager[Outbox]: ...


class Inbox(Protocol):
    async def notify(self, person: str, text: str, link: str) -> None: ...


class NoAccess:
    """What a visitor without login, or a job, may do: nothing that asks for a permission."""

    def can(self, permission: str, unit: str | None = None) -> bool:
        return False

    def units_with(self, permission: str) -> tuple[str, ...]:
        return ()


NOBODY = NoAccess()


@dataclass(frozen=True, slots=True)
class Who:
    """Who asks: found out once per request, before any handler runs."""

    visitor: Visitor | None = None
    access: Access = NOBODY
    unit: str | None = None
    """Code of the unit the visitor works in or lives in."""
    unit_path: str = ""
    """That unit's path (codes from the root, each followed by ``/``): pilots are filtered by it."""
    role: str = ""
    """Title of what the visitor works as (审核员), shown beside their name; empty for residents."""
    home: str | None = None
    """Code of the unit the visitor lives in, whatever they work as."""
    fresh: bool = False
    """They proved who they are a moment ago: what asks for that (``step_up=True``) lets them in."""


class Sessions(Protocol):
    """Identity's answer to "who is this request from"."""

    async def who(self, connection: Connection) -> Who: ...

    async def who_is(self, person: str) -> Who:
        """The same for a person without a request: jobs, commands, the demo."""
        ...

    async def holding(self, permission: str, unit: str, *, limit: int = 50) -> Sequence[str]:
        """Ids of those who hold the permission at the unit today, by a grant there or above; the nearest first."""
        ...


class Pages(Protocol):
    """The web floor: templates and translations."""

    async def render(self, ctx: "Context", template: str, view: Mapping[str, Any], status: int) -> Response[Any]:
        """``template`` is always ``<plugin>/<file>``; ``view`` plus ``ctx`` is what it sees."""
        ...

    async def fragment(self, ctx: "Context", template: str, view: Mapping[str, Any]) -> Markup: ...

    async def fault(self, ctx: "Context", plugin: str, what: str) -> Markup:
        """A small notice for administrators: this plugin's piece of the page is missing."""
        ...

    def translate(self, plugin: str, language: str, text: str) -> str:
        """From the plugin's own catalogue, then the core's; the text itself where there is none."""
        ...


Progress = Callable[[int, int], None]
"""``progress(done, total)``: cheap; may be called for every row."""


@dataclass(frozen=True, slots=True)
class TaskView:
    """Background work as a page shows it; survives a reload of the page and a restart of the server."""

    id: str
    plugin: str
    title: str
    state: Literal["running", "done", "failed", "interrupted"]
    """``interrupted``: the server stopped meanwhile; start it again."""
    done: int
    total: int
    text: str
    """What came of it, or what went wrong and what to do."""


class Tasks(Protocol):
    """Work that outlasts its request."""

    async def start(
        self,
        ctx: "Context",
        key: str,
        title: str,
        work: "Callable[[Context, Progress], Awaitable[str]]",
        limit_s: float,
    ) -> str: ...

    async def view(self, plugin: str, task: str) -> TaskView | None: ...


class NewFile(Protocol):
    """A file to keep with a case's step; :class:`liren.web.Upload` is one."""

    @property
    def name(self) -> str: ...

    @property
    def content(self) -> bytes: ...

    @property
    def kind(self) -> str | None: ...


class Cases(Protocol):
    """The cases of the own plugin's workflows: ``ctx.cases``.

    ``open`` and ``move`` join the transaction that is open (``once`` or ``transaction``): ``tx`` is what it gave.
    """

    async def open(
        self,
        tx: Outbox,
        workflow: str,
        *,
        subject: str,
        unit: str,
        title: str,
        holder: str | None = None,
        worker: str | None = None,
        note: str = "",
        due: datetime | None = None,
    ) -> Case:
        """A new case in the workflow's initial state. Whether the visitor may open one is the caller's question.

        :param subject: the module's own id; one open case of a workflow a subject
        :raises Conflict: this subject has an open case already
        :raises NotFound: no such unit
        """
        ...

    async def move(
        self,
        tx: Outbox,
        case: Case,
        transition: str,
        *,
        note: str = "",
        files: Sequence[NewFile] = (),
        worker: str | None = None,
        due: datetime | None = None,
    ) -> Case:
        """Make a move: checked, written into the timeline, its effect run, all in this transaction.

        :param case: as it was read: if somebody moved it since, nothing is done
        :param worker: whom it is given to from now on
        :param due: end of the deadline of the state it comes into, instead of the declared one
        :raises NotFound: the visitor may not even see it
        :raises Denied: not theirs to make, or they made a step this one must be unlike
        :raises Conflict: it is not in a state this leads out of, or was moved meanwhile
        :raises LirenError: a note is missing, the guard or the effect says no
        """
        ...

    async def amend(
        self, tx: Outbox, case: Case, *, title: str | None = None, unit: str | None = None, holder: str | None = None
    ) -> Case:
        """Call it something else, or say that it belongs elsewhere, without a step; what is left out stays.

        Whether the visitor may is the caller's question.

        :raises NotFound: no such case of this plugin, no such unit
        """
        ...

    async def get(self, case: str) -> Case:
        """:raises NotFound: none of this plugin's, or not for the visitor's eyes (for a job: any of this plugin's)"""
        ...

    async def of(self, workflow: str, subject: str) -> Case | None:
        """The open case of this subject, or its last one; whoever the visitor is."""
        ...

    async def find(
        self,
        workflow: str,
        *,
        states: Sequence[str] = (),
        unit: str | None = None,
        holder: str | None = None,
        overdue: bool = False,
        limit: int = 20,
        offset: int = 0,
    ) -> tuple[Sequence[Case], int]:
        """(some of them, how many there are) among what the visitor may see: overdue first, then by deadline.

        :param unit: in this unit's subtree
        :param overdue: only open ones past their deadline
        """
        ...

    async def steps(self, case: Case) -> Sequence[Step]:
        """The timeline, oldest first."""
        ...

    async def moves(self, case: Case) -> Sequence[Move]:
        """What the visitor may do with it now, and what stands in the way of the rest of it."""
        ...

    async def panel(self, case: Case, *, acts: bool = True) -> Markup:
        """State, deadline, actions and timeline for a page of the module's own.

        :param acts: without, the module's page draws its own buttons
        """
        ...


class CaseDesk(Protocol):
    """The workflow floor."""

    def of(self, ctx: "Context") -> Cases: ...


class Acting(Protocol):
    """Acting for someone (代办): ``ctx.acting``. Deeds are the plugin's own, by name; "the visitor" is who acts."""

    async def for_whom(self, deed: str) -> Sequence[Mandate]:
        """Every consent the visitor has now to do this for somebody; the newest first."""
        ...

    async def mandate(self, mandate: str, deed: str) -> Mandate:
        """What the page was given as ``?mandate=<id>``, checked: it is the visitor's and holds.

        :raises NotFound: no such consent, or not the visitor's, or the person is outside their area
        :raises NoConsent: over, withdrawn, or not for this deed
        :raises NotForThem: themself, a worker's own household, dead or moved away, wants no worker
        """
        ...

    async def begin(self, tx: Outbox, person: str, how: How, deeds: Sequence[str]) -> Mandate:
        """A worker's consent taken on the spot (``on-site`` or ``paper``) where the plugin's own page asks for it.

        :raises NotFound: the person is outside the visitor's area; :raises NotForThem: as in :meth:`mandate`
        """
        ...

    async def left(self, mandate: Mandate, deed: str) -> int:
        """How much of the cap is left this month, in the deed's measure; for the page: ``did`` counts for sure."""
        ...

    async def did(
        self,
        tx: Outbox,
        mandate: Mandate,
        deed: str,
        *,
        amount: int,
        text: str,
        subject: str,
        record: str | None = None,
    ) -> Slip:
        """Put an act on record, in the transaction that does it: everything is asked again, the cap is counted, the
        slip numbered, the person told, and some acts are given to a reviewer.

        :param amount: in the deed's measure; 0 where it cost nothing
        :param text: what was done, in one line the person reads: 鸡蛋 1 份，20 分
        :param subject: the plugin's own id of it, once a deed
        :param record: ``Posted.rid`` where points moved: the slip then carries its QR code
        :raises CapReached: (409) nothing was done
        :raises LirenError: as in :meth:`mandate`
        """
        ...

    async def slip_of(self, deed: str, subject: str) -> Slip | None:
        """Whether this was done by somebody else; whoever the visitor is."""
        ...

    async def slip(self, slip: str) -> Slip | None:
        """By its id; whoever the visitor is."""
        ...


class ActingDesk(Protocol):
    """The floor of acting."""

    def of(self, ctx: "Context") -> Acting: ...


class Clock(Protocol):
    def __call__(self) -> datetime:
        """Now, aware, in the street's time zone."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """Everything the floors above give the kernel; ``liren.app`` fills it in at start."""

    people: People
    secrets: Secrets
    units: Units
    ledger: LedgerReader
    writing: Writing
    inbox: Inbox
    sessions: Sessions
    pages: Pages
    tasks: Tasks
    cases: CaseDesk
    acting: ActingDesk
    clock: Clock
