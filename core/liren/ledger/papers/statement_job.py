# SPDX-License-Identifier: Apache-2.0
"""The job that brings every month its statement; a night on which the server was down is made up for."""

from typing import cast

import structlog

from liren.ledger.papers.statements import Statements
from liren.ledger.reading.reader import Reader
from liren.plugins.context import Context

log = structlog.get_logger("liren.ledger")


def statements_of(ctx: Context) -> Statements:
    reader = cast(Reader, ctx.ledger)
    return Statements(reader.store, reader.ledger, reader)


async def make_due(ctx: Context) -> None:
    """A statement for every month that is over and has none."""
    statements = statements_of(ctx)
    for month in await statements.due():
        made = await statements.make(month)
        log.info("statement_made", month=month, size=made.size, leaves=made.leaves)
