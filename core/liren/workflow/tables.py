# SPDX-License-Identifier: Apache-2.0
"""Cases and their timelines. A module's workflow and states are kept by name: rows outlive the module."""

from piccolo.columns import BigInt, ForeignKey, OnDelete, Text
from piccolo.table import Table


class CaseRow(Table, tablename="workflow_case"):
    """One matter on its way through one workflow of one plugin."""

    id = Text(primary_key=True, default=None)
    plugin = Text()
    workflow = Text()
    subject = Text(help_text="the module's own id of what it is about")
    unit = Text(help_text="unit code")
    path = Text(help_text="of the unit: scopes are prefix scans")
    title = Text()
    holder = Text(null=True, default=None, help_text="person id")
    worker = Text(null=True, default=None, help_text="person id")
    state = Text()
    opened_ms = BigInt()
    since_ms = BigInt()
    due_ms = BigInt(null=True, default=None)
    alarm_ms = BigInt(null=True, default=None, help_text="when somebody has to be told next")
    closed_ms = BigInt(null=True, default=None)
    version = BigInt()


class StepRow(Table, tablename="workflow_step"):
    """One line of a timeline; never changed."""

    case_id = ForeignKey(CaseRow, null=False, on_delete=OnDelete.restrict, primary_key=True)
    number = BigInt()
    transition = Text()
    source = Text()
    target = Text()
    actor = Text()
    at_ms = BigInt()
    note = Text()
    worker = Text(null=True, default=None)
    due_ms = BigInt(null=True, default=None, help_text="the deadline that held then: late or in time")


class FileRow(Table, tablename="workflow_file"):
    """What was handed in with a step; its bytes lie sealed under ``files/cases`` of the home."""

    id = Text(primary_key=True, default=None)
    case_id = ForeignKey(CaseRow, null=False, on_delete=OnDelete.restrict)
    step = BigInt()
    name = Text()
    kind = Text()
    size = BigInt()


TABLES = (CaseRow, StepRow, FileRow)
