# SPDX-License-Identifier: Apache-2.0
"""The contract checks every plugin runs on itself."""

from datetime import date
from typing import Any

import pytest
from specimens import specimens as planted

from liren.testing.contract import *  # noqa: F403
from liren.testing.street import Running
from liren_credit.tables import AwardRow, HeardClaim


@pytest.fixture
def plugin() -> str:
    return "credit"


@pytest.fixture
def specimens() -> Any:
    return planted


@pytest.fixture
async def known_person(street: Running) -> str:
    """Somebody with a claim in a list, and one that was heard and waits."""
    person, day = await street.person("王秀兰"), date(2026, 3, 8)
    async with street.street.store.transaction("job:test"):
        await AwardRow(
            id="L1-1", list="L1", number=1, verdict="ok", state="waiting", name="王秀兰", person=person,
            rule="FX-01.1", day=day, award_key=f"{person}|FX-01|{day}",
        ).save()  # fmt: skip
        await HeardClaim(id="event-1", plugin="volunteer", rule="FX-01.1", person=person, day=day, quantity=2).save()
    return person
