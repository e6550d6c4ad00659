# SPDX-License-Identifier: Apache-2.0
"""A second factor in the real application: enrolled, asked, replayed, lost, reset; and no way around it."""

import re
from typing import Any

import pytest
from tests.identity.conftest import PASSWORD, TODAY, Clock
from tests.identity.street import Browser, link_for, secret_of

from liren.identity.errors import BadCode, TooMany
from liren.identity.roles.grants import grant
from liren.identity.service import Identity
from liren.identity.signin import accounts, links, totp
from liren.identity.signin.entering import Standing, enough, next_step
from liren.identity.signin.factors import reset
from liren.identity.signin.profiles import ASVS, DAY_MS, DENGBAO3
from liren.web.app import PageApp

Folk = dict[str, str]
SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("second", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_the_codes_are_those_of_rfc_6238(second: int, code: str) -> None:
    """Appendix B, last six of its eight digits."""
    assert totp.code_at(SECRET, totp.step_of(second * 1000)) == code


def test_a_phone_half_a_minute_off_is_understood_and_one_a_minute_off_is_not() -> None:
    now_ms = 1_700_000_010_000
    step = totp.step_of(now_ms)
    for off in (-1, 0, 1):
        assert totp.fits(SECRET, totp.code_at(SECRET, step + off), now_ms) == step + off
    for off in (-2, 2):
        assert totp.fits(SECRET, totp.code_at(SECRET, step + off), now_ms) is None
    assert totp.fits(SECRET, "１２", now_ms) is None


def test_codes_are_read_as_people_type_them() -> None:
    assert totp.typed(" １２３ ４５６ ") == "123456"
    assert totp.typed("abcde-fghjk") == "ABCDEFGHJK"
    codes = totp.recovery_codes()
    assert len(set(codes)) == 10
    assert all(len(totp.typed(code)) == 10 and not totp.is_code(totp.typed(code)) for code in codes)


CLERK, CHIEF = frozenset({"identity.people"}), frozenset({"identity.grant"})


@pytest.mark.parametrize(
    ("profile", "held", "has", "way", "age_days", "step"),
    [
        (ASVS, frozenset(), False, "password", 900, None),
        (ASVS, CLERK, False, "password", 900, None),
        (ASVS, CHIEF, False, "password", 900, "enrol"),
        (ASVS, CHIEF, False, "link", 0, "enrol"),
        (ASVS, CHIEF, False, "console", 0, None),
        (ASVS, frozenset(), True, "sms.code", 0, "code"),
        (DENGBAO3, CLERK, False, "sms.code", 0, "enrol"),
        (DENGBAO3, CLERK, True, "password", 90, "code"),
        (DENGBAO3, CLERK, False, "password", 90, "renew"),
        (DENGBAO3, CLERK, False, "password", 89, "enrol"),
        (DENGBAO3, frozenset(), False, "password", 900, None),
    ],
)
def test_what_stands_between_a_proof_and_a_session(
    profile: Any, held: frozenset[str], has: bool, way: str, age_days: int, step: str | None
) -> None:
    assert next_step(profile, Standing(held, has, age_days * DAY_MS), way, second=False) == step


def test_a_session_begun_with_less_than_the_rules_ask_is_not_enough() -> None:
    assert not enough(DENGBAO3, CLERK, "password")
    assert not enough(ASVS, CHIEF, "link")
    assert enough(DENGBAO3, CLERK, "password+totp")
    assert enough(DENGBAO3, CLERK, "password+console")
    assert enough(DENGBAO3, frozenset(), "link")


class Phone:
    """An authenticator."""

    def __init__(self, identity_: Identity, secret: bytes) -> None:
        self.identity, self.secret = identity_, secret

    def code(self, off: int = 0) -> str:
        return totp.code_at(self.secret, totp.step_of(self.identity.now_ms()) + off)


async def enrolled(browser: Browser, identity_: Identity, page: str = "/me/code/new") -> tuple[Phone, list[str]]:
    """Set it up in my account; :returns: the phone and the recovery codes."""
    shown = re.search(r'class="code">([A-Z2-7 ]+)<', (await browser.get(page)).text)
    assert shown is not None
    phone = Phone(identity_, secret_of(shown[1]))
    csrf = await browser.get("/me")
    token = re.search(r'name="_csrf" value="([^"]+)"', csrf.text)
    assert token is not None
    done = await browser.http.post(page, data={"_csrf": token[1], "code": phone.code()})
    assert done.status_code == 200, done.text
    return phone, re.findall(r'class="what num">([A-Z2-9-]{11})<', done.text)


async def test_a_clerk_sets_it_up_and_is_asked_ever_after(
    app: PageApp, identity_: Identity, staff: str, clock: Clock
) -> None:
    browser, elsewhere = Browser(app), Browser(app)
    await browser.sign_in("limin", PASSWORD)
    await elsewhere.sign_in("limin", PASSWORD)
    before = browser.session_id
    phone, papers = await enrolled(browser, identity_)
    assert len(papers) == 10
    assert browser.session_id != before
    assert (await browser.get("/me")).status_code == 200
    assert (await elsewhere.get("/me")).status_code == 303

    clock.pass_time(minutes=1)
    late = Browser(app)
    asked = await late.sign_in("limin", PASSWORD, to="/people")
    assert asked.status_code == 200
    assert late.session_id is None
    assert (await late.get("/people")).status_code == 303
    wrong = await late.step(asked, "/login/code", code="000000")
    assert wrong.status_code == 401
    done = await late.step(wrong, "/login/code", code=phone.code())
    assert (done.status_code, done.headers["location"]) == (303, "/people")
    assert (await late.get("/people")).status_code == 200
    late.http.cookies.delete("liren")
    again = await late.step(wrong, "/login/code", code=phone.code(1))
    assert again.status_code == 410  # that way in is used up


async def test_a_replayed_code_and_one_from_before_are_refused(
    app: PageApp, identity_: Identity, staff: str, clock: Clock
) -> None:
    browser = Browser(app)
    await browser.sign_in("limin", PASSWORD)
    phone, _ = await enrolled(browser, identity_)
    account = (await identity_.store.read("SELECT id FROM login_account"))[0][0]
    with pytest.raises(BadCode):
        await identity_.factors.accept(account, phone.code())  # it confirmed the enrolment already
    assert await identity_.factors.accept(account, phone.code(1)) is False
    with pytest.raises(BadCode):
        await identity_.factors.accept(account, phone.code(1))
    clock.pass_time(minutes=2)
    with pytest.raises(BadCode):
        await identity_.factors.accept(account, phone.code(-2))
    await identity_.factors.accept(account, phone.code())


async def test_guessing_codes_is_stopped_also_for_the_right_one(app: PageApp, identity_: Identity, staff: str) -> None:
    browser = Browser(app)
    await browser.sign_in("limin", PASSWORD)
    phone, papers = await enrolled(browser, identity_)
    account = (await identity_.store.read("SELECT id FROM login_account"))[0][0]
    for n in range(ASVS.tries):
        with pytest.raises(BadCode):
            await identity_.factors.accept(account, f"{n:06d}")
    with pytest.raises(TooMany):
        await identity_.factors.accept(account, phone.code(1))
    with pytest.raises(TooMany):
        await identity_.factors.accept(account, papers[0])


async def test_a_recovery_code_works_once_and_only_its_hash_is_kept(
    app: PageApp, identity_: Identity, staff: str
) -> None:
    browser = Browser(app)
    await browser.sign_in("limin", PASSWORD)
    phone, papers = await enrolled(browser, identity_)
    late = Browser(app)
    asked = await late.sign_in("limin", PASSWORD)
    done = await late.step(asked, "/login/code", code=papers[3].lower().replace("-", " "))
    assert done.status_code == 303
    account = (await identity_.store.read("SELECT id FROM login_account"))[0][0]
    with pytest.raises(BadCode):
        await identity_.factors.accept(account, papers[3])
    assert (await identity_.factors.of(account)).codes_left == 9
    stored = str(await identity_.store.read("SELECT * FROM recovery_code"))
    assert not any(totp.typed(code) in stored for code in papers)
    sealed = (await identity_.store.read("SELECT secret FROM second_factor"))[0][0]
    assert phone.secret not in bytes(sealed)


async def test_an_administrator_sets_it_up_before_anything_else(app: PageApp, identity_: Identity, chief: str) -> None:
    browser = Browser(app)
    first = await browser.send("/login", "/login", {"name": "zhaolei", "password": PASSWORD, "next": "/people"})
    assert first.status_code == 200
    assert "先设置动态码" in first.text
    assert browser.session_id is None
    assert (await browser.get("/people")).status_code == 303
    wrong = await browser.step(first, "/login/enrol", code="123456")
    assert wrong.status_code == 401
    assert browser.session_id is None
    assert (await browser.sign_in("zhaolei", PASSWORD, to="/people")).headers["location"] == "/people"
    assert (await browser.get("/people")).status_code == 200


async def test_a_link_does_not_lead_around_a_second_factor_but_the_console_does(
    app: PageApp, identity_: Identity, folk: Folk, staff: str
) -> None:
    browser = Browser(app)
    await browser.sign_in("limin", PASSWORD)
    await enrolled(browser, identity_)
    async with identity_.store.transaction(folk["王秀兰"]) as tx:  # a person, not the server's console
        token = await links.make(tx, await accounts.open_account(tx, staff), recognised="known")
    visitor = Browser(app)
    asked = await visitor.send(f"/login/once/{token}", f"/login/once/{token}")
    assert asked.status_code == 200
    assert "动态码" in asked.text
    assert visitor.session_id is None
    console = Browser(app)
    url = f"/login/once/{await link_for(identity_, staff)}"
    assert (await console.send(url, url)).status_code == 303
    assert (await console.get("/people")).status_code == 200


async def test_after_a_reset_the_old_phone_and_the_papers_are_worth_nothing(
    app: PageApp, identity_: Identity, staff: str
) -> None:
    browser = Browser(app)
    await browser.sign_in("limin", PASSWORD)
    phone, papers = await enrolled(browser, identity_)
    account = (await identity_.store.read("SELECT id FROM login_account"))[0][0]
    async with identity_.store.transaction("job:test") as tx:
        await reset(tx, account)
    assert (await browser.get("/me")).status_code == 303
    for code in (phone.code(1), papers[0]):
        with pytest.raises(BadCode):
            await identity_.factors.accept(account, code)
    assert (await Browser(app).sign_in("limin", PASSWORD)).status_code == 303


async def test_a_resident_who_is_given_power_signs_in_anew(
    app: PageApp, identity_: Identity, folk: Folk, clock: Clock
) -> None:
    browser = Browser(app)
    url = f"/login/once/{await link_for(identity_, folk['王秀兰'])}"
    await browser.send(url, url)
    assert (await browser.get("/me")).status_code == 200
    async with identity_.store.transaction("job:test") as tx:
        person = folk["王秀兰"]
        await grant(tx, person=person, role="identity.clerk", unit="taoyuan", roles=identity_.who.roles, since=TODAY)
    assert (await browser.get("/me")).status_code == 303


async def test_a_session_whose_owner_gains_power_goes_on_under_a_new_id(
    app: PageApp, identity_: Identity, staff: str, clock: Clock
) -> None:
    browser = Browser(app)
    await browser.sign_in("limin", PASSWORD)
    old = browser.session_id
    form = await browser.get("/me/password")
    async with identity_.store.transaction("job:test") as tx:
        await grant(tx, person=staff, role="identity.clerk", unit="laojie", roles=identity_.who.roles, since=TODAY)
    assert (await browser.get("/me")).status_code == 200
    assert browser.session_id != old
    sent = await browser.step(form, "/me/password", new="x", again="y", old="z")
    assert sent.status_code == 422  # a form that was open meanwhile still holds
    thief = Browser(app)
    thief.take(old or "")
    clock.pass_time(seconds=30)
    assert (await thief.get("/me")).status_code == 303
    assert (await browser.get("/me")).status_code == 200
