# SPDX-License-Identifier: Apache-2.0
"""``make prove``: what takes longer than ``make test``; writes ``docs/proof.md``: what was run and what came of it."""

import os
import platform
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "proof.md"
COUNT = re.compile(r"^\d+ (?:passed|failed).*$|^.*\d+ (?:passed|failed).* in [\d.]+s.*$", re.M)


@dataclass(frozen=True, slots=True)
class Step:
    """Tests run with more of something."""

    what: str
    tests: tuple[str, ...]
    environment: dict[str, str]


STEPS = (
    Step("kill −9 of the serving process, 100 points", ("tests/faults/test_kill_server.py",), {"LIREN_KILLS": "100"}),
    Step("kill −9 of a posting process, 100 points", ("tests/faults/test_kill.py",), {"LIREN_KILLS": "100"}),
    Step("every page, everybody, both databases", ("tests/abuse",), {"LIREN_EVERY_ROLE": "1"}),
)


def main() -> None:
    rows = ["| proof | result | minutes |", "|---|---|---|"]
    failed = False
    for step in STEPS:
        if not all((ROOT / test).exists() for test in step.tests):
            continue
        started = time.monotonic()
        print(f"{step.what} …", flush=True)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", *step.tests],
            cwd=ROOT,
            env=os.environ | step.environment,
            capture_output=True,
            text=True,
        )
        failed |= done.returncode != 0
        found = COUNT.findall(done.stdout)
        result = found[-1].strip("= ") if found else f"exit code {done.returncode}"
        print(f"  {result}", flush=True)
        if done.returncode != 0:
            print(done.stdout[-5000:])
        rows.append(f"| {step.what} | {result} | {(time.monotonic() - started) / 60:.1f} |")
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    text = ["# Proof", "", f"Written by `make prove` on {date.today()}: {machine}.", ""]
    text += ["kill −9 ends a process; it is not the end of power to the disk, which is not tried here.", "", *rows, ""]
    PAGE.write_text("\n".join(text))
    sys.exit(failed)


if __name__ == "__main__":
    main()
