# SPDX-License-Identifier: Apache-2.0
"""No column of any table without a word on what it is for: the street answers for all of them in front of residents."""

from collections import Counter
from pathlib import Path

from liren.plugins.types import TableFields
from liren.privacy.register import register
from liren.testing.street import Running, small_street
from liren.testing.tables import shape


async def test_every_column_of_core_and_plugins_says_what_for_how_long_and_who_sees_it(
    database: str, tmp_path: Path
) -> None:
    async with small_street(tmp_path / "home", database) as running:
        tables = {one.table: one for each in register(running.street.kernel) for one in each.tables}
        real = await shape(running.street.store)
        assert sorted(real.keys() - tables.keys()) == [], "declare it in fields.py of its package"
        assert sorted(tables.keys() - real.keys()) == [], "no such table any more"
        for name, columns in real.items():
            one = tables[name]
            said = Counter([*one.plain, *(column for field in one.fields for column in field.columns)])
            assert said.keys() == columns, f"fields.py: {name}: {sorted(said.keys() ^ columns)}"
            assert max(said.values()) == 1, f"fields.py: {name} names a column twice"
            for field in one.fields:
                for words in (field.title, field.purpose, field.until, field.seen_by):
                    assert words.strip(), f"fields.py: {name} {field.columns}"
        _looks_personal(tables)
        await _pages(running)


def _looks_personal(tables: dict[str, TableFields]) -> None:
    """What sounds like somebody is never declared to be nobody's."""
    names = {"person", "holder", "actor", "worker", "phone_sealed", "deliver_to", "volunteer", "address_sealed"}
    wrong = {f"{table}.{column}" for table, one in tables.items() for column in one.plain if column in names}
    assert wrong == set()


async def _pages(running: Running) -> None:
    """Everybody reads it, in both languages, on the screen and on paper; technical names stay out of the way."""
    for page in ("/privacy/fields", "/privacy/fields/print"):
        async with running.visitor() as anyone:
            zh = (await anyone.get(page)).text
            assert "身份证号（加密）" in zh
            assert "敏感" in zh
            assert "会计档案的法定年限" in zh, "modules say it too"
            assert "id_number_sealed" not in zh
            en = (await anyone.get(page, params={"lang": "en"})).text
            assert "ID number (encrypted)" in en
            assert "身份证号" not in en
    async with running.visitor() as anyone:
        assert "/privacy/fields/print" in (await anyone.get("/privacy/fields")).text
