# SPDX-License-Identifier: Apache-2.0
"""What identity itself holds of a person, and how it lets go of it. Sealed values are opened for their owner."""

from collections.abc import Sequence
from datetime import date, datetime

from piccolo.columns import Column
from piccolo.table import Table

from liren.identity.labels import guardians
from liren.identity.register import dossier
from liren.identity.register.directory import Directory
from liren.identity.tables import (
    Consent,
    Departure,
    FormDraft,
    FormerPassword,
    Guardianship,
    LoginAccount,
    LoginPending,
    LoginSession,
    OneTimeLogin,
    OrganisationMember,
    Ownership,
    Person,
    PersonLabel,
    RecoveryCode,
    Residence,
    RoleGrant,
    SecondFactor,
    SignIn,
)
from liren.plugins.context import Context
from liren.plugins.types import Erased, PersonalData
from liren.web import N_


async def export(ctx: Context, person: str) -> Sequence[PersonalData]:
    directory = ctx.people
    assert isinstance(directory, Directory)
    cards = await directory.cards([person])
    if person not in cards:
        return ()
    private = await dossier.private(directory.store, directory.vault, person)
    own = {
        "姓名": cards[person].name,
        "手机号": private.phone,
        "身份证号": private.id_number,
        "出生日期": _day(private.birthday),
        "住址": private.address,
    }
    return [
        PersonalData(N_("基本信息"), [own]),
        PersonalData(N_("居住记录"), await _homes(ctx, person)),
        PersonalData(N_("代表的组织"), await _memberships(ctx, person)),
        PersonalData(N_("名下的房屋"), await _owned(ctx, person)),
        PersonalData(N_("标签"), await labels_of(person)),
        PersonalData(N_("监护"), await guardianships_of(directory, person)),
        PersonalData(N_("担任的角色"), await _roles(ctx, person)),
        PersonalData(N_("同意过的事项"), await _consents(directory, person)),
        PersonalData(N_("登录记录"), await _sign_ins(ctx, person)),
        PersonalData(N_("动态码"), await _second_factor(ctx, person)),
        PersonalData(N_("收到的登录链接"), await _links(ctx, person)),
    ]


async def _homes(ctx: Context, person: str) -> list[dict[str, str | None]]:
    rows = await Residence.select(Residence.unit, Residence.since, Residence.until).where(Residence.person == person)
    return [{"住在": await _place(ctx, row["unit"]), **_term(row)} for row in rows]


async def _memberships(ctx: Context, person: str) -> list[dict[str, str | None]]:
    member = OrganisationMember
    rows = await member.select(member.organisation, member.role, member.since, member.until).where(
        member.person == person
    )
    cards = await ctx.people.organisations([row["organisation"] for row in rows])
    return [
        {"组织": cards[row["organisation"]].name, "身份": row["role"], **_term(row)}
        for row in rows
        if row["organisation"] in cards
    ]


async def _owned(ctx: Context, person: str) -> list[dict[str, str | None]]:
    rows = await Ownership.select(
        Ownership.dwelling.unit.as_alias("unit"), Ownership.dwelling.number.as_alias("number"),
        Ownership.share_of, Ownership.share_in, Ownership.since, Ownership.until,
    ).where(Ownership.person == person)  # fmt: skip
    return [
        {
            "房屋": f"{await _place(ctx, row['unit'])} {row['number']}",
            "份额": f"{row['share_of']}/{row['share_in']}",
            **_term(row),
        }
        for row in rows
    ]


async def labels_of(person: str) -> list[dict[str, str | None]]:
    rows = await PersonLabel.select(
        PersonLabel.kind.title.as_alias("title"), PersonLabel.since, PersonLabel.until,
        PersonLabel.consent.given_by.as_alias("given_by"),
    ).where(PersonLabel.person == person)  # fmt: skip
    return [{"标签": row["title"], "谁同意的": "监护人" if row["given_by"] else "本人", **_term(row)} for row in rows]


async def guardianships_of(directory: Directory, person: str) -> list[dict[str, str | None]]:
    """Both sides; the other person by name, for they know each other."""
    found: list[dict[str, str | None]] = []
    for as_guardian, side in ((False, "监护人"), (True, "被监护人")):
        for tie in await guardians.ties(directory.store, directory.vault, person, as_guardian=as_guardian):
            term = {"从": _day(tie.since), "到": _day(tie.until)}
            basis = "" if as_guardian else tie.basis
            found.append({side: tie.name, "凭据": dict(guardians.EVIDENCE)[tie.evidence], "说明": basis, **term})
    return found


