# SPDX-License-Identifier: Apache-2.0
"""Facts for other plugins, written in the same transaction as what they report."""

import msgspec

from liren.store.tx import Tx

_encode = msgspec.json.Encoder(order="deterministic").encode


async def emit(tx: Tx, plugin: str, event: msgspec.Struct) -> None:
    """Store ``event``; it is delivered after COMMIT, at least once.

    :param plugin: id of the plugin that reports it
    """
    await tx.sql(
        "INSERT INTO outbox (plugin, event, payload, at_ms) VALUES (?, ?, ?, ?)",
        plugin,
        type(event).__name__,
        _encode(event).decode(),
        tx.now_ms,
    )
