# SPDX-License-Identifier: Apache-2.0
"""The family of the demo street: a child with a guardian, owners, labels with consent; a second time nothing new."""

from datetime import date
from pathlib import Path

from liren.demo import cast, family
from liren.identity.labels import labels
from liren.identity.register import ownership
from liren.identity.register.people import NewPerson, register
from liren.identity.sealed import Private
from liren.testing.street import small_street
from liren.units.build import Builder


async def test_a_child_a_guardian_owners_and_labels_with_consent(tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with small_street(home, str(home / "liren.sqlite")) as running:
        street, today = running.street, running.street.today()
        people, store = street.identity.people, street.store
        community = (await street.identity.units.all("community"))[0].code
        async with store.transaction(cast.ACTOR) as tx:
            builder = await Builder.load(tx, today)
            stair = builder.unit("building", "7号楼", community)
            rooms = [builder.dwelling(stair, number) for number in ("101", "102")]
            await builder.write(tx)
            born = Private(cast.RESIDENT_PHONE, birthday=date(1949, 1, 1))
            new = [
                NewPerson("卢淑萍", born, stair, rooms[0], "head"),
                NewPerson("王芳", Private(), stair, rooms[1], "head"),
            ]
            grandmother, neighbour = await register(tx, street.vault, new, today)
        for _ in range(2):
            await family.move_in(street)
        [child], [son] = await people.lookup(family.CHILD), await people.lookup(family.SON)
        [guardian] = (await people.guardians([child.id], today))[child.id]
        assert guardian.person == son.id
        assert set(await people.household(grandmother)) == {grandmother, son.id, child.id}
        assert await people.agreed("points", [son.id, child.id]) == {son.id}, "no child agrees by itself"
        shares = {each.person: ownership.share_text(each.share) for each in await ownership.owners(store, rooms[0])}
        assert shares == {grandmother: "1/2", son.id: "1/2"}
        assert [each.person for each in await ownership.owners(store, rooms[1])] == [neighbour]
        held = {each.person: (each.title, each.given_by) for each in await labels.of(store, [child.id, neighbour])}
        assert held == {child.id: (family.FETCHED[1], son.id), neighbour: (family.ALONE[1], None)}
