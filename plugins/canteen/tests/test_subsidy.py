# SPDX-License-Identifier: Apache-2.0
"""What a meal costs whom: the rules against a small oracle of their own, and the cases that go wrong in real life."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liren_canteen import clocktime, subsidy
from liren_canteen.subsidy import Diner, Rule

MEALS = ("breakfast", "lunch", "supper")
EIGHTY = Rule("r80", "80 岁以上", "区民政局", "off", 500, age_from=80)
STREET = Rule("s65", "65 岁以上", "街道", "off", 200, age_from=65)
TWO_YUAN = Rule("two", "65 岁以上两元餐", "爱心商户", "pays", 200, age_from=65)


def oracle(
    price: int, meal: str, who: Diner, rules: Sequence[Rule], used: Mapping[str, int], points: int, worth: int
) -> tuple[int, ...]:
    """Written another way on purpose: pays the price off cent by cent, funder after funder.

    :returns: each funder's part in order of first rule, then points, then what is left
    """
    owed, parts, seen = price, [], []
    for rule in rules:
        if rule.funder in seen or not speaks_of(rule, meal, who):
            continue
        seen.append(rule.funder)
        best = 0
        for other in rules:
            if other.funder != rule.funder or not speaks_of(other, meal, who):
                continue
            given, month = 0, used.get(other.funder, 0)
            while True:
                if other.monthly_cap_fen and month + given >= other.monthly_cap_fen:
                    break
                if other.kind == "off" and (given >= other.amount_fen or owed - given <= 0):
                    break
                if other.kind == "pays" and (owed - given <= other.amount_fen or price - given <= other.amount_fen):
                    break
                given += 1
            best = max(best, given)
        owed -= best
        parts.append(best)
    taken = 0
    while taken < points and owed >= worth:
        owed -= worth
        taken += 1
    return (*parts, taken, owed)


def speaks_of(rule: Rule, meal: str, who: Diner) -> bool:
    if rule.meal and rule.meal != meal:
        return False
    if rule.category and rule.category not in who.categories:
        return False
    if rule.registration and rule.registration != who.registration:
        return False
    if rule.age_from == 0 and rule.age_to is None:
        return True
    oldest = 10**6 if rule.age_to is None else rule.age_to
    return who.age is not None and rule.age_from <= who.age <= oldest


rules_of_a_street = st.lists(
    st.builds(
        Rule,
        id=st.just("r"),
        title=st.just("规则"),
        funder=st.sampled_from(["区民政局", "街道", "慈善会"]),
        kind=st.sampled_from(["off", "pays"]),
        amount_fen=st.integers(0, 60),
        meal=st.sampled_from(["", *MEALS]),
        category=st.sampled_from(["", "support", "alone"]),
        registration=st.sampled_from(["", "local", "other"]),
        age_from=st.sampled_from([0, 60, 65, 80]),
        age_to=st.sampled_from([None, 64, 79, 200]),
        monthly_cap_fen=st.sampled_from([0, 1, 30, 100]),
    ),
    max_size=5,
)
diners = st.builds(
    Diner,
    age=st.one_of(st.none(), st.integers(55, 95)),
    categories=st.sets(st.sampled_from(["support", "alone"])).map(lambda found: tuple(sorted(found))),
    registration=st.sampled_from(["", "local", "other"]),
)
used = st.dictionaries(st.sampled_from(["区民政局", "街道", "慈善会"]), st.integers(0, 120))


@given(
    st.integers(0, 80), st.sampled_from(MEALS), diners, rules_of_a_street, used, st.integers(0, 5), st.integers(1, 30)
)
def test_every_bill_is_what_a_patient_person_would_count_out(
    price: int,
    meal: str,
    who: Diner,
    rules: list[Rule],
    used: dict[str, int],
    points: int,
    worth: int,
) -> None:
    found = subsidy.bill(price, meal, who, rules, used, points=points, point_fen=worth)
    parts = tuple(line.fen for line in found.lines)
    assert (*parts, found.points, found.due_fen) == oracle(price, meal, who, rules, used, points, worth)
    assert found.price_fen == found.subsidy_fen + found.points_fen + found.due_fen
    assert found.due_fen >= 0
    assert min(parts, default=0) >= 0
    for line in found.lines:
        if line.rule.monthly_cap_fen:
            assert line.fen <= max(0, line.rule.monthly_cap_fen - used.get(line.rule.funder, 0))


def fen(bill: subsidy.Bill) -> list[int]:
    return [line.fen for line in bill.lines]


def test_funders_add_up_and_each_line_says_why() -> None:
    found = subsidy.bill(1500, "lunch", Diner(83), [EIGHTY, STREET], {})
    assert [(line.rule.funder, line.fen, line.reason) for line in found.lines] == [
        ("区民政局", 500, "full"),
        ("街道", 200, "full"),
    ]
    assert (found.own_fen, found.due_fen) == (800, 800)


def test_of_one_funder_only_the_best_rule_counts() -> None:
    more = Rule("low", "低保", "区民政局", "off", 800, category="support")
    assert fen(subsidy.bill(1500, "lunch", Diner(83, ("support",)), [EIGHTY, more], {})) == [800]


def test_whoever_has_the_birthday_today_is_that_old_today() -> None:
    for age, part in ((79, []), (80, [500]), (81, [500])):
        assert fen(subsidy.bill(1500, "lunch", Diner(age), [EIGHTY], {})) == part
    up_to = Rule("young", "六十五到七十九", "街道", "off", 100, age_from=65, age_to=79)
    assert [bool(fen(subsidy.bill(1500, "lunch", Diner(age), [up_to], {}))) for age in (64, 65, 79, 80)] == [
        False, True, True, False,
    ]  # fmt: skip


def test_who_has_no_known_birthday_gets_nothing_that_asks_for_an_age_and_everything_that_does_not() -> None:
    anyone = Rule("all", "所有人", "慈善会", "off", 100)
    assert fen(subsidy.bill(1500, "lunch", Diner(None), [EIGHTY, anyone], {})) == [100]


@pytest.mark.parametrize(
    ("used", "part", "reason"),
    [
        (0, 500, "full"),
        (1000, 500, "full"),
        (1001, 499, "cap"),
        (1499, 1, "cap"),
        (1500, 0, "cap-used"),
        (9999, 0, "cap-used"),
    ],
)
def test_a_cap_is_not_off_by_one(used: int, part: int, reason: str) -> None:
    capped = Rule("r", "封顶", "区民政局", "off", 500, monthly_cap_fen=1500)
    [line] = subsidy.bill(2000, "lunch", Diner(83), [capped], {"区民政局": used}).lines
    assert (line.fen, line.reason) == (part, reason)


def test_a_subsidy_above_the_price_pays_the_price_and_no_more() -> None:
    found = subsidy.bill(300, "lunch", Diner(83), [EIGHTY, STREET], {})
    assert [(line.fen, line.reason) for line in found.lines] == [(300, "price"), (0, "price")]
    assert found.due_fen == 0


def test_a_two_yuan_meal_costs_two_yuan_whatever_another_funder_gives_first() -> None:
    assert subsidy.bill(1200, "lunch", Diner(70), [TWO_YUAN], {}).due_fen == 200
    assert subsidy.bill(1200, "lunch", Diner(70), [STREET, TWO_YUAN], {}).due_fen == 200
    assert subsidy.bill(150, "lunch", Diner(70), [TWO_YUAN], {}).due_fen == 150


def test_points_pay_own_share_only_and_give_no_change() -> None:
    found = subsidy.bill(1000, "lunch", Diner(83), [EIGHTY], {}, points=9, point_fen=300)
    assert (found.points, found.points_fen, found.due_fen) == (1, 300, 200)
    assert subsidy.points_that_fit(500, 9, 300) == 1
    assert subsidy.points_that_fit(500, 0, 300) == 0


@pytest.mark.parametrize(
    ("typed", "minutes"), [(time(7, 0), 420), (time(19, 0), 1140), (time(0, 0), 0), (time(23, 59), 1439)]
)
def test_seven_in_the_morning_is_not_seven_in_the_evening(typed: time, minutes: int) -> None:
    assert clocktime.minutes(typed) == minutes
    assert clocktime.clock(minutes) == f"{typed.hour}:{typed.minute:02d}"


@given(st.dates(date(2026, 1, 1), date(2030, 1, 1)), st.integers(0, 1439), st.integers(0, 2))
def test_ordering_ends_at_the_very_minute_that_was_set(day: date, minute: int, before: int) -> None:
    end = clocktime.cut_off(day, minute, before, UTC)
    assert end == datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=before) + timedelta(
        minutes=minute
    )


@pytest.mark.parametrize("minute", [-1, 1440])
def test_a_minute_outside_the_day_is_refused(minute: int) -> None:
    with pytest.raises(ValueError, match="no minute of a day"):
        clocktime.moment(date(2026, 11, 22), minute, UTC)


def test_a_month_is_the_meals_month() -> None:
    assert [subsidy.month_of(day) for day in (date(2026, 1, 31), date(2026, 12, 1))] == ["2026-01", "2026-12"]


def test_every_refusal_speaks_both_languages_and_is_the_askers_matter() -> None:
    now = datetime(2026, 11, 22, 9, 5, tzinfo=UTC)
    arguments: dict[str, tuple[Any, ...]] = {
        "TooLate": (now,), "TooEarly": (7,), "NotServed": ("店",), "NoDelivery": ("店",), "NoAddress": (),
        "LineGone": ("米",), "SoldOut": ("米",), "OrderedAlready": ("店",), "BillChanged": (500, 450),
        "AllergenIn": ("米", "蛋", "egg"), "NotHereAnyMore": (), "NotEnoughPoints": (2, 1), "CannotCancel": ("taken",),
        "WrongCode": (), "TakenAlready": (now,), "CodeOver": (), "NotToday": (now.date(),), "WrongAmount": (450,),
        "CardTaken": (), "NameTaken": ("店",), "WrongTimes": (), "StartsTooSoon": (now.date(),), "EmptyVersion": (),
        "Published": (), "Orders": (3,), "MonthNotOver": (now.date(),), "ClaimedAlready": ("2026-10",),
        "NothingToClaim": ("2026-10",), "MonthMoved": ("2026-10",), "NothingToBring": (),
    }  # fmt: skip
    from liren_canteen import errors

    family = {cls.__name__: cls for cls in errors.CanteenError.__subclasses__()}
    assert set(family) == set(arguments), "every refusal stands here"
    for name, cls in family.items():
        error = cls(*arguments[name])
        assert 400 <= error.status < 500, name
        assert any("\u4e00" <= c <= "\u9fff" for c in error.zh), name
        assert error.zh.endswith("。"), name
        assert error.en.endswith("."), name
