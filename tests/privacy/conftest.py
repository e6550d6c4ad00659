# SPDX-License-Identifier: Apache-2.0
"""The module of repairs beside ours (cases with files), and helpers of this folder on the path."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.towns import REPAIRS, installed

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def repairs(tmp_path: Path) -> Iterator[None]:
    site = Site(tmp_path / "site")
    site.install(Path(__file__).parents[1] / "workflow/liren-repairs")
    sys.path.insert(0, str(site.path))
    yield
    sys.path.remove(str(site.path))
    for name in [name for name in sys.modules if name.startswith(("liren_repairs", "whole_life", "serving_life"))]:
        del sys.modules[name]


def repairs() -> Iterator[None]:
    with installed(REPAIRS):
        yield
