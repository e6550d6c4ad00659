# SPDX-License-Identifier: Apache-2.0
"""A list from Excel in three steps, the same for every kind: upload, look at the verdicts, take it in the background.

A module says what its list is (:class:`ListKind`): the form of the upload, how rows are judged, how they are taken.
:func:`list_routes` makes the pages. Between the steps the file lies sealed in the store, so that progress and verdicts
survive a reload; it is judged again when it is taken, in the one transaction that writes, so nothing is half-imported.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, Generic, TypeVar

import msgspec
from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler

from liren.errors import LirenError
from liren.plugins.context import Context
from liren.plugins.services import Outbox, Progress
from liren.store import Store, Tx
from liren.store.lists import Lists, Uploaded, taken
from liren.web.forms import Form
from liren.web.i18n import N_
from liren.web.responses import download, redirect
from liren.web.routes import get, post
from liren.web.scene import current
from liren.web.sheets import Mend, write_faulty
from liren.web.uploads import Upload

O = TypeVar("O", bound=msgspec.Struct)  # noqa: E741
SHOWN: Final = 100
"""Rows to mend on the page."""
KEPT: Final = 2000
"""Rows to mend that are kept for the download."""
LIST_KINDS: Final[dict[str, Any]] = {"kinds": ("xlsx", "xls", "csv")}
"""``Annotated[Upload, Meta(title=…, extra=LIST_KINDS)]``: what the upload form's ``file`` takes."""


class Summary(msgspec.Struct, frozen=True):
    """What a check found: how many rows each verdict has, and the rows to mend as they were typed."""

    ready: int
    """Rows that change something."""
    wrong: int
    same: int = 0
    """Rows that say what is so already."""
    skipped: int = 0
    """Sums, signatures, headers printed again."""
    mend: Mend = Mend((), ())
    ready_note: str = ""
    """A few words under the number, in the visitor's language."""
    same_note: str = ""
    checking: bool = False
    """Nothing is found yet: it is being read in the background."""
    notes: bytes = b""
    """What the check wants the taking to know."""

    @classmethod
    def of(
        cls, *, ready: int, mend: Mend, same: int = 0, skipped: int = 0, ready_note: str = "", same_note: str = ""
    ) -> "Summary":
        """The rows to mend are counted, and only the first :data:`KEPT` of them kept."""
        return cls(ready, len(mend.rows), same, skipped, Mend(mend.titles, mend.rows[:KEPT]), ready_note, same_note)


