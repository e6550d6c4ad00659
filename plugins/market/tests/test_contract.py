# SPDX-License-Identifier: Apache-2.0
"""The market keeps the contract, as any plugin must."""

import pytest

from liren.testing.contract import *  # noqa: F403


@pytest.fixture
def plugin() -> str:
    return "market"
