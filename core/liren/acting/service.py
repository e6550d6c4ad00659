# SPDX-License-Identifier: Apache-2.0
"""Who may act for whom, and what was done: :class:`liren.plugins.services.Acting`, bound to one module and visitor.

Everything is asked again where the act is written, inside its transaction: a consent withdrawn while the form was open
no longer holds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from liren.acting import errors, review, rules
from liren.acting.papers import Papers
from liren.acting.records import Consent, Records
from liren.acting.settings import Settings, staff_cap
from liren.errors import LirenError
from liren.identity.register import dossier
from liren.identity.register.directory import Directory, Found
from liren.identity.signin.throttle import Throttle
from liren.plugins.acting import Deed, How, Mandate, Slip
from liren.plugins.context import Context
from liren.plugins.kernel import Kernel
from liren.plugins.services import Outbox, Sessions
from liren.store import Store, Vault
from liren.store.audit import write as audit
from liren.units.ids import is_id, new_id

TEXT_LENGTH: Final = 200
TRIES: Final = 50
"""For a slip's number: eight digits, and a street of a hundred thousand acts."""


class ActingDesk:
    """One per process."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        folder: Path,
        kernel: Kernel,
        directory: Directory,
        throttle: Throttle,
        sessions: Sessions,
    ) -> None:
        """:param folder: ``files/`` of the home; :param sessions: identity, asked who holds a permission"""
        self.records = Records(store)
        self.papers = Papers(store, vault, folder)
        self.store, self.vault = store, vault
        self.kernel = kernel
        self.directory = directory
        self.throttle = throttle
        self.sessions = sessions

    def of(self, ctx: Context) -> "PluginActing":
        return PluginActing(self, ctx)

    def deeds(self, ctx: Context) -> list[Deed]:
        """What can be done for somebody by the modules that are on for this visitor."""
        on = [each for each in self.kernel.plugins.values() if self.kernel.visible(ctx.who, each.id)]
        return [deed for plugin in on for deed in plugin.deeds]

    def deed(self, name: str) -> Deed | None:
        """Of any loaded module that is on."""
        plugin = self.kernel.plugins.get(name.partition(".")[0])
        if plugin is None or plugin.id not in self.kernel.enabled:
            return None
        return next((deed for deed in plugin.deeds if deed.name == name), None)


@dataclass(frozen=True, slots=True)
class PluginActing:
    """``ctx.acting``."""

    desk: ActingDesk
    ctx: Context

    @property
    def _records(self) -> Records:
        return self.desk.records

    def now_ms(self) -> int:
        return int(self.ctx.now().timestamp() * 1000)

    @property
    def settings(self) -> Settings:
        found = self.ctx.of("acting").settings
        assert isinstance(found, Settings)
        return found

    def hash_of_code(self, mandate: str, code: str) -> str:
        """What stands in the table of a code that was sent."""
        return self.desk.vault.keyed_hash("acting/code", f"{mandate}/{code}")

    def own_deed(self, name: str) -> Deed:
        """:raises KeyError: the module declares no such deed: its author's slip"""
        for deed in self.desk.kernel.plugins[self.ctx.plugin].deeds:
            if deed.name == name:
                return deed
        raise KeyError(f"plugin {self.ctx.plugin} has no deed {name!r}")

    # --- who may

    async def for_whom(self, deed: str) -> Sequence[Mandate]:
        self.own_deed(deed)
        if self.ctx.visitor is None:
            return ()
        now_ms, found = self.now_ms(), []
        for consent in await self._records.consents_to(self.ctx.visitor.person, now_ms):
            caps = await self._records.caps(consent.id) if consent.holds(now_ms) else {}
            if deed in caps:
                try:
                    found.append(await self._checked(consent, caps))
                except LirenError as error:  # their own household by now, moved out of the area, a role that ended
                    if error.status >= 500:
                        raise
        return found

    async def mandate(self, mandate: str, deed: str) -> Mandate:
        self.own_deed(deed)
        return await self._standing(mandate, deed)

    async def left(self, mandate: Mandate, deed: str) -> int:
        month = rules.month_of(self.now_ms(), self.ctx.now().tzinfo)
        return max(0, mandate.caps[deed] - await self._records.used(_scope(mandate), deed, month))

    async def _standing(self, mandate: str, deed: str) -> Mandate:
        """:raises NotFound: no such consent, or not the visitor's; :raises NoConsent: over; :raises NotForThem: why"""
        consent = await self._records.consent(mandate) if is_id(mandate) else None
        if consent is None or self.ctx.visitor is None or consent.actor != self.ctx.visitor.person:
            raise errors.nothing_here()
        caps = await self._records.caps(consent.id)
        if not consent.holds(self.now_ms()) or deed not in caps:
            raise errors.no_consent()
        return await self._checked(consent, caps)

    async def _checked(self, consent: Consent, caps: Mapping[str, int]) -> Mandate:
        """As a Mandate, if nothing that has happened since speaks against it."""
        home = await self.helped(consent.person)
        unit = await self.unit_of(home)
        if consent.kind == "staff":
            await self.may_as_staff(home, unit)
        return Mandate(
            consent.id, consent.person, home.card.name, consent.actor, consent.kind, consent.how, caps,
            consent.until_ms, unit,
        )  # fmt: skip

    async def helped(self, person: str) -> Found:
        """:raises NotFound: nobody; :raises NotForThem: dead, gone, merged, or the visitor themself"""
        home = await self.desk.directory.home_of(person)
        if home is None:
            raise errors.nothing_here()
        if person == self.ctx.actor:
            raise errors.not_for_oneself()
        if not home.card.active:
            raise errors.not_here_any_more()
        return home

    async def unit_of(self, home: Found) -> str:
        """Where the person lives; the street's code where that is not known."""
        return home.unit or (await self.ctx.units.street()).code

    async def may_as_staff(self, home: Found, unit: str) -> None:
        """:raises NotFound: outside the visitor's area; :raises Denied: no such permission, own household, blocked"""
        self.ctx.require(rules.ACT, unit)
        household = await dossier.household_of(self.desk.directory.store, home.card.id)
        if self.ctx.actor in {member.id for member in household}:
            raise errors.not_for_own_household()
        if await self._records.blocked(home.card.id):
            raise errors.blocked()

    async def why_not_as_staff(self, person: str) -> LirenError | None:
        """For a page: what stands in the way of acting for somebody of the visitor's area."""
        try:
            home = await self.helped(person)
            await self.may_as_staff(home, await self.unit_of(home))
        except errors.NotForThem as error:
            return error
        return None

    # --- consent on the spot

    async def begin(self, tx: Outbox, person: str, how: How, deeds: Sequence[str]) -> Mandate:
        for deed in deeds:
            self.own_deed(deed)
        return await self.on_the_spot(person, how, deeds)

    async def on_the_spot(
        self, person: str, how: How, deeds: Sequence[str], *, code: str = "", paper: str | None = None
    ) -> Mandate:
        """A consent for this visit, written down in the open transaction; with ``code`` it waits for that."""
        if how not in ("on-site", "paper", "sms") or (how == "sms") != bool(code):
            raise ValueError(f"consent on the spot is not given by {how!r}")
        home = await self.helped(person)
        unit = await self.unit_of(home)
        await self.may_as_staff(home, unit)
        known = {deed.name: deed for deed in self.desk.deeds(self.ctx) if deed.staff}
        if not deeds or not set(deeds) <= set(known):
            raise errors.not_offered()
        tx = self._records.tx()
        caps = {name: staff_cap(self.settings, known[name]) for name in deeds}
        until_ms = tx.now_ms + rules.SPOT_MINUTES * 60_000
        mandate = new_id()
        code_hash = self.hash_of_code(mandate, code) if code else None
        consent = Consent(
            mandate, person, self.ctx.actor, "staff", how, unit, tx.now_ms, None if code_hash else tx.now_ms,
            until_ms, None, self.ctx.actor, code_hash, 0,
            tx.now_ms + rules.CODE_MINUTES * 60_000 if code_hash else None, paper,
        )  # fmt: skip
        await self._records.ask(consent, caps)
        await self.write_down("acting.consent-asked" if code_hash else "acting.consented", consent)
        return Mandate(
            consent.id, person, home.card.name, consent.actor, "staff", how, caps, until_ms, unit
        )  # fmt: skip

    # --- the act

    async def did(
        self,
        tx: Outbox,
        mandate: Mandate,
        deed: str,
        *,
        amount: int,
        text: str,
        subject: str,
        record: str | None = None,
    ) -> Slip:
        what = self.own_deed(deed)
        if amount < 0:
            raise ValueError("an act counts nothing or more")
        now = await self._standing(mandate.id, deed)
        store_tx = self._records.tx()
        if await self._records.slip_of(deed, subject) is not None:
            raise ValueError(f"{deed} of {subject!r} is on a slip already: one act, one subject")
        month = rules.month_of(store_tx.now_ms, self.ctx.now().tzinfo)
        if not await self._records.use(_scope(now), deed, month, amount, now.caps[deed]):
            used = await self._records.used(_scope(now), deed, month)
            raise errors.cap_reached(now.caps[deed], used, what.measure)
        slip = await self._numbered(
            Slip(
                new_id(), "", now.id, now.person, now.actor, now.kind, now.how, deed, what.measure, amount,
                text[:TEXT_LENGTH], subject, record, now.unit, store_tx.now_ms,
                store_tx.now_ms + rules.hours_ms(what.undo_hours), None, None, None,
            ),
            month,
            tx,
        )  # fmt: skip
        detail: dict[str, str | int] = {
            "slip": slip.id,
            "deed": deed,
            "amount": amount,
            "how": now.how,
            "mandate": now.id,
        }
        await audit(store_tx, "acting", "acting.did", now.person, unit=now.unit, detail=detail)
        await self._tell(slip, what)
        return slip

    async def _numbered(self, slip: Slip, month: str, tx: Outbox) -> Slip:
        """Written under a number nobody has, and given to a reviewer where its hash says so."""
        share = self.desk.vault.keyed_hash("acting/sample", slip.id)
        sampled = rules.chosen(share, self.settings.sample_percent) or await self._to_be_checked(slip)
        for attempt in range(TRIES):
            number = rules.number_from(self.desk.vault.keyed_hash("acting/number", f"{slip.id}/{attempt}"))
            numbered = replace(slip, number=number)
            if await self._records.put(numbered, month, sampled=sampled):
                if sampled:
                    await review.open_case(self.ctx.of("acting"), tx, numbered)
                return numbered
        raise RuntimeError("no free slip number")

    async def _to_be_checked(self, slip: Slip) -> bool:
        """The first act under a delegation a worker wrote down: the person may never have seen the paper."""
        if slip.kind != "family" or slip.how != "paper":
            return False
        return not await self._records.has_acts(slip.mandate)

    async def _tell(self, slip: Slip, deed: Deed) -> None:
        own = self.ctx.of("acting")
        # A worker is named; a relative's name would outlive their erasure in somebody else's notices.
        actor = self.ctx.visitor.name if self.ctx.visitor and slip.kind == "staff" else own.t("您请的人")
        text = own.t(
            "{actor}替您办了：{text}。不是您的意思，{hours}小时内可以撤销。",
            actor=actor, text=slip.text, hours=deed.undo_hours,
        )  # fmt: skip
        await self.ctx.notify(slip.person, text, own.url("slip", slip=slip.id))

    async def slip_of(self, deed: str, subject: str) -> Slip | None:
        self.own_deed(deed)
        return await self._records.slip_of(deed, subject)

    async def slip(self, slip: str) -> Slip | None:
        """Any slip, whoever asks: for the core's own pages, which ask who may see it."""
        return await self._records.slip(slip) if is_id(slip) else None

    async def write_down(self, what: str, consent: Consent) -> None:
        detail = {"mandate": consent.id, "actor": consent.actor, "how": consent.how, "kind": consent.kind}
        await audit(self._records.tx(), "acting", what, consent.person, unit=consent.unit, detail=detail)


def _scope(mandate: Mandate) -> str:
    """What a cap counts over: all staff together for a person; a helper by their consent."""
    return mandate.person if mandate.kind == "staff" else mandate.id
