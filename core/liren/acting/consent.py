# SPDX-License-Identifier: Apache-2.0
"""How somebody agrees that another acts for them: by a code sent to their phone, or by naming a helper for a year.

A code is sent by what forwards notices (``notifier``), never by what signs in: nobody shall learn to read out the codes
that open their account. The message says who asks and for what.
"""

import hmac
import secrets
from collections.abc import Mapping
from typing import Final

import msgspec

from liren.acting import errors, rules
from liren.acting.records import Consent
from liren.acting.service import PluginActing
from liren.acting.settings import FAMILY_MOST
from liren.acting.slips import own
from liren.identity.register import dossier
from liren.identity.register.names import normalise
from liren.identity.register.numbers import phone as read_phone
from liren.identity.signin.throttle import Limit
from liren.plugins.acting import How
from liren.plugins.context import Context
from liren.plugins.services import NewFile, Tx
from liren.units.ids import is_id, new_id

CODES_TO_ONE: Final = Limit("acting-codes-to", 5, 3600)
CODES_BY_ONE: Final = Limit("acting-codes-by", 40, 3600)
NAMINGS: Final = Limit("acting-naming", 10, 24 * 3600)
MONTH_MS: Final = 30 * 24 * 3_600_000


class Ask(msgspec.Struct, frozen=True):
    """Command: a worker takes somebody's consent on the spot."""

    person: str
    how: How
    deeds: tuple[str, ...]


class Name(msgspec.Struct, frozen=True):
    """Command: somebody names a helper, or a worker writes down that they did."""

    person: str
    helper: str
    caps: dict[str, int]
    months: int
    how: How


# --- on the spot


async def on_the_spot(ctx: Context, key: str, ask: Ask, *, photo: NewFile | None = None) -> str:
    """In person or on paper; :returns: the mandate's id"""
    acting = own(ctx)

    async def body(tx: Tx) -> str:
        paper = await _kept(acting, ask.person, photo)
        return (await acting.on_the_spot(ask.person, ask.how, ask.deeds, paper=paper)).id

    return await acting.ctx.once(key, ask, body, str)


async def _kept(acting: PluginActing, person: str, photo: NewFile | None) -> str | None:
    return await acting.desk.papers.keep(acting.desk.records.tx(), person, photo) if photo is not None else None


def can_send(ctx: Context) -> bool:
    """Whether the street has a way to reach phones."""
    return bool(ctx.who_implements("notifier"))


async def send_code(ctx: Context, key: str, ask: Ask) -> str:
    """A consent that waits for the code; :returns: its id

    :raises NotSent: no message went out: take consent another way
    :raises TooMany: to one phone, or by one worker, within an hour
    """
    acting = own(ctx)
    await acting.may_as_staff(home := await acting.helped(ask.person), await acting.unit_of(home))
    await acting.desk.throttle.count((CODES_TO_ONE, ask.person), (CODES_BY_ONE, ctx.actor))
    code, sent_now = f"{secrets.randbelow(10**6):06d}", []

    async def body(tx: Tx) -> str:
        sent_now.append(True)
        return (await acting.on_the_spot(ask.person, ask.how, ask.deeds, code=code)).id

    mandate = await acting.ctx.once(key, ask, body, str)
    if not sent_now:  # the same button pressed twice
        return mandate
    text = _message(acting, ask, code)
    answers = await acting.ctx.each("notifier", person=ask.person, text=text, link="")
    if not any(sent.sent for _, sent in answers):
        async with acting.ctx.transaction():
            await acting.desk.records.end(mandate, ctx.actor)
        raise errors.not_sent()
    return mandate


def _message(acting: PluginActing, ask: Ask, code: str) -> str:
    """Chinese whatever language the worker reads: it is for the person."""
    known = {deed.name: deed.title for deed in acting.desk.deeds(acting.ctx)}
    what = "、".join(known[name] for name in ask.deeds if name in known)
    who = acting.ctx.visitor.name if acting.ctx.visitor else ""
    yes = f"同意，就把 {code} 告诉这位工作人员；不同意，谁问都不要说。"
    return f"{who}想替您办：{what}。{yes}{rules.CODE_MINUTES}分钟内有效。"


async def answer(ctx: Context, mandate: str, typed: str) -> None:
    """The code the person told the worker: five tries, ten minutes, once.

    :raises NotFound: not a consent this worker asked for
    :raises WrongCode: wrong, late, used, or tried too often
    """
    acting = own(ctx)
    records = acting.desk.records
    consent = await records.consent(mandate) if is_id(mandate) else None
    if consent is None or consent.actor != ctx.actor or consent.how != "sms":
        raise errors.nothing_here()
    digits = "".join(c for c in normalise(typed) if c.isdecimal())
    async with acting.ctx.transaction():
        expected = await records.try_code(mandate, rules.CODE_TRIES)
        right = expected is not None and hmac.compare_digest(expected, acting.hash_of_code(mandate, digits))
        if right:
            await records.give(mandate)
            await acting.write_down("acting.consented", consent)
    if not right:
        raise errors.wrong_code() if expected is not None else errors.code_over()


# --- for longer


async def helper_of(ctx: Context, person: str, name: str, phone: str) -> str:
    """Who is meant by a name and a phone number: both exactly, and never a list to choose from.

    :raises NoSuchHelper: nobody of that name with that phone
    :raises TooMany: ten tries a day
    """
    acting = own(ctx)
    await acting.desk.throttle.count((NAMINGS, ctx.actor))
    number = read_phone(normalise(phone))
    rows = await acting.desk.store.read(
        "SELECT id, name FROM person WHERE phone_hash = ? AND merged_into IS NULL AND died IS NULL ORDER BY id",
        acting.desk.directory.hash_of("phone", number or ""),
    )
    for helper, known in rows if number else ():
        if normalise(known) == normalise(name) and helper != person:
            return str(helper)
    raise errors.no_such_helper()


