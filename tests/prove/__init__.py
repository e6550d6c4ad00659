# SPDX-License-Identifier: Apache-2.0
"""Proofs: what takes longer than a test may. Tests leave their figures here; ``make prove`` puts them on a page."""

import os
from pathlib import Path

FIGURES = "LIREN_FIGURES"
"""Names the file that takes one line a proof; unset in ``make test``."""
PROVING = bool(os.environ.get(FIGURES))
"""``make prove`` runs: what ``make test`` asks on one database, or not at all, is asked on both."""


def figures(line: str) -> None:
    """Say what was measured; silent unless somebody asked."""
    if path := os.environ.get(FIGURES):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(line + "\n")
