# SPDX-License-Identifier: Apache-2.0
"""The canteen keeps the contract, as any plugin must."""

from typing import Any

import pytest
from plugins.canteen.tests.specimens import specimens as planted
from plugins.canteen.tests.table import Table

from liren.testing.contract import *  # noqa: F403
from liren_canteen import diners, orders


@pytest.fixture
def specimens() -> Any:
    return planted


@pytest.fixture
async def known_person(table: Table) -> str:
    """Somebody with a meal card and an order that was cancelled: what a funder paid for is kept."""
    person = await table.elder()
    await table.card(person, allergens=["egg"], deliver_to="3 号楼 501")
    await diners.check(await table.ctx(table.manager), person, diners.CheckForm("local", ["alone"], "户口本", "0001"))
    order = await table.order(person, await table.line())
    await orders.cancel(await table.ctx(person), table.key(), person, order)
    return person
