# SPDX-License-Identifier: Apache-2.0
"""A file is read again when it changed, and only then."""

import os
from pathlib import Path

import pytest

from liren.unchanged import read_once


def test_a_file_is_read_again_when_it_changed_and_only_then(tmp_path: Path) -> None:
    asked: list[str] = []

    @read_once
    def words(path: Path) -> list[str]:
        asked.append(path.name)
        return path.read_text("utf-8").split()

    file = tmp_path / "words"
    with pytest.raises(FileNotFoundError):
        words(file)
    file.write_text("荷畔 桃园", "utf-8")
    assert words(file) is words(file)
    file.write_text("荷畔 桃园 兴仁", "utf-8")
    assert words(file)[-1] == "兴仁"
    file.write_text("荷畔 桃园 崇德", "utf-8")
    os.utime(file, ns=(1, 1))
    assert words(file)[-1] == "崇德"
    assert asked == ["words"] * 3
