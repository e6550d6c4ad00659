# SPDX-License-Identifier: Apache-2.0
"""Facts for other plugins, written in the same transaction as what they report."""

import msgspec

from liren.store.tx import Tx

_encode = msgspec.json.Encoder(order="deterministic").encode


async def emit(tx: Tx, plugin: str, name: str, version: int, event: msgspec.Struct) -> None:
    """Store ``event``; it is delivered after COMMIT, at least once.

    :param plugin: id of the plugin that reports it
    :param name: what the event is called, whatever its class is
    """
    await tx.sql(
        "INSERT INTO outbox (plugin, event, version, payload, at_ms) VALUES (?, ?, ?, ?, ?)",
        plugin,
        name,
        version,
        _encode(event).decode(),
        tx.now_ms,
    )
