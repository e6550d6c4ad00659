# SPDX-License-Identifier: Apache-2.0
"""The module of repairs beside ours (cases with files), and helpers of this folder on the path."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.towns import REPAIRS, installed

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def repairs() -> Iterator[None]:
    with installed(REPAIRS):
        yield
