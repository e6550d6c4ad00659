# SPDX-License-Identifier: Apache-2.0
"""Two languages from one source: Chinese stands in the code, English in each package's ``locale/en.po``.

The catalogs are read from the ``.po`` texts at start (no compiled files to forget). Which language is
spoken is a context variable, so ``_()`` works in pages, templates and forms alike without being handed
around.
"""

from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
from babel.messages.pofile import read_po

from liren.unchanged import read_once

log = structlog.get_logger("liren.web")

LANGUAGES = ("zh", "en")
SOURCE = "zh"
HTML_LANG = {"zh": "zh-CN", "en": "en"}

Messages = Mapping[str, tuple[str, ...]]
"""Chinese text → its English forms: (singular,) or (singular, plural)."""


@dataclass(frozen=True, slots=True)
class Catalogs:
    """Every package's translations in one table a language; what is read first wins, but a package's own come before.

    One Chinese word is several English ones: 撤销 closes a unit and revokes a key.
    """

    english: Messages = field(default_factory=dict)
    own: Mapping[Path, Messages] = field(default_factory=dict)
    """By the package's folder."""

    @classmethod
    def read(cls, packages: Iterable[Path]) -> "Catalogs":
        """:param packages: folders that may hold ``locale/en.po``; the core first"""
        merged: dict[str, tuple[str, ...]] = {}
        own: dict[Path, Messages] = {}
        for package in packages:
            try:
                messages = read_messages(package / "locale" / "en.po")
            except (OSError, ValueError) as error:
                # A plugin's unreadable catalog costs its English, not the street.
                log.error("catalog_unreadable", package=package.name, why=str(error))
                continue
            own[package] = messages
            for text, forms in messages.items():
                merged.setdefault(text, forms)
        return cls(merged, own)

    def one(self, language: str, text: str, package: Path | None = None) -> str:
        return text if language == SOURCE else self._forms(text, package)[0]

    def counted(self, language: str, text: str, n: int, package: Path | None = None) -> str:
        """Chinese has one form for every number; English tells one from many."""
        if language == SOURCE:
            return text
        forms = self._forms(text, package)
        return forms[0] if n == 1 else forms[-1]

    def _forms(self, text: str, package: Path | None) -> tuple[str, ...]:
        said = self.own.get(package, {}).get(text) if package is not None else None
        return said or self.english.get(text, (text,))


def read_messages(path: Path) -> Messages:
    """The finished entries of one ``.po`` text; an absent file has none, a fuzzy entry does not count."""
    return _read_messages(path) if path.exists() else {}


@read_once
def _read_messages(path: Path) -> Messages:
    found: dict[str, tuple[str, ...]] = {}
    with path.open("rb") as file:
        for message in read_po(file, locale="en", charset="utf-8"):
            if not message.id or message.fuzzy:
                continue
            text = message.id if isinstance(message.id, str) else message.id[0]
            said = message.string or ""
            forms = (said,) if isinstance(said, str) else tuple(said)
            if all(forms):
                found[text] = forms
    return found


@dataclass(frozen=True, slots=True)
class Speech:
    """What language is spoken here, and from which catalogs."""

    language: str = SOURCE
    catalogs: Catalogs = field(default_factory=Catalogs)


_speech: ContextVar[Speech] = ContextVar("liren_speech", default=Speech())  # noqa: B039  (frozen)


def speak(language: str, catalogs: Catalogs) -> None:
    """From here on (this request, this task) ``_()`` answers in ``language``."""
    _speech.set(Speech(language, catalogs))


def language() -> str:
    """``zh`` or ``en``."""
    return _speech.get().language


def gettext(text: str, /, **values: Any) -> str:
    """``_("还剩 %(days)s 天", days=3)``: the text in the visitor's language, the values put in."""
    speech = _speech.get()
    said = speech.catalogs.one(speech.language, text)
    return said % values if values else said


def ngettext(text: str, many: str, n: int, /, **values: Any) -> str:
    """As :func:`gettext` where English tells one from many; ``text`` and ``many`` are the same Chinese.

    ``%(num)s`` in the text is ``n``.
    """
    speech = _speech.get()
    said = speech.catalogs.counted(speech.language, text, n)
    return said % {"num": n, **values}


def said_in(package: Path | None, text: str) -> str:
    """As :func:`gettext`, in the words of this package where it has its own: templates know whose they are."""
    speech = _speech.get()
    return speech.catalogs.one(speech.language, text, package)


def counted_in(package: Path | None, text: str, n: int) -> str:
    """As :func:`ngettext`, in the words of this package where it has its own."""
    speech = _speech.get()
    return speech.catalogs.counted(speech.language, text, n, package)


def both(zh: str, en: str) -> str:
    """Where both languages stand side by side already, as in :class:`liren.errors.LirenError`."""
    return zh if language() == SOURCE else en


def N_(text: str) -> str:
    """Marks a text for the catalogs where it must not be translated yet: a constant, a field's title."""
    return text


_ = gettext
