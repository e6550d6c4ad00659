# SPDX-License-Identifier: Apache-2.0
"""What ``make prove`` runs: tests with more of something, those of the long ones first.

Two run at a time, one a core: nearly all of them ask the same of SQLite and of PostgreSQL, apart from each other.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

import msgspec

from tests.prove import FIGURES, TITLES, Kind

ROOT: Final = Path(__file__).resolve().parents[2]
COUNT: Final = re.compile(r"^.*\d+ (?:passed|failed|error|skipped).* in [\d.]+s.*$", re.M)
BOTH: Final[tuple[Kind, ...]] = ("sqlite", "postgres")
ONCE: Final[tuple[Kind, ...]] = ("",)


@dataclass(frozen=True, slots=True)
class Step:
    """Some tests."""

    name: str
    what: str
    tests: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    kinds: tuple[Kind, ...] = BOTH
    """Run once for each."""
    on_disk: bool = False
    """Its files lie on the disk, as a street's do; elsewhere in memory, where there is room (tests/conftest.py)."""


class Result(msgspec.Struct):
    """What came of one step on one database."""

    held: bool
    count: str
    """What pytest counted."""
    notes: list[dict[str, Any]]
    """See :func:`tests.prove.note`."""
    day: str
    minutes: float


KILLS: Final = {"LIREN_KILLS": "100"}
DISK: Final = (
    "tests/faults/test_bad_disk.py",
    "tests/faults/test_database_gone.py",
    "tests/faults/test_no_start.py",
    "tests/ledger/test_bad_disk.py",
)
CLOCK: Final = (
    "tests/ledger/test_clock.py",
    "tests/ledger/test_corrections.py",
    "tests/ledger/test_log.py",
    "tests/ledger/test_pages.py",
    "tests/ledger/test_posting.py",
    "-m",
    "proves",
)
CANTEEN: Final = ("tests/prove/test_canteen_life.py", "tests/prove/test_canteen_pages.py")
JOURNEY: Final = ("plugins/canteen/tests/test_journeys.py",)
AT_A_DESK: Final = {"LIREN_WIDTH": "1280", "LIREN_JOURNEY_DATABASE": "postgres"}
STEPS: Final = (
    Step("million", "a log of 10^6 records", ("tests/prove/test_million.py",), on_disk=True),
    Step("server", "kill −9 of the serving process", ("tests/faults/test_kill_server.py",), KILLS, on_disk=True),
    Step("kill", "kill −9 of a posting process", ("tests/faults/test_kill.py",), KILLS, on_disk=True),
    Step("flips", "one byte changed: every stored value", ("tests/prove/test_flips.py",)),
    Step("machine", "any sequence against the oracle", ("tests/ledger/test_machine.py",), kinds=ONCE),
    Step("canteen", "the canteen: its life, every page before axe", CANTEEN, kinds=ONCE),
    Step("abuse", "every page, everybody, both databases", ("tests/abuse",), kinds=ONCE),
    Step("points", "kill −9 between posting and published signature", ("tests/faults/test_crash_points.py",)),
    Step("at-once", "many at once over HTTP, a database held", ("tests/faults/test_at_once.py",)),
    Step("disk", "a disk that is full or broken, a server that is gone", DISK),
    Step("backup", "an older backup, a second process", ("tests/faults/test_older_backup.py",)),
    Step("mutation", "one byte changed: every member, every field", ("tests/prove/test_mutation.py",)),
    Step("clock", "the street's days, a clock that goes back", CLOCK),
    Step("lunch", "a lunch in the browser, at a desk, on PostgreSQL", JOURNEY, AT_A_DESK, ONCE),
)


def run(step: Step, kind: Kind) -> Result:
    """One step on one database, in a process of its own."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="liren-prove-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # the database server runs as a user of its own, who has to get in
        found_in = Path(folder) / "figures"
        environment = os.environ | step.environment | {FIGURES: str(found_in)}
        if kind:
            environment |= {"LIREN_TEST_DATABASES": kind}
        if step.on_disk:
            environment |= {"PYTEST_DEBUG_TEMPROOT": folder}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", *step.tests],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
        )
        lines = found_in.read_text("utf-8").splitlines() if found_in.exists() else []
    if done.returncode != 0:
        print(done.stdout[-5000:], done.stderr[-1000:], flush=True)
    count = COUNT.findall(done.stdout)
    return Result(
        done.returncode == 0,
        count[-1].strip("= ") if count else f"exit code {done.returncode}",
        [msgspec.json.decode(line) for line in lines],
        f"{date.today()}",
        (time.monotonic() - started) / 60,
    )


def title(step: Step, kind: Kind) -> str:
    return f"{step.name}, {TITLES[kind]}" if kind else step.name
