# SPDX-License-Identifier: Apache-2.0
"""A street with one canteen on a Monday morning, on both databases; nothing but what every author gets."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest
import pytest_asyncio
from plugins.canteen.tests.table import Table, lay

from liren.testing.clock import Clock
from liren.testing.points import Points
from liren.testing.street import Running

MONDAY = datetime(2031, 3, 3, 9, 0)


@pytest_asyncio.fixture
async def table(street: Running, ledger: Points, clock: Clock) -> AsyncIterator[Table]:
    clock.set(MONDAY)
    yield await lay(street, ledger, clock)


@pytest.fixture
def plugin() -> str:
    return "canteen"
