# SPDX-License-Identifier: Apache-2.0
"""A plugin on for one community, in the real street: its people and the staff above them have it, others not."""

import pytest

from liren.errors import NotFound
from liren.testing.street import Running


async def test_a_pilot_is_there_for_one_community_and_the_staff_above_it(street: Running) -> None:
    kernel, store = street.street.kernel, street.street.store
    here, elsewhere = await street.street.identity.units.all("community")
    await kernel.enable(store, "p1", "market", pilot=here.code)
    await street.person("王芳", unit=here.code)
    await street.person("李强", unit=elsewhere.code)
    await street.person("何勇", "admin.system")
    seen = {}
    for name in ("王芳", "李强", "何勇"):
        visitor = await street.signed_in(name)
        seen[name] = (await visitor.get("/market/")).status_code
        await visitor.aclose()
    assert (seen["王芳"], seen["李强"]) == (200, 404)
    assert seen["何勇"] == 200
    with pytest.raises(NotFound, match="no unit with the code"):
        await kernel.enable(store, "p1", "market", pilot="nowhere")
    await kernel.enable(store, "p1", "market")
    await street.person("赵静", unit=elsewhere.code)
    visitor = await street.signed_in("赵静")
    assert (await visitor.get("/market/")).status_code == 200, "and now for the whole street"
    await visitor.aclose()
