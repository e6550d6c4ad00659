# SPDX-License-Identifier: Apache-2.0
"""Who keeps the private keys that signed a record: stands on every receipt, for a reader to judge its worth.

What a street says of its own keys is its word and no proof; a proof says only that the key signed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from liren.ledger.authority import keys
from liren.ledger.log import canonical
from liren.ledger.log.nodes import Read
from liren.ledger.log.note import Signature, VerifierKey
from liren.plugins.context import Context
from liren.web import N_

Custody = Literal["server", "device", "paper"]
"""Sealed under this server's master key; held by a signing device (a plugin); on paper, away from any machine."""

SAYS: Final[dict[Custody, str]] = {
    "server": N_("街道的服务器保管密钥"),
    "device": N_("签名设备保管密钥"),
    "paper": N_("密钥写在纸上保管"),
}


@dataclass(frozen=True, slots=True)
class Keeper:
    """One signature of a record."""

    name: str
    """Of the key, e.g. ``liren.example/unit/01``."""
    custody: Custody


async def keepers(read: Read, signatures: Sequence[Signature]) -> tuple[Keeper, ...]:
    """Who keeps the keys behind these signatures, in their order."""
    found = []
    for signature in signatures:
        rows = await read("SELECT vkey, custody FROM key_secret WHERE vkey LIKE ?", f"{signature.name}+%")
        held = {VerifierKey.parse(vkey).key_id: plugin for vkey, plugin in rows}
        plugin = held.get(signature.key_id)
        custody: Custody = "paper" if plugin is None else "device" if plugin else "server"
        found.append(Keeper(signature.name, custody))
    return tuple(found)


def custody_json(kept: Sequence[Keeper]) -> bytes:
    """``custody.json`` of a receipt file (``docs/ledger-spec.md`` 12)."""
    return canonical.encode({"format": "liren/custody/v1", "keys": {keeper.name: keeper.custody for keeper in kept}})


async def told(ctx: Context, kept: Sequence[Keeper]) -> list[str]:
    """The signers in a resident's words, each with its custody."""
    units = {unit.code: unit.name for unit in await ctx.units.all()}
    return [
        ctx.t("{who}（{kept}）", who=_who(ctx, keeper.name, units), kept=ctx.t(SAYS[keeper.custody])) for keeper in kept
    ]


def _who(ctx: Context, name: str, units: Mapping[str, str]) -> str:
    _, _, role = name.partition("/")
    kind, _, which = role.partition("/")
    match kind:
        case "unit":
            return units.get(which) or ctx.t("单位 {code}", code=which)
        case "reviewer":
            return ctx.t("审核员 {number} 号", number=which)
        case "service":
            return ctx.t("系统") if which == keys.CORE else ctx.t("系统（{plugin}）", plugin=ctx.title_of(which))
    return name
