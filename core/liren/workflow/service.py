# SPDX-License-Identifier: Apache-2.0
"""Opens, moves, finds and shows cases: :class:`liren.plugins.services.Cases`, bound to one plugin and one visitor."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import cast

from markupsafe import Markup

from liren.plugins.context import Context
from liren.plugins.flows import OPENED, OVER, Case, Move, State, Step, Transition, Workflow
from liren.plugins.kernel import Kernel
from liren.plugins.services import NewFile, Outbox, Sessions, Tx
from liren.store import Store, Vault
from liren.store.audit import write as audit
from liren.units.errors import no_such_unit
from liren.units.ids import is_id, new_id
from liren.workflow import errors, events, rules, scope
from liren.workflow.files import Files, check
from liren.workflow.panel import page_of
from liren.workflow.records import Records
from liren.workflow.rules import Asker
from liren.workflow.scope import Condition

TITLE_LENGTH = 200
NOTE_LENGTH = 2000


class CaseDesk:
    """One per process: :class:`liren.plugins.services.CaseDesk`."""

    def __init__(
        self, store: Store, vault: Vault, folder: Path, kernel: Kernel, sessions: Sessions, tz: tzinfo
    ) -> None:
        """:param folder: ``files/`` of the home; :param sessions: identity, asked who holds a permission"""
        self.records = Records(store)
        self.files = Files(store, vault, folder)
        self.kernel = kernel
        self.sessions = sessions
        self.tz = tz
        self.rates: dict[tuple[Condition, int], tuple[float, tuple[int, int] | None]] = {}
        """Shares of steps in time by (area, since when), with the moment they were counted."""

    def of(self, ctx: Context) -> "PluginCases":
        return PluginCases(self, ctx)

    def flow(self, case: Case) -> Workflow | None:
        """Its workflow, if the plugin that declares it is loaded and still knows the case's state."""
        plugin = self.kernel.plugins.get(case.plugin)
        found = next((each for each in plugin.workflows if each.name == case.workflow), None) if plugin else None
        known = found is not None and any(state.name == case.state for state in found.states)
        return found if known else None

    def all_flows(self) -> list[tuple[str, Workflow]]:
        """(plugin, workflow) of every loaded plugin."""
        return [(plugin.id, flow) for plugin in self.kernel.plugins.values() for flow in plugin.workflows]

    def flows(self, ctx: Context) -> list[tuple[str, Workflow]]:
        """The workflows of every plugin that is on for this visitor."""
        on = {plugin for plugin in self.kernel.plugins if self.kernel.visible(ctx.who, plugin)}
        return [(plugin, flow) for plugin, flow in self.all_flows() if plugin in on]


