# SPDX-License-Identifier: Apache-2.0
"""The month of awards everybody knows the verdicts of."""

from collections import Counter

from credit_lists import SAMPLES, catalogue, check, expected

from liren_credit.check import points_of

AWARDS = (SAMPLES / "awards.xlsx").read_bytes()


def test_every_row_of_the_sample_list_gets_the_known_verdict() -> None:
    found = {row.number: row.verdict for row in check(AWARDS)}
    assert {n: (found.get(n), verdict) for n, verdict in expected().items() if found.get(n) != verdict} == {}
    assert found.keys() == expected().keys()


def test_the_good_rows_of_the_sample_list_add_up_to_40_248_points() -> None:
    rows = check(AWARDS)
    assert points_of(rows) == 40_248
    assert Counter(row.verdict for row in rows)["ok"] == 4_472


def test_a_second_look_at_a_credited_list_finds_only_duplicates() -> None:
    first = check(AWARDS)
    before = {(row.person, row.rule.code, row.day) for row in first if row.verdict == "ok" and row.rule}
    assert points_of(check(AWARDS, credited_before=before)) == 0


def test_the_sample_rules_are_read_completely() -> None:
    rules = catalogue().rules
    assert [rule.code for rule in rules] == [f"FX-0{n}" for n in range(1, 7)] + [f"SX-0{n}" for n in range(1, 5)]
    kitchen = next(rule for rule in rules if rule.code == "FX-04")
    assert (kitchen.title, kitchen.behaviour, kitchen.unit, kitchen.points, kitchen.daily_cap, kitchen.evidence) == (
        *("幸福食堂帮厨", "dedication", "小时", 2, 6, "签到表"),
    )
