# SPDX-License-Identifier: Apache-2.0
"""Counts tries within a window, atomically in the database: also across processes and at many requests at once."""

from dataclasses import dataclass

from liren.identity.errors import TooMany
from liren.store import Store, Vault
from liren.store.parts import marks


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``tries`` within ``window_s`` seconds; one more, and it is full for as long, from the last try on."""

    kind: str
    tries: int
    window_s: int


class Throttle:
    """One per process; the counters are shared."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault

    def _bucket(self, limit: Limit, value: str) -> str:
        return self._vault.keyed_hash("throttle", f"{limit.kind}/{value}")

    async def count(self, *tries: tuple[Limit, str]) -> None:
        """Count a try in each bucket, then refuse where one is full. The count stays either way.

        :raises TooMany: with the minutes to wait
        """
        full_until_ms = 0
        async with self._store.transaction("job:identity.throttle") as tx:
            for limit, value in tries:
                window_ms = limit.window_s * 1000
                over_ms = tx.now_ms - window_ms
                rows = await tx.sql(
                    "INSERT INTO attempts (bucket, started_ms, tries) VALUES (?, ?, 1)"
                    " ON CONFLICT (bucket) DO UPDATE SET"
                    " tries = CASE WHEN attempts.started_ms <= ? THEN 1 ELSE attempts.tries + 1 END,"
                    # The try that fills it starts the lock: else one begun late would be over in a moment.
                    " started_ms = CASE WHEN attempts.started_ms <= ? OR attempts.tries + 1 = ?"
                    " THEN excluded.started_ms ELSE attempts.started_ms END"
                    " RETURNING tries, started_ms",
                    self._bucket(limit, value), tx.now_ms, over_ms, over_ms, limit.tries,
                )  # fmt: skip
                made, started_ms = rows[0]
                if made > limit.tries:
                    full_until_ms = max(full_until_ms, started_ms + window_ms)
            now_ms = tx.now_ms
        if full_until_ms:
            minutes = max(1, -(-(full_until_ms - now_ms) // 60_000))
            raise TooMany(
                f"试的次数太多了，请 {minutes} 分钟后再试。急用请找社区工作人员。",
                f"Too many tries. Please wait {minutes} minutes, or ask the community's staff for help.",
            )

    async def full_until_ms(self, *buckets: tuple[Limit, str]) -> int:
        """Until when the next try in one of these would be refused, Unix milliseconds; 0: none of them is full."""
        by_bucket = {self._bucket(limit, value): limit for limit, value in buckets}
        if not by_bucket:
            return 0
        rows = await self._store.read(
            f"SELECT bucket, started_ms, tries FROM attempts WHERE bucket IN ({marks(by_bucket)})",  # noqa: S608 - marks
            *by_bucket,
        )
        full = [
            started_ms + by_bucket[bucket].window_s * 1000
            for bucket, started_ms, tries in rows
            if tries >= by_bucket[bucket].tries
        ]
        return max(full, default=0)

    async def forgive(self, *tries: tuple[Limit, str]) -> None:
        """Take one try back: it was a good one."""
        async with self._store.transaction("job:identity.throttle") as tx:
            for limit, value in tries:
                await tx.sql(
                    "UPDATE attempts SET tries = tries - 1 WHERE bucket = ? AND tries > 0", self._bucket(limit, value)
                )

    async def clear(self, *buckets: tuple[Limit, str]) -> None:
        """Start counting anew."""
        async with self._store.transaction("job:identity.throttle") as tx:
            for limit, value in buckets:
                await tx.sql("DELETE FROM attempts WHERE bucket = ?", self._bucket(limit, value))