@dataclass(frozen=True, slots=True)
class PluginCases:
    """``ctx.cases``."""

    desk: CaseDesk
    ctx: Context

    @property
    def _records(self) -> Records:
        return self.desk.records

    @property
    def asker(self) -> Asker:
        return Asker(self.ctx.visitor.person if self.ctx.visitor else None, self.ctx.can)

    def flow(self, name: str) -> Workflow:
        """:raises KeyError: the plugin declares no such workflow: its author's slip"""
        for flow in self.desk.kernel.plugins[self.ctx.plugin].workflows:
            if flow.name == name:
                return flow
        raise KeyError(f"plugin {self.ctx.plugin} has no workflow {name!r}")

    # --- writing

    async def open(
        self,
        tx: Outbox,
        workflow: str,
        *,
        subject: str,
        unit: str,
        title: str,
        holder: str | None = None,
        worker: str | None = None,
        note: str = "",
        due: datetime | None = None,
    ) -> Case:
        flow, store_tx = self.flow(workflow), self._records.tx()
        card = await self.ctx.units.get(unit)
        if card is None:
            raise no_such_unit()
        state = flow.state(flow.initial)
        case = Case(
            new_id(), self.ctx.plugin, workflow, subject, unit, title[:TITLE_LENGTH], holder, worker, state.name,
            store_tx.now_ms, store_tx.now_ms, None, None, 1,
        )  # fmt: skip
        case = self._entering(case, state, store_tx.now_ms, due)
        alarm = rules.first_alarm_ms(state, case.due_ms, store_tx.now_ms)
        if not await self._records.insert(case, card.path, alarm):
            raise errors.open_already(case.title)
        step = Step(1, OPENED, "", state.name, self.ctx.actor, store_tx.now_ms, note[:NOTE_LENGTH], worker, None)
        await self._records.add_step(case.id, step)
        await self._write_down(case, OPENED)
        await events.tell(store_tx, case, OPENED)
        if flow.entered is not None:
            await flow.entered(self.ctx, cast(Tx, tx), case)
        return case

    async def move(
        self,
        tx: Outbox,
        case: Case,
        transition: str,
        *,
        note: str = "",
        files: Sequence[NewFile] = (),
        worker: str | None = None,
        due: datetime | None = None,
        by_code: bool = True,
    ) -> Case:
        """:param by_code: False where a page of the core moves it for the module: its own moves are not for that"""
        if case.plugin != self.ctx.plugin:
            raise errors.no_such_case()
        flow = self.flow(case.workflow)
        step = flow.transition(transition)
        case = await self._unmoved(flow, case)
        await self._check(flow, step, case, note, files, worker, by_code=by_code)
        store_tx = self._records.tx()
        state = flow.state(step.target)
        moved = replace(case, state=step.target, worker=worker or case.worker)
        stays = step.target == case.state
        if not stays or due is not None:
            since_ms = case.since_ms if stays else store_tx.now_ms
            moved = self._entering(replace(moved, since_ms=since_ms), state, store_tx.now_ms, due)
        written = await self._records.advance(moved, case.version)
        if written is None:
            raise await self._moved_on(flow, await self._records.case(case.id) or case)
        if moved.due_ms != case.due_ms or not stays:
            await self._records.set_alarm(case.id, rules.first_alarm_ms(state, moved.due_ms, store_tx.now_ms))
        line = Step(
            written.version, step.name, case.state, step.target, self.ctx.actor, store_tx.now_ms,
            note.strip()[:NOTE_LENGTH], worker, case.due_ms,
        )  # fmt: skip
        await self._records.add_step(case.id, line)
        await self.desk.files.keep(store_tx, case.id, line.number, files)
        await self._write_down(written, step.name)
        await events.tell(store_tx, written, step.name)
        if step.effect is not None:
            await step.effect(self.ctx, cast(Tx, tx), written)
        if not stays and flow.entered is not None:
            await flow.entered(self.ctx, cast(Tx, tx), written)
        await self._tell(flow, written, worker, note)
        return written

    async def amend(
        self, tx: Outbox, case: Case, *, title: str | None = None, unit: str | None = None, holder: str | None = None
    ) -> Case:
        now = await self._records.case(case.id)
        card = await self.ctx.units.get(now.unit if unit is None else unit) if now is not None else None
        if now is None or now.plugin != self.ctx.plugin:
            raise errors.no_such_case()
        if card is None:
            raise no_such_unit()
        now = replace(
            now,
            title=now.title if title is None else title[:TITLE_LENGTH],
            unit=card.code,
            holder=now.holder if holder is None else holder,
        )
        await self._records.describe(now, card.path)
        await self._write_down(now, "amended")
        return now

    def _entering(self, case: Case, state: State, now_ms: int, due: datetime | None) -> Case:
        end = int(due.timestamp() * 1000) if due is not None else rules.due_ms(state, case.since_ms, self.desk.tz)
        return replace(case, due_ms=end, closed_ms=now_ms if state.kind in OVER else None)

    async def _check(
        self,
        flow: Workflow,
        step: Transition,
        case: Case,
        note: str,
        files: Sequence[NewFile],
        worker: str | None,
        *,
        by_code: bool,
    ) -> None:
        """Everything that can be refused before a row is written."""
        asker = self.asker
        if not by_code and not rules.may_see(flow, case, asker):
            raise errors.no_such_case()
        if case.state not in step.source:
            raise await self._moved_on(flow, case)
        verdict = rules.may_make(step, case, asker, await self._records.made(case.id), by_code=by_code)
        if verdict == "not-yours":
            raise errors.not_yours() if rules.may_see(flow, case, asker) else errors.no_such_case()
        if verdict == "four-eyes":
            raise errors.four_eyes()
        if step.note == "required" and len(note.strip()) < 2:
            raise errors.note_missing()
        if step.assign and not worker:
            raise errors.worker_missing()
        check(files)
        if case.closed_ms is not None and flow.state(step.target).kind not in OVER:
            other = await self._records.of(case.plugin, case.workflow, case.subject)
            if other is not None and other.id != case.id and other.closed_ms is None:
                raise errors.open_already(other.title)
        if step.guard is not None and (why_not := await step.guard(self.ctx, case)):
            raise errors.NotNow(why_not, why_not)

    async def _unmoved(self, flow: Workflow, seen: Case) -> Case:
        """The case as it stands, if that is how it was seen."""
        now = await self._records.case(seen.id)
        if now is None or now.plugin != self.ctx.plugin:
            raise errors.no_such_case()
        if now.version != seen.version:
            raise await self._moved_on(flow, now)
        return now

    async def _moved_on(self, flow: Workflow, now: Case) -> errors.MovedOn:
        title = next((state.title for state in flow.states if state.name == now.state), now.state)
        pages = self.ctx._services.pages
        return errors.moved_on(title, pages.translate(now.plugin, "en", title))

    async def _write_down(self, case: Case, step: str) -> None:
        what = f"{case.plugin}.{case.workflow}-{step}"
        await audit(self._records.tx(), case.plugin, what, case.subject, unit=case.unit, detail={"case": case.id})

    async def _tell(self, flow: Workflow, case: Case, worker: str | None, note: str) -> None:
        """Whom it was given to, and its holder where the state says so."""
        link = self.ctx.of("workflow").url("case", case=case.id)
        if worker and worker != self.ctx.actor:
            text = self.ctx.of("workflow").t("派给您办：{title}", title=case.title)
            await self.ctx.notify(worker, text, link)
        state = flow.state(case.state)
        theirs = case.holder or case.worker
        if state.tell and theirs and theirs != self.ctx.actor:
            said = self.ctx.t(state.title)
            text = f"{case.title}：{said}" + (f"（{note.strip()}）" if note.strip() else "")
            await self.ctx.notify(theirs, text, link)

    # --- reading

    async def get(self, case: str) -> Case:
        found = await self._records.case(case) if is_id(case) else None
        flow = self.desk.flow(found) if found is not None else None
        if found is None or flow is None or found.plugin != self.ctx.plugin:
            raise errors.no_such_case()
        if not rules.may_see(flow, found, self.asker):
            raise errors.no_such_case()
        return found

    async def of(self, workflow: str, subject: str) -> Case | None:
        return await self._records.of(self.ctx.plugin, self.flow(workflow).name, subject)

    async def find(
        self,
        workflow: str,
        *,
        states: Sequence[str] = (),
        unit: str | None = None,
        holder: str | None = None,
        overdue: bool = False,
        limit: int = 20,
        offset: int = 0,
    ) -> tuple[Sequence[Case], int]:
        flows = [(self.ctx.plugin, self.flow(workflow))]
        where = scope.of_any(flows)
        if self.ctx.visitor is not None:
            where = scope.seen_by(flows, self.ctx.access, self.ctx.visitor.person)
        if states:
            where = where & scope.is_one_of("state", states)
        if holder is not None:
            where = where & Condition("c.holder = ?", (holder,))
        if unit is not None:
            card = await self.ctx.units.get(unit)
            where = where & scope.within([card.path] if card else [])
        if overdue:
            where = where & scope.overdue(flows, self.now_ms())
        return await self._records.page(where, limit, offset)

    def now_ms(self) -> int:
        return int(self.ctx.now().timestamp() * 1000)

    async def steps(self, case: Case) -> Sequence[Step]:
        return await self._records.steps(case.id)

    async def moves(self, case: Case) -> Sequence[Move]:
        flow = self.flow(case.workflow)
        made = await self._records.made(case.id)
        found = []
        for each in rules.offered(flow, case):
            verdict = rules.may_make(each, case, self.asker, made, by_code=False)
            if verdict == "four-eyes":
                found.append(Move(each, self.ctx.of("workflow").t("前面有一步是您办的，这一步要另一个人来办。")))
            elif verdict == "yes":
                why_not = await each.guard(self.ctx, case) if each.guard is not None else None
                found.append(Move(each, why_not or ""))
        return found

    async def panel(self, case: Case, *, acts: bool = True) -> Markup:
        return await self.ctx.of("workflow").fragment("panel.html", case=await page_of(self, case, acts=acts))