Check = Callable[[Context, O], Awaitable[Summary]]
Take = Callable[[Context, Tx, O, Progress], Awaitable[str]]
Write = Callable[[Context, Outbox, O, Progress], Awaitable[str]]
AtTheEnd = Callable[[Tx], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Long(Generic[O]):
    """How a list is handled that may be too long for one request and for one transaction."""

    size: int
    """Bytes of a file from which on it is checked in the background."""
    check: "Callable[[Context, O, Progress], Awaitable[Summary]]"
    take: "Callable[[Context, str, O, bytes, Progress, AtTheEnd], Awaitable[str]]"
    """``take(ctx, list id, form, notes of the check, progress, at_the_end)`` writes in transactions of its own, visible
    to nobody before the last, and calls ``at_the_end(tx)`` in that one. Called again it goes on where it stopped."""
    halfway: Callable[[Context, str], Awaitable[bool]]
    """Whether a taking of this list was interrupted and can go on."""
    give_up: Callable[[Context, str], Awaitable[None]]
    """Takes back what an interrupted one wrote."""


@dataclass(frozen=True, slots=True)
class ListKind(Generic[O]):
    """One kind of list."""

    name: str
    """``<plugin>.<what>``: kept with each upload and in the audit."""
    title: str
    """房屋名单; marked with ``N_``."""
    path: str
    """Of its pages, below the plugin's own address: ``/lists/dwellings``."""
    route: str
    """What its route names begin with: ``<route>_list`` is the upload form."""
    permission: str
    form: type[O]
    """The upload form; its field ``file`` is the ``Upload``."""
    check: "Check[O]"
    """Reads and judges; changes nothing. Refuses what is no list with a LirenError."""
    template: Callable[[Context], bytes]
    """The workbook to fill in."""
    back: str
    """Route of the page one came from."""
    back_title: str
    take: "Take[O] | None" = None
    """For packages of the core; None where ``long`` or ``write`` takes it. Judges again and writes, all in ``tx``;
    :returns: a sentence on what came of it."""
    write: "Write[O] | None" = None
    """For modules: ``write(ctx, tx, form, progress)`` judges again and writes with Piccolo, inside the transaction that
    ``ctx.transaction()`` would open; :returns: a sentence on what came of it. At most fifteen seconds."""
    about: Sequence[str] = ()
    """How to write the list, a paragraph each; marked with ``N_``."""
    hints: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Field of the form → what stands under it."""
    allowed: Callable[[Context], Awaitable[None]] | None = None
    """A further question than the permission: raises where this visitor may not."""
    limit_s: float = 170.0
    """Of the transaction that takes it, or of the whole of a long one."""
    megabytes: int = 10
    """Of a file; the form's field says the same."""
    most: str = N_("Excel 或 CSV，最多 50 000 行、10 MB")
    """The limits, as the form says them."""
    long: Long[O] | None = None


@cache
def list_routes(kind: ListKind[Any]) -> tuple[HTTPRouteHandler, ...]:
    """Its pages: form, template, check, verdicts, take, rows to mend; the same ones each time a street is opened."""
    pages = _Pages(kind)
    one = f"{kind.path}/{{list:str}}"
    gate, route = kind.permission, kind.route

    async def form_page(ctx: Context) -> Response[Any]:
        return await pages.form(ctx)

    async def blank(ctx: Context) -> Response[Any]:
        return await pages.blank(ctx)

    async def check(ctx: Context, request: Request[Any, Any, Any]) -> Response[Any]:
        return await pages.check(ctx, request)

    async def verdicts(ctx: Context, request: Request[Any, Any, Any]) -> Response[Any]:
        return await pages.verdicts(ctx, request.path_params["list"])

    async def take(ctx: Context, request: Request[Any, Any, Any]) -> Response[Any]:
        return await pages.take(ctx, request.path_params["list"])

    async def wrong(ctx: Context, request: Request[Any, Any, Any]) -> Response[Any]:
        return await pages.wrong(ctx, request.path_params["list"])

    async def give_up(ctx: Context, request: Request[Any, Any, Any]) -> Response[Any]:
        return await pages.give_up(ctx, request.path_params["list"])

    return (
        get(kind.path, allow=gate, name=f"{route}_list")(form_page),
        post(kind.path, allow=gate, name=f"{route}_list_check", megabytes=kind.megabytes + 16)(check),
        get(f"{kind.path}/template", allow=gate, name=f"{route}_list_template")(blank),
        get(one, allow=gate, name=f"{route}_list_verdicts")(verdicts),
        post(one, allow=gate, name=f"{route}_list_take")(take),
        get(f"{one}/wrong", allow=gate, name=f"{route}_list_wrong")(wrong),
        *([post(f"{one}/give-up", allow=gate, name=f"{route}_list_give_up")(give_up)] if kind.long else []),
    )


class _Pages:
    def __init__(self, kind: ListKind[Any]) -> None:
        self.kind = kind

    async def _allowed(self, ctx: Context) -> Lists:
        if self.kind.allowed is not None:
            await self.kind.allowed(ctx)
        lists = current().site.lists
        assert lists is not None, "the site was made without lists"
        return lists

    async def form(self, ctx: Context, form: Form[Any] | None = None, status: int = 200) -> Response[Any]:
        await self._allowed(ctx)
        shown = form or Form(self.kind.form)
        return await ctx.render("core/list_upload.html", status=status, kind=self.kind, form=shown)

    async def blank(self, ctx: Context) -> Response[Any]:
        await self._allowed(ctx)
        return download(self.kind.template(ctx), f"{ctx.t(self.kind.title)}.xlsx")

    async def check(self, ctx: Context, request: Request[Any, Any, Any]) -> Response[Any]:
        """Read and judge; nothing is taken yet."""
        lists = await self._allowed(ctx)
        form: Form[Any] = await Form.read(request, self.kind.form)
        if form.command is None:
            return await self.form(ctx, form, 422)
        sent = form.command
        long = self.kind.long
        apart = long is not None and len(sent.file.content) >= long.size
        try:
            summary = Summary(0, 0, checking=True) if apart else await self.kind.check(ctx, sent)
        except LirenError as error:
            form.refuse_with(error, "file")
            return await self.form(ctx, form, 422)
        file: Upload = sent.file
        kept = await lists.keep(
            ctx.actor,
            kind=self.kind.name,
            file_name=file.name,
            content=file.content,
            options=_options(sent),
            summary=msgspec.json.encode(summary),
        )
        if apart:
            await self._check_apart(ctx, lists, kept)
        return redirect(ctx.url(f"{self.kind.route}_list_verdicts", list=kept))

    async def _check_apart(self, ctx: Context, lists: Lists, kept: str) -> None:
        """Reading a city's list takes a minute: the page shows how far it is."""

        async def work(ctx: Context, progress: Progress) -> str:
            assert self.kind.long is not None
            found = await lists.find(ctx.actor, self.kind.name, kept)
            sent = _restored(self.kind.form, found, await lists.content(kept))
            summary = await self.kind.long.check(ctx, sent, progress)
            await lists.checked(ctx.actor, kept, msgspec.json.encode(summary))
            return ""

        task = await ctx.start(f"list/{kept}/check", ctx.t(self.kind.title), work, limit_s=self.kind.limit_s)
        await lists.started(ctx.actor, kept, task)

    async def _mine(self, ctx: Context, wanted: str) -> tuple[Lists, Uploaded, Summary]:
        lists = await self._allowed(ctx)
        found = await lists.find(ctx.actor, self.kind.name, wanted)
        return lists, found, msgspec.json.decode(found.summary, type=Summary)

    async def verdicts(self, ctx: Context, wanted: str) -> Response[Any]:
        """What can be taken, what has to be mended; then how far it is."""
        _, found, summary = await self._mine(ctx, wanted)
        task = await ctx.task(found.task) if found.task else None
        return await ctx.render(
            "core/list_verdicts.html",
            kind=self.kind,
            list=found,
            summary=summary,
            rows=summary.mend.rows[:SHOWN],
            # The task that read it has said all it has to say once there is a summary.
            task=None if task is not None and task.state == "done" and not task.text else task,
            halfway=await self._halfway(ctx, found),
        )

    async def take(self, ctx: Context, wanted: str) -> Response[Any]:
        """In the background; pressed twice it runs once."""
        lists, found, _ = await self._mine(ctx, wanted)
        earlier = await ctx.task(found.task) if found.task else None
        if not found.done and (earlier is None or earlier.state != "running"):

            async def work(ctx: Context, progress: Progress) -> str:
                return await self._work(ctx, lists, found, progress)

            # The key names the attempt: an attempt that failed may be made again, a running one may not.
            key = f"list/{wanted}/{found.task or 'first'}"
            task = await ctx.start(key, ctx.t(self.kind.title), work, limit_s=self.kind.limit_s + 30)
            await lists.started(ctx.actor, wanted, task)
        return redirect(ctx.url(f"{self.kind.route}_list_verdicts", list=wanted))

    async def _halfway(self, ctx: Context, found: Uploaded) -> bool:
        return self.kind.long is not None and not found.done and await self.kind.long.halfway(ctx, found.id)

    async def give_up(self, ctx: Context, wanted: str) -> Response[Any]:
        """Take back what an interrupted taking wrote; in the background, for it may be much."""
        lists, found, _ = await self._mine(ctx, wanted)
        earlier = await ctx.task(found.task) if found.task else None
        if self.kind.long is not None and not found.done and (earlier is None or earlier.state != "running"):
            long = self.kind.long

            async def work(ctx: Context, progress: Progress) -> str:
                await long.give_up(ctx, wanted)
                return ctx.t(N_("放弃了，这份名单什么都没有留下。"))

            task = await ctx.start(f"list/{wanted}/{found.task}/give-up", ctx.t(self.kind.title), work, limit_s=3600)
            await lists.started(ctx.actor, wanted, task)
        return redirect(ctx.url(f"{self.kind.route}_list_verdicts", list=wanted))

    async def _work(self, ctx: Context, lists: Lists, found: Uploaded, progress: Progress) -> str:
        content = await lists.content(found.id)
        sent = _restored(self.kind.form, found, content)
        if self.kind.long is not None:
            notes = msgspec.json.decode(found.summary, type=Summary).notes
            return await self.kind.long.take(ctx, found.id, sent, notes, progress, lambda tx: taken(tx, found.id))
        if self.kind.write is not None:
            async with ctx.transaction() as outbox:
                told: str = await self.kind.write(ctx, outbox, sent, progress)
                await taken(_open_in(lists.store), found.id)
            return told
        assert self.kind.take is not None
        async with lists.store.transaction(ctx.actor, limit_s=self.kind.limit_s) as tx:
            said: str = await self.kind.take(ctx, tx, sent, progress)
            await taken(tx, found.id)
        return said

    async def wrong(self, ctx: Context, wanted: str) -> Response[Any]:
        """The rows to mend, in the columns they came in, as a workbook."""
        _, _, summary = await self._mine(ctx, wanted)
        title = ctx.t(N_("要改的行"))
        name = f"{ctx.t(self.kind.title)} {title}.xlsx"
        return download(write_faulty(summary.mend.titles, summary.mend.rows, title), name)


def _open_in(store: Store) -> Tx:
    """The transaction of this task."""
    tx = store.engine.current_transaction.get()
    assert isinstance(tx, Tx)
    return tx


def _options(sent: msgspec.Struct) -> bytes:
    return msgspec.json.encode({k: v for k, v in msgspec.structs.asdict(sent).items() if k != "file"})


def _restored(form: type[O], found: Uploaded, content: bytes) -> O:
    """The upload as it was sent."""
    values: dict[str, Any] = {"file": Upload(found.file_name, content)}
    kept = msgspec.json.decode(found.options)
    for info in msgspec.structs.fields(form):
        if info.name in kept:
            values[info.name] = msgspec.convert(kept[info.name], info.type)
    return form(**values)
