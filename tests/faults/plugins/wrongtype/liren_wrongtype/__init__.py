# SPDX-License-Identifier: Apache-2.0
"""Gives a slot something that is no fragment."""

from liren import hookimpl
from liren.api import Context


@hookimpl
def page_slot(ctx: Context, slot: str) -> object:
    return {"html": "<script>alert(1)</script>"}
