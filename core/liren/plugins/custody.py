# SPDX-License-Identifier: Apache-2.0
"""What a plugin offers that keeps the ledger's private keys elsewhere than the server: in a module, on a card."""

from typing import Protocol, runtime_checkable


@runtime_checkable
class Signer(Protocol):
    """Makes Ed25519 keys and signs with them (RFC 8032); private keys never leave it.

    Called from the writer: answer within milliseconds, from memory or a device on this machine. What raises refuses the
    record at hand, and only that. Every signature is verified before it is used.
    """

    def make(self, name: str) -> bytes:
        """A new key; :returns: its 32 public bytes. ``name`` is the ledger's, e.g. ``liren.example/unit/laojie``.

        It signs once at once, to show that it can, before the key stands in the log.
        """
        ...

    def sign(self, public: bytes, message: bytes) -> bytes:
        """:returns: 64 bytes"""
        ...
