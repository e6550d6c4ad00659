# SPDX-License-Identifier: Apache-2.0
"""Taking points away through the contract: credit's alone, two people's keys, a person's only on a legal basis."""

from secrets import token_hex

import pytest
from tests.ledger.test_pages import RULE, awarded
from tests.ledger.test_titles import running  # noqa: F401 - a street with a stranger's module

from liren.api import Deduct, PointRule, Subject, Tx
from liren.ledger.errors import Refused
from liren.plugins.fence import Fenced
from liren.testing.street import Running


async def test_credit_deducts_with_a_legal_basis_and_a_strangers_module_does_not(running: Running) -> None:  # noqa: F811
    person = await running.person("王秀兰")
    await awarded(running, person)
    ((reviewer,),) = await running.street.store.read("SELECT owner FROM key_secret WHERE owner IS NOT NULL")
    unit = (await running.street.identity.units.all("community"))[0].code
    credit, wishes = [await running.acting(plugin, reviewer) for plugin in ("credit", "wishes")]
    holder = Subject("h", person)
    draft = Deduct(holder, unit, "FX-09", 5, reviewer, "resident", {"title": "乱扔垃圾"})

    async def deduct(tx: Tx) -> str:
        return (await tx.post(draft)).rid

    assert [each.behaviour for each in wishes.rule_templates() if each.name == "wishes.broken"] == ["breach_of_faith"]
    with pytest.raises(Fenced, match="only credit may"):
        await wishes.once(token_hex(4), "deduct", deduct, str)
    with pytest.raises(Refused, match="legal basis"):
        await credit.once(token_hex(4), "deduct", deduct, str)

    async def adopt(tx: Tx) -> str:
        rule = PointRule("FX-09", "resident", "h", 1, 10, RULE.valid_from, "never", 1)
        return (await tx.adopt([RULE, rule], reviewer=reviewer, deduct_h={"FX-09": "《垃圾分类条例》第三十条"})).rid

    await credit.once(token_hex(4), "adopt", adopt, str)
    await credit.once(token_hex(4), "deduct", deduct, str)
    assert (await credit.ledger.balance(holder)).total == 25
    entry = (await credit.ledger.entries(holder))[0]
    assert (entry.why, entry.amount, entry.reason["title"]) == ("deduct", -5, "乱扔垃圾")
