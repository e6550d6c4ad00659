# SPDX-License-Identifier: Apache-2.0
"""``make prove``: what takes longer than ``make test``; writes ``docs/proof.md``: what was run and what came of it.

``python -m tests.prove NAME …`` runs those alone and keeps the other rows of the page.
"""

import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tests.prove import FIGURES

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "proof.md"
COUNT = re.compile(r"^\d+ (?:passed|failed).*$|^.*\d+ (?:passed|failed).* in [\d.]+s.*$", re.M)


@dataclass(frozen=True, slots=True)
class Step:
    """Tests run with more of something."""

    name: str
    what: str
    tests: tuple[str, ...]
    environment: dict[str, str]


JOURNEY = "plugins/canteen/tests/test_journeys.py"
AT_A_DESK = {"LIREN_WIDTH": "1280", "LIREN_JOURNEY_DATABASE": "postgres"}
CANTEEN = ("tests/prove/test_canteen_life.py", "tests/prove/test_canteen_pages.py")
STEPS = (
    Step("kill", "kill −9 of a posting process", ("tests/faults/test_kill.py",), {"LIREN_KILLS": "100"}),
    Step("server", "kill −9 of the serving process", ("tests/faults/test_kill_server.py",), {"LIREN_KILLS": "100"}),
    Step("million", "a log of 10^6 records, on both databases", ("tests/prove/test_million.py",), {}),
    Step("points", "kill −9 between posting and published signature", ("tests/faults/test_crash_points.py",), {}),
    Step("at-once", "many at once over HTTP, a database held", ("tests/faults/test_at_once.py",), {}),
    Step("mutation", "one byte changed: every member, every field", ("tests/prove/test_mutation.py",), {}),
    Step("canteen", "the canteen: its life, every page before axe", CANTEEN, {}),
    Step("lunch", "a lunch in the browser, at a desk, on PostgreSQL", (JOURNEY,), AT_A_DESK),
    Step("flips", "one byte changed: every stored column", ("tests/prove/test_flips.py",), {}),
    Step("machine", "any sequence against the oracle, both databases", ("tests/ledger/test_machine.py",), {}),
    Step("abuse", "every page, everybody, both databases", ("tests/abuse",), {}),
)


def run(step: Step) -> tuple[bool, str]:
    """:returns: (it held, its row of the page)"""
    started = time.monotonic()
    print(f"{step.what} …", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        found_in = Path(folder) / "figures"
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", *step.tests],
            cwd=ROOT,
            env=os.environ | step.environment | {FIGURES: str(found_in)},
            capture_output=True,
            text=True,
        )
        figures = found_in.read_text("utf-8").splitlines() if found_in.exists() else []
    count = COUNT.findall(done.stdout)
    result = count[-1].strip("= ") if count else f"exit code {done.returncode}"
    print(f"  {result}", *figures, sep="\n  ", flush=True)
    if done.returncode != 0:
        print(done.stdout[-5000:])
    said = "<br>".join([result, *figures])
    minutes = (time.monotonic() - started) / 60
    return done.returncode == 0, f"| {step.name} | {step.what} | {said} | {date.today()}, {minutes:.1f} min |"


def main(chosen: list[str]) -> None:
    kept = {}
    if chosen and PAGE.exists():
        kept = {line.split(" ")[1]: line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")}
    rows, good = [], True
    for step in STEPS:
        if chosen and step.name not in chosen:
            rows += [kept[step.name]] if step.name in kept else []
            continue
        held, row = run(step)
        good &= held
        rows.append(row)
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    text = ["# Proof", "", f"Written by `make prove`: {machine}, shared with others.", ""]
    text += ["kill −9 ends a process; it is not the end of power to the disk, which is not tried here.", ""]
    text += ["| name | proof | result | when |", "|---|---|---|---|", *rows, ""]
    PAGE.write_text("\n".join(text), "utf-8")
    sys.exit(not good)


if __name__ == "__main__":
    main(sys.argv[1:])
