# SPDX-License-Identifier: Apache-2.0
"""The vectors in ``tests/vectors`` keep their verdicts: a format that drifts would break receipts people hold."""

import json
from pathlib import Path

import pytest
from tests.liren_verify.judge import judged, unzipped
from tests.vectors.make import vectors

HERE = Path(__file__).parent.parent / "vectors"
VERDICTS = json.loads((HERE / "verdicts.json").read_text())


@pytest.mark.parametrize("name", VERDICTS)
def test_a_vector_keeps_its_verdict(name: str, tmp_path: Path) -> None:
    found = judged((HERE / name).read_bytes(), tmp_path)
    assert [[finding.place, finding.code] for finding in found] == VERDICTS[name]


def test_the_vectors_are_what_the_spec_still_says() -> None:
    made = vectors()
    assert {name: findings for name, (_, findings) in made.items()} == VERDICTS
    for name, (data, _) in made.items():
        assert unzipped(data) == unzipped((HERE / name).read_bytes()), name
