# SPDX-License-Identifier: Apache-2.0
"""Signature checks in runs: most of a verification's time, and the part that can use every core.

A run of checks stays in the processor's caches, which a check per entry does not; with several jobs whole runs go to
other processes.
"""

import contextlib
import signal
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor

from liren_verify.findings import Findings
from liren_verify.note import VerifierKey, verifies

RUN = 2048
"""Checks in a run: about a megabyte held, some 150 ms of work."""

Check = tuple[int, VerifierKey, bytes, bytes]
"""Position, key, signature, signed text."""


def failing(checks: Sequence[Check]) -> list[int]:
    """Which of the signatures do not verify."""
    return [i for i, (_, key, signature, text) in enumerate(checks) if not verifies(key.public, signature, text)]


def _leave_it_to_the_parent() -> None:
    """Ctrl-C reaches every process of the terminal; the parent ends the others, and they say nothing."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class SignatureQueue:
    """Takes checks, runs them later, and tells the findings which entries have a wrong signature.

    :param jobs: processes to use; 1 stays in this one
    """

    def __init__(self, findings: Findings, jobs: int = 1) -> None:
        self._findings = findings
        self._jobs = jobs
        self._pool = ProcessPoolExecutor(jobs, initializer=_leave_it_to_the_parent) if jobs > 1 else None
        self._queued: list[Check] = []
        self._away: deque[tuple[list[Check], Future[list[int]]]] = deque()

    def add(self, position: int, key: VerifierKey, signature: bytes, text: bytes) -> None:
        self._queued.append((position, key, signature, text))
        if len(self._queued) >= RUN:
            self._run()

    def _run(self) -> None:
        run, self._queued = self._queued, []
        if self._pool is None:
            self._tell(run, failing(run))
            return
        self._away.append((run, self._pool.submit(failing, run)))
        while len(self._away) > 2 * self._jobs:
            self._collect()

    def _collect(self) -> None:
        run, future = self._away.popleft()
        self._tell(run, future.result())

    def _tell(self, run: Sequence[Check], wrong: Sequence[int]) -> None:
        for i in wrong:
            position, key, _, _ = run[i]
            self._findings.add(f"entry {position}", "signature-wrong", key=key.name)

    def __enter__(self) -> "SignatureQueue":
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        with contextlib.ExitStack() as stack:
            if self._pool is not None:
                stack.callback(self._pool.shutdown, cancel_futures=True)
            if error is None:
                self._run()
                while self._away:
                    self._collect()
