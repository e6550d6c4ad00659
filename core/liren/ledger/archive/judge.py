# SPDX-License-Identifier: Apache-2.0
"""The rules of posting, judged over the stored log: a record the engine should never have admitted must show.

The judge is ``liren_verify``, which shares no code with the engine: a mistake of the engine's cannot vouch for itself,
and no rule is written a second time here. What the database alone knows (columns, leaves, head) is ``replay``'s.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from liren.ledger.archive.replay import Finding
from liren.ledger.log import records
from liren_verify.findings import Findings, Problem
from liren_verify.note import VerifierKey
from liren_verify.records import parse_entry
from liren_verify.replay import Replay as Rules
from liren_verify.signatures import SignatureQueue
from liren_verify.statements import MEMBER, StatementsCheck, parse_stated

_ENTRY: Final = len("entry ")


class _Verified(SignatureQueue):
    """Where signature checks go: :mod:`~liren.ledger.archive.replay` has just made them of the same row."""

    def add(self, position: int, key: VerifierKey, signature: bytes, text: bytes) -> None:
        pass


class Judge:
    """Takes every row of ``log_entry`` in order, after the replay."""

    def __init__(self, origin: str, bodies: Mapping[str, bytes], wanted: set[str], stated: bytes | None) -> None:
        """
        :param origin: the log's, the last one where it had several
        :param bodies: the policy bodies by digest
        :param wanted: the rids that stored records refer to; the replay holds the column against the signed bytes
        :param stated: ``statements.json`` as an export has it; None where no month was stated
        """
        self._findings = Findings()
        self._rules = Rules(origin, self._findings, bodies.get, wanted, later=_Verified(self._findings))
        try:
            told = parse_stated(stated) if stated is not None else {}
        except Problem as problem:
            told = {}
            self._findings.problem(MEMBER, problem)
        self._statements = StatementsCheck(told, self._findings)
        self._statements.roots(0, self._rules.scene.accounts)

    def take(self, row: tuple[Any, ...]) -> None:
        """One stored row."""
        _, _, _, _, _, admitted_ms, _, _, body, _ = row
        position = self._rules.position
        try:
            entry = parse_entry(records.entry_bytes(admitted_ms, bytes(body)))
        except Problem as problem:
            self._findings.problem(f"entry {position}", problem)
            self._rules.skip()
            return
        self._rules.take(entry)
        self._statements.take(position, entry, self._rules.scene.day, self._rules.scene.accounts)

    def finish(self) -> Iterator[Finding]:
        """What was found; of very many findings the first thousand."""
        self._statements.finish()
        for found in self._findings:
            pos = int(found.place[_ENTRY:]) if found.place.startswith("entry ") else None
            zh = f"第 {pos} 笔" if pos is not None else found.place
            en = found.place[:1].upper() + found.place[1:]
            yield Finding(f"{zh}：{found.sentence('zh')}。", f"{en}: {found.sentence('en')}.", pos)
