# SPDX-License-Identifier: Apache-2.0
"""The street's policy as the ledger enforces it: a canonical body whose digest a ``policy`` record signs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from liren.ledger.errors import Malformed, Refused
from liren.ledger.log import canonical, records
from liren.ledger.log.note import open_note
from liren.ledger.log.records import Code, Day, read_day
from liren.ledger.rules import days
from liren.ledger.rules.addresses import ASSET, encode_id
from liren.ledger.rules.moves import FEN
from liren.plugins.points import PointRule

TAG: Final = b"liren/policy/v1\n"
FORMAT: Final = "liren/policy/v1"
MAX_BODY: Final = 2**20
MAX_RULES: Final = 2000
DEFAULT_TZ: Final = "Asia/Shanghai"
"""Before the first policy record."""


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule of the body; ``docs/ledger-spec.md`` 11."""

    asset: Annotated[str, Meta(pattern=rf"^{ASSET}\Z")]
    code: Code
    expiry: str
    max: int
    min: int
    reviewers: Literal[0, 1]
    subject: Literal["h", "o"]
    valid_from: Day
    valid_to: Day | UnsetType = UNSET


class Body(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    deduct_h: dict[Code, Annotated[str, Meta(min_length=1, max_length=200)]]
    format: Literal["liren/policy/v1"]
    rules: tuple[Rule, ...]
    tz: str


@dataclass(frozen=True)
class PolicyInForce:
    """A parsed body and the digest that records name it by."""

    digest: str
    body: Body

    @cached_property
    def rules(self) -> dict[str, Rule]:
        return {rule.code: rule for rule in self.body.rules}

    @cached_property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.body.tz)

    def award(
        self, *, code: str, asset: str, subject: str, amount: int, eff: date, today: date
    ) -> tuple[Rule, date | None]:
        """The rule an award stands on, and the last day of its points.

        :raises Refused: no such rule, or the award lies outside it
        """
        rule = self.rules.get(code)
        if rule is None:
            raise Refused(
                f"现行细则里没有“{code}”这一条，不能赋分。请先发布细则。",
                f"The policy in force has no rule “{code}”: publish it first.",
            )
        if (rule.asset, rule.subject) != (asset, subject):
            raise Refused(
                f"细则“{code}”的积分种类或对象与这笔赋分不符。",
                f"Rule “{code}” is for another asset or another kind of subject.",
            )
        if not rule.min <= amount <= rule.max:
            raise Refused(
                f"细则“{code}”每次 {rule.min} 到 {rule.max} 分，这笔是 {amount} 分。请改正分值。",
                f"Rule “{code}” gives {rule.min} to {rule.max} points, not {amount}. Correct the amount.",
            )
        if eff > today:
            raise Refused(f"日期 {eff} 还没有到，不能先赋分。", f"The day {eff} has not come yet: award it then.")
        if eff < read_day(rule.valid_from) or (rule.valid_to is not UNSET and eff > read_day(rule.valid_to)):
            raise Refused(
                f"细则“{code}”在 {eff} 这一天不适用。请核对日期。",
                f"Rule “{code}” did not apply on {eff}. Check the day.",
            )
        expires_on = days.last_day(rule.expiry, eff)
        if days.is_past(expires_on, today):
            raise Refused(
                f"按细则，{eff} 的积分在 {expires_on} 已经到期，不能再记入。",
                f"Points of {eff} ended on {expires_on} by the rule; they cannot be awarded any more.",
            )
        return rule, expires_on


def digest_of(body: bytes) -> str:
    return encode_id(sha256(TAG + body).digest())


def write_body(rules: Sequence[PointRule], tz: str, deduct_h: Mapping[str, str] | None = None) -> bytes:
    """The canonical body of a policy.

    :raises Malformed: a rule contradicts itself, or there are two of one code
    """
    body = Body(
        deduct_h=dict(deduct_h or {}),
        format="liren/policy/v1",
        rules=tuple(_rule(rule) for rule in sorted(rules, key=lambda rule: rule.code)),
        tz=tz,
    )
    data = canonical.encode(body)
    for rule in read_body(data).body.rules:
        if rule.valid_to is not UNSET and read_day(rule.valid_to) < read_day(rule.valid_from):
            raise _malformed(f"rule {rule.code} ends before it begins")
    return data


def read_body(data: bytes) -> PolicyInForce:
    """A rule that ends before it begins is one that never applies: nobody publishes it here, but a log may have it.

    :raises Malformed: not a policy body
    """
    if len(data) > MAX_BODY:
        raise _malformed("it is longer than 1 MiB")
    try:
        body = msgspec.convert(canonical.decode(data), Body, strict=True)
        ZoneInfo(body.tz)
    except (msgspec.ValidationError, KeyError, ValueError, OSError) as error:
        raise _malformed(str(error)) from error
    codes = [rule.code for rule in body.rules]
    if codes != sorted(set(codes)) or len(codes) > MAX_RULES:
        raise _malformed("its codes do not ascend, repeat, or are more than 2 000")
    for rule in body.rules:
        _check(rule)
    return PolicyInForce(digest_of(data), body)


def read_record(note: bytes) -> str:
    """The digest a stored ``policy`` record signs."""
    record = records.decode(open_note(note)[0])
    assert isinstance(record, records.Policy)
    return record.digest


def _rule(rule: PointRule) -> Rule:
    return Rule(
        asset=rule.asset,
        code=rule.code,
        expiry=rule.expiry,
        max=rule.max,
        min=rule.min,
        reviewers=1 if rule.reviewers else 0,
        subject=rule.subject,
        valid_from=rule.valid_from.isoformat(),
        valid_to=rule.valid_to.isoformat() if rule.valid_to else UNSET,
    )


def _check(rule: Rule) -> None:
    if rule.asset == FEN:
        raise _malformed(f"rule {rule.code} awards money")
    if not 1 <= rule.min <= rule.max:
        raise _malformed(f"rule {rule.code} has no range of at least 1")
    read_day(rule.valid_from)
    if rule.valid_to is not UNSET:
        read_day(rule.valid_to)
    days.check_expiry(rule.expiry)


def _malformed(why: str) -> Malformed:
    return Malformed(
        f"这份细则不合账本规范（{why}），没有发布。请改正后再试。",
        f"This policy is not well formed: {why}. It was not published; correct it and try again.",
    )
