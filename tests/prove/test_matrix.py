# SPDX-License-Identifier: Apache-2.0
"""Every row of the fault matrix has a test, and every test that claims a row claims one there is."""

import re
from pathlib import Path

from tests.prove.faults import FAULTS
from tests.prove.steps import ROOT, STEPS

CLAIM = re.compile(r'mark\.proves\("([^"]+)"')


def test_every_fault_has_a_test_that_make_prove_runs() -> None:
    claimed: dict[str, list[Path]] = {}
    for path in (ROOT / "tests").rglob("test_*.py"):
        for fault in CLAIM.findall(path.read_text("utf-8")):
            claimed.setdefault(fault, []).append(path)
    assert set(claimed) == {fault.name for fault in FAULTS}
    run = [ROOT / test for step in STEPS for test in step.tests if not test.startswith("-") and test != "proves"]
    assert all(path.exists() for path in run)
    for paths in claimed.values():
        assert all(any(path == each or path.is_relative_to(each) for each in run) for path in paths)
