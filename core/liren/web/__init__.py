# SPDX-License-Identifier: Apache-2.0
"""The page kit: how a module declares, draws, checks and answers pages.

Modules import from here (``from liren.web import get, post, Form, redirect``) and from the templates
``ui.html``, ``layout.html``, ``desk.html``, ``print.html``; the living page ``/styleguide`` shows what
there is.
"""

from liren.web import charts
from liren.web.carrying import carried, faulty_download
from liren.web.cases import Action, CasePage, StateTag, TimelineEntry
from liren.web.converting import typed_day
from liren.web.fields import Fen
from liren.web.forms import Form, Nothing, choices
from liren.web.html import element
from liren.web.i18n import N_, gettext, ngettext
from liren.web.paging import Page, ask, slice_of
from liren.web.qr import qr
from liren.web.responses import download, local, redirect
from liren.web.routes import ANYONE, SIGNED_IN, get, post
from liren.web.scene import Chrome, NavLink, Notice, Scene, current
from liren.web.site import render
from liren.web.uploads import Upload

__all__ = [
    "ANYONE",
    "N_",
    "SIGNED_IN",
    "Action",
    "CasePage",
    "Chrome",
    "Fen",
    "Form",
    "NavLink",
    "Nothing",
    "Notice",
    "Page",
    "Scene",
    "StateTag",
    "TimelineEntry",
    "Upload",
    "ask",
    "carried",
    "charts",
    "choices",
    "current",
    "download",
    "element",
    "faulty_download",
    "get",
    "gettext",
    "local",
    "ngettext",
    "post",
    "qr",
    "redirect",
    "render",
    "slice_of",
    "typed_day",
]
