# SPDX-License-Identifier: Apache-2.0
"""更正: a resident says what is wrong, staff see the paper and confirm; a workflow like any other.

《个人信息保护法》第四十六条: asked to correct, the street verifies and corrects in time. Fifteen days here, with a
reminder and a notice to whoever is responsible once they are over. The new value lies sealed under the person's own
key until it is decided, and is gone afterwards.
"""

from datetime import timedelta
from typing import Any, Final

from markupsafe import Markup

from liren.errors import Conflict
from liren.identity.register import correcting, dossier
from liren.identity.register.directory import Directory
from liren.plugins.context import Context
from liren.plugins.flows import Case, Party, State, Transition, Workflow
from liren.plugins.services import Tx
from liren.privacy.tables import Correction
from liren.store import Tx as StoreTx
from liren.store.audit import write as audit
from liren.units.ids import new_id
from liren.web import N_

HANDLE: Final = "privacy.handle"
NAME: Final = "correction"
TERM: Final = timedelta(days=15)
FIELD_TITLES: Final = {
    "name": N_("姓名"),
    "phone": N_("手机号"),
    "id_number": N_("身份证号"),
    "birthday": N_("出生日期"),
    "address": N_("住址"),
}
_CONTEXT: Final = "privacy_correction.value"


def _directory(ctx: Context) -> Directory:
    directory = ctx.people
    assert isinstance(directory, Directory)
    return directory


def _tx(ctx: Context) -> StoreTx:
    tx = _directory(ctx).store.engine.current_transaction.get()
    assert isinstance(tx, StoreTx)
    return tx


async def ask(ctx: Context, key: str, field: str, value: str) -> str:
    """The visitor's own data; :returns: the case.

    :raises BadPerson: a value that cannot be right
    :raises Conflict: the same field is under way already
    """
    assert ctx.visitor is not None
    person, wanted = ctx.visitor.person, correcting.checked(field, value)
    card = (await ctx.people.cards([person]))[person]
    unit = card.community or (await ctx.units.street()).code
    vault = _directory(ctx).vault

    async def body(tx: Tx) -> str:
        waiting = (Correction.person == person) & (Correction.field == field) & Correction.value.is_not_null()
        if await Correction.exists().where(waiting):
            raise Conflict(
                "这一项已经在核实了，请等结果。", "This is being checked already; please wait for the answer."
            )
        sealing = (await vault.ensure_keys(_tx(ctx), [person]))[person]
        made = new_id()
        row = Correction(
            id=made, person=person, field=field, value=sealing.seal(wanted.encode(), _CONTEXT), at_ms=tx.now_ms
        )
        await Correction.insert(row)
        title = ctx.t(N_("更正{field}"), field=ctx.t(FIELD_TITLES[field]))
        opened = await ctx.cases.open(tx, NAME, subject=made, unit=unit, title=title, holder=person)
        await Correction.update({Correction.case_id: opened.id}).where(Correction.id == made)
        await audit(_tx(ctx), "privacy", "privacy.correction-asked", person, unit=unit, detail={"field": field})
        return str(opened.id)

    return await ctx.once(key, ["correction", field, wanted], body, str)


async def _apply(ctx: Context, tx: Any, case: Case) -> None:
    """Confirmed: into the register, in the transaction of the step."""
    row = await Correction.objects().where(Correction.id == case.subject).first()
    wanted = await _value(ctx, row)
    if row is None or wanted is None:
        raise Conflict("这位居民的信息已经不在了。", "This person's entry is gone.")
    await correcting.correct(_tx(ctx), _directory(ctx).vault, row.person, row.field, wanted)
    await _settle(ctx, tx, case)


async def _settle(ctx: Context, tx: Any, case: Case) -> None:
    """Decided: the value itself is kept no longer."""
    empty: dict[Any, Any] = {Correction.value: None}
    await Correction.update(empty).where(Correction.id == case.subject)


async def _value(ctx: Context, row: Correction | None) -> str | None:
    if row is None or row.value is None:
        return None
    directory = _directory(ctx)
    key = (await directory.vault.keys(directory.store, [row.person])).get(row.person)
    return key.open(bytes(row.value), _CONTEXT).decode() if key is not None else None


async def _view(ctx: Context, case: Case) -> Markup | None:
    """What stands there and what is asked for; a look by staff is on the person's record."""
    row = await Correction.objects().where(Correction.id == case.subject).first()
    wanted = await _value(ctx, row)
    if row is None or wanted is None:
        return None
    if ctx.actor != row.person:
        async with ctx.transaction() as tx:
            await tx.audit("looked", row.person, field=row.field)
    card = (await ctx.people.cards([row.person])).get(row.person)
    directory = _directory(ctx)
    private = await dossier.private(directory.store, directory.vault, row.person)
    now = card.name if row.field == "name" and card else getattr(private, row.field, None)
    view = {"title": FIELD_TITLES[row.field], "now": str(now or "–"), "wanted": wanted}
    return await ctx.fragment("correction_view.html", **view)


FLOW: Final = Workflow(
    NAME,
    N_("更正个人信息"),
    initial="asked",
    states=(
        State("asked", N_("待核实"), due=TERM, remind=timedelta(days=3), escalate=HANDLE),
        State("done", N_("已更正"), "done", tell=True),
        State("refused", N_("没有更正"), "stopped", tell=True),
        State("withdrawn", N_("已撤回"), "stopped", quiet=True),
    ),
    transitions=(
        Transition(
            "confirm", N_("看过证件，更正"), ("asked",), "done", (HANDLE,), note="required",
            unlike=("opened",), effect=_apply,
        ),
        Transition(
            "refuse", N_("不能更正"), ("asked",), "refused", (HANDLE,), note="required",
            unlike=("opened",), effect=_settle,
        ),
        Transition("withdraw", N_("不改了"), ("asked",), "withdrawn", (Party.HOLDER,), effect=_settle),
    ),
    view=_view,
)  # fmt: skip
