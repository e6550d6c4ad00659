# SPDX-License-Identifier: Apache-2.0
"""From what somebody typed to a Struct, or to every mistake at once in words they can act on.

Ours, because msgspec stops at the first error, takes neither a checkbox's ``on`` for True nor one value
for a list, and because what was typed must come back with the page.
"""

import re
import secrets
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec
from litestar import Request
from litestar._parsers import parse_url_encoded_form_data
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.enums import RequestEncodingType
from litestar.exceptions import ClientException, HTTPException
from litestar.types import Empty

from liren.errors import LirenError
from liren.web import drafts
from liren.web.converting import convert, typed
from liren.web.fields import MISSING, Field, fields_of
from liren.web.i18n import both
from liren.web.i18n import gettext as _
from liren.web.pictures import KINDS, BadPicture, redrawn
from liren.web.scene import current
from liren.web.uploads import Upload

C = TypeVar("C", bound=msgspec.Struct)

KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
MAX_TEXTAREA = 100_000


class Nothing(msgspec.Struct, frozen=True):
    """The form of a button: no field of its own, only the keys every form carries."""


def choices(titles: Mapping[str, str]) -> list[tuple[str, str]]:
    """What a select, radios or checkboxes offer, in the visitor's language.

    :param titles: value → title as it stands in the source
    """
    return [(value, _(title)) for value, title in titles.items()]


@dataclass(frozen=True, slots=True)
class FieldError:
    """One mistake; ``field`` is empty when it concerns the whole form."""

    field: str
    text: str


class Form(Generic[C]):
    """A form of one Struct: empty, with first values, or with what was sent.

    ``form = Form(NewRule)`` draws it, ``form = await Form.read(request, NewRule)`` takes what was sent.
    Then either ``form.command`` holds the Struct, or ``form.errors`` holds every mistake and the same
    template is rendered with ``status=422`` and the same ``form``.
    """

    def __init__(self, struct: type[C], first: Mapping[str, Any] | C | None = None, *, prefix: str = "f") -> None:
        """:param first: values to start with; :param prefix: of the ids, where one page has two forms"""
        self.struct = struct
        self.prefix = prefix
        self.key = secrets.token_urlsafe(16)
        """The request key for ``ctx.once``: the one that was sent, or a fresh one."""
        self.errors: list[FieldError] = []
        self.command: C | None = None
        self.draft: drafts.Place | None = None
        """Where this form keeps what is typed; None for one that does not."""
        self.resumed_ms: int | None = None
        """When what stands here was put down, for a form that was resumed."""
        self._fields: dict[str, Field] = {field.name: field for field in fields_of(struct)}
        self._typed: dict[str, list[str]] = {}
        given = {} if first is None else first if isinstance(first, Mapping) else msgspec.structs.asdict(first)
        for field in self._fields.values():
            value = given.get(field.name, field.default)
            self._typed[field.name] = typed(value, fen=field.fen)

    @classmethod
    async def resume(
        cls, struct: type[C], name: str, first: Mapping[str, Any] | C | None = None, *, prefix: str = "f"
    ) -> "Form[C]":
        """A form that keeps what is typed, from where this visitor left off.

        ``form = await Form.resume(NewVisit, "grid.visit")`` is all a page does. The draft ends by itself when the form
        is sent and the answer leads on (303). Without a signed-in visitor it is an ordinary form. Files, and fields
        marked ``Meta(extra={"secret": True})``, are not kept.

        :param name: of the draft, the same every time; with the object's id where there is one (``grid.visit.17``)
        """
        form = cls(struct, first, prefix=prefix)
        if current().visitor is None:
            return form
        fields = [field.name for field in form._fields.values() if field.kind is not Upload and not field.secret]
        form.draft = drafts.place_of(name, fields)
        found = await drafts.kept(name)
        if found is not None:
            for field in fields:
                form._typed[field] = list(found.values.get(field, ()))
            form.resumed_ms = found.at_ms
        return form

    @classmethod
    async def read(cls, request: Request[Any, Any, Any], struct: type[C], *, prefix: str = "f") -> "Form[C]":
        """Everything that was sent, files included, converted and checked."""
        data: dict[str, list[Any]] = {}
        form = await submitted(request)
        most = max((field.megabytes for field in fields_of(struct)), default=0) * 1024 * 1024
        for name in form:
            values = form.getall(name)
            data[name] = [await _received(value, most) if isinstance(value, UploadFile) else value for value in values]
        unreadable = await _draw_anew(struct, data)
        read = cls.of(struct, data, prefix=prefix)
        for field, problem in unreadable:
            read.refuse_with(problem, field)
        read.draft = drafts.Place.unsealed(str(form.get(drafts.FIELD, "")))
        current().draft = (read.draft.name, read.key) if read.draft else None
        return read

    @classmethod
    def of(cls, struct: type[C], data: Mapping[str, Any], *, prefix: str = "f") -> "Form[C]":
        """As :meth:`read`, from values at hand: one value or a sequence of them a name."""
        form = cls(struct, prefix=prefix)
        sent = {name: value if isinstance(value, list | tuple) else [value] for name, value in data.items()}
        key = str((sent.get("_key") or [""])[0])
        if KEY.fullmatch(key):
            form.key = key
        form._take(sent)
        return form

    def _take(self, sent: Mapping[str, Sequence[Any]]) -> None:
        values: dict[str, Any] = {}
        for field in self._fields.values():
            raw = [v for v in sent.get(field.name, ()) if v is not None]
            self._typed[field.name] = [str(v)[:MAX_TEXTAREA] for v in raw if not isinstance(v, Upload)]
            value, problem = convert(field, raw)
            if problem:
                self.errors.append(FieldError(field.name, problem))
            elif value is not MISSING:
                values[field.name] = value
        if self.errors:
            return
        try:
            self.command = self.struct(**values)
        except (ValueError, TypeError) as error:
            # A Struct's own __post_init__ may refuse; its words are for people.
            self.errors.append(FieldError("", str(error)))

    @property
    def valid(self) -> bool:
        return self.command is not None and not self.errors

    def refuse(self, field: str, text: str) -> None:
        """Add a mistake only the page can know (the code exists already); the form is no longer valid."""
        self.errors.append(FieldError(field, text))
        self.command = None

    def refuse_with(self, error: LirenError, field: str = "") -> None:
        """Show a refused command on its form instead of on a page of its own."""
        self.refuse(field, both(error.zh, error.en))

    def must_be_one_of(self, field: str, offered: Container[str]) -> None:
        """Refuse a choice that was not offered: a stale page, or somebody playing. An empty field is left alone."""
        if self.value(field) and self.value(field) not in offered:
            self.refuse(field, _("请从列出的里面选择%(title)s", title=self.label(field)))

    def value(self, name: str) -> str:
        """What to write into the field again."""
        values = self._typed[name]
        return values[0] if values else ""

    def values(self, name: str) -> Sequence[str]:
        return self._typed[name]

    def chosen(self, name: str, value: object) -> bool:
        """Whether a choice, checkbox or option is marked."""
        return (typed(value) or [""])[0] in self._typed[name]

    def error(self, name: str) -> str:
        return next((error.text for error in self.errors if error.field == name), "")

    def label(self, name: str) -> str:
        return _(self._fields[name].title)

    def needed(self, name: str) -> bool:
        return self._fields[name].needed

    def id_of(self, name: str) -> str:
        return f"{self.prefix}-{name}"

    def names(self) -> Iterable[str]:
        return self._fields


