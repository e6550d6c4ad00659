# SPDX-License-Identifier: Apache-2.0
"""The contract is what its pages say: nothing undocumented, nothing promised that is not there."""

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from liren import api, hookspecs
from liren.plugins import caller
from liren.plugins.context import Context
from liren.plugins.types import Demo

ROOT = Path(__file__).parents[2]
CONTRACT = (ROOT / "docs/plugins/contract.md").read_text("utf-8")
ALLOWED = ("liren", "liren.api", "liren.web", "liren.testing")


@pytest.mark.parametrize("hook", sorted(hookspecs.SPECS))
def test_every_hook_is_documented_with_an_example(hook: str) -> None:
    doc = inspect.getdoc(getattr(hookspecs, hook)) or ""
    assert "Example::" in doc
    assert f"def {hook}(" in doc
    row = re.search(rf"^\| `{hook}` \| (.*?) \| (.*?) \|", CONTRACT, re.M)
    assert row is not None, "no row in docs/plugins/contract.md"
    spec = hookspecs.SPECS[hook]
    assert row[1] == (spec.kind if spec.kind == "start" else f"{spec.kind}, {spec.limit_s:g} s")
    arguments = list(inspect.signature(getattr(hookspecs, hook)).parameters)
    assert row[2].strip("`").split() == (arguments or ["–"])


def test_the_page_names_no_hook_that_does_not_exist() -> None:
    table = CONTRACT.partition("## Hooks")[2].partition("## Slots")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.M)) == set(hookspecs.SPECS)


def test_all_of_context_is_documented() -> None:
    table = CONTRACT.partition("## Context")[2].partition("In `once`")[0]
    for_core = {"who", "built_in", "of", "actor", "each", "every", "who_implements", "title_of"}
    names = {f.name for f in fields(Context)} | {n for n in vars(Context) if callable(getattr(Context, n, None))}
    for name in sorted(n for n in names - for_core if not n.startswith("_")):
        assert re.search(rf"\b{name}\b", table), f"ctx.{name} is not on the page"


def test_all_of_the_demo_is_documented() -> None:
    section = CONTRACT.partition("## The demo street")[2].partition("\n## ")[0]
    for field in fields(Demo):
        assert f"demo.{field.name}" in section, f"demo.{field.name} is not on the page"


def test_faults_rest_as_the_page_says() -> None:
    assert (caller.FAULTS, caller.WINDOW_S, caller.REST_S, caller.LONGEST_REST_S) == (5, 60, 60, 3600)


def test_every_name_of_the_api_exists_and_is_listed_once() -> None:
    assert len(api.__all__) == len(set(api.__all__))
    for name in api.__all__:
        assert hasattr(api, name)


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            if node.module == "liren":
                yield from (f"liren.{a.name}" for a in node.names if a.name not in ("hookimpl", "API_VERSION"))
            else:
                yield node.module


@pytest.mark.parametrize("plugin", sorted(p.parent.parent.name for p in ROOT.glob("plugins/*/*/liren.toml")))
def test_our_own_plugins_import_the_public_contract_only(plugin: str) -> None:
    for path in (ROOT / "plugins" / plugin / f"liren_{plugin}").rglob("*.py"):
        for name in imports(path):
            if name.split(".")[0] == "liren":
                assert ".".join(name.split(".")[:2]) in ALLOWED, f"{path.name} imports {name}"
