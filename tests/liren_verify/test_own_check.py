# SPDX-License-Identifier: Apache-2.0
"""A street's own check of its stored log judges what the verifier judges: what nobody should have admitted shows."""

import json
from pathlib import Path

from tests.ledger.conftest import opened

from liren.ledger.archive.check import verify
from liren.ledger.archive.importing import import_export
from liren.ledger.errors import LedgerError

VECTORS = Path(__file__).parents[1] / "vectors"
VERDICTS = json.loads((VECTORS / "verdicts.json").read_text())
UNSAYABLE = {"entry-malformed", "move-wrong", "posting-wrong", "key-bad", "negative-balance"}
TABLES = ("log_entry", "log_head", "checkpoint", "policy", "recovery", "account", "posting", "log_node", "key")


async def test_what_the_verifier_finds_in_a_log_the_streets_own_check_finds_too(tmp_path: Path) -> None:
    street = await opened(str(tmp_path / "liren.sqlite"), tmp_path)
    judged, unread = dict[str, list[int]](), set[str]()
    try:
        for path in sorted(VECTORS.glob("log-*.liren-export.zip")):
            for table in TABLES:
                async with street.store.transaction("job:test") as tx:
                    await tx.sql(f"DELETE FROM {table}")
            try:
                found = await import_export(street.store, street.ledger, path)
            except LedgerError:
                unread.add(path.name)
                assert await street.store.read("SELECT count(*) FROM log_entry") == [(0,)]
                continue
            judged[path.name] = sorted({finding.pos for finding in found if finding.pos is not None})
            assert await verify(street.store) == found
    finally:
        await street.ledger.stop()
        await street.store.close()
    for name, positions in judged.items():
        places = [place for place, _ in VERDICTS[name] if place.startswith("entry ")]
        assert positions == sorted({int(place[6:]) for place in places}), name
    assert sum(map(bool, judged.values())) > 20
    # What no record of ours could say, or no table hold, is refused by the import itself; nothing of it stays.
    assert {code for name in unread for _, code in VERDICTS[name]} == UNSAYABLE
