# SPDX-License-Identifier: Apache-2.0
"""Addresses in words: whose account it is, as far as the reader may know. Holders stay pseudonyms."""

from collections.abc import Collection, Mapping

from liren.ledger import words
from liren.ledger.at_hand import unit_names
from liren.ledger.rules.addresses import parse
from liren.plugins.context import Context


async def said(ctx: Context, ends: Collection[str]) -> Mapping[str, str]:
    """Address → what it is called, for pages on which the addresses themselves stand beside it."""
    parsed = {end: parse(end) for end in ends}
    titles = await ctx.titles((), {one.name for one in parsed.values() if one.kind == "merchant"})
    units = await unit_names(ctx)
    found = {}
    for end, one in parsed.items():
        kind = ctx.t(words.ACCOUNTS[one.kind])
        match one.kind:
            case "merchant":
                found[end] = titles.account(one.name)
            case "budget":
                found[end] = ctx.t("{kind}：{name}", kind=kind, name=units.get(one.name, one.name))
            case "fund":
                found[end] = ctx.t("{kind}：{name}", kind=kind, name=one.name)
            case _:
                found[end] = kind
    return found
