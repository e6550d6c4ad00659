# SPDX-License-Identifier: Apache-2.0
"""What loads, in which order, and what is refused with words its administrator can act on."""

from dataclasses import replace
from typing import Any

import pytest

from liren import hookspecs
from liren.plugins.manifest import PluginRefused, Refusal
from liren.plugins.plugin import BuiltIn
from liren.plugins.specs import Deprecated

FINE = "@hookimpl\ndef register_permissions():\n    return [Permission('{0}.serve', '{0}')]\n"
PAGE = """
@get({path!r}, opt={{"allow": {allow}}})
async def {name}(ctx: Context) -> str:
    return "ok"
"""
ROUTES = "\n@hookimpl\ndef register_routes():\n    return [{0}]\n"


def reasons(street: Any) -> dict[str, str]:
    return {refusal.plugin: refusal.error.en for refusal in street.load().refused}


def test_what_is_required_loads_first(street: Any) -> None:
    street.plugin("aa", FINE.format("aa"), more='requires = ["zz"]')
    street.plugin("zz", FINE.format("zz"))
    loaded = street.load()
    assert [plugin.id for plugin in loaded.plugins] == ["zz", "aa"]
    assert loaded.refused == ()


def test_a_missing_requirement_is_named_and_the_others_load(street: Any) -> None:
    street.plugin("aa", FINE.format("aa"), more='requires = ["gone"]')
    street.plugin("bb", FINE.format("bb"), more='requires = ["aa"]')
    street.plugin("cc", FINE.format("cc"))
    loaded = street.load()
    assert [plugin.id for plugin in loaded.plugins] == ["cc"]
    said = reasons(street)
    assert "requires gone" in said["aa"]
    assert "requires aa" in said["bb"]


def test_a_circle_is_shown(street: Any) -> None:
    street.plugin("aa", "", more='requires = ["bb"]')
    street.plugin("bb", "", more='requires = ["aa"]')
    street.plugin("cc", "", more='requires = ["bb"]')
    said = reasons(street)
    assert "aa → bb → aa" in said["aa"]
    assert "bb → aa → bb" in said["bb"]
    assert "circle" in said["cc"]


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('api = "1.0"\nid = "Bad"\ntitle = "x"', "cannot be used"),
        ('api = "1.0"\nid = "login"\ntitle = "x"', "cannot be used"),
        ('api = "1.9"\nid = "xx"\ntitle = "x"', "written for contract 1.9"),
        ('api = "2.0"\nid = "xx"\ntitle = "x"', "written for contract 2.0"),
        ('api = "1.0"\ntitle = "x"', "id"),
        ('api = "1.0"\nid = "xx"\ntitle = "x"\nrequire = ["a"]', "require"),
        ("api = ", "cannot be read"),
        ("\x00", "cannot be read"),
    ],
)
def test_a_wrong_manifest_is_refused_without_importing_the_plugin(street: Any, toml: str, said: str) -> None:
    street.site.write("liren-xx", {"liren.toml": toml, "__init__.py": "raise SystemExit('imported')"})
    assert said in reasons(street)["xx"]


def test_a_plugin_without_manifest_or_package_is_named_by_its_entry_point(street: Any) -> None:
    street.site.write("liren-bare", {"__init__.py": ""})
    street.site.write("liren-gone", {})
    said = reasons(street)
    assert "has no liren.toml" in said["bare"]


