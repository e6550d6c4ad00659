# SPDX-License-Identifier: Apache-2.0
"""The how-tos use what there is: every block is Python, hooks take what they are given, names can be imported."""

import ast
import builtins
import inspect
import re
from collections.abc import Iterator

import pytest

from liren import api, hookspecs, web
from liren.testing import foreign
from liren.web import sheets
from tests.docs import DOCS

PAGE = (DOCS / "plugins/how-to.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S))
BLOCKS = [(title, code) for title, text in SECTIONS.items() for code in re.findall(r"```python\n(.*?)```", text, re.S)]
OURS = {*api.__all__, *web.__all__, *sheets.__all__, foreign.Specimens.__name__}
THEIRS = {
    "pytest",
    "msgspec",
    "click",
    "secrets",
    "hmac",
    "Annotated",
    "Any",
    "Sequence",
    "Request",
    "Response",
    "date",
}
THEIRS |= {"time", "timedelta", "Markup"}
AUTHORS = set("verbs flow gateway Menu MealOrder new_id used_now person".split())  # noqa: SIM905
"""What an author's own modules would hold."""


def functions(code: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize(("title", "code"), BLOCKS)
def test_a_block_is_python_and_its_names_exist(title: str, code: str) -> None:
    tree = ast.parse(f"async def block():\n{_indented(code)}" if code.lstrip().startswith("await") else code)
    nodes = list(ast.walk(tree))
    made = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    made |= {node.name for node in nodes if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)}
    made |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    made |= {node.name for node in nodes if isinstance(node, ast.ExceptHandler) and node.name}
    used = {node.id for node in nodes if isinstance(node, ast.Name)}
    unknown = used - made - OURS - THEIRS - AUTHORS - set(dir(builtins)) - {"ctx"}
    assert not unknown, f"{title}: {', '.join(sorted(unknown))}"


def test_hooks_are_shown_as_they_are() -> None:
    shown = set()
    for _, code in BLOCKS:
        for function in functions(code) if not code.lstrip().startswith("await") else ():
            marks = [ast.unparse(mark) for mark in function.decorator_list]
            if "hookimpl" in marks:
                shown.add(function.name)
                allowed = set(inspect.signature(getattr(hookspecs, function.name)).parameters)
                assert {argument.arg for argument in function.args.args} <= allowed, function.name
    assert len(shown) >= 10


def _indented(code: str) -> str:
    return "".join(f"    {line}" for line in code.splitlines(keepends=True))
