# SPDX-License-Identifier: Apache-2.0
"""The nightly check of the whole log and of every derived table, in a process of its own: pages must not wait for it.

That process takes the database's address from ``LIREN_DATABASE`` and writes what it finds as JSON, in both languages.
"""

import asyncio
import json
import os
import sys
from typing import Final, cast

from liren.errors import LirenError
from liren.ledger.archive import check
from liren.ledger.reading.reader import Reader
from liren.plugins.context import Context
from liren.store import Store

SHOWN: Final = 20
POLITE: Final = 10
"""How far the check stands back for the server (``nice``)."""


class Damaged(LirenError):
    """The log or a derived table is not what was signed: what a red line on the health page must say."""

    status = 409
    code = "ledger-damaged"


async def verify(ctx: Context) -> None:
    """The job.

    :raises Damaged: something is not as it was signed
    """
    store = cast(Reader, ctx.ledger).store
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        f"from {__name__} import main; main()",
        env=os.environ | {"LIREN_DATABASE": store.database},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()  # to its end: what is left open is found by a loop that is closed
    found = json.loads(said) if said else [("核对程序中断。", "The check was interrupted.")]
    if found:
        zh, en = found[0]
        raise Damaged(
            f"账本核对发现 {len(found)} 处问题：{zh}请运行 liren ledger verify 和 rebuild，先不要改动数据库。",
            f"The check found {len(found)}: {en} Run liren ledger verify and rebuild; change nothing in the database.",
        )


async def _look(database: str) -> list[tuple[str, str]]:
    store = await Store.open(database, read_only=True)
    try:
        found = [*await check.verify(store), *await check.rebuild(store)]
    finally:
        await store.close()
    return [(finding.zh, finding.en) for finding in found[:SHOWN]]


def main() -> None:
    os.nice(POLITE)
    sys.stdout.write(json.dumps(asyncio.run(_look(os.environ["LIREN_DATABASE"]))))
