# SPDX-License-Identifier: Apache-2.0
"""Which key gives which record its right, and at which position."""

from dataclasses import dataclass

import pytest

from liren.ledger.authority import keys
from liren.ledger.authority.keys import KeyBook
from liren.ledger.errors import Malformed
from liren.ledger.log.note import SigningKey
from liren.ledger.log.records import Attest, Erase, Key, May, Policy, Post, Record, Role

LOG, DAY, RID, DIGEST, HOLDER = "s.example/log/1", "2026-11-21", "C" * 21 + "Q", "D" * 42 + "E", "A" * 22
STREET = "s.example"


def add(signer: SigningKey, role: Role, unit: str | None = None, may: May | None = None) -> Key:
    fields = {"unit": unit, "may": may}
    return Key(
        act="add", eff=DAY, log=LOG, rid=RID, role=role, vkey=str(signer.verifier),
        **{name: value for name, value in fields.items() if value is not None},
    )  # type: ignore[arg-type]  # fmt: skip


def revoke(signer: SigningKey, role: Role) -> Key:
    return Key(act="revoke", eff=DAY, log=LOG, rid=RID, role=role, vkey=str(signer.verifier))


@dataclass
class Street:
    book: KeyBook
    root: SigningKey
    unit: SigningKey
    community: SigningKey
    reviewer: SigningKey
    local: SigningKey
    market: SigningKey
    core: SigningKey
    position: int


@pytest.fixture
def street() -> Street:
    made = {
        name: SigningKey.generate(f"{STREET}/{name}")
        for name in (
            "root",
            "unit/00",
            "unit/01",
            "reviewer/1",
            "reviewer/2",
            "service/market",
            "service/ledger",
        )
    }
    book = KeyBook()
    steps: list[tuple[str, Role, str | None, May | None]] = [
        ("root", "root", "00", None),
        ("unit/00", "unit", "00", keys.unit_may(street=True)),
        ("reviewer/1", "reviewer", "00", keys.reviewer_may("00", street=True)),
        ("unit/01", "unit", "01", keys.unit_may(street=False)),
        ("reviewer/2", "reviewer", "01", keys.reviewer_may("01", street=False)),
        ("service/market", "service", None, keys.service_may("market")),
        ("service/ledger", "service", None, keys.service_may("ledger")),
    ]
    for position, (name, role, unit, may) in enumerate(steps):
        book.apply(add(made[name], role, unit, may), position)
    return Street(book, *made.values(), position=len(steps))  # type: ignore[misc]


def post(why: str, code: str = "FX-01", unit: str = "01") -> Post:
    p = (("resident", "budget/01", f"h/{HOLDER}/never", 5),)
    return Post(code=code, eff=DAY, log=LOG, p=p, rid=RID, unit=unit, why=why)


def holds(street: Street, record: Record, *signers: SigningKey, reviewers: int = 1, at: int = 0) -> bool:
    known = [signer.verifier for signer in signers]
    return keys.enough(street.book, record, known, at or street.position, reviewers=reviewers)


def test_an_award_needs_its_own_unit_and_a_reviewer_where_the_rule_says_so(street: Street) -> None:
    s = street
    assert holds(s, post("award"), s.community, s.reviewer)
    assert holds(s, post("award"), s.community, s.local)
    assert holds(s, post("award"), s.community, reviewers=0)
    assert not holds(s, post("award"), s.community)
    assert not holds(s, post("award"), s.unit, s.reviewer)
    assert not holds(s, post("award"), s.reviewer)
    assert not holds(s, post("award", unit="00"), s.unit, s.local)
    assert not holds(s, post("award"), s.market, s.reviewer)


def test_a_service_key_signs_its_own_codes_only(street: Street) -> None:
    s = street
    assert holds(s, post("spend", "market.order"), s.market)
    assert not holds(s, post("spend", "canteen.order"), s.market)
    assert not holds(s, post("expire", "market.expire"), s.market)
    assert holds(s, post("expire", "ledger.expire"), s.core)
    assert not holds(s, post("spend", "ledger.order"), s.core)
    attest = Attest(code="market.slip", digest=DIGEST, eff=DAY, log=LOG, rid=RID, subject="slip/1", unit="00")
    assert holds(s, attest, s.market)
    assert not holds(s, attest, s.core)
    assert holds(s, Erase(eff=DAY, holder=HOLDER, log=LOG, rid=RID), s.core)
    assert not holds(s, Erase(eff=DAY, holder=HOLDER, log=LOG, rid=RID), s.market)


def test_budget_and_policy_need_the_street_and_a_reviewer_of_the_street(street: Street) -> None:
    s = street
    policy = Policy(digest=DIGEST, eff=DAY, log=LOG, rid=RID)
    budget = post("budget", "ledger.budget", "00")
    for record in (policy, budget):
        assert holds(s, record, s.unit, s.reviewer)
        assert not holds(s, record, s.unit, s.local)
        assert not holds(s, record, s.community, s.reviewer)
        assert not holds(s, record, s.unit)


def test_who_certifies_whom(street: Street) -> None:
    s, new = street, SigningKey.generate(f"{STREET}/new")
    unit = add(new, "unit", "02", keys.unit_may(street=False))
    reviewer = add(new, "reviewer", "01", keys.reviewer_may("01", street=False))
    service = add(new, "service", None, keys.service_may("canteen"))
    assert holds(s, unit, s.root)
    assert not holds(s, unit, s.unit, s.reviewer)
    assert holds(s, reviewer, s.root)
    assert holds(s, reviewer, s.community, s.reviewer)
    assert not holds(s, reviewer, s.unit, s.reviewer)
    assert not holds(s, reviewer, s.community)
    assert holds(s, service, s.unit, s.reviewer)
    assert not holds(s, service, s.root)
    assert not holds(s, revoke(s.reviewer, "reviewer"), s.unit, s.reviewer)
    assert holds(s, revoke(s.local, "reviewer"), s.community, s.reviewer)
    assert not holds(s, revoke(s.local, "reviewer"), s.community, s.local)
    assert not holds(s, revoke(s.local, "reviewer"), s.unit, s.reviewer), "the street is not that unit"


def test_a_key_is_valid_from_after_its_own_position_until_its_revocation(street: Street) -> None:
    s = street
    order = post("spend", "market.order")
    assert not holds(s, order, s.market, at=5)
    assert holds(s, order, s.market, at=6)
    s.book.apply(revoke(s.market, "service"), 9)
    assert holds(s, order, s.market, at=8)
    assert not holds(s, order, s.market, at=9)
    assert not holds(s, order, s.market, at=10)
    assert s.book.find("service", 10, name=s.market.name) is None


def test_a_public_key_joins_once_and_the_root_stays(street: Street) -> None:
    s = street
    again = SigningKey(f"{STREET}/reviewer/3", s.unit.seed)
    for record in (
        add(again, "reviewer", "00", keys.reviewer_may("00", street=True)),
        add(SigningKey.generate(f"{STREET}/root"), "root", "00"),
        revoke(s.root, "root"),
        revoke(again, "reviewer"),
        revoke(s.unit, "service"),
    ):
        with pytest.raises(Malformed):
            s.book.apply(record, s.position)
