# SPDX-License-Identifier: Apache-2.0
"""Proofs: what takes longer than a test may. Tests leave their figures here; ``make prove`` puts them on a page.

A test that shows one of the faults of :mod:`tests.prove.faults` carries ``@pytest.mark.proves("its name")``: that it
passed, and on which database, is noted by itself (``tests/conftest.py``).
"""

import json
import os
from pathlib import Path
from typing import Any, Final, Literal

FIGURES = "LIREN_FIGURES"
"""Names the file that takes one line a proof; unset in ``make test``."""
PROVING = bool(os.environ.get(FIGURES))
"""``make prove`` runs: what ``make test`` asks on one database, or not at all, is asked on both."""
Kind = Literal["sqlite", "postgres", ""]
"""Which database; empty: neither, or both."""
TITLES: Final = {"sqlite": "SQLite", "postgres": "PostgreSQL", "": ""}


def kind_of(database: str) -> Kind:
    """:param database: the path of a file, or an address"""
    return "postgres" if database.startswith("postgres") else "sqlite"


def figures(line: str, *, fault: str = "", on: Kind = "") -> None:
    """Say what was measured; silent unless somebody asked.

    :param fault: the row of the fault matrix it belongs to
    """
    note({"line": line, "fault": fault, "on": on})


def note(what: dict[str, Any]) -> None:
    """One line for the page."""
    if path := os.environ.get(FIGURES):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(what, ensure_ascii=False) + "\n")
