# SPDX-License-Identifier: Apache-2.0
"""A workflow in which a case would get stuck is refused when its plugin loads."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from liren.plugins.flow_checks import faults
from liren.plugins.flows import Party, State, Transition, Workflow
from liren.plugins.loader import load
from liren.plugins.manifest import find
from liren.testing.site import Site

KNOWN = {"fair.run", "fair.see"}
SOUND = Workflow(
    "stall",
    "摊位",
    initial="asked",
    states=(
        State("asked", "待批", due=timedelta(days=2), remind=timedelta(hours=4), escalate="fair.see"),
        State("let", "在摆", "running"),
        State("gone", "已撤", "done"),
    ),
    transitions=(
        Transition("grant", "同意", ("asked",), "let", ("fair.run",), unlike=("opened",)),
        Transition("leave", "撤摊", ("asked", "let"), "gone", (Party.HOLDER, "fair.run")),
    ),
    see=("fair.see",),
)
ASKED, LET, GONE = SOUND.states
GRANT, LEAVE = SOUND.transitions


def said(*flows: Workflow) -> str:
    return "; ".join(english for _, english in faults(flows, KNOWN))


def with_states(*states: State) -> Workflow:
    return replace(SOUND, states=states)


def with_moves(*moves: Transition) -> Workflow:
    return replace(SOUND, transitions=moves)


def test_a_sound_workflow_is_taken() -> None:
    assert said(SOUND) == ""


@pytest.mark.parametrize(
    ("flow", "why"),
    [
        (replace(SOUND, name="Stall 1"), "is not named"),
        (replace(SOUND, initial="nowhere"), "begins in 'nowhere'"),
        (with_states(ASKED, ASKED, LET, GONE), "state asked is declared twice"),
        (with_moves(GRANT, GRANT, LEAVE), "transition grant is declared twice"),
        (with_moves(GRANT, LEAVE, replace(GRANT, name="skip", target="moon")), "names no state 'moon'"),
        (with_moves(GRANT, replace(LEAVE, source=("asked", "mars"))), "names no state 'mars'"),
        (with_moves(LEAVE), "state let cannot be reached"),
        (with_moves(GRANT, replace(LEAVE, source=("asked",))), "nothing leads out of state let"),
        (
            with_moves(GRANT, LEAVE, Transition("back", "退回", ("gone",), "asked", ("fair.run",))),
            "without saying reopens",
        ),
        (with_moves(GRANT, replace(LEAVE, allow=("fair.fly",))), "permission fair.fly"),
        (replace(SOUND, see=("credit.review",)), "permission credit.review"),
        (with_states(replace(ASKED, escalate="fair.fly"), LET, GONE), "permission fair.fly"),
        (with_moves(replace(GRANT, assign="fair.fly"), LEAVE), "permission fair.fly"),
        (with_moves(replace(GRANT, unlike=("grand",)), LEAVE), "unlike no transition 'grand'"),
        (with_moves(replace(GRANT, source="asked"), LEAVE), "source of transition grant is not a tuple"),  # type: ignore[arg-type]
        (with_moves(replace(GRANT, allow="fair.run"), LEAVE), "allow of transition grant is not a tuple"),  # type: ignore[arg-type]
        (with_moves(replace(GRANT, allow=()), LEAVE), "nobody who may make it"),
        (with_moves(replace(GRANT, name="opened"), LEAVE), "may be called opened"),
        (with_moves(replace(GRANT, on_page=True), LEAVE), "made on a page"),
        (with_states(ASKED, LET, replace(GONE, due=timedelta(days=1))), "is over and cannot have a deadline"),
        (with_states(replace(ASKED, due=timedelta(0)), LET, GONE), "is not positive"),
        (with_states(replace(ASKED, remind=timedelta(days=3)), LET, GONE), "reminds outside its deadline"),
    ],
)
def test_what_would_not_work_is_named(flow: Workflow, why: str) -> None:
    assert why in said(flow)


def test_two_workflows_of_one_name() -> None:
    assert "workflow stall is declared twice" in said(SOUND, SOUND)


def test_a_closed_case_may_be_reopened_where_it_is_said() -> None:
    again = Transition("back", "退回", ("gone",), "asked", ("fair.run",), reopens=True)
    assert said(with_moves(GRANT, LEAVE, again)) == ""


FAIR = """
from liren.api import *
@hookimpl
def register_workflows():
    return [Workflow("stall", "摊位", (State("asked", "待批"),), (), "asked")]
"""


def test_the_plugin_is_left_out_and_its_administrator_told(tmp_path: Path, monkeypatch: Any) -> None:
    site = Site(tmp_path / "site")
    toml = 'api = "1.0"\nid = "stuckfair"\ntitle = "集市"'
    site.write("liren-stuckfair", {"liren.toml": toml, "__init__.py": FAIR})
    monkeypatch.syspath_prepend(str(site.path))
    mine = [found for found in find() if found.folder is not None and found.folder.is_relative_to(site.path)]
    [refusal] = load(tmp_path / "home", found=mine).refused
    assert "nothing leads out of state asked" in refusal.error.en
    assert "状态 asked 没有出路" in refusal.error.zh
