# SPDX-License-Identifier: Apache-2.0
"""The code a meal is fetched with: eight digits, computed anew each time, of which the table keeps a hash only."""

import unicodedata
from typing import Final

from liren.api import Context
from liren_canteen.tables import MealOrder

CODE_DIGITS: Final = 8


def code_of(ctx: Context, order: str, code_try: int) -> str:
    """The order's eight digits: computed anew each time, stored nowhere."""
    return f"{int(ctx.keyed_hash('code', f'{order}/{code_try}')[:16], 16) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def in_groups(code: str) -> str:
    """``1234 5678``: how the code is shown and read aloud."""
    return f"{code[:4]} {code[4:]}"


def hash_of_code(ctx: Context, code: str) -> str:
    """What stands in the table: who steals the database cannot turn it back into a code."""
    return ctx.keyed_hash("code-index", code)


async def free_code(ctx: Context, order: str) -> tuple[int, str]:
    """The first of the order's possible codes that no order ever had."""
    code_try = 0
    while True:
        code_hash = hash_of_code(ctx, code_of(ctx, order, code_try))
        if not await MealOrder.exists().where(MealOrder.code_hash == code_hash):
            return code_try, code_hash
        code_try += 1


def read_code(typed: str) -> str | None:
    """Eight digits however they are typed; None: not a code."""
    kept = "".join(c for c in unicodedata.normalize("NFKC", typed) if not (c.isspace() or c in "-–—·."))
    return kept if len(kept) == CODE_DIGITS and kept.isascii() and kept.isdigit() else None
