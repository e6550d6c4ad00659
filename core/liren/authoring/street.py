# SPDX-License-Identifier: Apache-2.0
"""The small street an author works on: made once in the module's folder, kept between starts, never a real one."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from liren.app import Plan, Street, found_street
from liren.identity.register.people import NewPerson, register
from liren.identity.roles import grants
from liren.identity.signin import accounts, links
from liren.plugins.plugin import Plugin
from liren.plugins.types import Gate
from liren.testing.points import Points

ACTOR: Final = "job:dev"
PLAN: Final = Plan("里仁街道", "liren.example", ("老街社区", "桃园社区", "荷畔社区"), reviewer="李敏", admin="吴志强")
RESIDENTS: Final = {"王秀兰": 60, "陈大勇": 0}
"""Name → points."""
NAMES: Final = ("周静", "赵磊", "孙桂芳", "钱莉", "何勇", "吕梅", "马建国", "林芳", "高远", "罗平")
"""Of those who hold the module's roles."""


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody to sign in as."""

    title: str
    name: str
    url: str


class DevStreet:
    """The street's people, remembered in ``dev.json`` beside its home."""

    def __init__(self, street: Street, plugin: Plugin, notes: Path) -> None:
        self._street = street
        self._plugin = plugin
        self._notes = notes
        said = json.loads(notes.read_text("utf-8")) if notes.exists() else {}
        self._people: dict[str, str] = said.get("people", {})
        self._told: str = said.get("told", "")

    async def settle(self, run: str) -> Sequence[Login]:
        """Bring the street to where the module stands now: founded, everything on, a person for each role.

        :param run: of all starts of one ``liren dev``, the first prints everybody's link
        :returns: whose links to print: everybody's, or of those who are new
        """
        known = dict(self._people) if self._told == run else {}
        if not self._people:
            await self._found()
        await self._switch_on()
        await self._staff()
        fresh = {title: person for title, person in self._people.items() if title not in known}
        made = await self._links(fresh)
        self._notes.write_text(json.dumps({"people": self._people, "told": run}, ensure_ascii=False), "utf-8")
        return made

    async def _found(self) -> None:
        street = self._street
        await found_street(street, PLAN)
        await street.look()
        keys = {keys.name: keys.id for keys in await street.identity.people.keys()}
        self._people |= {"管理员 administrator": keys[PLAN.admin], "审核员 reviewer": keys[PLAN.reviewer]}
        [community, *_] = await street.identity.units.all("community")
        async with street.store.transaction(ACTOR) as tx:
            new = [NewPerson(name, unit=community.code) for name in RESIDENTS]
            people = await register(tx, street.vault, new, street.today())
        points = Points(street)
        for person, amount in zip(people, RESIDENTS.values(), strict=True):
            self._people[f"居民 resident · {amount} 分"] = person
            if amount:
                await points.give(person, amount)

    async def _switch_on(self) -> None:
        """The module and what it requires, in the order they need."""
        wanted = _with_required(self._plugin, self._street.kernel.plugins)
        for plugin in self._street.kernel.plugins.values():
            if plugin.id in wanted and plugin.id not in self._street.kernel.enabled:
                await self._street.kernel.enable(self._street.store, ACTOR, plugin.id)

    async def _staff(self) -> None:
        """One person for each role of the module, and one with all of them."""
        roles = {role.name: role.title for role in self._plugin.roles}
        wanted = {f"{title} {name}": [name] for name, title in roles.items()}
        if len(roles) > 1:
            wanted["所有角色 every role"] = list(roles)
        street, known = self._street, set(self._street.identity.who.titles)
        unit = (await street.identity.units.street()).code
        for number, (title, names) in enumerate(wanted.items()):
            async with street.store.transaction(ACTOR) as tx:
                if title not in self._people:
                    new = NewPerson(NAMES[number % len(NAMES)])
                    [self._people[title]] = await register(tx, street.vault, [new], street.today())
                person = self._people[title]
                held = {row[0] for row in await tx.sql("SELECT role FROM role_grant WHERE person = ?", person)}
                for role in sorted(set(names) - held):
                    since = street.today()
                    await grants.grant(tx, person=person, role=role, unit=unit, roles=known, since=since)

    async def _links(self, people: Mapping[str, str]) -> Sequence[Login]:
        names = {keys.id: keys.name for keys in await self._street.identity.people.keys()}
        made = []
        for title, person in people.items():
            async with self._street.store.transaction(ACTOR) as tx:
                token = await links.make(tx, await accounts.open_account(tx, person))
            url = f"{self._street.settings.public_url}/login/once/{token}"
            made.append(Login(title, names[person], url))
        return made


def _with_required(plugin: Plugin, plugins: Mapping[str, Plugin]) -> set[str]:
    found, waiting = {plugin.id}, [plugin.id]
    while waiting:
        for need in plugins[waiting.pop()].manifest.requires:
            if need not in found and need in plugins and not plugins[need].built_in:
                found.add(need)
                waiting.append(need)
    return found


def first_page(plugin: Plugin) -> str:
    """Path of the page to begin with: one everybody may open before others, the shortest first."""
    pages = [route for route in plugin.routes if "GET" in route.methods and "{" not in route.path]
    pages.sort(key=lambda route: (route.allow is not Gate.ANYONE, route.path.count("/"), route.path))
    return pages[0].path if pages else "/"
