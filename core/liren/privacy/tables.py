# SPDX-License-Identifier: Apache-2.0
"""Requests to be forgotten, what had to be kept for now, and which entries were erased."""

from piccolo.columns import BigInt, Bytea, Date, Text
from piccolo.table import Table


class ErasureRequest(Table, tablename="privacy_request"):
    """A resident asks to be deleted; decided by staff within fifteen days."""

    person = Text(primary_key=True, default=None)
    at_ms = BigInt()


class Retained(Table, tablename="privacy_retained"):
    """What a law keeps of an erased person for now: deleted by itself when the day has come."""

    id = Text(primary_key=True, default=None, help_text="person/plugin")
    person = Text()
    plugin = Text()
    until = Date(default=None)
    law = Text()


class Erasure(Table, tablename="privacy_erasure"):
    """An erased entry, by its random id alone: a restored backup erases it again."""

    person = Text(primary_key=True, default=None)
    day = Date(default=None)
    by = Text(help_text="person id of who did it")


class Correction(Table, tablename="privacy_correction"):
    """What a resident asks to have put right; decided by a case."""

    id = Text(primary_key=True, default=None)
    person = Text(help_text="whose; they and the privacy officer in scope")
    field = Text(help_text="which field; they and the privacy officer in scope")
    value = Bytea(null=True, default=None, help_text="what it should say, sealed; gone once decided; each look audited")
    at_ms = BigInt()
    case_id = Text(null=True, default=None)


TABLES = (ErasureRequest, Retained, Erasure, Correction)
