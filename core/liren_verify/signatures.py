# SPDX-License-Identifier: Apache-2.0
"""Signature checks in runs: most of a verification's time, and the part that can use every core.

A run of checks stays in the processor's caches, which a check per entry does not; with several jobs whole runs go to
other processes.
"""

import contextlib
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from liren_verify.findings import Findings
from liren_verify.note import VerifierKey, verifies

RUN = 2048
"""Checks in a run: about a megabyte held, some 150 ms of work."""

Queued = tuple[int, VerifierKey, bytes, bytes]
"""Position, key, signature, signed text."""

Check = tuple[Ed25519PublicKey, bytes, bytes]
"""Public key, signature, signed text."""


@lru_cache(maxsize=4096)
def _loaded(public_key: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(public_key)


def failing(checks: Iterable[Check]) -> list[int]:
    """Which of the signatures do not verify."""
    return [i for i, (key, signature, text) in enumerate(checks) if not verifies(key, signature, text)]


def failing_elsewhere(checks: Sequence[tuple[bytes, bytes, bytes]]) -> list[int]:
    """The same in another process, to which a key travels as its 32 bytes."""
    return failing((_loaded(key), signature, text) for key, signature, text in checks)


class SignatureQueue:
    """Takes checks, runs them later, and tells the findings which entries have a wrong signature.

    :param jobs: processes to use; 1 stays in this one
    """

    def __init__(self, findings: Findings, jobs: int = 1) -> None:
        self._findings = findings
        self._jobs = jobs
        self._pool = ProcessPoolExecutor(jobs) if jobs > 1 else None
        self._queued: list[Queued] = []
        self._away: deque[tuple[list[Queued], Future[list[int]]]] = deque()

    def add(self, position: int, key: VerifierKey, signature: bytes, text: bytes) -> None:
        self._queued.append((position, key, signature, text))
        if len(self._queued) >= RUN:
            self._run()

    def _run(self) -> None:
        run, self._queued = self._queued, []
        if self._pool is None:
            self._tell(run, failing((key.public, signature, text) for _, key, signature, text in run))
            return
        checks = [(key.raw, signature, text) for _, key, signature, text in run]
        self._away.append((run, self._pool.submit(failing_elsewhere, checks)))
        while len(self._away) > 2 * self._jobs:
            self._collect()

    def _collect(self) -> None:
        run, future = self._away.popleft()
        self._tell(run, future.result())

    def _tell(self, run: Sequence[Queued], wrong: Sequence[int]) -> None:
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
