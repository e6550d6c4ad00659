# SPDX-License-Identifier: Apache-2.0
"""The contract checks every plugin runs on itself."""

import pytest

from liren.testing.contract import *  # noqa: F403


@pytest.fixture
def plugin() -> str:
    return "credit"
