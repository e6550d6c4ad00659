# SPDX-License-Identifier: Apache-2.0
"""Passwords, one-time links, throttling and sessions, as an attacker would try them; on both databases."""

import asyncio

import pytest
from tests.identity.conftest import PASSWORD, TODAY, Clock

from liren.errors import Conflict, NotFound
from liren.identity.errors import BadLogin, BadPassword, BadPerson, LinkSpent, TooMany
from liren.identity.housekeeping import sweep
from liren.identity.register import people
from liren.identity.sealed import Private
from liren.identity.service import Identity
from liren.identity.signin import accounts, links
from liren.identity.signin.logins import PER_ACCOUNT
from liren.identity.signin.passwords import check
from liren.identity.signin.sessions import AT_MOST
from liren.identity.tables import TABLES
from liren.store import Store
from liren.web.sessions import Session, digest

Folk = dict[str, str]


@pytest.fixture
async def account(identity_: Identity, folk: Folk) -> str:
    """李敏's, with login name limin and a password."""
    stored = await identity_.passwords.hash(PASSWORD)
    async with identity_.store.transaction("job:test") as tx:
        return await accounts.open_account(tx, folk["李敏"], login_name="LiMin", password_hash=stored)


async def test_the_right_password_signs_in_by_name_and_by_phone(identity_: Identity, folk: Folk, account: str) -> None:
    assert await identity_.logins.by_password(" LIMIN ", PASSWORD, address="a") == account
    stored = await identity_.passwords.hash("另外一个很长的密码")
    async with identity_.store.transaction("job:test") as tx:
        resident = await accounts.open_account(tx, folk["王秀兰"], password_hash=stored)
    assert await identity_.logins.by_password("１９９ 0000 0001", "另外一个很长的密码", address="a") == resident


async def test_a_wrong_name_a_wrong_password_and_a_disabled_account_look_alike(
    identity_: Identity, folk: Folk, account: str
) -> None:
    said = set()
    for name, password in (("limin", "错的密码啊啊啊"), ("nobody", PASSWORD), ("19911112222", PASSWORD), ("", "")):
        with pytest.raises(BadLogin) as caught:
            await identity_.logins.by_password(name, password, address="a")
        said.add((caught.value.zh, caught.value.en, caught.value.status))
    async with identity_.store.transaction("job:test") as tx:
        await accounts.disable(tx, account)
    with pytest.raises(BadLogin) as caught:
        await identity_.logins.by_password("limin", PASSWORD, address="a")
    said.add((caught.value.zh, caught.value.en, caught.value.status))
    assert len(said) == 1
    refused = await identity_.store.read("SELECT subject FROM audit WHERE what = 'identity.login-refused' ORDER BY id")
    assert [row[0] for row in refused] == [account, "unknown", "unknown", "unknown", account]


async def test_two_of_one_family_share_a_phone_and_each_has_a_password(identity_: Identity, folk: Folk) -> None:
    async with identity_.store.transaction("job:test") as tx:
        (child,) = await people.register(
            tx, identity_.vault, [people.NewPerson("王小宝", Private(phone="19900000001"))], TODAY
        )
    made = []
    for person, password in ((folk["王秀兰"], "奶奶的密码是这个"), (child, "小宝的密码是那个")):
        stored = await identity_.passwords.hash(password)
        async with identity_.store.transaction("job:test") as tx:
            made.append(await accounts.open_account(tx, person, password_hash=stored))
    assert await identity_.logins.by_password("19900000001", "小宝的密码是那个", address="a") == made[1]


async def test_guessing_is_stopped_even_when_everybody_guesses_at_once(identity_: Identity, account: str) -> None:
    async def guess(n: int) -> str:
        try:
            await identity_.logins.by_password("limin", f"猜一猜密码 {n}", address=f"place-{n}")
        except (BadLogin, TooMany) as error:
            return error.code
        return "in"

    answers = await asyncio.gather(*(guess(n) for n in range(24)))
    assert answers.count("bad-login") == PER_ACCOUNT.tries
    assert answers.count("too-many") == 24 - PER_ACCOUNT.tries
    with pytest.raises(TooMany) as caught:
        await identity_.logins.by_password("limin", PASSWORD, address="a")
    assert "15 分钟" in caught.value.zh


