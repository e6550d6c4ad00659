# SPDX-License-Identifier: Apache-2.0
"""The edges of the rules: the whole table of moves, every wrong signer of every move, the last instant of a day, what
comes before what it refers to. Each is written with raw keys, as a dishonest street would.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.liren_verify.judge import of_log, verdict
from tests.liren_verify.street import DAY_MS, Street, b64u, dumps, sha

FOUR = ("unit/03", "reviewer/2")
STREET = ("unit/street", "reviewer/1")
MARKET = "service/market"
END, NEXT = "2026-12-31", "2027-12-31"
LATER = "2027-03-31"
"""The first month end at least 30 days after 5 February."""
MOST = 2**53 - 1
AWARDS = {"kinds": ["post"], "why": ["award"]}
SLIP = {"kind": "attest", "subject": "slip/1", "digest": b64u(sha(b"s")), "code": "market.slip", "unit": "street"}
NEW = ("unit/04", "unit", "root")
Story = Callable[[Street], object]


def soon(s: Street, amount: int = 10) -> str:
    """Points to the end of the year."""
    return s.award(amount, *FOUR, code="FX-02", expiry=END)


def spent(s: Street) -> str:
    soon(s)
    s.award(10)
    return s.spend((END, 10), (NEXT, 6))


def of_two(s: Street) -> tuple[str, str, str, str]:
    """The two spends of somebody with two pseudonyms, and the accounts they drew on."""
    one, other = s.h(), s.h(holder=s.id())
    s.award(10, to=one)
    s.award(10, to=other)
    first, rid = s.spend((NEXT, 10)), s.id()
    s.post("spend", [["resident", other, f"escrow/{rid}", 10]], MARKET, rid=rid, code="market.order")
    return first, rid, one, other


def give_back(s: Street, spend: str, to: str, amount: int) -> str:
    return s.post("void", [["resident", f"escrow/{spend}", to, amount]], MARKET, ref=spend, code="market.cancelled")


def past_twice(s: Street) -> str:
    """A spend from two accounts, both past by now, which is 5 February."""
    soon(s, 5)
    s.later(15).award(5, *FOUR, code="FX-02", expiry="2027-01-31")
    spend = s.spend((END, 5), ("2027-01-31", 5))
    s.later(61)
    return spend


def settled(s: Street, amount: int = 6) -> str:
    return s.settle(spent(s), amount)


def slip(s: Street, subject: str = "slip/1") -> str:
    return s.add({**SLIP, "subject": subject}, MARKET)


def clear(s: Street, amount: int, ref: str) -> str:
    p = [["resident", "merchant/market.shop1", "redeemed", amount]]
    return s.post("clear", p, *STREET, unit="street", ref=ref)


def reverse(s: Street, ref: str, *p: list[Any], signers: tuple[str, ...] = FOUR, unit: str = "03") -> str:
    return s.post("reverse", [["resident", *posting] for posting in p], *signers, ref=ref, unit=unit)


def at_the_end_of(day_ms_after_start: int) -> Callable[[Street], Street]:
    """23:59:59.999 of the 31st in Shanghai, and ``day_ms_after_start`` milliseconds more."""

    def go(s: Street) -> Street:
        s.ms = (s.ms + 40 * DAY_MS) // DAY_MS * DAY_MS + 16 * 3_600_000 - 1 + day_ms_after_start
        return s

    return go


def expire(s: Street, amount: int = 10) -> str:
    return s.post("expire", [["resident", s.h(END), "expired", amount]], "service/ledger", code="ledger.expire")


def adopted(s: Street) -> str:
    """The policy before another one."""
    before = s.policy
    s.adopt(s.body(deduct_h={"SX-9": "某条例"}))
    assert before is not None
    return before


EDGES: dict[str, tuple[str | None, Story]] = {
    # the last instant of a day
    "spent in the last millisecond": (
        None,
        lambda s: (spent(s), at_the_end_of(0)(s).void(s.records[-1]["rid"], (NEXT, 6), (END, 4))),
    ),
    "expired in the last millisecond": ("not-expired", lambda s: (soon(s), at_the_end_of(0)(s), expire(s))),
    "expired a millisecond later": (None, lambda s: (soon(s), at_the_end_of(1)(s), expire(s))),
    "given back a millisecond late": (
        "account-past",
        lambda s: (spent(s), at_the_end_of(1)(s).void(s.records[-1]["rid"], (NEXT, 6), (END, 4))),
    ),
    "expired twice": ("not-whole", lambda s: (soon(s), at_the_end_of(1)(s), expire(s), expire(s))),
    "awarded into an account that is past": (
        "account-past",
        lambda s: s.later(60).award(5, *FOUR, code="FX-02", eff="2026-11-30", expiry=END),
    ),
    "closed with what is past": (
        None,
        lambda s: (soon(s), at_the_end_of(1)(s), s.post("close", [["resident", s.h(END), "expired", 10]], *FOUR)),
    ),
    "deducted from what is past": (
        "account-past",
        lambda s: (
            s.adopt(s.body(deduct_h={"SX-1": "某条例"})),
            soon(s),
            at_the_end_of(1)(s),
            s.post("deduct", [["resident", s.h(END), "expired", 10]], *FOUR, code="SX-1"),
        ),
    ),
    # orders
    "voided beyond what is held": (
        "negative-balance",
        lambda s: (order := spent(s), s.settle(order, 12), s.void(order, (NEXT, 6))),
    ),
    "voided beyond what was spent": ("too-much", lambda s: s.void(spent(s), (NEXT, 6), (END, 11))),
    "voided twice": ("too-much", lambda s: [s.void(order, (NEXT, 6), (END, 10)) for order in [spent(s)] * 2]),
    "voided and then refunded past what was spent": (
        "too-much",
        lambda s: (
            order := spent(s),
            done := s.settle(order, 10),
            s.void(order, (NEXT, 6)),
            s.refund(done, ("merchant/market.shop1", END, 10)),
            s.refund(done, ("redeemed", END, 1)),
        ),
    ),
    "voided by another plugin's code": (
        "key-may",
        lambda s: s.post(
            "void",
            [["resident", f"escrow/{(order := spent(s))}", s.h(NEXT), 1]],
            MARKET,
            ref=order,
            code="canteen.cancel",
        ),
    ),
    "voided out of another order": (
        "posting-wrong",
        lambda s: (
            one := spent(s),
            s.award(5),
            two := s.spend((NEXT, 1)),
            s.post("void", [["resident", f"escrow/{two}", s.h(NEXT), 1]], MARKET, ref=one, code="market.cancel"),
        ),
    ),
    "settled before it was spent": (
        "ref-wrong",
        lambda s: (s.award(5), s.settle(rid := s.id(), 5), s.spend((NEXT, 5), rid=rid)),
    ),
    "settled in another asset": (
        "posting-wrong",
        lambda s: s.post(
            "settle",
            [["partner", f"escrow/{(order := spent(s))}", "merchant/market.shop1", 1]],
            MARKET,
            ref=order,
            code="market.x",
        ),
    ),
    "a settlement refunded as if it were the spend": (
        "ref-wrong",
        lambda s: s.refund(spent(s), ("merchant/market.shop1", NEXT, 1)),
    ),
    "refunded out of another merchant": (
        "posting-wrong",
        lambda s: s.refund(settled(s), ("merchant/market.other", NEXT, 6)),
    ),
    "spent under no plugin": ("posting-wrong", lambda s: (s.award(5), s.spend((NEXT, 5), code="market"))),
    "an order between two policies": (None, lambda s: (order := spent(s), adopted(s), s.settle(order, 6))),
    "a settlement under the policy of its spend": (
        "policy-stale",
        lambda s: (order := spent(s), before := adopted(s), s.settle(order, 6, policy=before)),
    ),
    # corrections
    "a reversal reversed": (
        "ref-wrong",
        lambda s: (
            award := s.award(9),
            back := reverse(s, award, [s.h(), "budget/03", 5]),
            reverse(s, back, [s.h(), "budget/03", 1]),
        ),
    ),
    "a budget reversed": ("ref-wrong", lambda s: reverse(s, s.budget(5), [s.h(), "budget/03", 1])),
    "a refund reversed": (
        "ref-wrong",
        lambda s: reverse(s, s.refund(settled(s), ("merchant/market.shop1", NEXT, 6)), [s.h(), "budget/03", 1]),
    ),
    "partial reversals that add up to more": (
        "too-much",
        lambda s: (
            award := s.award(9),
            s.award(9),
            reverse(s, award, [s.h(), "budget/03", 5]),
            reverse(s, award, [s.h(), "budget/03", 5]),
        ),
    ),
    "partial reversals that add up": (
        None,
        lambda s: (
            award := s.award(9),
            reverse(s, award, [s.h(), "budget/03", 5]),
            reverse(s, award, [s.h(), "budget/03", 4]),
        ),
    ),
    "a reversal into debt": (
        "negative-balance",
        lambda s: (award := s.award(9), s.spend((NEXT, 5)), reverse(s, award, [s.h(), "budget/03", 9])),
    ),
    "a reversal into another unit's budget": (
        "posting-wrong",
        lambda s: reverse(s, s.award(9), [s.h(), "budget/04", 9]),
    ),
    "a clearing reversed by half": (
        None,
        lambda s: (
            settled(s),
            ref := clear(s, 6, slip(s)),
            reverse(s, ref, ["redeemed", "merchant/market.shop1", 3], signers=STREET, unit="street"),
        ),
    ),
    "a clearing reversed beyond it": (
        "too-much",
        lambda s: (
            settled(s),
            ref := clear(s, 3, slip(s)),
            reverse(s, ref, ["redeemed", "merchant/market.shop1", 4], signers=STREET, unit="street"),
        ),
    ),
    "a clearing reversed to another merchant": (
        "posting-wrong",
        lambda s: (
            settled(s),
            ref := clear(s, 3, slip(s)),
            reverse(s, ref, ["redeemed", "merchant/market.other", 3], signers=STREET, unit="street"),
        ),
    ),
    "a closing given back to the account that ends first": (
        "return-wrong",
        lambda s: (
            soon(s, 5),
            s.award(5),
            closed := s.post("close", [["resident", s.h(END), "expired", 5], ["resident", s.h(), "expired", 5]], *FOUR),
            reverse(s, closed, ["expired", s.h(END), 5]),
        ),
    ),
    "a closing given back latest first": (
        None,
        lambda s: (
            soon(s, 5),
            s.award(5),
            closed := s.post("close", [["resident", s.h(END), "expired", 5], ["resident", s.h(), "expired", 5]], *FOUR),
            reverse(s, closed, ["expired", s.h(), 5], ["expired", s.h(END), 2]),
        ),
    ),
    "an order of two pseudonyms given back in part": (
        None,
        lambda s: (
            orders := of_two(s),
            give_back(s, orders[1], orders[3], 4),
            s.void(orders[0], (NEXT, 1)),
            give_back(s, orders[1], orders[3], 6),
        ),
    ),
    "one pseudonym gets back what the other spent": (
        "return-wrong",
        lambda s: (orders := of_two(s), give_back(s, orders[1], orders[2], 4)),
    ),
    "two past accounts given back into one": (
        None,
        lambda s: (spend := past_twice(s), s.void(spend, (LATER, 7)), s.void(spend, (LATER, 3))),
    ),
    "two past accounts given back into two": (
        "return-wrong",
        lambda s: s.void(past_twice(s), (LATER, 5), ("2027-04-30", 2)),
    ),
    "cleared against a document": ("ref-wrong", lambda s: (settled(s), clear(s, 3, slip(s, "doc/market/1")))),
    "cleared before the slip": (
        "ref-wrong",
        lambda s: (settled(s), clear(s, 3, rid := s.id()), s.add({**SLIP, "rid": rid}, MARKET)),
    ),
    "one slip cleared twice": (None, lambda s: (settled(s), ref := slip(s), clear(s, 3, ref), clear(s, 3, ref))),
    "two people closed in one record": (
        "posting-wrong",
        lambda s: (
            s.award(5),
            s.award(5, to=s.h(holder=(other := s.id()))),
            s.post("close", [["resident", s.h(), "expired", 5], ["resident", s.h(holder=other), "expired", 5]], *FOUR),
        ),
    ),
    "the same pair twice": (
        "entry-malformed",
        lambda s: (
            s.award(5),
            s.post("close", [["resident", s.h(), "expired", 2], ["resident", s.h(), "expired", 3]], *FOUR),
        ),
    ),
    # what the numbers can say
    "issuance at its bottom": (None, lambda s: s.budget(MOST - 1000)),
    "issuance below its bottom": ("negative-balance", lambda s: s.budget(MOST - 999)),
    # keys
    "a key signed a month before": (None, lambda s: s.add_key(*NEW, unit="04", may=AWARDS, eff="2026-10-21")),
    "a key signed 32 days before": ("eff-wrong", lambda s: s.add_key(*NEW, unit="04", may=AWARDS, eff="2026-10-20")),
    "a key signed tomorrow": ("eff-wrong", lambda s: s.add_key(*NEW, unit="04", may=AWARDS, eff="2026-11-22")),
    "a policy signed yesterday": (
        "eff-wrong",
        lambda s: s.add({"kind": "policy", "digest": s.policy, "eff": "2026-11-20"}, *STREET),
    ),
    "a unit that may only certify": (
        "key-may",
        lambda s: (
            s.revoke("unit/03", "unit", "root"),
            s.add_key("unit/03#2", "unit", "root", unit="03", may={"kinds": ["key"], "certify": ["reviewer"]}),
            s.award(5, "unit/03#2"),
        ),
    ),
    "a unit that may only close": (
        "key-may",
        lambda s: (
            s.revoke("unit/03", "unit", "root"),
            s.add_key("unit/03#2", "unit", "root", unit="03", may={"kinds": ["post"], "why": ["close"]}),
            s.award(5, "unit/03#2"),
        ),
    ),
    "a reviewer of two units": (
        None,
        lambda s: (
            s.add_key(
                "reviewer/3",
                "reviewer",
                "root",
                unit="street",
                may={"kinds": ["post"], "why": ["award"], "units": ["03", "04"]},
            ),
            s.award(5, "unit/03", "reviewer/3", code="FX-02", expiry=END),
        ),
    ),
    "a reviewer of other units": (
        "key-may",
        lambda s: (
            s.add_key(
                "reviewer/3",
                "reviewer",
                "root",
                unit="street",
                may={"kinds": ["post"], "why": ["award"], "units": ["04", "05"]},
            ),
            s.award(5, "unit/03", "reviewer/3", code="FX-02", expiry=END),
        ),
    ),
    "a reviewer who may not certify, certifying": (
        "key-may",
        lambda s: (
            s.add_key("reviewer/3", "reviewer", "root", unit="street", may=AWARDS),
            s.add_key(
                "reviewer/4",
                "reviewer",
                "unit/03",
                "reviewer/3",
                unit="03",
                may={"kinds": ["post"], "why": ["award"], "units": ["03"]},
            ),
        ),
    ),
    "a service that may only spend, settling": (
        "key-may",
        lambda s: (
            s.revoke(MARKET, "service", *STREET),
            s.add_key(
                "service/market#2", "service", *STREET, may={"kinds": ["post"], "why": ["spend"], "prefix": "market."}
            ),
            s.award(5),
            s.post(
                "spend",
                [["resident", s.h(), f"escrow/{(rid := s.id())}", 5]],
                "service/market#2",
                rid=rid,
                code="market.order",
            ),
            s.post(
                "settle",
                [["resident", f"escrow/{rid}", "merchant/market.shop1", 5]],
                "service/market#2",
                ref=rid,
                code="market.x",
            ),
        ),
    ),
    "a key revoked by the entry before": (
        "key-revoked",
        lambda s: (s.award(5), s.revoke(MARKET, "service", *STREET), s.spend((NEXT, 5))),
    ),
    "a key used in the entry before it was revoked": (
        None,
        lambda s: (s.award(5), s.spend((NEXT, 5)), s.revoke(MARKET, "service", *STREET)),
    ),
    "an attest under another plugin's code": ("key-may", lambda s: s.add({**SLIP, "code": "canteen.slip"}, MARKET)),
    "five signatures": (
        "note-bad",
        lambda s: s.award(5, "unit/03", "reviewer/1", "reviewer/2", "unit/street", "log/1"),
    ),
    "a weak key": ("key-bad", lambda s: (s.keys.update({"unit/04": Weak()}), s.add_key(*NEW, unit="04", may=AWARDS))),
    "a record of 8193 bytes": ("entry-malformed", lambda s: long_record(s, 8193)),
    "a record of 8192 bytes": (None, lambda s: long_record(s, 8192)),
    "33 postings": (
        "entry-malformed",
        lambda s: s.post(
            "budget", [["resident", "issuance", f"budget/{n}", 1] for n in range(33)], *STREET, unit="street"
        ),
    ),
    "32 postings": (
        None,
        lambda s: s.post(
            "budget", [["resident", "issuance", f"budget/{n}", 1] for n in range(32)], *STREET, unit="street"
        ),
    ),
}


class Weak:
    """The neutral element: it verifies what nobody signed."""

    def public_key(self) -> "Weak":
        return self

    def public_bytes(self, *_: object) -> bytes:
        return (1).to_bytes(32, "little")


def long_record(s: Street, size: int) -> None:
    """A record of exactly this size: a stranger's signature line makes up what it lacks."""
    s.award(5)
    head, _, note = s.entries.pop().partition(b"\n")
    lack = size - len(note) - len(f"— {'x' * 200}  \n".encode())
    blob = b64u(bytes((lack + 7) // 4 * 3)).ljust(-(-lack // 4) * 4, "A")
    for name in range(200, 0, -1):
        line = f"— {'x' * name} {blob}\n".encode()
        if len(note) + len(line) == size:
            s.entries.append(head + b"\n" + note + line)
            return
    raise AssertionError(size)


@pytest.mark.parametrize("name", EDGES)
def test_the_edge_of_a_rule(street: Street, tmp_path: Path, name: str) -> None:
    code, story = EDGES[name]
    story(street)
    found = of_log(street, tmp_path)
    assert (code in found) if code else found == set(), found


JSON_BREAKS: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "a key that stands twice": lambda record: dumps(record).replace(b'{"act"', b'{"act":"add","act"'),
    "a text that is not NFC": lambda record: dumps({**record, "unit": "e\u0301"}),
    "a null": lambda record: dumps({**record, "unit": None}),
    "a number that is no integer": lambda record: dumps({**record, "unit": 1.5}),
    "a number no double holds": lambda record: dumps({**record, "unit": 2**53}),
    "fields in disorder": lambda record: b"{" + b",".join(dumps({k: record[k]})[1:-1] for k in reversed(record)) + b"}",
    "a space": lambda record: dumps(record).replace(b",", b", ", 1),
    "an escape where none is needed": lambda record: dumps(record).replace(b"add", b"\\u0061dd", 1),
}


@pytest.mark.parametrize("name", JSON_BREAKS)
def test_a_record_of_another_spelling_is_found_in_the_log(street: Street, tmp_path: Path, name: str) -> None:
    street.add_key(*NEW, unit="04", may=AWARDS)
    record = street.records[-1]
    text = b"liren/point-record/v1\n" + JSON_BREAKS[name](dict(sorted(record.items()))) + b"\n"
    street.entries[-1] = street.entries[-1].partition(b"\n")[0] + b"\n" + street.signed(text, "root")
    assert (f"entry {len(street.entries) - 1}", "entry-malformed") in verdict(street.export(), tmp_path)
