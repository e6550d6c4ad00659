# SPDX-License-Identifier: Apache-2.0
"""The fault matrix: what may go wrong, and what must happen then. Tests name their row by ``pytest.mark.proves``."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Fault:
    """One row of the matrix."""

    name: str
    what: str
    must: str


FAULTS: Final = (
    Fault(
        "kill-posting",
        "kill −9 of a process that posts, 100 times in 10 000 postings",
        "0 acknowledged lost, 0 twice, verify and rebuild clean, ready in < 10 s",
    ),
    Fault(
        "kill-serving",
        "kill −9 of the serving process, 100 times, while it posts a list and takes orders over HTTP",
        "the same; an order whose answer was lost counts once when it is sent again; the list goes on where it stopped",
    ),
    Fault(
        "kill-points",
        "kill −9 before commit / after commit before the answer / before signing / before the anchor / before the "
        "checkpoint is stored",
        "nothing visible / the same request key gets the first result / the restart signs the head / an unpublished "
        "signature is discarded",
    ),
    Fault(
        "disk-full",
        "the disk is full",
        "503 in words, in Chinese and English; no partial write; reads go on; the health page is red; recovers by "
        "itself; never signs what is not stored",
    ),
    Fault("io-error", "the disk refuses a write", "the same"),
    Fault("locked", "somebody else holds the database for 30 s", "the same"),
    Fault("anchor", "the anchor cannot be written", "nothing is published; the health page is red; recovers by itself"),
    Fault("database-gone", "the database server itself is killed", "503 in words, then served again without a restart"),
    Fault(
        "two-writers",
        "two processes on one database",
        "SQLite: the second refuses to start with a clear message; PostgreSQL: both serve, one log",
    ),
    Fault(
        "clock",
        "the clock goes back; 29 February; the end of the year; Asia/Shanghai",
        "order by position; nothing expires twice",
    ),
    Fault(
        "at-once",
        "50 equal requests at once; 200 clients for the last item",
        "one entry and the same answer; one success and 199 clean refusals",
    ),
    Fault("flip-log", "one byte of a stored value of the log is changed", "found by verify, 100 %"),
    Fault("flip-export", "one byte of a member of an export, of a receipt, is changed", "found by liren-verify, 100 %"),
    Fault("flip-derived", "one byte of a derived table is changed", "found by rebuild, 100 %"),
    Fault(
        "older-backup",
        "an older backup under a newer anchor",
        "refuses to sign, stays readable, says why; guided recovery under the next origin",
    ),
)
NOT_APPLICABLE: Final = {
    ("database-gone", "sqlite"): "there is no server: its process is ours (the rows above)",
}
"""(row, database) → why there is nothing to show."""