async def test_an_office_behind_one_address_may_sign_in_all_day(identity_: Identity, account: str) -> None:
    for _ in range(70):
        await identity_.logins.by_password("limin", PASSWORD, address="office")


async def test_the_counter_starts_anew_after_its_window(identity_: Identity, account: str) -> None:
    for _ in range(PER_ACCOUNT.tries):
        with pytest.raises(BadLogin):
            await identity_.logins.by_password("limin", "错的密码啊啊啊", address="a")
    async with identity_.store.transaction("job:test") as tx:
        await tx.sql("UPDATE attempts SET started_ms = started_ms - ?", PER_ACCOUNT.window_s * 1000)
    assert await identity_.logins.by_password("limin", PASSWORD, address="a") == account


async def test_a_link_signs_in_once_even_at_twenty_requests_at_once(identity_: Identity, account: str) -> None:
    async with identity_.store.transaction("job:test") as tx:
        token = await links.make(tx, account)
    assert (await links.look(identity_.store, token, identity_.now_ms())).name == "李敏"

    async def use() -> str:
        try:
            return (await identity_.logins.by_link(token, address="a")).account
        except LinkSpent:
            return "spent"

    answers = await asyncio.gather(*(use() for _ in range(20)))
    assert sorted(answers) == sorted([account, *["spent"] * 19])
    with pytest.raises(LinkSpent):
        await links.look(identity_.store, token, identity_.now_ms())


async def test_a_link_ends_and_the_database_does_not_hold_it(identity_: Identity, account: str, clock: Clock) -> None:
    async with identity_.store.transaction("job:test") as tx:
        token = await links.make(tx, account, valid_s=-1)
    with pytest.raises(LinkSpent):
        await identity_.logins.by_link(token, address="a")
    rows = await identity_.store.read("SELECT token_hash FROM one_time_login")
    assert all(token not in row[0] for row in rows)
    with pytest.raises(LinkSpent):
        await links.look(identity_.store, "made-up", identity_.now_ms())


async def test_an_id_the_visitor_chose_is_never_a_session(identity_: Identity, account: str) -> None:
    session = Session(identity_.sessions)
    await session.resume("chosen-by-the-attacker")
    assert session.visitor is None
    assert session.cookie == ""
    await session.sign_in(account)
    assert session.id != "chosen-by-the-attacker"
    late = Session(identity_.sessions)
    await late.resume("chosen-by-the-attacker")
    assert late.visitor is None


async def test_signing_in_changes_the_id_and_the_old_one_is_dead(identity_: Identity, account: str) -> None:
    first = Session(identity_.sessions)
    await first.sign_in(account)
    old = first.id
    await first.sign_in(account)
    assert first.id != old
    again = Session(identity_.sessions)
    await again.resume(old)
    assert again.visitor is None
    await again.resume(first.id)
    assert again.visitor is not None
    assert again.visitor.name == "李敏"


async def test_the_database_holds_only_a_digest_of_the_id(identity_: Identity, account: str) -> None:
    session = Session(identity_.sessions, address="10.0.0.1", device="Browser")
    await session.sign_in(account)
    assert session.id is not None
    assert await identity_.store.read("SELECT token_hash FROM login_session") == [(digest(session.id),)]
    assert await identity_.store.read("SELECT address, device FROM sign_in") == [("10.0.0.1", "Browser")]


async def signed_in(identity_: Identity, account: str) -> str:
    session = Session(identity_.sessions)
    await session.sign_in(account)
    assert session.id is not None
    return session.id


async def alive(identity_: Identity, session_id: str) -> bool:
    session = Session(identity_.sessions)
    await session.resume(session_id)
    return session.visitor is not None


