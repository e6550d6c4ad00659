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
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from liren_verify.findings import Findings
from liren_verify.note import VerifierKey, verifies

RUN = 2048
"""Checks in a run: about a megabyte held, some 150 ms of work."""

Check = tuple[bytes, bytes, bytes]
"""Public key, signature, signed text."""


@lru_cache(maxsize=4096)
def _loaded(public_key: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(public_key)


def failing(checks: Sequence[Check]) -> list[int]:
    """Which of the signatures do not verify."""
    return [i for i, (key, signature, text) in enumerate(checks) if not verifies(_loaded(key), signature, text)]


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
        self._places: list[tuple[int, str]] = []
        self._checks: list[Check] = []
        self._away: deque[tuple[list[tuple[int, str]], Future[list[int]]]] = deque()

    def add(self, position: int, key: VerifierKey, signature: bytes, text: bytes) -> None:
        self._places.append((position, key.name))
        self._checks.append((key.raw, signature, text))
        if len(self._checks) >= RUN:
            self._run()

    def _run(self) -> None:
        places, checks = self._places, self._checks
        self._places, self._checks = [], []
        if self._pool is None:
            self._tell(places, failing(checks))
            return
        self._away.append((places, self._pool.submit(failing, checks)))
        while len(self._away) > 2 * self._jobs:
            self._collect()

    def _collect(self) -> None:
        places, future = self._away.popleft()
        self._tell(places, future.result())

    def _tell(self, places: Sequence[tuple[int, str]], wrong: Sequence[int]) -> None:
        for i in wrong:
            position, name = places[i]
            self._findings.add(f"entry {position}", "signature-wrong", key=name)

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
