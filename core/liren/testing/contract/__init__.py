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
"""

from liren.testing.contract.data import *  # noqa: F403
from liren.testing.contract.pages import *  # noqa: F403
from liren.testing.contract.queries import *  # noqa: F403
from liren.testing.contract.tables import *  # noqa: F403
from liren.testing.contract.texts import *  # noqa: F403
