# SPDX-License-Identifier: Apache-2.0
"""A plugin holds the ledger's keys: what it signs is verified like anything else, and without it nothing is signed."""

import sys
from pathlib import Path
from secrets import token_hex
from types import ModuleType

import pytest

from liren.app import create_app, open_street
from liren.ledger.archive.export import export
from liren.ledger.authority.custody import Custody, NoSigner
from liren.ledger.errors import Malformed, NotSigned
from liren.ledger.log.note import SigningKey
from liren.plugins import gather
from liren.plugins.points import Budget, Posted
from liren.plugins.services import Who
from liren.store import Tx, Vault
from liren.testing.site import Site
from liren.testing.street import Running, settings_for, small_street
from liren_verify.cli import main as liren_verify

PLUGINS = Path(__file__).parent / "plugins"


async def fund(running: Running, amount: int = 1000) -> str:
    store = running.street.store
    ((reviewer,),) = await store.read("SELECT owner FROM key_secret WHERE owner IS NOT NULL")
    unit = (await running.street.identity.units.all("community"))[0].code

    async def post(tx: Tx) -> Posted:
        posted: Posted = await tx.part("ledger").post(Budget(unit, amount, reviewer))
        return posted

    return (await store.once("job:test", token_hex(4), "fund", post, returns=Posted)).rid


async def test_keys_a_plugin_holds_sign_and_the_verifier_sees_no_difference(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site(tmp_path / "site")
    site.install(PLUGINS / "liren-relay")
    monkeypatch.syspath_prepend(site.path)
    async with small_street(tmp_path / "home", database, LIREN_SIGNER="relay") as running:
        relay: ModuleType = sys.modules["liren_relay"]
        street = running.street
        rows = await street.store.read("SELECT sealed, custody FROM key_secret")
        assert rows
        assert all(bytes(sealed) == b"" and custody == "relay" for sealed, custody in rows)
        await fund(running)
        await street.ledger.checkpoints.sign()
        await export(street.store, tmp_path / "whole.zip")
        assert liren_verify([str(tmp_path / "whole.zip"), "--lang", "en"]) == 0
        size, _ = await street.kernel.services.ledger.head()
        for state in ("unplugged", "confused"):
            setattr(relay.CARD, state, True)
            with pytest.raises(NotSigned, match="signing device"):
                await fund(running)
            assert (await street.kernel.services.ledger.head())[0] == size
            setattr(relay.CARD, state, False)
        await fund(running)
    sys.modules.pop("liren_relay", None)


async def test_without_the_plugin_the_street_opens_and_signs_nothing_with_its_keys(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site(tmp_path / "site")
    site.install(PLUGINS / "liren-relay")
    settings = settings_for(tmp_path / "home", database, LIREN_SIGNER="relay")
    with monkeypatch.context() as patch:
        patch.syspath_prepend(site.path)
        async with small_street(tmp_path / "home", database, LIREN_SIGNER="relay") as running:
            await fund(running)
            await running.street.ledger.checkpoints.sign()
            size, _ = await running.street.kernel.services.ledger.head()
    sys.modules.pop("liren_relay", None)
    async with open_street(settings) as street:
        assert (await street.kernel.services.ledger.head())[0] == size
        checks = await gather.health(street.kernel, street.kernel.context("ledger", Who()), only="ledger")
        [told] = [check.health.text for check in checks if not check.health.ok and "LIREN_SIGNER" in check.health.text]
        assert "relay" in told
        with pytest.raises((NotSigned, NoSigner)):
            await fund(Running(street, create_app(street), {}))
        assert (await street.kernel.services.ledger.head())[0] == size


def test_a_device_shows_that_it_can_sign_before_its_key_stands_in_the_log(tmp_path: Path) -> None:
    class Card:
        def __init__(self, public: bytes) -> None:
            self.public = public

        def make(self, name: str) -> bytes:
            return self.public

        def sign(self, public: bytes, message: bytes) -> bytes:
            return bytes(64)

    vault = Vault.open(tmp_path / "keys", create=True)
    off_the_curve, of_somebody_else = (2).to_bytes(32, "little"), SigningKey.generate("a").verifier.public
    for public in (off_the_curve, of_somebody_else):
        with pytest.raises(NotSigned):
            Custody(vault, {"card": Card(public)}, "card").make("liren.example/unit/01")
    for public in ((1).to_bytes(32, "little"), b"short"):  # of small order: it verifies what nobody signed
        with pytest.raises(Malformed):
            Custody(vault, {"card": Card(public)}, "card").make("liren.example/unit/01")


async def test_a_signer_that_is_not_there_is_named_before_anything_is_signed(database: str, tmp_path: Path) -> None:
    with pytest.raises(NoSigner, match="Plugin relay.*LIREN_SIGNER"):
        async with small_street(tmp_path / "home", database, LIREN_SIGNER="relay"):
            pass
