# SPDX-License-Identifier: Apache-2.0
"""Raises whenever a page asks for its slot."""

from liren import hookimpl
from liren.api import Context


@hookimpl
def page_slot(ctx: Context, slot: str) -> object:
    raise RuntimeError("not today")