async def test_a_disabled_account_is_out_at_once(identity_: Identity, account: str) -> None:
    here = await signed_in(identity_, account)
    async with identity_.store.transaction("job:test") as tx:
        await accounts.disable(tx, account)
    assert not await alive(identity_, here)
    with pytest.raises(NotFound):
        await signed_in(identity_, account)
    async with identity_.store.transaction("job:test") as tx:
        await accounts.enable(tx, account)
    assert not await alive(identity_, here)
    assert await alive(identity_, await signed_in(identity_, account))


async def test_a_new_password_ends_every_other_session(identity_: Identity, account: str) -> None:
    here, elsewhere = await signed_in(identity_, account), await signed_in(identity_, account)
    stored = await identity_.passwords.hash("一个新的好密码呀")
    async with identity_.store.transaction("job:test") as tx:
        await accounts.set_password(tx, account, stored, keep_session=digest(here))
    assert await alive(identity_, here)
    assert not await alive(identity_, elsewhere)


async def test_a_session_left_alone_ends_and_a_used_one_ends_too_in_the_end(
    identity_: Identity, account: str, clock: Clock
) -> None:
    here = await signed_in(identity_, account)
    for _ in range(4):
        clock.pass_time(days=20)
        assert await alive(identity_, here)
    clock.pass_time(days=11)
    assert not await alive(identity_, here)
    left_alone = await signed_in(identity_, account)
    clock.pass_time(days=31)
    assert not await alive(identity_, left_alone)
    identity_.store.bind(*TABLES)
    async with identity_.store.transaction("job:test"):
        await sweep(identity_.now_ms())
    assert await identity_.store.read("SELECT * FROM login_session") == []


async def test_an_account_has_only_so_many_sessions(identity_: Identity, account: str, clock: Clock) -> None:
    first = await signed_in(identity_, account)
    for _ in range(AT_MOST):
        clock.pass_time(minutes=1)
        last = await signed_in(identity_, account)
    assert not await alive(identity_, first)
    assert await alive(identity_, last)


async def test_small_things_and_the_look_are_remembered(identity_: Identity, account: str) -> None:
    session = Session(identity_.sessions)
    await session.sign_in(account)
    await session.put("acting-for", "王秀兰")
    async with identity_.store.transaction("job:test") as tx:
        await accounts.remember_look(tx, account, language="en", elder=True)
    again = Session(identity_.sessions)
    await again.resume(session.id)
    assert again.get("acting-for") == "王秀兰"
    assert again.visitor is not None
    assert (again.visitor.language, again.visitor.elder) == ("en", True)
    await again.sign_out()
    assert not await alive(identity_, session.id or "")


async def test_a_login_name_is_one_persons(identity_: Identity, folk: Folk, account: str, store: Store) -> None:
    with pytest.raises(Conflict):
        async with store.transaction("job:test") as tx:
            await accounts.open_account(tx, folk["王秀兰"], login_name="limin")
    with pytest.raises(BadPerson):
        async with store.transaction("job:test") as tx:
            await accounts.open_account(tx, folk["王秀兰"], login_name="19900000001")
    async with store.transaction("job:test") as tx:
        assert await accounts.open_account(tx, folk["李敏"]) == account


@pytest.mark.parametrize("easy", [
        "1234567", "12345678", "88888888", "abcabcab", "qwertyui", "limin.limin", "Password", "limin2026",
        "woaini1314", "Admin@12345", "19851203", "13912345678", "1qaz2wsx3edc", "liverpool1", "startfinding",
    ],
)  # fmt: skip
def test_a_password_everybody_tries_first_is_refused(easy: str) -> None:
    with pytest.raises(BadPassword):
        check(easy, about=("limin.limin", "limin"))


def test_a_long_sentence_is_a_good_password() -> None:
    assert check(PASSWORD + "，不及汪伦送我情") == PASSWORD + ",不及汪伦送我情"
