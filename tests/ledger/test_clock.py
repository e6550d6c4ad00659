# SPDX-License-Identifier: Apache-2.0
"""The turn of the year in Shanghai, on a machine whose clock goes back over it and whose own time zone is another."""

import time
from collections.abc import Iterator

import pytest
from tests.ledger.conftest import Clock, Street

from liren.ledger.archive.check import rebuild, verify
from liren.ledger.errors import NotEnough, ReadOnly
from liren.plugins.points import Expire, Spend, Subject

ANNA = Subject("h", "anna")


@pytest.fixture(params=["Asia/Shanghai", "America/New_York"])
def machine_zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.proves("clock")
async def test_a_clock_that_goes_back_over_the_year_end_brings_no_expired_points_back(
    street: Street, clock: Clock, machine_zone: str
) -> None:
    clock.set(2026, 12, 31, 23, 59, 50)
    posted = await street.award("anna", 10, "FX-02")  # to the last day of the year
    address = posted.moves[0][2]
    assert address.endswith("/2026-12-31")
    await street.post(Spend(ANNA, "market.order", 1))
    clock.set(2027, 1, 1, 0, 0, 1)
    await street.post(Expire("resident", address))

    clock.set(2026, 12, 31, 23, 59, 55)
    for draft in (Spend(ANNA, "market.order", 1), Expire("resident", address)):
        with pytest.raises(ReadOnly, match="clock"):
            await street.post(draft)
    clock.set(2027, 1, 1, 0, 0, 0)  # a moment back: it waits for the ledger's own time
    assert "0 can be spent" in await street.refused(Spend(ANNA, "market.order", 1), NotEnough)
    assert "no points any more" in await street.refused(Expire("resident", address))
    await street.award("anna", 3, "FX-03")
    assert await street.balance("anna") == 3

    times = await street.store.read("SELECT admitted_ms, eff FROM log_entry ORDER BY pos")
    assert [ms for ms, _ in times] == sorted(ms for ms, _ in times)
    assert await street.store.read("SELECT count(*) FROM log_entry WHERE why = 'expire'") == [(1,)]
    assert await verify(street.store) == []
    assert await rebuild(street.store) == []
