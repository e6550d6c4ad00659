# SPDX-License-Identifier: Apache-2.0
"""Whatever people try, in whatever order: a case is only ever where its table lets it be, by those it lets.

A model in memory plays the same moves; hypothesis looks for a sequence after which the two differ.
"""

import asyncio
from collections.abc import Coroutine
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from tests.workflow.conftest import Town

from liren.errors import Conflict, Denied, LirenError, NotFound
from liren.plugins.flows import OVER, Party
from liren.testing.patience import PATIENCE_S

PEOPLE = ("王芳", "派单员", "赵师傅", "督办员", "邻区派单员", "多面手")
HOLDS = {
    "派单员": {"repairs.dispatch"},
    "赵师傅": {"repairs.fix"},
    "督办员": {"repairs.supervise"},
    "多面手": {"repairs.dispatch", "repairs.fix", "repairs.supervise"},
}
"""At the case's unit."""
WORKERS = ("赵师傅", "多面手")


async def test_any_sequence_of_moves_ends_in_what_the_table_allows(town: Town) -> None:
    from liren_repairs.flow import REPAIR

    loop = asyncio.get_running_loop()

    def run(work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(timeout=PATIENCE_S)

    class Machine(RuleBasedStateMachine):
        count = 0

        def __init__(self) -> None:
            super().__init__()
            Machine.count += 1
            self.subject = f"m{Machine.count}"
            self.seen = [run(town.ask(self.subject))]
            """The case as it was after each step, the last one last."""
            self.state, self.worker = "asked", ""
            self.made: dict[str, set[str]] = {"opened": {"王芳"}}

        @rule(
            who=st.sampled_from(PEOPLE),
            move=st.sampled_from([each.name for each in REPAIR.transitions]),
            note=st.sampled_from(["", "因为"]),
            worker=st.sampled_from(WORKERS),
        )
        def somebody_tries(self, who: str, move: str, note: str, worker: str) -> None:
            expected = self.expected(who, move, note)
            trying = town.move(who, self.seen[-1], move, note=note, worker=self.given(move, worker))
            if expected is not None:
                with pytest.raises(expected):
                    run(trying)
                return
            after = run(trying)
            self.state = REPAIR.transition(move).target
            self.worker = worker if REPAIR.transition(move).assign else self.worker
            self.made.setdefault(move, set()).add(who)
            self.seen.append(after)

        @rule(who=st.sampled_from(PEOPLE), move=st.sampled_from([each.name for each in REPAIR.transitions]))
        def somebody_acts_on_an_old_page(self, who: str, move: str) -> None:
            if len(self.seen) > 1:
                with pytest.raises(Conflict):
                    run(town.move(who, self.seen[-2], move, note="因为", worker=town.people["赵师傅"]))

        def given(self, move: str, worker: str) -> str | None:
            return town.people[worker] if REPAIR.transition(move).assign else None

        def expected(self, who: str, move: str, note: str) -> type[LirenError] | None:
            """What the table says about it, worked out here a second time."""
            it = REPAIR.transition(move)
            if self.state not in it.source:
                return Conflict
            held = HOLDS.get(who, set())
            is_party = {Party.HOLDER: who == "王芳", Party.WORKER: who == self.worker, Party.CODE: True}
            if not any(is_party[one] if isinstance(one, Party) else one in held for one in it.allow):
                sees = who in ("王芳", self.worker) or held & {"repairs.dispatch", "repairs.supervise"}
                return Denied if sees else NotFound
            if any(who in self.made.get(name, ()) for name in it.unlike):
                return Denied
            return LirenError if it.note == "required" and not note else None

        @invariant()
        def what_is_stored_is_what_happened(self) -> None:
            case = run(town.running.street.kernel.services.cases.of(run(town.acting(None))).of("repair", self.subject))
            steps = run(case_steps(case))
            assert (case.state, case.version, len(steps)) == (self.state, len(self.seen), len(self.seen))
            assert (case.closed_ms is not None) == (REPAIR.state(case.state).kind in OVER)
            assert run(town.row(self.subject)).state == case.state
            for before, after in pairwise(steps):
                assert after.source == before.target
                assert before.target in REPAIR.transition(after.transition).source

    async def case_steps(case: Any) -> Any:
        return await (await town.acting(None)).cases.steps(case)

    quick = settings(
        max_examples=12,
        stateful_step_count=20,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(run_state_machine_as_test, Machine, settings=quick)
    assert Machine.count >= 12
