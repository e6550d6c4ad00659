# SPDX-License-Identifier: Apache-2.0
"""A code sent to the person's phone: told to the worker, tried five times at most, good once."""

import re

import pytest
from tests.acting.conftest import MAKE, Town

from liren.acting import consent, errors
from liren.acting.consent import Ask
from liren.errors import NotFound
from liren.identity.errors import TooMany


@pytest.fixture
def phones(town: Town, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What went out to whom: the module's own way of forwarding is switched from "cannot" to "sent"."""
    import liren_wishes

    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(liren_wishes.providers, "OUTBOX", sent)
    return sent


def ask(town: Town) -> Ask:
    return Ask(town.people["张秀英"], "sms", (MAKE,))


async def test_the_code_names_who_asks_and_for_what_and_works_once(town: Town, phones: list[tuple[str, str]]) -> None:
    worker = await town.ctx("周敏", "acting")
    mandate = await consent.send_code(worker, "k1", ask(town))
    assert await consent.send_code(worker, "k1", ask(town)) == mandate  # pressed twice: sent once
    [(to, text)] = phones
    assert to == town.people["张秀英"]
    assert "周敏想替您办：许一个心愿" in text
    [code] = re.findall(r"\b\d{6}\b", text)
    with pytest.raises(errors.NoConsent):
        await town.wish(mandate)
    assert await town.read("SELECT text FROM inbox_notice WHERE text LIKE ?", f"%{code}%") == []
    with pytest.raises(NotFound):
        await consent.answer(await town.ctx("赵强", "acting"), mandate, code)
    with pytest.raises(errors.WrongCode):
        await consent.answer(worker, mandate, "000000" if code != "000000" else "111111")
    await consent.answer(worker, mandate, f" {code[:3]} {code[3:]} ")
    assert (await town.wish(mandate)).how == "sms"
    with pytest.raises(errors.WrongCode):
        await consent.answer(worker, mandate, code)
    assert await town.read("SELECT code_hash FROM acting_mandate") == [(None,)]


async def test_a_code_is_over_after_five_tries_or_ten_minutes(town: Town, phones: list[tuple[str, str]]) -> None:
    worker = await town.ctx("周敏", "acting")
    mandate = await consent.send_code(worker, "k1", ask(town))
    [code] = re.findall(r"\b\d{6}\b", phones[0][1])
    for wrong in range(5):
        with pytest.raises(errors.WrongCode):
            await consent.answer(worker, mandate, f"{(int(code) + wrong + 1) % 10**6:06d}")
    with pytest.raises(errors.WrongCode, match="over"):
        await consent.answer(worker, mandate, code)
    late = await consent.send_code(worker, "k2", ask(town))
    [code] = re.findall(r"\b\d{6}\b", phones[1][1])
    town.clock.later(minutes=10)
    with pytest.raises(errors.WrongCode, match="over"):
        await consent.answer(worker, late, code)
    for key in ("k3", "k4", "k5"):
        await consent.send_code(worker, key, ask(town))
    with pytest.raises(TooMany):
        await consent.send_code(worker, "k6", ask(town))
    assert len(phones) == 5


async def test_where_no_message_goes_out_there_is_no_consent(town: Town) -> None:
    worker = await town.ctx("周敏", "acting")
    with pytest.raises(errors.NotSent):
        await consent.send_code(worker, "k1", ask(town))
    assert await town.read("SELECT given_ms FROM acting_mandate WHERE ended_ms IS NULL") == []