def test_two_distributions_with_one_id(street: Any) -> None:
    toml = 'api = "1.0"\nid = "fair"\ntitle = "x"'
    street.site.write("liren-fair", {"liren.toml": toml, "__init__.py": ""})
    street.site.write("other-fair", {"liren.toml": toml, "__init__.py": ""})
    loaded = street.load()
    assert [plugin.distribution for plugin in loaded.plugins] == ["liren-fair"]
    assert "More than one distribution claims the plugin id fair" in loaded.refused[0].error.en


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise ValueError('no')", "ValueError: no"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("import nothing_of_this_name", "ModuleNotFoundError"),
        ("@hookimpl\ndef register_route():\n    return []", "no hook called register_route"),
        ("@hookimpl\ndef nav_items(visitor):\n    return []", "visitor"),
        ("@hookimpl(hookwrapper=True)\ndef nav_items(ctx):\n    yield", "wrapper"),
        ("@hookimpl(wrapper=True)\ndef nav_items(ctx):\n    return (yield)", "wrapper"),
        ("@hookimpl\nasync def register_routes():\n    return []", "plain function"),
        ("@hookimpl\ndef register_routes():\n    return [1]", "not Sequence[HTTPRouteHandler]"),
        ("@hookimpl\ndef register_permissions():\n    return [Permission('yy.serve', '')]", "does not start with xx."),
        ("@hookimpl\ndef register_roles():\n    return [Role('xx.clerk', '', ('xx.serve',))]", "xx.serve"),
        ("@hookimpl\ndef register_jobs():\n    return [Job('tidy', '', print)]", "job 'tidy'"),
        (
            "import msgspec\nclass S(msgspec.Struct):\n    h: int\n@hookimpl\ndef register_settings():\n    return S",
            "no default",
        ),
        ("@hookimpl\ndef register_deeds():\n    return [Deed('yy.do', 't', 'a', print)]", "not under xx."),
        ("@hookimpl\ndef register_deeds():\n    return [Deed('xx.do', 't', 'a', None)]", "without a title or an undo"),
        ("@hookimpl\ndef register_deeds():\n    return [Deed('xx.do', 't', 'a', print)]", "begins at 'a'"),
        (PAGE.format(path="/a", allow="None", name="a") + ROUTES.format("a"), "does not say who may open it"),
        (PAGE.format(path="/a", allow="'xx.serve'", name="a") + ROUTES.format("a"), "nobody registered: xx.serve"),
        (
            PAGE.format(path="/a", allow="Gate.ANYONE", name="a")
            + PAGE.format(path="/a", allow="Gate.ANYONE", name="b")
            + ROUTES.format("a, b"),
            "/xx/a collides with /xx/a",
        ),
        (
            PAGE.format(path="/{a:int}", allow="Gate.ANYONE", name="a")
            + PAGE.format(path="/{b:str}", allow="Gate.ANYONE", name="b")
            + ROUTES.format("a, b"),
            "/xx/{b:str} collides with /xx/{a:int}",
        ),
    ],
)
def test_a_broken_plugin_is_refused_with_a_reason_and_the_others_load(street: Any, code: str, said: str) -> None:
    street.plugin("xx", code)
    street.plugin("ok", FINE.format("ok"))
    loaded = street.load()
    assert [plugin.id for plugin in loaded.plugins] == ["ok"]
    assert said in loaded.refused[0].error.en
    assert "xx" in loaded.refused[0].error.zh


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("async def a(ctx: Context, day) -> str:", "day"),
        ("async def a(ctx: Context):", "return"),
        ("async def a(ctx: 'Contexxt') -> str:", "Contexxt"),
    ],
)
def test_a_page_that_cannot_be_served_costs_its_plugin_not_the_street(street: Any, page: str, said: str) -> None:
    street.plugin("xx", f"@get('/a', opt={{'allow': Gate.ANYONE}})\n{page}\n    return 'ok'\n" + ROUTES.format("a"))
    street.plugin("ok", FINE.format("ok"))
    loaded = street.load()
    assert [plugin.id for plugin in loaded.plugins] == ["ok"]
    assert said in loaded.refused[0].error.en


TABLE = """
from piccolo.conf.apps import AppConfig
from piccolo.table import Table
from piccolo.columns import ForeignKey, Text
class Unit(Table, tablename="unit"):
    name = Text()
class Dish(Table, tablename={name!r}):
    unit = {column}
@hookimpl
def register_tables():
    from pathlib import Path
    return AppConfig("xx", str(Path(__file__).parent / "piccolo_migrations"), table_classes=[Dish])
"""


