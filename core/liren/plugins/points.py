# SPDX-License-Identifier: Apache-2.0
"""Drafts of point records: what a module hands to ``tx.post``; the ledger checks, signs and admits them.

People and organisations are named by the ids identity knows; the ledger maps them to its own pseudonyms.
Amounts are integers greater than zero (points, or 分 in asset ``fen``). Days are street time.
``Subject`` and ``Posted`` are Structs: a list hashes or makes them many times a record.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from msgspec import Struct

Asset = str
"""``resident`` (居民分), ``partner`` (伙伴分), ``fen`` (RMB 分), or one the street added."""


class Subject(Struct, frozen=True):
    """Whose points: a person (``h``) or an organisation (``o``), by identity's id."""

    kind: Literal["h", "o"]
    id: str


@dataclass(frozen=True, slots=True)
class Budget:
    """issuance ↔ budget of an issuing unit; ``amount`` < 0 takes back. Core only; street and reviewer."""

    unit: str
    amount: int
    reviewer: str
    asset: Asset = "resident"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Award:
    """budget/unit → subject, under a rule of the policy in force. ``credit`` only."""

    subject: Subject
    unit: str
    code: str
    amount: int
    eff: date
    asset: Asset = "resident"
    reviewer: str | None = None
    """Person id of the second signer where the rule asks for four eyes."""
    reason: Mapping[str, str | int] = field(default_factory=dict)
    """``title``: what it was, in one line the holder reads; ``where``: at whose place; and whatever else explains it.
    The personal part (what, evidence hashes, who entered it): committed to, kept sealed, erasable."""


@dataclass(frozen=True, slots=True)
class Spend:
    """subject → escrow/<rid of this spend>; draws on the accounts that expire first."""

    subject: Subject
    code: str
    amount: int
    asset: Asset = "resident"
    reason: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settle:
    """escrow → merchant/<plugin>.<merchant>: the whole escrow of the spend, or ``amount`` of it."""

    spend: str
    merchant: str
    code: str
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class Void:
    """escrow → the spend's holder, latest expiry first."""

    spend: str
    code: str
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    """merchant of the settle (as far as its balance goes, rest from ``redeemed``) → the spend's holder."""

    settle: str
    code: str
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class Deduct:
    """subject → expired: at most what it holds, never a debt. ``credit`` and the core only.

    From a person (``h``) only where the policy in force switches ``code`` on and names the legal basis.
    """

    subject: Subject
    unit: str
    code: str
    amount: int
    reviewer: str
    asset: Asset = "partner"
    reason: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clear:
    """merchant → redeemed: a settled period is cleared against its attested slip. Core only; street and reviewer.

    With ``fund`` the money is recorded beside it: fund → merchant, or back where ``fen`` < 0.
    """

    slip: str
    """Rid of the ``attest`` record of the settlement slip."""
    merchant: str
    """``<plugin>.<id>``"""
    points: int
    reviewer: str
    asset: Asset = "resident"
    fund: str = ""
    fen: int = 0
    reason: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reverse:
    """(Part of) an award, deduct, close or clear the other way. ``credit`` and the core only.

    Of an award at most what is left in the credited account; of all, no more than the record together with earlier
    reversals of it.
    """

    record: str
    code: str
    amount: int
    reviewer: str
    reason: Mapping[str, str | int] = field(default_factory=dict)
    asset: Asset | None = None
    """Which of the record's assets (a clear may hold two); None: that of its first posting."""


@dataclass(frozen=True, slots=True)
class Expire:
    """The whole balance of one account past its last day → expired. Core only."""

    asset: Asset
    address: str


@dataclass(frozen=True, slots=True)
class Close:
    """Everything a subject holds → expired (death, leaving; with notice). Core only."""

    subject: Subject
    unit: str
    reviewer: str
    reason: Mapping[str, str | int] = field(default_factory=dict)


PostDraft = Budget | Award | Spend | Settle | Void | Refund | Clear | Deduct | Reverse | Expire | Close


class Posted(Struct, frozen=True):
    """What ``tx.post`` returns at once; position and admission time exist once the transaction committed."""

    rid: str
    """22 characters that name the record: ``Settle.spend``, ``Refund.settle``, ``Reverse.record`` take it."""
    moves: tuple[tuple[Asset, str, str, int], ...]
    """(asset, from address, to address, amount) as signed, of all its records."""
    more: tuple[str, ...] = ()
    """Rids of further records: a record touches one pseudonym, and who was merged has several. An order goes by its
    first rid alone: settling, voiding and refunding find the others."""


@dataclass(frozen=True, slots=True)
class RuleTemplate:
    """A rule a street may adopt: nothing is awarded until it has, with the amount it decided on."""

    name: str
    """``<plugin>.<what>``: stable, so that a street's rule still knows where it came from."""
    title: str
    behaviour: Literal["dedication", "good_faith", "breach_of_faith"]
    unit: str
    """What is counted: 次, 小时 …"""
    points: int
    """Suggested, for each unit."""
    daily_cap: int = 1
    """Units a person and day."""
    evidence: str = ""
    """What a claim under it has to bring."""
    event: str = ""
    """Name of an event that is a claim under this rule: ``credit`` enters it by itself. Its fields are ``person`` (id),
    ``day`` (ISO date), and ``quantity`` (1 where it has none)."""


@dataclass(frozen=True, slots=True)
class PointRule:
    """One rule of the policy, as the ledger enforces it (caps per day or household are credit's own)."""

    code: str
    asset: Asset
    subject: Literal["h", "o"]
    min: int
    max: int
    valid_from: date
    expiry: Literal["never", "year-end", "next-year-end"] | str
    """``never``; ``year-end`` / ``next-year-end`` of the award's eff; ``months:<n>`` to that month's end."""
    reviewers: int
    """0 or 1: how many reviewer signatures an award under this rule needs beside the unit's."""
    valid_to: date | None = None
