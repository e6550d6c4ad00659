# SPDX-License-Identifier: Apache-2.0
"""What the core holds in one community: one object for every parameter of its pages, and words planted in each."""

from contextlib import aclosing
from datetime import date
from fractions import Fraction

import msgspec
from liren_repairs.tables import Repair

from liren.acting.tables import MandateRow, SlipRow
from liren.identity.labels import guardians, kinds, labels
from liren.identity.organisations import verbs as organisations
from liren.identity.register import departures, ownership
from liren.identity.register.people import NewPerson, register
from liren.identity.roles import grants
from liren.identity.sealed import Private
from liren.identity.signin import accounts, links
from liren.plugins.services import Tx
from liren.store.lists import Lists
from liren.testing.foreign import Specimens, routes_of
from liren.testing.points import Points
from liren.testing.street import Running
from liren.units import appointments, teams
from liren.units.appointments import Term
from liren.units.build import Builder
from liren.web import Upload
from liren.web.lists import Summary as Excel
from liren.web.sheets import Mend

GONE = "冼归鹤"
NAME, PHONE, NUMBER, BORN = "冼馥荔", "13977770001", "370103198801012342", date(1988, 1, 1)
ADDRESS, GRID, BUILDING, FIRM = "槐荫里七十九弄", "隐泉网格", "沉香楼", "鹿鸣坊物业"
CASE, FILE, NOTICE, WORKER = "阁楼漏雨成河", "冼家阁楼.png", "冼馥荔，请到隐泉网格来一趟。", "眭青禾"
TEAM, CALL = "槐荫巡逻队", "0533-7654321"
MANDATE = "mandatespecimen23456"
SLIP, DONE = "slipspecimen2345abcd", "替冼家阿婆挑了一床棉被"
PROPOSAL, WRONG = "proposalspecimen234567", "冼家的谢礼写重了"
LABEL, RULING = "沉疴随访", "桐乡民特七十九号"
SECRETS = (
    GONE,
    NAME, PHONE, NUMBER, ADDRESS, GRID, BUILDING, FIRM, CASE, NOTICE, WORKER, DONE, TEAM, CALL, WRONG, LABEL, RULING,
)  # fmt: skip
PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0" * 16