@pytest.mark.parametrize(
    ("name", "column", "said"),
    [
        ("dish", "Text()", "table dish does not start with xx_"),
        ("xxdish", "Text()", "table xxdish does not start with xx_"),
        ("xx_dish", "ForeignKey(Unit)", "foreign key to unit"),
    ],
)
def test_tables_stay_under_their_prefix_and_away_from_the_core(street: Any, name: str, column: str, said: str) -> None:
    street.plugin("xx", TABLE.format(name=name, column=column))
    assert said in reasons(street)["xx"]


def test_two_migrations_with_one_id_are_found_without_running_them(street: Any) -> None:
    code = TABLE.format(name="xx_dish", column="Text()")
    one = "ID = '0001'\nraise SystemExit('run')"
    street.plugin("xx", code, piccolo_migrations__a=one, piccolo_migrations__b=one)
    assert "a.py and b.py share the id 0001" in reasons(street)["xx"]


def test_personal_data_obliges(street: Any) -> None:
    street.plugin("xx", "", more="personal_data = true")
    assert "lacks export_person or erase_person" in reasons(street)["xx"]


def test_safe_mode_starts_the_core_alone_and_strict_raises(street: Any) -> None:
    street.plugin("xx", "raise ValueError('no')")
    assert street.load(safe_mode=True).refused == ()
    with pytest.raises(PluginRefused, match="ValueError: no"):
        street.load(strict=True)


def test_a_broken_core_package_is_no_plugin_to_leave_out(street: Any) -> None:
    street.site.write("core-part", {"__init__.py": "raise ValueError('core')"})
    with pytest.raises(ValueError, match="core"):
        street.load(BuiltIn("portal", "门户", "core_part", mount="/"))


def test_core_packages_use_the_same_hooks_with_a_mount_of_their_own(street: Any) -> None:
    code = PAGE.format(path="/", allow="Gate.ANYONE", name="board") + ROUTES.format("board")
    street.site.write("core-portal", {"__init__.py": street.head + code})
    loaded = street.load(BuiltIn("portal", "门户", "core_portal", mount="/"))
    assert [(r.name, r.path) for r in loaded.routes] == [("portal.board", "/")]


def test_a_migration_that_cannot_be_imported_costs_its_plugin_not_the_street(street: Any) -> None:
    code = TABLE.format(name="xx_dish", column="Text()")
    street.plugin("xx", code, piccolo_migrations__a="ID = '0001'\nimport nothing_of_this_name")
    street.plugin("yy", "")
    loaded = street.load()
    assert [plugin.id for plugin in loaded.plugins] == ["yy"]
    assert "nothing_of_this_name" in loaded.refused[0].error.en


def test_a_plugin_left_out_late_takes_with_it_what_requires_it(street: Any) -> None:
    street.plugin("aa", "")
    street.plugin("bb", "", more='requires = ["aa"]')
    street.plugin("cc", "", more='requires = ["bb"]')
    street.plugin("dd", "")
    late = Refusal("aa", "liren-aa", PluginRefused("先运行 liren migrate", "run liren migrate"))
    left = street.load().without([late])
    assert [plugin.id for plugin in left.plugins] == ["dd"]
    assert {refusal.plugin for refusal in left.refused} == {"aa", "bb", "cc"}


def test_deprecated_hooks_and_arguments_still_work_and_are_warned_about(
    street: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = Deprecated("1.1", "1.3", "use figures")
    for name, change in (("nav_items", {"deprecated": old}), ("page_slot", {"old_arguments": {"subject": old}})):
        monkeypatch.setitem(hookspecs.SPECS, name, replace(hookspecs.SPECS[name], **change))
    uses = "@hookimpl\ndef nav_items():\n    return []\n\n@hookimpl\ndef page_slot(slot{0}):\n    return None\n"
    street.plugin("aa", uses.format(", subject"))
    street.plugin("bb", FINE.format("bb"))
    loaded = street.load()
    assert loaded.refused == ()
    warnings = {plugin.id: plugin.warnings for plugin in loaded.plugins}
    assert warnings == {
        "aa": ("nav_items: 1.1 → 1.3: use figures", "page_slot(subject): 1.1 → 1.3: use figures"),
        "bb": (),
    }
