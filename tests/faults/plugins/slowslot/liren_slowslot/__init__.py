# SPDX-License-Identifier: Apache-2.0
"""Needs a minute for its slot."""

import asyncio

from liren import hookimpl
from liren.api import Context


@hookimpl
async def page_slot(ctx: Context, slot: str) -> object:
    await asyncio.sleep(60)
