# SPDX-License-Identifier: Apache-2.0
"""Who holds a private key: this server, sealed under its master key, or a plugin that keeps keys elsewhere.

``LIREN_SIGNER`` names the plugin for keys made from now on; keys made before stay where they are. The root key is
never held by a plugin: it lies on paper.
"""

from collections.abc import Mapping
from typing import Final

import structlog

from liren.errors import LirenError
from liren.ledger.authority import keyring
from liren.ledger.errors import NotSigned
from liren.ledger.log.note import NoteSigner, SigningKey, VerifierKey, check_name, check_public
from liren.plugins.custody import Signer
from liren.store import Vault
from liren.store.vault import VaultError

PROBE: Final = b"liren/probe/v1\n"
"""What a device signs to show that it can; no record and no checkpoint begins so."""

log = structlog.get_logger("liren.ledger")


class NoSigner(LirenError):
    """The plugin that should hold new keys is not there."""

    status = 503
    code = "no-signer"


class HeldKey(NoteSigner):
    """A key some plugin holds for us."""

    __slots__ = ("_plugin", "_signer")

    def __init__(self, verifier: VerifierKey, plugin: str, signer: Signer) -> None:
        super().__init__(verifier)
        self._plugin = plugin
        self._signer = signer

    def raw(self, text: bytes) -> bytes:
        """:raises NotSigned: the device did not answer, or with something else than a signature"""
        try:
            signature = bytes(self._signer.sign(self.verifier.public, text))
        except Exception as error:
            log.error("signer_failed", plugin=self._plugin, key=self.name, exc_info=error)
            raise self._refused() from error
        if not self.verifier.verifies(text, signature):
            log.error("signer_wrong", plugin=self._plugin, key=self.name)
            raise self._refused()
        return signature

    def _refused(self) -> NotSigned:
        return NotSigned(
            f"保管密钥的模块 {self._plugin} 没有签出来，没有记入。请检查签名设备后再试。",
            f"Plugin {self._plugin}, which holds the key, did not sign; nothing was entered. Check the signing device.",
        )


class Custody:
    """One per process."""

    def __init__(self, vault: Vault, signers: Mapping[str, Signer] | None = None, chosen: str = "") -> None:
        """
        :param signers: plugin → what it offers
        :param chosen: the plugin that holds keys made from now on; empty: this server
        """
        self._vault = vault
        self._signers = signers or {}
        self._chosen = chosen
        self._missing = {chosen} - {"", *self._signers}

    def missing(self) -> NoSigner | None:
        """What to tell of a plugin that should hold keys, of now on or of before, and is not there."""
        return _no_signer(min(self._missing)) if self._missing else None

    def make(self, name: str) -> tuple[NoteSigner, bytes, str]:
        """A new key; :returns: (the key, what table ``key_secret`` keeps of it, the plugin that holds it)

        :raises NoSigner: the plugin is not there
        :raises NotSigned: it gave a public key under which it cannot sign
        :raises Malformed: it gave a weak one
        """
        if not self._chosen:
            key = SigningKey.generate(name)
            return key, keyring.seal(self._vault, key), ""
        signer = self._signers.get(self._chosen)
        if signer is None:
            raise _no_signer(self._chosen)
        verifier = VerifierKey(check_name(name), bytes(signer.make(name)))
        check_public(verifier.public)
        held = HeldKey(verifier, self._chosen, signer)
        held.raw(PROBE)  # it holds the private half and can use it, before the key stands in the log for ever
        return held, b"", self._chosen

    def take(self, vkey: str, sealed: bytes, custody: str) -> NoteSigner | None:
        """A key of ``key_secret``; None where it cannot be had: nothing is signed with it then.

        The plugin that holds it is not there, or another master key sealed it: then the root issues a new one.
        """
        if not custody:
            try:
                return keyring.unseal(self._vault, vkey, sealed)
            except VaultError:
                log.error("key_not_unsealed", key=vkey)
                return None
        signer = self._signers.get(custody)
        if signer is None:
            log.error("signer_missing", plugin=custody, key=vkey)
            self._missing.add(custody)
            return None
        return HeldKey(VerifierKey.parse(vkey), custody, signer)


def _no_signer(plugin: str) -> NoSigner:
    return NoSigner(
        f"保管密钥的模块 {plugin}（LIREN_SIGNER）没有启动，或不保管密钥。请安装它，或改这个设置。",
        f"Plugin {plugin}, which should hold the keys (LIREN_SIGNER), did not load or holds none. Install it, or "
        "change the setting.",
    )
