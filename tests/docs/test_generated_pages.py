# SPDX-License-Identifier: Apache-2.0
"""The generated pages are what the code says today; ``python -m tests.docs`` writes them."""

import re

from tests.docs import DOCS, written


def test_the_generated_pages_are_up_to_date() -> None:
    for name, text in written().items():
        assert (DOCS / name).is_file(), f"docs/{name} is missing: make docs"
        assert (DOCS / name).read_text("utf-8") == text, f"docs/{name} is out of date: make docs"


def test_no_drawing_is_left_of_a_workflow_that_is_gone() -> None:
    kept = {path.relative_to(DOCS).as_posix() for path in (DOCS / "plugins/workflows").glob("*.svg")}
    assert kept == {name for name in written() if name.endswith(".svg")}


def test_the_contract_lists_the_slots_that_pages_ask_for() -> None:
    table = (DOCS / "plugins/contract.md").read_text("utf-8").partition("## Slots")[2].partition("\n## ")[0]
    listed = set(re.findall(r"`(\w+\.\w+)`", table))
    asked = written()["plugins/registered.md"].partition("## Slots")[2].partition("\n## ")[0]
    assert listed == set(re.findall(r"^\| `([\w.]+)`", asked, re.M))
