# SPDX-License-Identifier: Apache-2.0
"""What stands in signed records as a code or an account, in words: declared by plugins, or asked of them in bulk.

A record names things for ever and trusts no title; a page that shows one to a person asks here. What nobody knows
any more is shown as it stands in the record, with the module it came from.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from liren.plugins.fence import AWARDS
from liren.plugins.types import _

if TYPE_CHECKING:
    from liren.plugins.context import Context
    from liren.plugins.kernel import Kernel

_NOBODYS = _("{name}（模块 {plugin}）")


@dataclass(frozen=True, slots=True)
class Titles:
    """In one visitor's language."""

    codes: Mapping[str, str]
    """Code → title, of those that have one."""
    accounts: Mapping[str, str]
    """Merchant (``<plugin>.<id>``) → title, of those that have one."""
    nobodys: str = _NOBODYS
    """How a code or account without a title is shown."""

    def code(self, code: str) -> str:
        """The title; without one the code, with the module it is of."""
        return self.codes.get(code) or self._plain(code, code)

    def account(self, account: str) -> str:
        """The title; without one the id, with the module it is of."""
        return self.accounts.get(account) or self._plain(account, account.partition(".")[2])

    def _plain(self, whole: str, name: str) -> str:
        plugin, dot, _rest = whole.partition(".")
        return self.nobodys.format(name=name, plugin=plugin) if dot and plugin.islower() else whole


async def gather(kernel: "Kernel", ctx: "Context", codes: Collection[str], accounts: Collection[str]) -> Titles:
    """Declared titles first, also of plugins that are off; the rest is asked of whose it is."""
    said: dict[str, str] = {}
    asked: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for code in sorted(set(codes)):
        if code in kernel.codes:
            plugin, title = kernel.codes[code]
            said[code] = ctx.of(plugin).t(title)
        else:
            for plugin in {code.partition(".")[0], AWARDS}:
                asked[plugin][0].append(code)
    for account in sorted(set(accounts)):
        plugin, _dot, own = account.partition(".")
        asked[plugin][1].append(own)
    named: dict[str, str] = {}
    for plugin in sorted(asked.keys() & kernel.plugins.keys()):
        its_codes, ids = asked[plugin]
        for one in await kernel.caller.each("record_titles", ctx, plugin=plugin, codes=its_codes, accounts=ids):
            for answer in one.value:
                if answer.name in its_codes:
                    said.setdefault(answer.name, answer.title)
                if answer.name in ids:
                    named[f"{plugin}.{answer.name}"] = answer.title
    return Titles(said, named, ctx.t(_NOBODYS))
