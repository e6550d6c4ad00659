# SPDX-License-Identifier: Apache-2.0
"""The writer: transactions take turns on one connection and share a COMMIT (group commit without a timer).

Whoever is waiting when a transaction ends joins its batch; the committer queues for its turn like everybody else, so a
batch is exactly those who were already there. Each transaction has a savepoint of its own: one that fails takes
nobody with it. Whatever fails at flush or COMMIT fails the whole batch, in one place (:meth:`Writer._fail`), and
everyone who waited is told; nothing is ever retried here, the caller repeats with its request key.
"""

import asyncio
import contextvars
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Protocol

from liren import clock
from liren.errors import Busy, LirenError
from liren.store.trouble import lost, of_the_disk
from liren.store.turns import Turns, Waiters
from liren.store.tx import Participant, Tx, WritingBackend

log = logging.getLogger("liren.store")

MAX_TRANSACTIONS = 256
MIN_AGE_S, MAX_AGE_S = 0.04, 0.08
"""A batch ends when nobody waits any more; under load it ends at this age. At 20 ms two COMMITs served 64 browsers, and
each left the loop without work until the disk had written; at 40 ms one does. It costs nobody who is alone anything."""
LIMIT_S = 5.0
LEAP_MS = 1000
"""Whoever finds the clock this far from the open batch's waits for the next one. A batch has one time, and is young;
but a machine may sleep, or its clock be set, while one is open, and what is done after that is of another day."""


class Backend(WritingBackend, Protocol):
    engine: Any

    async def begin(self) -> None: ...

    async def commit(self) -> None: ...

    async def rollback(self) -> None: ...


class Batch:
    """The transactions that share one COMMIT."""

    def __init__(self, now_ms: int) -> None:
        self.now_ms = now_ms
        self.count = 0
        self.since = time.perf_counter()
        self.waiters = Waiters()
        self.requests: dict[tuple[str, str], tuple[bytes, bytes]] = {}
        """(actor, key) → (digest of the command, result): remembered with the batch."""
        self._clock_ms = clock.now_ms()
        """The machine's; ``now_ms`` is later where it went back."""

    @property
    def of_another_time(self) -> bool:
        return abs(clock.now_ms() - self._clock_ms) >= LEAP_MS


