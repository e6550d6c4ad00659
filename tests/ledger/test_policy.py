# SPDX-License-Identifier: Apache-2.0
"""The policy body and what an award may do under it."""

from dataclasses import replace
from datetime import date

import pytest

from liren.ledger.authority import policy
from liren.ledger.errors import Malformed, Refused
from liren.plugins.points import PointRule

RULE = PointRule("FX-01", "resident", "h", 1, 10, date(2026, 1, 1), "next-year-end", 1, date(2026, 12, 31))
TODAY = date(2026, 11, 21)


def test_a_body_is_canonical_and_its_digest_names_it() -> None:
    body = policy.write_body([replace(RULE, code="FX-02"), RULE], "Asia/Shanghai")
    assert body.startswith(b'{"deduct_h":{},"format":"liren/policy/v1","rules":[{"asset":"resident","code":"FX-01"')
    read = policy.read_body(body)
    assert [*read.rules] == ["FX-01", "FX-02"]
    assert len(read.digest) == 43
    assert read.digest != policy.digest_of(body.replace(b"FX-02", b"FX-03"))


@pytest.mark.parametrize(
    "rules",
    [
        [RULE, RULE],
        [replace(RULE, min=0)],
        [replace(RULE, max=0)],
        [replace(RULE, asset="fen")],
        [replace(RULE, asset="Resident")],
        [replace(RULE, code="守信")],
        [replace(RULE, expiry="soon")],
        [replace(RULE, valid_to=date(2025, 1, 1))],
    ],
)
def test_a_policy_that_contradicts_itself_is_not_written(rules: list[PointRule]) -> None:
    with pytest.raises(Malformed):
        policy.write_body(rules, "Asia/Shanghai")


def test_a_rule_of_another_authors_log_that_ends_before_it_begins_is_read_and_never_applies() -> None:
    body = policy.write_body([RULE], "Asia/Shanghai").replace(b"2026-12-31", b"2025-01-01")
    in_force = policy.read_body(body)
    for eff in (date(2025, 1, 1), date(2025, 6, 1), date(2026, 1, 1)):
        with pytest.raises(Refused):
            in_force.award(code="FX-01", asset="resident", subject="h", amount=5, eff=eff, today=TODAY)


def test_a_time_zone_must_exist() -> None:
    with pytest.raises(Malformed):
        policy.write_body([RULE], "Asia/Nowhere")


def test_an_award_lies_within_its_rule() -> None:
    in_force = policy.read_body(policy.write_body([RULE], "Asia/Shanghai"))
    good = {"code": "FX-01", "asset": "resident", "subject": "h", "amount": 5, "eff": date(2026, 11, 1)}
    rule, expires_on = in_force.award(**good, today=TODAY)  # type: ignore[arg-type]
    assert (rule.code, expires_on) == ("FX-01", date(2027, 12, 31))
    for change in (
        {"code": "FX-09"},
        {"asset": "partner"},
        {"subject": "o"},
        {"amount": 0},
        {"amount": 11},
        {"eff": date(2026, 11, 22)},
        {"eff": date(2025, 12, 31)},
    ):
        with pytest.raises(Refused):
            in_force.award(**{**good, **change}, today=TODAY)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="ended"):
        in_force.award(**good, today=date(2028, 1, 1))  # type: ignore[arg-type]
