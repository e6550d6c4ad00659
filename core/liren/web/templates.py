# SPDX-License-Identifier: Apache-2.0
"""Where templates come from and what every one of them can use.

``"credit/rules.html"`` is looked for in the theme (``templates/credit/rules.html``), then in the plugin
(``templates/rules.html``, or ``templates/credit/rules.html``); a bare name such as ``"ui.html"`` in the theme, then
in the core. ``"core/layout.html"`` is always the core's own: what a theme's ``layout.html`` extends. A plugin can
therefore never replace a template that is not its own.
"""

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CoroutineType
from typing import Any, ClassVar

from jinja2 import BaseLoader, BytecodeCache, Environment, StrictUndefined, TemplateNotFound, pass_context
from jinja2.bccache import Bucket
from jinja2.exceptions import TemplateSyntaxError
from jinja2.runtime import Context

from liren.web import charts, formats, i18n
from liren.web.carrying import carry
from liren.web.qr import qr
from liren.web.scene import current

CORE = Path(__file__).parent
HTMX_CONFIG = json.dumps(
    {
        "allowEval": False,
        "allowScriptTags": False,
        "includeIndicatorStyles": False,
        "historyCacheSize": 0,
        "responseHandling": [
            {"code": "204", "swap": False},
            {"code": "[23]..", "swap": True},
            {"code": "422", "swap": True},
            {"code": "[45]..", "swap": False, "error": True},
        ],
    },
    separators=(",", ":"),
)


@dataclass(frozen=True, slots=True)
class Package:
    """A plugin (or core package) that has pages: its id and the folder of its Python package."""

    id: str
    folder: Path


@dataclass(frozen=True, slots=True)
class Theme:
    """An installed theme: style sheet ``static/<id>.css`` and, if it likes, template overrides."""

    id: str
    folder: Path


class Loader(BaseLoader):
    """Theme, then plugin, then core, each under its own prefix."""

    def __init__(self, packages: Sequence[Package], theme: Theme | None) -> None:
        self._packages = {package.id: package.folder / "templates" for package in packages}
        self._theme = theme.folder / "templates" if theme else None

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        for path in self.places(template):
            if path.is_file():
                return path.read_text("utf-8"), str(path), lambda: True
        raise TemplateNotFound(template)

    def places(self, name: str) -> list[Path]:
        """Every file that may hold a template, first choice first."""
        if ".." in name.split("/") or not name.endswith(".html"):
            return []
        prefix, slash, rest = name.partition("/")
        if prefix == "core":
            return [CORE / "templates" / rest]
        found = [self._theme / name] if self._theme else []
        if not slash:
            return [*found, CORE / "templates" / name]
        if prefix in self._packages:
            folder = self._packages[prefix]
            found += [folder / rest, folder / name]
        return found


class _Compiled(BytecodeCache):
    """Compiled templates of this process: a second site, or a changed theme, need not compile them again."""

    _kept: ClassVar[dict[tuple[str, str], bytes]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        kept = self._kept.get((bucket.key, bucket.checksum))
        if kept is not None:
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


def _shown(value: object) -> object:
    """What an expression shows; something that was never awaited is the author's slip, said at once."""
    if isinstance(value, CoroutineType):
        value.close()
        raise TypeError("await it in the page, then pass the result to the template: templates do not wait")
    return value


def _owner(context: Context) -> str:
    """Whose words a template speaks: ``credit`` of ``credit/rules.html``."""
    return (context.name or "").partition("/")[0]


def environment(packages: Sequence[Package], theme: Theme | None, more: Mapping[str, Any]) -> Environment:
    """The one jinja environment of a site.

    Undefined names are errors; compiled templates stay in memory. Not jinja's async mode, which costs half as much
    again: slots and everything else are awaited before rendering.

    :param more: globals the site adds, e.g. ``static``
    """
    env = Environment(
        loader=Loader(packages, theme),
        autoescape=True,
        auto_reload=False,
        cache_size=-1,
        bytecode_cache=_Compiled(),
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"],
    )
    env.policies["ext.i18n.trimmed"] = True
    folders = {"core": CORE} | {package.id: package.folder for package in packages}

    @pass_context
    def gettext(context: Context, text: str) -> str:
        return i18n.said_in(folders.get(_owner(context)), text)

    @pass_context
    def ngettext(context: Context, text: str, _many: str, n: int) -> str:
        return i18n.counted_in(folders.get(_owner(context)), text, n)

    # StrictUndefined and the i18n extension's dynamic methods are untyped in jinja's stubs.
    env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.filters.update(formats.FILTERS)
    env.globals.update(
        current=current,
        html_lang=lambda: i18n.HTML_LANG[i18n.language()],
        request_key=lambda: secrets.token_urlsafe(16),
        htmx_config=HTMX_CONFIG,
        charts=charts,
        carry=carry,
        qr=qr,
        **more,
    )
    return env


def fault_of(theme: Theme, packages: Sequence[Package]) -> str | None:
    """Why a theme cannot be used, or None: its templates must at least parse, its style sheet must be
    there.
    """
    if not (theme.folder / "static" / f"{theme.id}.css").is_file():
        return f"static/{theme.id}.css is missing"
    env = environment(packages, theme, {})
    for path in sorted((theme.folder / "templates").rglob("*.html")):
        try:
            env.parse(path.read_text("utf-8"), filename=str(path))
        except (TemplateSyntaxError, UnicodeDecodeError) as error:
            return f"{path.name}: {error}"
    return None