class Writer:
    """One per process. Owns the writing connection of ``backend``."""

    def __init__(self, backend: Backend, participants: list[Participant]) -> None:
        self._backend = backend
        self._participants = participants
        self._turn = Turns()
        self._told = asyncio.Event()
        """Everybody knows of the last COMMIT."""
        self._told.set()
        self._wake = asyncio.Event()
        self._batch: Batch | None = None
        self._max_age_s = MIN_AGE_S
        self._committer = asyncio.get_running_loop().create_task(
            self._commit_when_asked(), context=contextvars.Context()
        )

    @property
    def batch(self) -> Batch:
        """The open batch; only inside a transaction."""
        assert self._batch is not None
        return self._batch

    @property
    def backend(self) -> Backend:
        return self._backend

    def transaction(self, actor: str, *, limit_s: float = LIMIT_S) -> "Turn":
        return Turn(self, actor, limit_s)

    async def close(self) -> None:
        """Commit what is open and stop."""
        async with self._turn:
            if self._batch is not None:
                await self._commit()
            self._committer.cancel()

    async def _begin(self) -> None:
        await self._backend.begin()
        now_ms = clock.now_ms()
        for participant in self._participants:
            now_ms = await participant.begin(self._backend, now_ms)
        self._batch = Batch(now_ms)

    async def _commit(self) -> None:
        """Holder of the turn only."""
        batch = self.batch
        try:
            for participant in self._participants:
                await participant.flush(self._backend)
            if batch.requests:
                await self._remember(batch)
            started = time.perf_counter()
            await self._backend.commit()
        except Exception as error:
            log.exception("a batch of %d transactions was lost", batch.count)
            await self._fail(error)
            return
        # A slow disk earns longer batches: a fixed age of 5 ms cost 60 % of the throughput at +20 ms a COMMIT.
        took_s = time.perf_counter() - started
        self._max_age_s = min(MAX_AGE_S, max(MIN_AGE_S, 0.7 * self._max_age_s + 0.3 * took_s))
        self._batch = None
        self._told = batch.waiters.told
        batch.waiters.tell()
        for participant in self._participants:
            try:
                await participant.committed()
            except Exception:
                log.exception("%s failed after COMMIT; the stored rows stand", participant.name)

    async def _remember(self, batch: Batch) -> None:
        rows = [(a, k, digest, result, batch.now_ms) for (a, k), (digest, result) in batch.requests.items()]
        await self._backend.many("INSERT INTO request (actor, key, digest, result, at_ms) VALUES (?, ?, ?, ?, ?)", rows)

    async def _fail(self, error: BaseException) -> None:
        """The only place where a batch dies: forget memory, wake everybody, roll back."""
        batch, self._batch = self._batch, None
        for participant in self._participants:
            participant.forget()
        if batch is not None:
            batch.waiters.fail(lost(error))
        try:
            await self._backend.rollback()
        except Exception:
            log.exception("ROLLBACK failed; the next batch starts afresh")

    async def _commit_when_asked(self) -> None:
        while True:
            await self._wake.wait()
            await self._told.wait()  # who is told one by one may come again at once, and belongs to the next batch
            async with self._turn:  # whoever queued before goes first: that is the batch
                self._wake.clear()
                if self._batch is not None:
                    await self._commit()

    # What a Turn asks for.

    async def take_turn(self, actor: str) -> Tx:
        await self._turn.acquire()
        while self._batch is not None and self._batch.of_another_time:
            await self._see_off(self._batch)
        try:
            if self._batch is None:
                await self._begin()
            tx = Tx(self._backend, self.batch.now_ms, actor)
            tx.join(self._participants)
        except BaseException as error:
            if self._batch is None or self._batch.count == 0:
                await self._fail(error)
            self._turn.release()
            if isinstance(error, Exception) and not isinstance(error, LirenError):
                log.exception("a batch could not begin")
                raise lost(error) from error
            raise
        return tx

    async def _see_off(self, batch: Batch) -> None:
        """Give the turn, wait until ``batch`` is stored or lost, and take the turn again.

        The committer stores it: a caller who gives up must not leave a COMMIT half awaited.
        """
        over = batch.waiters.join()
        self._wake.set()
        self._turn.release()
        with suppress(LirenError):  # what became of it is told to those who were in it
            await over
        await self._turn.acquire()

    async def give_turn(self, tx: Tx, requests: Sequence[Any], *, failed: bool) -> asyncio.Future[None] | None:
        """End one transaction.

        :returns: what is done once its batch is durable; None for one that failed
        """
        done = None
        try:
            await tx.end(failed=failed)
            self._settle(tx, requests, failed=failed)
            done = None if failed else self.batch.waiters.join()
            if self._due:
                await self._commit()
            else:
                self._wake.set()
        except Exception as error:
            await self._fail(error)
            raise lost(error) from error
        finally:
            self._turn.release()
        return done

    def give_turn_at_once(self, tx: Tx, requests: Sequence[Any]) -> asyncio.Future[None] | None:
        """:meth:`give_turn` where nothing has to be waited for: a success without a savepoint, a batch that is not due.

        Such a transaction only posted; most do, and a task for each would cost them a tenth of their time.

        :returns: None where the other way is needed
        """
        if tx.started or self._due:
            return None
        self._settle(tx, requests, failed=False)
        self._wake.set()
        self._turn.release()
        return self.batch.waiters.join()

    async def doom(self, error: Exception) -> None:
        """A participant failed to admit, which it must not: the batch dies, and the turn goes on to the next."""
        try:
            await self._fail(error)
        finally:
            self._turn.release()

    @property
    def _due(self) -> bool:
        batch = self.batch
        return batch.count >= MAX_TRANSACTIONS or time.perf_counter() - batch.since > self._max_age_s

    def _settle(self, tx: Tx, requests: Sequence[Any], *, failed: bool) -> None:
        for participant in self._participants:
            state = tx.take_state(participant)
            participant.drop(state) if failed else participant.admit(state)
        if not failed:
            self.batch.count += 1
            for actor, key, digest, result in requests:
                self.batch.requests[actor, key] = (digest, result)


class Turn:
    """``async with writer.transaction(actor) as tx``: returns only after COMMIT, so acknowledged means durable."""

    def __init__(self, writer: Writer, actor: str, limit_s: float) -> None:
        self._writer, self._actor, self._limit_s = writer, actor, limit_s
        self.requests: list[tuple[str, str, bytes, bytes]] = []

    async def __aenter__(self) -> Tx:
        current = self._writer.backend.engine.current_transaction
        if current.get() is not None:
            raise RuntimeError("a transaction is already open here; use engine.transaction() for a savepoint")
        self.tx = await self._writer.take_turn(self._actor)
        self._clock = asyncio.timeout(self._limit_s)
        await self._clock.__aenter__()
        self._token = current.set(self.tx)
        return self.tx

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.backend.engine.current_transaction.reset(self._token)
        self.tx.shut()
        late = self._clock.expired()
        if error is None and not late:
            self._clock.reschedule(None)  # stop the clock first: it must not fire while we finish
        failed = error is not None or late
        try:
            done = None if failed else self._writer.give_turn_at_once(self.tx, self.requests)
        except Exception as broken:
            await self._writer.doom(broken)
            raise
        if done is not None:
            await self._stop_clock(kind, error, trace)
            await done
            return
        finish = asyncio.ensure_future(self._writer.give_turn(self.tx, self.requests, failed=failed))
        try:
            done = await asyncio.shield(finish)
        finally:
            await self._stop_clock(kind, error, trace)
        if done is not None:
            await done
        elif error is not None and of_the_disk(error):
            raise lost(error) from error

    async def _stop_clock(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._clock.__aexit__(kind, error, trace)
        except TimeoutError as timeout:
            raise Busy(
                "这一步花的时间太长，已经取消，什么都没有改动。请稍后再试一次。",
                "This took too long and was cancelled; nothing was changed. Please try again shortly.",
            ) from timeout
