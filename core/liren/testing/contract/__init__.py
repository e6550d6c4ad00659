# SPDX-License-Identifier: Apache-2.0
"""The contract, as tests a plugin runs on itself::

from liren.testing.contract import *  # noqa: F403

@pytest.fixture
def plugin():
    return "canteen"

@pytest.fixture
async def known_person(street):  # where the plugin holds personal data
    person = await street.person("白露")
    await verbs.order(await street.acting("canteen", person), "an-order-of-hers", …)
    return person

@pytest.fixture
def specimens():  # where pages are about objects that not everybody may see
    async def plant(street, community):
        order = await verbs.order_of(street, community)
        return Specimens({"order": order.id}, secrets=["白露"])  # from liren.testing.foreign

    return plant
"""

from liren.testing.contract.data import *  # noqa: F403
from liren.testing.contract.foreign import *  # noqa: F403
from liren.testing.contract.pages import *  # noqa: F403
from liren.testing.contract.queries import *  # noqa: F403
from liren.testing.contract.tables import *  # noqa: F403
from liren.testing.contract.texts import *  # noqa: F403
