# SPDX-License-Identifier: Apache-2.0
"""Who may sign what: every record signed by a wrong key, every key registered against the rules, is found."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.liren_verify.judge import of_log, verdict
from tests.liren_verify.street import Street

FOUR = ("unit/03", "reviewer/2")
STREET = ("unit/street", "reviewer/1")
NEXT = "2027-12-31"

Story = Callable[[Street], object]

SIGNERS: dict[str, tuple[str, Story]] = {
    "nobody we know": ("signature-missing", lambda s: s.award(5, "stranger/1")),
    "another unit": ("key-may", lambda s: s.award(5, "unit/street")),
    "the root": ("signature-missing", lambda s: s.award(5, "root")),
    "a service": ("signature-missing", lambda s: s.award(5, "service/market")),
    "the log key": ("signature-missing", lambda s: s.award(5, "log/1")),
    "a reviewer alone": ("signature-missing", lambda s: s.award(5, "reviewer/2")),
    "another plugin's service": (
        "key-may",
        lambda s: (s.award(5), s.post("expire", [["resident", s.h(), "expired", 5]], "service/market")),
    ),
    "a plugin under a foreign code": (
        "key-may",
        lambda s: (s.award(5), s.spend((NEXT, 5), code="canteen.order")),
    ),
    "the reviewer of another unit": (
        "key-may",
        lambda s: s.post(
            "budget", [["resident", "issuance", "budget/03", 5]], "unit/street", "reviewer/2", unit="street"
        ),
    ),
    "a community giving itself a budget": (
        "unit-wrong",
        lambda s: s.post("budget", [["resident", "issuance", "budget/03", 5]], "unit/03", "reviewer/2", unit="03"),
    ),
    "a policy without a reviewer": ("signature-missing", lambda s: s.adopt(s.body(), "unit/street")),
    "an erasure by a plugin": ("key-may", lambda s: s.add({"kind": "erase", "holder": s.id()}, "service/market")),
    "a revoked key": (
        "key-revoked",
        lambda s: (s.revoke("unit/03", "unit", "root"), s.award(5)),
    ),
    "a key from before it was registered": (
        "signature-missing",
        lambda s: (
            s.award(5, "unit/03#2"),
            s.add_key("unit/03#2", "unit", "root", unit="03", may={"kinds": ["post"], "why": ["award"]}),
        ),
    ),
    "a key whose assets are others": (
        "key-may",
        lambda s: (
            s.revoke("unit/03", "unit", "root"),
            s.add_key(
                "unit/03#2", "unit", "root", unit="03", may={"kinds": ["post"], "why": ["award"], "assets": ["partner"]}
            ),
            s.award(5, "unit/03#2"),
        ),
    ),
}


@pytest.mark.parametrize("name", SIGNERS)
def test_a_record_signed_by_the_wrong_key_is_found(street: Street, tmp_path: Path, name: str) -> None:
    code, story = SIGNERS[name]
    story(street)
    assert code in of_log(street, tmp_path)


UNIT_MAY = {"kinds": ["post"], "why": ["award"]}
KEYS: dict[str, tuple[str, Story]] = {
    "a unit certified by the street instead of the root": (
        "signature-missing",
        lambda s: s.add_key("unit/04", "unit", *STREET, unit="04", may=UNIT_MAY),
    ),
    "a reviewer certified by one signature": (
        "signature-missing",
        lambda s: s.add_key("reviewer/3", "reviewer", "unit/03", unit="03", may={**UNIT_MAY, "units": ["03"]}),
    ),
    "a service certified by a community": (
        "key-may",
        lambda s: s.add_key(
            "service/canteen", "service", *FOUR, may={"kinds": ["post"], "why": ["spend"], "prefix": "canteen."}
        ),
    ),
    "a second root": ("signature-missing", lambda s: s.add_key("root#2", "root", "root", unit="street")),
    "one public key for two roles": (
        "key-bad",
        lambda s: (
            s.keys.update({"unit/04": s.key("reviewer/1")}),
            s.add_key("unit/04", "unit", "root", unit="04", may=UNIT_MAY),
        ),
    ),
    "a community that may give budgets": (
        "key-bad",
        lambda s: s.add_key("unit/04", "unit", "root", unit="04", may={"kinds": ["post"], "why": ["budget"]}),
    ),
    "a community's reviewer for every unit": (
        "key-bad",
        lambda s: s.add_key("reviewer/3", "reviewer", *FOUR, unit="03", may=UNIT_MAY),
    ),
    "a plugin that may expire": (
        "key-bad",
        lambda s: s.add_key(
            "service/canteen", "service", *STREET, may={"kinds": ["post"], "why": ["expire"], "prefix": "canteen."}
        ),
    ),
    "a prefix of another plugin": (
        "key-bad",
        lambda s: s.add_key(
            "service/canteen", "service", *STREET, may={"kinds": ["post"], "why": ["spend"], "prefix": "market."}
        ),
    ),
    "a name of another unit": ("key-bad", lambda s: s.add_key("unit/05", "unit", "root", unit="04", may=UNIT_MAY)),
    "a list out of order": (
        "key-bad",
        lambda s: s.add_key(
            "unit/04",
            "unit",
            "root",
            unit="04",
            may={"kinds": ["post", "key"], "why": ["award"], "certify": ["reviewer"]},
        ),
    ),
    "a revocation of an unknown key": ("key-bad", lambda s: s.revoke("unit/04", "unit", "root")),
    "a reviewer who ends the own key": (
        "signature-missing",
        lambda s: s.revoke("reviewer/2", "reviewer", "unit/03", "reviewer/2"),
    ),
    "a unit's key ended under another role": ("key-bad", lambda s: s.revoke("unit/03", "service", *STREET)),
    "a revocation without the right": ("signature-missing", lambda s: s.revoke("unit/03", "unit", *STREET)),
}


@pytest.mark.parametrize("name", KEYS)
def test_a_key_record_against_the_rules_is_found(street: Street, tmp_path: Path, name: str) -> None:
    code, story = KEYS[name]
    story(street)
    assert code in of_log(street, tmp_path)


def test_a_known_key_with_a_bad_signature_is_found_even_beside_good_ones(street: Street, tmp_path: Path) -> None:
    street.award(5)
    street.keys["good"] = street.keys["reviewer/2"]
    note = street.entries.pop().partition(b"\n")[2]
    record = street.records.pop()
    street.times.pop()
    text, _, lines = note.rpartition(b"\n\n")
    other = street.signed(b"something else\n", "reviewer/2").rpartition(b"\n\n")[2]
    street.append(text + b"\n\n" + lines + other, record)
    assert of_log(street, tmp_path) == {"signature-wrong"}


def test_a_line_of_a_key_nobody_knows_is_passed_over(street: Street, tmp_path: Path) -> None:
    street.award(5, "unit/03", "witness/1")
    assert of_log(street, tmp_path) == set()


def test_a_log_that_does_not_begin_with_its_root_is_found(tmp_path: Path) -> None:
    street = Street()
    street.add_key("root", "root", "stranger/1", unit="street")
    assert ("entry 0", "entry-zero") in verdict(street.export(), tmp_path)
    street = Street()
    street.add_key("log/1", "log", "log/1")
    assert ("entry 0", "entry-zero") in verdict(street.export(), tmp_path)