async def _roles(ctx: Context, person: str) -> list[dict[str, str | None]]:
    grant = RoleGrant
    rows = await grant.select(grant.role, grant.unit, grant.since, grant.until).where(grant.person == person)
    return [{"角色": row["role"], "范围": await _place(ctx, row["unit"]), **_term(row)} for row in rows]


async def _consents(directory: Directory, person: str) -> list[dict[str, str | None]]:
    return [
        {
            "事项": row.title or row.purpose,
            "版本": row.version,
            "方式": row.how,
            "同意": _day(row.given),
            "撤回": _day(row.withdrawn),
        }
        for row in await dossier.consents_of(directory.store, person)
    ]


async def _sign_ins(ctx: Context, person: str) -> list[dict[str, str | None]]:
    accounts = LoginAccount.select(LoginAccount.id).where(LoginAccount.person == person)
    rows = await SignIn.objects().where(SignIn.account.is_in(accounts)).order_by(SignIn.at_ms)
    zone = ctx.now().tzinfo
    return [
        {
            "时间": datetime.fromtimestamp(row.at_ms / 1000, zone).isoformat(" ", "minutes"),
            "网络地址": row.address,
            "设备": row.device,
        }
        for row in rows
    ]


async def _second_factor(ctx: Context, person: str) -> list[dict[str, str | None]]:
    """That there is one, and since when; the secret itself would be a key in a file."""
    accounts = LoginAccount.select(LoginAccount.id).where(LoginAccount.person == person)
    rows = await SecondFactor.objects().where(
        SecondFactor.account.is_in(accounts) & SecondFactor.confirmed_ms.is_not_null()
    )
    return [{"启用于": _moment(ctx, row.confirmed_ms)} for row in rows]


async def _links(ctx: Context, person: str) -> list[dict[str, str | None]]:
    accounts = LoginAccount.select(LoginAccount.id).where(LoginAccount.person == person)
    rows = await OneTimeLogin.objects().where(OneTimeLogin.account.is_in(accounts)).order_by(OneTimeLogin.created_ms)
    how = {"id-card": "看过身份证件", "known": "认识本人"}
    return [
        {
            "时间": _moment(ctx, row.created_ms),
            "怎么认出是本人": how.get(row.recognised or "", "服务器上打印"),
            "用过": _moment(ctx, row.used_ms) if row.used_ms else None,
        }
        for row in rows
    ]


def _moment(ctx: Context, at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, ctx.now().tzinfo).isoformat(" ", "minutes")


async def _place(ctx: Context, unit: str) -> str:
    return " ".join(card.name for card in await ctx.units.path(unit))


def _term(row: dict[str, date | None]) -> dict[str, str | None]:
    return {"从": _day(row["since"]), "到": _day(row["until"])}


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


async def erase(person: str) -> Erased:
    """The entry itself, those merged into it, and all that hangs on them; the key that opens it goes with it.

    Inside the core's transaction. Audit rows keep random ids and say nothing about anybody any more.
    """
    entries = [person, *await _merged_into(person)]
    accounts = [
        row["id"] for row in await LoginAccount.select(LoginAccount.id).where(LoginAccount.person.is_in(entries))
    ]
    count = 0
    own = (FormDraft, LoginSession, OneTimeLogin, SignIn, SecondFactor, RecoveryCode, LoginPending, FormerPassword)
    for of_account in own:
        count += await _delete(of_account, of_account.account, accounts)
    count += await _delete(Guardianship, Guardianship.guardian, entries)
    count += await _delete(Guardianship, Guardianship.ward, entries)
    for entry in entries:
        await Person.raw("DELETE FROM people_pending_move WHERE person = {}", entry)
        await Consent.raw("UPDATE consent SET given_by = NULL WHERE given_by = {}", entry)
    for of_person in (
        PersonLabel,
        LoginAccount,
        RoleGrant,
        Consent,
        Residence,
        OrganisationMember,
        Ownership,
        Departure,
    ):
        count += await _delete(of_person, of_person.person, entries)
    for entry in entries[1:]:
        await Person.raw("DELETE FROM subject_key WHERE subject = {}", entry)
        await Person.delete().where(Person.id == entry)
    await Person.delete().where(Person.id == person)
    await Person.raw("UPDATE register_version SET version = version + 1 WHERE name = 'people'")
    return Erased(count + len(entries))


async def _merged_into(person: str) -> list[str]:
    return [row["id"] for row in await Person.select(Person.id).where(Person.merged_into == person)]


async def _delete(table: type[Table], column: Column, values: list[str]) -> int:
    if not values:
        return 0
    count: int = await table.count().where(column.is_in(values))
    await table.delete().where(column.is_in(values))
    return count
