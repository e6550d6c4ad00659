# SPDX-License-Identifier: Apache-2.0
"""The vectors in ``tests/vectors`` keep their verdicts: a format that drifts would break receipts people hold."""

import json
from pathlib import Path

import pytest
from tests.liren_verify.judge import judged, unzipped
from tests.liren_verify.second import export as second
from tests.vectors.edges import UNUSABLE
from tests.vectors.make import vectors

from liren_verify.findings import Unusable

HERE = Path(__file__).parent.parent / "vectors"
VERDICTS = json.loads((HERE / "verdicts.json").read_text())


@pytest.mark.parametrize("name", VERDICTS)
def test_a_vector_keeps_its_verdict(name: str, tmp_path: Path) -> None:
    if VERDICTS[name] == UNUSABLE:
        with pytest.raises(Unusable):
            judged((HERE / name).read_bytes(), tmp_path)
        return
    found = judged((HERE / name).read_bytes(), tmp_path)
    assert [[finding.place, finding.code] for finding in found] == VERDICTS[name]


@pytest.mark.parametrize("name", VERDICTS)
def test_a_second_reader_gives_the_same_verdict(name: str) -> None:
    found = second.verdict((HERE / name).read_bytes())
    assert (found is None) == (VERDICTS[name] == []), found
    assert found is None or [found[0], found[1]] in VERDICTS[name]  # it stops at the first


def test_the_vectors_are_what_the_spec_still_says() -> None:
    made = vectors()
    assert {name: findings for name, (_, findings) in made.items()} == VERDICTS
    for name, (data, _) in made.items():
        there = (HERE / name).read_bytes()
        assert data == there if name.startswith("zip-") else unzipped(data) == unzipped(there), name