async def specimens(running: Running, community: str) -> Specimens:
    """Plant them; everything through the verbs that pages use."""
    street, today = running.street, running.street.today()
    store, vault = street.store, street.vault
    async with store.transaction("job:test") as tx:
        builder = await Builder.load(tx, today)
        grid = builder.unit("grid", GRID, community)
        building = builder.unit("building", BUILDING, grid)
        home = builder.dwelling(building, "1单元101")
        await builder.write(tx)
    private = Private(phone=PHONE, id_number=NUMBER, birthday=BORN, address=ADDRESS)
    consent = ("points", "2026-01", "paper")
    async with store.transaction("job:test") as tx:
        new = NewPerson(NAME, private, building, home, "head")
        people = [new, NewPerson(WORKER, unit=building), NewPerson(GONE, unit=building)]
        [person, worker, gone] = await register(tx, vault, people, today, consent=consent)
        firm = await organisations.add(tx, name=FIRM, kind="property", unit=community, opened=today)
        await organisations.join(tx, organisation=firm, person=person, role="owner", since=today)
        await accounts.open_account(tx, person)
        await departures.depart(tx, gone, today)
        for each in (worker, person):
            grant = await grants.grant(
                tx, person=each, role="identity.clerk", unit=grid, roles=set(street.identity.who.titles), since=today
            )
    closer = await _closer(running, person, worker, home)
    serving = await _serving(running, person, building, grid)
    # Lists are taken by who may manage what is in them: one uploader with all roles brings one of each kind.
    uploader = await running.person("冼名册", *street.identity.who.titles)
    await (await running.acting("inbox")).notify(person, NOTICE, "/home")
    case, file = await _case(running, community, person)
    uploads = await _lists(running, uploader)
    posted = await Points(street).give(person, 60)
    token = await street.kernel.services.ledger.receipt_token(posted.rid)
    async with store.transaction("job:test") as tx:
        photo = await street.kernel.services.acting.papers.keep(tx, person, Upload("纸.png", PICTURE))
        await MandateRow.insert(
            MandateRow(
                id=MANDATE,
                person=person,
                actor=worker,
                kind="staff",
                how="paper",
                unit=community,
                asked_ms=1,
                given_ms=1,
                until_ms=4102444800000,
                recorded_by=worker,
                paper=photo,
            )
        )
        await SlipRow.insert(
            SlipRow(
                id=SLIP,
                number="40404040",
                mandate="m1",
                person=person,
                actor=worker,
                kind="staff",
                how="on-site",
                deed="market.place",
                measure="分",
                amount=1,
                text=DONE,
                subject="o1",
                unit=community,
                at_ms=1,
                month="2026-11",
                undo_until_ms=1,
                sampled=1,
            )
        )
    async with store.transaction("job:test") as tx:
        await tx.sql(
            "INSERT INTO ledger_proposal (id, kind, unit, state, body, proposed_by, proposed_ms)"
            " VALUES (?, 'reverse', ?, 'open', ?, ?, 1)",
            *(PROPOSAL, community, f'{{"record":"{posted.rid}","amount":1,"reason":"{WRONG}"}}', worker),
        )
    return Specimens(
        {
            "proposal": PROPOSAL,
            "record": posted.rid,
            "person": person,
            "other": person,
            "holder": person,
            "worker": person,
            "slip": SLIP,
            "mandate": MANDATE,
            "session": await _session(running, person),
            "pilot": community,
            "unit": grid,
            "units.code": grid,
            "units.into": grid,
            "units.parent": community,
            **serving,
            **closer,
            "grant": grant,
            "case": case,
            "privacy.add_consent/by": worker,
            "file": file,
            "rid": posted.rid,
            "organisation": firm,
            "ledger.of": firm,
            "ledger.new_close/person": gone,
            "ledger.propose_close/person": gone,
            "dwelling": home,
            "identity.move_form/to": grid,
            "identity.move/to": grid,
            "ledger.everyday/token": token,
            "ledger.everyday_from_qr/token": token.upper(),
            **uploads,
        },
        SECRETS,
        plain={
            "token": "x" * 22, "way": "sms", "move": "dispatch", "purpose": "points", "plugin": "credit",
            "event": "1", "wish": "again", "flow": "repairs.repair", "at": "asked", "role": "identity.clerk",
            "level": "building", "until": "", "answer": "1", "content": "{}", "key": "k", "state": "",
            "value": "王绣兰", "privacy.correct/field": "name", "pending": "x" * 43, "secret": "x", "held": "x",
            "rooms": "1", "units.post": "building_lead", "levels": "grid", "roles": "identity.clerk", "area": "90",
            "pattern": "1+1+N", "part": "志愿者", "names": "一号\n二号", "seen": "0123456789abcdef", "axis": "admin",
            "units.key": "grid_lead", "day": "2026-11-01",
            "what": "1", "deeds": "market.place", "number": "40404040", "party_title": "", "step": "x",
            "after": "", "room": "101", "id_number": "", "kind": "property", "closed": "", "credit_code": "",
            "contact": "x", "pos": "0", "ledger.asset": "resident", "ledger.merchant": "market.m1",
            "ledger.points": "1", "ledger.size": "1", "all": "1", "position": "1", "which": "root", "words": "x",
            "seen_by": "", "basis": RULING, "identity.labelled/kind": "", "sensitive": "1", "agreed": "1",
        },
        open_to_all=["ledger.everyday", "ledger.everyday_from_qr"],
    )  # fmt: skip


async def _closer(running: Running, person: str, worker: str, home: str) -> dict[str, str]:
    """A label of the person, a guardian, and the home they own."""
    street, today = running.street, running.street.today()
    async with street.store.transaction("job:test") as tx:
        made = await kinds.add(
            tx,
            code="specimen",
            title=LABEL,
            sensitive=True,
            seen_by="",
            text="用来安排上门看望，只给专员看。",
            day=today,
        )
        guardianship = await guardians.appoint(
            tx, street.vault, guardian=worker, ward=person, kind="adult", evidence="court", basis=RULING, since=today,
            ages={},
        )  # fmt: skip
        share = await ownership.own(tx, dwelling=home, share=Fraction(1), since=today, person=person)
    kind = await kinds.find(street.store, made)
    async with street.store.transaction("job:test") as tx:
        label = await labels.give(tx, person, kind, day=today, how="paper", given_by=worker, counts=[worker])
    pages = ("labels", "add_label", "label_kind", "change_label_kind", "close_label_kind")
    on_the_kind = {f"identity.{page}/kind": made for page in pages}
    return on_the_kind | {
        "share": share,
        "former": share,
        "label": label,
        "guardianship": guardianship,
        "identity.record_owner/share": "1/2",
        "identity.record_owner/owner": f"person:{worker}",
        "identity.add_guardian/guardian": worker,
        "identity.add_guardian/kind": "adult",
        "identity.add_label/by": worker,
    }


