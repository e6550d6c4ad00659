# SPDX-License-Identifier: Apache-2.0
"""Forms that keep what is typed while it is typed: a closed tab or a lost connection costs nothing.

A page makes such a form with ``await Form.resume(NewVisit, "grid.visit")``; that is all. The form carries a sealed
note (whose form it is, where it stands, which fields may be kept), htmx sends what was typed on every change, and a
button does the same without a script. Drafts belong to the account; they are put down sealed, for 30 days at most, and
end when the form is sent well. Files are never kept, nor fields declared ``Meta(extra={"secret": True})``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol
from urllib.parse import quote, unquote

import structlog
from litestar import Request, Response

from liren.errors import Denied, LirenError
from liren.plugins.services import Visitor
from liren.web.formats import moment
from liren.web.html import element
from liren.web.i18n import gettext as _
from liren.web.responses import local, redirect
from liren.web.routes import SIGNED_IN, post
from liren.web.scene import Scene, current

log = structlog.get_logger("liren.web")

FIELD: Final = "_draft"
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
MAX_CHARACTERS: Final = 60_000
"""Of one draft; a form longer than that is not a form."""

Values = Mapping[str, Sequence[str]]


class TooLong(LirenError):
    """More was typed than a draft keeps."""

    status = 413
    code = "draft-too-long"


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed and not sent yet."""

    values: Values
    at_ms: int


class DraftStore(Protocol):
    """What identity keeps in the database, sealed under the person's own key."""

    async def open(self, visitor: Visitor, name: str) -> Draft | None: ...

    async def keep(self, visitor: Visitor, name: str, values: Values, key: str) -> int | None:
        """Put it down in place of what was there.

        :param key: the request key of the form; None comes back when that very form was sent meanwhile
        :returns: when, in milliseconds since 1970
        """
        ...

    async def drop(self, visitor: Visitor, name: str, key: str) -> None:
        """Forget it; what a browser still sends of the form with this key is not kept any more."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """What a draft-keeping form says about itself, sealed into its page."""

    name: str
    path: str
    """Of the page, to come back to."""
    fields: tuple[str, ...]
    """What may be kept."""

    def sealed(self) -> str:
        text = "|".join((self.name, quote(self.path), ",".join(self.fields)))
        return current().site.signer.seal("draft", text)

    @classmethod
    def unsealed(cls, text: str) -> "Place | None":
        plain = current().site.signer.unseal("draft", text)
        if plain is None:
            return None
        name, path, fields = plain.split("|")
        return cls(name, unquote(path), tuple(fields.split(",")))


def place_of(name: str, fields: Sequence[str]) -> Place:
    """For a form on the page being made."""
    if not NAME.fullmatch(name):
        raise ValueError(f"a draft's name is like 'grid.visit.17', not {name!r}")
    scene = current()
    return Place(name, scene.here(), tuple(fields))


async def kept(name: str) -> Draft | None:
    """What this visitor left; a draft that cannot be opened is none."""
    scene = current()
    if scene.visitor is None or scene.site.drafts is None:
        return None
    try:
        return await scene.site.drafts.open(scene.visitor, name)
    except LirenError as error:
        log.warning("draft not opened", draft=name, fault=error.code)
        return None


async def sent_well(scene: Scene) -> None:
    """The form was answered by going on to another page: its draft has done its work."""
    if scene.draft is None or scene.visitor is None or scene.site.drafts is None:
        return
    name, key = scene.draft
    scene.draft = None
    try:
        await scene.site.drafts.drop(scene.visitor, name, key)
    except LirenError as error:
        # What was sent stands; the draft is offered once more, at worst.
        log.warning("draft not dropped", draft=name, fault=error.code)


@post("/drafts", allow=SIGNED_IN)
async def keep_draft(request: Request[Any, Any, Any]) -> Response[Any]:
    """Put down what is typed so far: by htmx on every change, or by the form's own button."""
    scene, data = current(), await request.form()
    place, visitor = _place(data), _visitor(scene)
    values = {n: [v for v in data.getall(n, []) if isinstance(v, str)] for n in place.fields}
    values = {name: typed for name, typed in values.items() if any(typed)}
    if sum(len(text) for typed in values.values() for text in typed) > MAX_CHARACTERS:
        raise TooLong(
            "写得太长，存不下了。请分成几份，或者先提交。",
            "This is too long to keep. Please split it, or send it first.",
        )
    at_ms = await _store(scene).keep(visitor, place.name, values, str(data.get("_key", "")))
    if scene.htmx:
        said = _("已经存着了（%(at)s）", at=moment(at_ms)) if at_ms else ""
        return Response(str(element("span", said)), media_type="text/html")
    return redirect(local(place.path), notice=_("存好了，下次打开接着写。"))


@post("/drafts/drop", allow=SIGNED_IN)
async def drop_draft(request: Request[Any, Any, Any]) -> Response[Any]:
    """Start anew."""
    scene, data = current(), await request.form()
    place, visitor = _place(data), _visitor(scene)
    await _store(scene).drop(visitor, place.name, str(data.get("_key", "")))
    return redirect(local(place.path), notice=_("清空了，可以从头写。"))


def _place(data: Mapping[str, Any]) -> Place:
    place = Place.unsealed(str(data.get(FIELD, "")))
    if place is None:
        raise Denied(
            "这个页面太旧了，没有存上。请刷新后再写。", "This page is too old; nothing was kept. Please reload."
        )
    return place


def _visitor(scene: Scene) -> Visitor:
    if scene.visitor is None:
        raise Denied("请先登录。", "Please sign in first.")
    return scene.visitor


def _store(scene: Scene) -> DraftStore:
    if scene.site.drafts is None:
        raise Denied("这里不存草稿。", "Drafts are not kept here.")
    return scene.site.drafts


ROUTES = (keep_draft, drop_draft)
