# SPDX-License-Identifier: Apache-2.0
"""Tables of rules, award lists and their rows. People and units are kept by id, never by foreign key."""

from datetime import date
from typing import Any

from piccolo.columns import BigInt, Bytea, Date, Text
from piccolo.table import Table


class RuleRow(Table, tablename="credit_rule"):
    """One version of one rule; never changed once adopted, but for its last day."""

    id = Text(primary_key=True, default=None, help_text="code.version")
    code = Text()
    version = BigInt()
    title = Text()
    behaviour = Text(help_text="dedication, good_faith, breach_of_faith")
    unit = Text(help_text="what is counted")
    points = BigInt(help_text="for each unit")
    daily_cap = BigInt(help_text="units a person and day")
    evidence = Text()
    valid_from = Date(default=None)
    valid_to = Date(null=True, default=None)
    expiry = Text()
    source = Text(help_text="where it was published on paper, if it was")
    subject = Text(default="h")
    reviewers = BigInt(default=1)
    proposal = Text()
    adopted = BigInt(default=0, help_text="0 or 1")
    template = Text(default="", help_text="what it was adopted from: <plugin>.<what>")


class Proposal(Table, tablename="credit_proposal"):
    """Rules put forward together, adopted by a second person."""

    id = Text(primary_key=True, default=None)
    title = Text()
    state = Text(help_text="proposed, adopted, withdrawn")
    entered_by = Text()
    entered_ms = BigInt()
    decided_by = Text(null=True, default=None)
    decided_ms = BigInt(null=True, default=None)
    policy = Text(null=True, default=None, help_text="record id of the policy in the ledger")


class AwardList(Table, tablename="credit_list"):
    """A list of awards from upload to posting."""

    id = Text(primary_key=True, default=None)
    number = BigInt(help_text="counts up; part of every claim number")
    title = Text()
    state = Text(help_text="follows the list's case")
    origin = Text(help_text="file or form")
    unit = Text(help_text="smallest unit that holds everyone in it: who may review it")
    collector = Text()
    file_name = Text()
    file_digest = Text()
    sheet = Text()
    layout = Text(default="", help_text="JSON: titles of the columns, and which is which")
    entered_ms = BigInt()
    submitted_ms = BigInt(null=True, default=None)
    reviewer = Text(null=True, default=None)
    reviewed_ms = BigInt(null=True, default=None)
    publicity_from = Date(null=True, default=None)
    posts_on = Date(null=True, default=None, help_text="first day on which it may be posted")
    posted_ms = BigInt(null=True, default=None)
    task = Text(null=True, default=None, help_text="the background work that posts it")
    reason = Text(default="", help_text="why it was returned")


def shown_on(day: date) -> Any:
    """Lists whose publicity is not over on ``day``, posted or not: its first day is always shown."""
    return (AwardList.posts_on > day) | (AwardList.publicity_from == day)


class UploadedFile(Table, tablename="credit_upload"):
    """The bytes of a list whose columns a person still has to name; deleted as soon as it is checked."""

    list = Text(primary_key=True, default=None)
    data = Bytea()


class AwardRow(Table, tablename="credit_row"):
    """One row of a list with its verdict, and one award once it is posted."""

    id = Text(primary_key=True, default=None, help_text="claim number: list number-sheet row")
    list = Text()
    number = BigInt(help_text="sheet row")
    verdict = Text()
    state = Text(help_text="checked, waiting, frozen, credited, struck, other_reviewer")
    name = Text(help_text="as typed")
    person = Text(null=True, default=None)
    household = Text(null=True, default=None)
    unit = Text(null=True, default=None)
    rule = Text(null=True, default=None, help_text="credit_rule.id")
    quantity = BigInt(null=True, default=None)
    day = Date(null=True, default=None)
    points = BigInt(default=0)
    evidence = Text(default="")
    same_as = BigInt(null=True, default=None)
    cells = Text(default="", help_text="JSON of the cells as handed in, for rows to be mended; empty for good ones")
    sampled = BigInt(default=0, help_text="0 no, 1 to be looked at, 2 looked at")
    award_key = Text(null=True, default=None, help_text="person|code|day")
    live = BigInt(default=0, help_text="1: stands or is on its way; unique by award_key")
    rid = Text(null=True, default=None, help_text="the signed record")
    remark = Text(default="", help_text="why it was frozen or struck")


class HeardClaim(Table, tablename="credit_claim"):
    """An event that claims points, until it stands in a list."""

    id = Text(primary_key=True, default=None, help_text="key of the event")
    plugin = Text()
    rule = Text(help_text="credit_rule.id")
    person = Text()
    day = Date(default=None)
    quantity = BigInt()
    list = Text(null=True, default=None)


TABLES = (RuleRow, Proposal, AwardList, UploadedFile, AwardRow, HeardClaim)