async def name_helper(ctx: Context, key: str, named: Name, *, photo: NewFile | None = None) -> str:
    """A delegation: in force once the helper accepts, at once where they accepted an earlier one; which it replaces.

    The person does it on their own page, or a worker writes down what they signed; never for the worker's own gain.

    :returns: the mandate's id
    """
    acting = own(ctx)
    if named.how == "page":
        if named.person != ctx.actor:
            raise errors.nothing_here()
        home = await acting.desk.directory.home_of(named.person)
        assert home is not None
    else:
        home = await acting.helped(named.person)
        await acting.may_as_staff(home, await acting.unit_of(home))
        family = {member.id for member in await dossier.household_of(acting.desk.directory.store, ctx.actor)}
        if named.helper == ctx.actor or named.helper in family:
            raise errors.not_for_the_recorder()
    unit = await acting.unit_of(home)
    caps = _allowed(acting, named.caps)
    months = max(1, min(named.months, acting.settings.months))

    async def body(tx: Tx) -> str:
        records = acting.desk.records
        now_ms = records.tx().now_ms
        earlier = await records.between(named.person, named.helper, now_ms)
        for each in earlier:
            await records.end(each.id, ctx.actor)
        paper = await _kept(acting, named.person, photo)
        given_ms = now_ms if any(each.given_ms for each in earlier) else None
        consent = Consent(
            new_id(), named.person, named.helper, "family", named.how, unit, now_ms, given_ms,
            now_ms + months * MONTH_MS, None, ctx.actor, None, 0, None, paper,
        )  # fmt: skip
        await records.ask(consent, caps)
        await acting.write_down("acting.named", consent)
        # Without a name: a notice outlives the other one's erasure. The page says who.
        text = acting.ctx.t("有人请您帮忙办事，等您答应。")
        if given_ms is not None:
            text = acting.ctx.t("请您帮忙办的事和上限改了。")
        await ctx.notify(named.helper, text, acting.ctx.url("help"))
        if named.how != "page":
            told = acting.ctx.t("已按您签的字，登记了请人帮忙办事。不是您的意思，请马上告诉社区。")
            await ctx.notify(named.person, told, acting.ctx.url("help"))
        return consent.id

    return await acting.ctx.once(key, named, body, str)


def _allowed(acting: PluginActing, caps: Mapping[str, int]) -> dict[str, int]:
    """Deeds of family with a cap above nothing, none above what anybody may be given.

    :raises NothingAllowed: there would be nothing left to do
    """
    known = {deed.name: deed for deed in acting.desk.deeds(acting.ctx) if deed.family}
    kept = {name: min(cap, FAMILY_MOST[known[name].measure]) for name, cap in caps.items() if name in known and cap > 0}
    if not kept:
        raise errors.nothing_allowed()
    return kept


async def accept(ctx: Context, mandate: str) -> None:
    """The helper says yes.

    :raises NotFound: nobody asked them, or it is answered
    """
    acting = own(ctx)
    consent = await _theirs(acting, mandate)
    if consent.actor != ctx.actor or consent.kind != "family" or not consent.asked(acting.now_ms()):
        raise errors.nothing_here()
    async with acting.ctx.transaction():
        if await acting.desk.records.give(mandate):
            await acting.write_down("acting.accepted", consent)
            await ctx.notify(consent.person, acting.ctx.t("您请的人答应帮忙了。"), acting.ctx.url("help"))


async def end(ctx: Context, mandate: str) -> None:
    """Withdrawn by the person, given up or declined by the helper, or ended for the person by a worker who is not it.

    :raises NotFound: none of theirs
    """
    acting = own(ctx)
    consent = await _theirs(acting, mandate)
    if ctx.actor not in (consent.person, consent.actor) and not ctx.can(rules.ACT, consent.unit):
        raise errors.nothing_here()
    async with acting.ctx.transaction():
        if await acting.desk.records.end(mandate, ctx.actor):
            await acting.write_down("acting.ended", consent)
            if consent.kind == "family":
                text = acting.ctx.t("一份请人帮忙的委托结束了。")
                for person in {consent.person, consent.actor} - {ctx.actor}:
                    await ctx.notify(person, text, acting.ctx.url("help"))


async def _theirs(acting: PluginActing, mandate: str) -> Consent:
    consent = await acting.desk.records.consent(mandate) if is_id(mandate) else None
    if consent is None:
        raise errors.nothing_here()
    return consent


async def block(ctx: Context, *, on: bool) -> None:
    """Whether the visitor wants no worker to act for them; what workers were allowed ends with it."""
    acting = own(ctx)
    async with acting.ctx.transaction() as tx:
        store_tx = acting.desk.records.tx()
        if on:
            await store_tx.sql(
                "INSERT INTO acting_block (person, at_ms) VALUES (?, ?) ON CONFLICT DO NOTHING",
                ctx.actor, store_tx.now_ms,
            )  # fmt: skip
            await store_tx.sql(
                "UPDATE acting_mandate SET ended_ms = ?, ended_by = ? WHERE person = ? AND kind = 'staff'"
                " AND ended_ms IS NULL",
                store_tx.now_ms, ctx.actor, ctx.actor,
            )  # fmt: skip
        else:
            await store_tx.sql("DELETE FROM acting_block WHERE person = ?", ctx.actor)
        await tx.audit("staff-refused" if on else "staff-allowed", ctx.actor)
