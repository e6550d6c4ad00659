# SPDX-License-Identifier: Apache-2.0
"""``make prove``: what takes longer than ``make test``; writes ``docs/proof.md``: what was run and what came of it.

``python -m tests.prove NAME …`` runs those alone and keeps the other rows of the page; ``… page`` only draws it.
Two steps run at a time, one a core (``LIREN_LANES=1``: one after the other). The page is written after each.
"""

import os
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date

from tests.prove import Kind
from tests.prove.page import incomplete, read, write
from tests.prove.steps import STEPS, Step, run, title

LANES = int(os.environ.get("LIREN_LANES") or 2)


class Lanes:
    """Takes steps in their order, so many at a time, and tells how it goes."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.proof = read()
        self.good = True
        self._turn = threading.Lock()

    @property
    def minutes(self) -> float:
        return (time.monotonic() - self.began) / 60

    def say(self, line: str) -> None:
        print(f"{time.strftime('%H:%M:%S')}  {self.minutes:5.1f} min  {line}", flush=True)

    def one(self, step: Step, kind: Kind) -> None:
        self.say(f"{title(step, kind)} … {step.what}")
        result = run(step, kind)
        with self._turn:
            self.say(f"{title(step, kind)}: {'holds' if result.held else 'FAILED'}, {result.count}")
            for note in result.notes:
                if "line" in note:
                    print(f"{'':21}{note['line']}", flush=True)
            self.good &= result.held
            self.proof = read()  # another run of other steps may have written meanwhile
            self.proof.steps.setdefault(step.name, {})[kind] = result
            write(self.proof)

    def all(self, jobs: Sequence[tuple[Step, Kind]]) -> None:
        with ThreadPoolExecutor(LANES) as lanes:
            for done in [lanes.submit(self.one, step, kind) for step, kind in jobs]:
                done.result()


def main(chosen: Sequence[str]) -> None:
    lanes = Lanes()
    if unknown := set(chosen) - {step.name for step in STEPS} - {"page"}:
        sys.exit(f"no such step: {', '.join(sorted(unknown))}")
    lanes.all([(step, kind) for step in STEPS if not chosen or step.name in chosen for kind in step.kinds])
    if not chosen and lanes.good:
        lanes.proof.whole = f"{date.today()}, {lanes.minutes:.0f} minutes, {LANES} steps at a time"
    write(lanes.proof)
    if missing := incomplete(lanes.proof):
        print(f"Rows of the fault matrix without a figure: {'; '.join(missing)}")
    lanes.say("done")
    sys.exit(not lanes.good or (not chosen and bool(missing)))


if __name__ == "__main__":
    main(sys.argv[1:])
