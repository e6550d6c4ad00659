# SPDX-License-Identifier: Apache-2.0
"""Consents, what they allow, how much of it is used, and every act. Moments are Unix milliseconds.

A deed is kept by name: acts stay readable after the module is gone, as audit and notices do.
"""

from piccolo.columns import BigInt, ForeignKey, OnDelete, Text
from piccolo.table import Table


class MandateRow(Table, tablename="acting_mandate"):
    """Somebody lets somebody act for them."""

    id = Text(primary_key=True, default=None)
    person = Text(help_text="person id of who is helped; they, the helper, staff in scope")
    actor = Text(help_text="person id of the helper; the person, staff in scope")
    kind = Text(help_text="staff, family")
    how = Text(help_text="how consent was given: on-site, paper, sms, page; proof of it, reviewers")
    unit = Text(help_text="unit code of the person's home then")
    asked_ms = BigInt()
    given_ms = BigInt(null=True, default=None, help_text="since when it holds; none: still asked for")
    until_ms = BigInt()
    ended_ms = BigInt(null=True, default=None)
    ended_by = Text(null=True, default=None)
    recorded_by = Text(help_text="person id of who entered it")
    code_hash = Text(null=True, default=None, help_text="of the code sent to the person; keyed, gone once used")
    code_tries = BigInt(default=0)
    code_until_ms = BigInt(null=True, default=None)
    paper = Text(null=True, default=None, help_text="photo of the signed paper, sealed; reviewers, each look audited")


class Limit(Table, tablename="acting_limit"):
    """What a consent allows, and the most of it in a month."""

    mandate = ForeignKey(MandateRow, null=False, on_delete=OnDelete.restrict, primary_key=True)
    deed = Text()
    cap = BigInt()


class Use(Table, tablename="acting_use"):
    """How much of a cap is used: by all staff together for a person, or by a helper under one consent."""

    scope = Text(primary_key=True, default=None, help_text="person id, or id of the consent; counts a cap")
    deed = Text()
    month = Text(help_text="2026-11")
    used = BigInt()


class SlipRow(Table, tablename="acting_slip"):
    """One act."""

    id = Text(primary_key=True, default=None)
    number = Text(help_text="eight digits, printed on the slip")
    mandate = Text()
    person = Text(help_text="person id of who was helped; they, the helper, reviewers in scope")
    actor = Text(help_text="person id of who acted; shown to the person helped")
    kind = Text()
    how = Text()
    deed = Text()
    measure = Text()
    amount = BigInt()
    text = Text(help_text="what was done; the person, the helper, reviewers in scope; emptied at erasure")
    subject = Text()
    record = Text(null=True, default=None)
    unit = Text()
    at_ms = BigInt()
    month = Text()
    undo_until_ms = BigInt()
    undone_ms = BigInt(null=True, default=None)
    undone_by = Text(null=True, default=None)
    objected_ms = BigInt(null=True, default=None)
    sampled = BigInt(help_text="1: checked by a call")


class Block(Table, tablename="acting_block"):
    """Somebody who wants no worker to act for them."""

    person = Text(primary_key=True, default=None, help_text="person id; the person, staff who would act")
    at_ms = BigInt()


TABLES = (MandateRow, Limit, Use, SlipRow, Block)
