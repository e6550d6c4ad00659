# SPDX-License-Identifier: Apache-2.0
"""What a page shows of a matter that moves from hand to hand: ``ui.timeline``, ``ui.actions``, ``ui.case``.

Values only. Whoever keeps the case (the workflow library, a plugin of its own) fills them in for the visitor who looks;
the macros draw them, so that every module's cases read the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["", "good", "wait", "bad"]
FileLink = tuple[str, str] | tuple[str, str, str]
"""(name, url) or (name, url, note): a note says the size or who added it."""


@dataclass(frozen=True, slots=True)
class StateTag:
    """Where a case stands, in a word, and how that is meant (never by colour alone)."""

    text: str
    kind: Kind = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One line of what happened, or of what is due next."""

    at: int | str | None
    """Milliseconds since 1970; or words (``11月23日前``); None for what comes next without a day."""
    title: str
    who: str = ""
    note: str = ""
    """What was said with it; shown as written."""
    kind: Kind = ""
    """``wait`` marks what is still to come, ``bad`` what is overdue or was refused, ``good`` how it ended well."""
    files: Sequence[FileLink] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something the visitor may do with a case now: one button, sent as a form with its keys."""

    title: str
    url: str
    """Where it is posted to."""
    kind: Literal["", "quiet", "bad"] = "quiet"
    """``""`` for the one main button, ``bad`` for what cannot be undone."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Sent along, e.g. ``{"step": "return"}``."""
    note: Literal["none", "optional", "needed"] = "none"
    """Whether a ``note`` is asked for; it is sent under that name."""
    label: str = ""
    """What the note is called, e.g. 退回的原因."""
    hint: str = ""
    files: bool = False
    """Offer to attach ``files`` (several)."""
    confirm: str = ""
    """A sentence to be read before it is done, for what cannot be undone."""
    blocked: str = ""
    """Why it cannot be done now: shown in place of the button."""
    choose: str = ""
    """Ask for one of ``choices``, sent under this name; ``choose_label`` says what is asked."""
    choose_label: str = ""
    choices: Sequence[tuple[str, str]] = ()
    error: str = ""
    """After a refusal: what was wrong; the small form opens again."""
    typed: str = ""
    """After a refusal: the note as it was written."""

    @property
    def plain(self) -> bool:
        """A button is enough."""
        return self.note == "none" and not (self.files or self.error or self.confirm or self.choose)


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    """One case as its page shows it."""

    title: str
    state: StateTag
    note: str = ""
    """Below the title: number, since when, whose."""
    facts: Sequence[tuple[str, object]] = ()
    files: Sequence[FileLink] = ()
    actions: Sequence[Action] = ()
    """What this visitor may do now; empty shows no card."""
    events: Sequence[TimelineEntry] = ()