async def _case(running: Running, community: str, person: str) -> tuple[str, str]:
    """A repair somebody of the community asked for, and a picture of it mended; :returns: ids of case and picture."""
    ctx = await running.acting("repairs", person)

    async def body(tx: Tx) -> str:
        await Repair(id="r1", text=CASE, state="", parts=1, fixed=0).save()
        opened = await ctx.cases.open(tx, "repair", subject="r1", unit=community, title=CASE, holder=person)
        return str(opened.id)

    case = await ctx.cases.get(await ctx.once("specimen-case", "r1", body, str))
    boss = await running.acting("repairs", await running.person("眭墨白", "repairs.dispatcher", unit=community))
    fixer = await running.person("眭师傅", "repairs.fixer", unit=community)
    async with boss.transaction() as tx:
        case = await boss.cases.move(tx, case, "dispatch", worker=fixer)
    hands = await running.acting("repairs", fixer)
    async with hands.transaction() as tx:
        await hands.cases.move(tx, case, "fix", note="换了接头", files=[Upload(FILE, PICTURE)])
    steps = await ctx.cases.steps(await ctx.cases.get(case.id))
    return case.id, next(file.id for step in steps for file in step.files)


async def _serving(running: Running, person: str, building: str, grid: str) -> dict[str, str]:
    """A building lead with phone and photo, and a team with one member."""
    units, today = running.street.identity.units, running.street.today()
    posts = (await units.posts()).by_key
    assert units.photos is not None
    async with running.street.store.transaction("job:test") as tx:
        lead = Term(posts["building_lead"], building, person, today, None, CALL)
        appointment = await appointments.appoint(tx, lead, today=today)
        photo = await units.photos.keep(tx, person, Upload("像.png", PICTURE))
        held = appointments.Appointment(appointment, "building_lead", building, person, today, None)
        await appointments.set_contact(tx, held, phone=CALL, photo=photo)
        team = await teams.found(tx, unit=grid, name=TEAM, pattern="1+1+N", since=today)
        member = await teams.join(
            tx, teams.Team(team, grid, TEAM, "1+1+N", today), person=person, organisation=None, part="", since=today
        )
    return {"appointment": appointment, "team": team, "member": member}


async def _lists(running: Running, uploader: str) -> dict[str, str]:
    """An uploaded list of every kind there is; its file is named after somebody."""
    found, lists = {}, Lists(running.street.store, running.street.vault)
    summary = msgspec.json.encode(Excel.of(ready=0, mend=Mend((), ())))
    for route in routes_of(running):
        base, verdicts, _ = route.name.partition("_list_verdicts")
        if verdicts:
            kept = await lists.keep(
                uploader, kind=base, file_name=f"{NAME}.xlsx", content=b"", options=b"{}", summary=summary
            )
            pages = (each.name for each in routes_of(running) if each.name.startswith(f"{base}_list_"))
            found |= {f"{page}/list": kept for page in pages}
    out = await lists.keep(
        uploader, kind="identity.people-out", file_name=f"{NAME}.xlsx", content=b"x", options=b"{}", summary=b""
    )
    found |= {"identity.export/list": out, "identity.export_file/list": out}
    return found


async def _session(running: Running, person: str) -> str:
    """One of the person's devices, signed in."""
    street = running.street
    async with street.store.transaction("job:test") as tx:
        account = await accounts.open_account(tx, person)
        token = await links.make(tx, account)
    running.links[NAME] = f"{street.settings.public_url}/login/once/{token}"
    async with aclosing(await running.signed_in(NAME)):
        [(session,)] = await street.store.read("SELECT id FROM login_session WHERE account = ?", account)
    del running.links[NAME]  # used
    return str(session)
