# SPDX-License-Identifier: Apache-2.0
"""How a unit gets its code, and how the tree is walked."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liren.plugins.services import UnitCard
from liren.units import rules
from liren.units.errors import BadUnit
from liren.units.tree import Tree


def nobody(code: str) -> bool:
    return False


@pytest.mark.parametrize(
    ("level", "name", "parent", "code"),
    [
        ("street", "里仁街道", None, "liren"),
        ("community", "桃园社区", "liren", "taoyuan"),
        ("grid", "第3网格", "taoyuan", "taoyuan-g3"),
        ("grid", "第十二网格", "taoyuan", "taoyuan-g12"),
        ("building", " ７号楼 ", "taoyuan-g3", "taoyuan-g3-b7"),
        ("building", "3A号楼", "taoyuan-g3", "taoyuan-g3-b3a"),
        ("stair", "2单元", "taoyuan-g3-b7", "taoyuan-g3-b7-s2"),
        ("grid", "和平小区", "taoyuan", "taoyuan-hepingxiaoqu"),
        ("community", "101社区", "liren", "n101"),
    ],
)
def test_a_code_can_be_read_aloud(level: str, name: str, parent: str | None, code: str) -> None:
    assert rules.make_code(level, name, parent, nobody) == code


def test_a_code_is_never_given_twice() -> None:
    given_out = {"taoyuan"}
    assert rules.make_code("community", "桃园社区", "liren", given_out.__contains__) == "taoyuan-2"


@given(st.sampled_from(rules.LEVELS), st.text(min_size=1, max_size=60))
def test_whatever_the_name_the_code_is_plain_ascii(level: str, name: str) -> None:
    try:
        code = rules.make_code(level, name, None if level == "street" else "liren", nobody)
    except BadUnit:
        return
    assert code.isascii()
    assert rules.check_code(code) == code


@pytest.mark.parametrize(("text", "number"), [("十", 10), ("十二", 12), ("二十", 20), ("一百零二", 102), ("三", 3)])
def test_chinese_numbers_are_read(text: str, number: int) -> None:
    assert rules.han_number(text) == number


def test_two_spellings_name_one_unit() -> None:
    assert rules.same_name("grid", "第三网格", "第 3 网格")
    assert rules.same_name("community", "桃园", "桃园社区")
    assert rules.same_name("building", "07号楼", "7号楼")
    assert not rules.same_name("building", "7号楼", "17号楼")


def test_levels_may_be_skipped_but_not_turned_round() -> None:
    rules.check_parent("building", "community")
    with pytest.raises(BadUnit):
        rules.check_parent("community", "grid")
    with pytest.raises(BadUnit):
        rules.check_parent("community", None)


def card(code: str, level: str, name: str, parent: UnitCard | None, closed: date | None = None) -> UnitCard:
    path = rules.path_of(code, parent.path if parent else None)
    return UnitCard(code, code, level, name, None, path, parent.code if parent else None, closed)


def small_tree() -> Tree:
    street = card("liren", "street", "里仁街道", None)
    taoyuan = card("taoyuan", "community", "桃园社区", street)
    old = card("laojie", "community", "老街社区", street, date(2026, 1, 1))
    tenth = card("taoyuan-b10", "building", "10号楼", taoyuan)
    second = card("taoyuan-b2", "building", "2号楼", taoyuan)
    return Tree.of([tenth, second, old, taoyuan, street])


def test_the_tree_is_walked_parent_first_and_by_number() -> None:
    assert [c.code for c in small_tree().below("liren")] == ["liren", "taoyuan", "taoyuan-b2", "taoyuan-b10"]


def test_closed_units_are_known_but_not_listed() -> None:
    tree = small_tree()
    assert tree.get("laojie") is not None
    assert [c.code for c in tree.children("liren")] == ["taoyuan"]
    assert [c.code for c in tree.children("liren", closed=True)] == ["laojie", "taoyuan"]


def test_the_community_of_a_building_is_found() -> None:
    tree = small_tree()
    community = tree.ancestor("taoyuan-b2", "community")
    assert community is not None
    assert community.code == "taoyuan"
    assert [c.code for c in tree.way("taoyuan-b2")] == ["liren", "taoyuan", "taoyuan-b2"]
    assert tree.way("nowhere") == ()


def test_units_are_found_by_part_of_their_name() -> None:
    tree = small_tree()
    assert [c.code for c in tree.find("桃")] == ["taoyuan"]
    assert [c.code for c in tree.find("号楼")] == ["taoyuan-b2", "taoyuan-b10"]
    assert list(tree.find("老街")) == []