class PageRequest(Request[Any, Any, Any]):
    """A request whose form is forgotten with it."""

    async def form(self) -> FormMultiDict:
        """As Litestar's own, which keeps the last 1024 bodies it has parsed in memory, passwords and all."""
        sent = self._connection_state
        if sent.form is Empty and self.content_type[0] == RequestEncodingType.URL_ENCODED:
            sent.form = {**parse_url_encoded_form_data.__wrapped__(await self.body())}
        return await super().form()


async def submitted(request: Request[Any, Any, Any]) -> FormMultiDict:
    """What a form sent, unconverted; a body that cannot be read is a 400.

    Litestar's parser lets a broken multipart body through as whatever exception it stumbled over.
    """
    try:
        return await request.form()
    except HTTPException:
        raise
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ClientException("unreadable form") from error


async def _draw_anew(struct: type[msgspec.Struct], data: dict[str, list[Any]]) -> list[tuple[str, BadPicture]]:
    """Puts in the place of every picture what is left of it once it was decoded and encoded anew.

    :returns: field and problem of what could not be decoded
    """
    problems: list[tuple[str, BadPicture]] = []
    for field in fields_of(struct):
        most = field.megabytes * 1024 * 1024
        for at, sent in enumerate(data.get(field.name, ())):
            if not isinstance(sent, Upload) or sent.kind not in KINDS or len(sent.content) > most:
                continue
            if field.kinds and sent.kind not in field.kinds:
                continue
            try:
                data[field.name][at] = await redrawn(sent)
            except BadPicture as problem:
                problems.append((field.name, problem))
    return problems


async def _received(file: UploadFile, most: int) -> Upload | None:
    """A chosen file; None when the field was left empty. One byte over the limit is enough to know."""
    content = await file.read(most + 1)
    name = file.filename.replace("\\", "/").rpartition("/")[2][:200]
    return Upload(name, content) if name or content else None
