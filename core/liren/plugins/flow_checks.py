# SPDX-License-Identifier: Apache-2.0
"""What a declared workflow may not be: refused at load, before a case gets stuck in it. Pure."""

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta

from liren.plugins.flows import OPENED, OVER, Party, State, Transition, Workflow

NAME = re.compile(r"[a-z][a-z_]{1,19}")
Fault = tuple[str, str]
"""Chinese, English."""


def faults(workflows: Sequence[Workflow], permissions: Collection[str]) -> Iterator[Fault]:
    """Everything wrong with the workflows of one plugin.

    :param permissions: names it may refer to
    """
    yield from _names("流程", "workflow", [workflow.name for workflow in workflows])
    for workflow in workflows:
        for zh, en in _of_one(workflow, permissions):
            yield f"流程 {workflow.name}：{zh}", f"workflow {workflow.name}: {en}"


def _names(zh: str, en: str, names: Sequence[str]) -> Iterator[Fault]:
    for name in names:
        if not NAME.fullmatch(name):
            yield (
                f"{zh}的名字 {name!r} 不是 2 到 20 个小写字母",
                f"{en} {name!r} is not named [a-z][a-z_]+, 2 to 20 long",
            )
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{zh} {name} 写了两次", f"{en} {name} is declared twice"


def _of_one(flow: Workflow, permissions: Collection[str]) -> Iterator[Fault]:
    states = {state.name: state for state in flow.states}
    yield from _names("状态", "state", [state.name for state in flow.states])
    yield from _names("步骤", "transition", [each.name for each in flow.transitions])
    if flow.initial not in states:
        yield f"起点 {flow.initial!r} 不在状态里", f"it begins in {flow.initial!r}, which is no state of it"
        return
    for state in flow.states:
        yield from _state(flow, state)
    for transition in flow.transitions:
        yield from _transition(flow, transition, states)
    for name in sorted(states.keys() - reachable(flow)):
        yield f"状态 {name} 走不到", f"state {name} cannot be reached"
    yield from _permissions(flow, permissions)


def reachable(flow: Workflow) -> set[str]:
    """The states some sequence of moves leads to."""
    found, new = {flow.initial}, [flow.initial]
    while new:
        for transition in flow.out_of(new.pop()):
            if transition.target not in found:
                found.add(transition.target)
                new.append(transition.target)
    return found


def _state(flow: Workflow, state: State) -> Iterator[Fault]:
    if state.kind in OVER and (state.due or state.remind or state.escalate):
        yield f"状态 {state.name} 已经办结，不能有期限", f"state {state.name} is over and cannot have a deadline"
    if state.kind not in OVER and not flow.out_of(state.name):
        yield f"状态 {state.name} 没有出路，又不是办结", f"nothing leads out of state {state.name}, which is not over"
    if state.due is not None and state.due <= timedelta(0):
        yield f"状态 {state.name} 的期限不大于零", f"the deadline of state {state.name} is not positive"
    if state.remind is not None and (state.due is None or not timedelta(0) < state.remind < state.due):
        yield f"状态 {state.name} 的提醒不在期限之内", f"state {state.name} reminds outside its deadline"


def _transition(flow: Workflow, it: Transition, states: dict[str, State]) -> Iterator[Fault]:
    if it.name == OPENED:
        yield f"步骤不能叫 {OPENED}", f"no transition may be called {OPENED}"
    for part in ("source", "allow", "unlike"):
        if not isinstance(getattr(it, part), tuple):  # ("x") is a string: the commonest slip
            yield f"步骤 {it.name} 的 {part} 不是元组", f"{part} of transition {it.name} is not a tuple"
            return
    for name in dict.fromkeys((*it.source, it.target)):
        if name not in states:
            yield f"步骤 {it.name} 用到没有的状态 {name!r}", f"transition {it.name} names no state {name!r}"
    if not it.source or not it.allow:
        yield f"步骤 {it.name} 没有写从哪里来、谁能做", f"transition {it.name} has no source or nobody who may make it"
    left = [name for name in it.source if name in states and states[name].kind in OVER]
    if left and not it.reopens:
        yield (
            f"步骤 {it.name} 从已办结的 {left[0]} 出来，却没有写 reopens",
            f"transition {it.name} leads out of {left[0]}, which is over, without saying reopens",
        )
    known: set[str | Party] = {OPENED, *Party, *(each.name for each in flow.transitions)}
    for one in it.unlike:
        if one not in known:
            yield (
                f"步骤 {it.name} 的 unlike 里没有步骤 {one!r}",
                f"transition {it.name} is unlike no transition {one!r}",
            )
    if it.on_page and flow.page is None:
        yield (
            f"步骤 {it.name} 要在模块页面上做，流程却没有写 page",
            f"transition {it.name} is made on a page the workflow lacks",
        )


def _permissions(flow: Workflow, known: Collection[str]) -> Iterator[Fault]:
    asked = [*flow.see]
    for each in flow.transitions:
        asked += [one for one in each.allow if not isinstance(one, Party)]
        asked += [each.assign] if each.assign else []
    asked += [state.escalate for state in flow.states if state.escalate]
    for name in sorted({str(name) for name in asked} - set(known)):
        yield f"用到了没有登记的权限 {name}", f"it uses permission {name}, which nobody registered"
