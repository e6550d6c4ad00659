# SPDX-License-Identifier: Apache-2.0
"""How a module declares a page: a path, and who may open it.

Litestar's own decorators leave the question "who may?" to be forgotten; these ask for it. The kernel
refuses a handler without an answer at start, and its guard reads the answer from
``handler.opt["allow"]`` on every request.
"""

from collections.abc import Callable
from inspect import iscoroutinefunction
from typing import Any

from litestar import MediaType
from litestar import get as litestar_get
from litestar import post as litestar_post
from litestar.handlers import HTTPRouteHandler
from litestar.types import AnyCallable

from liren.plugins.types import Allow, Gate

CAMERA = {"Permissions-Policy": "camera=(self), microphone=(), geolocation=()"}


ANYONE = Gate.ANYONE
SIGNED_IN = Gate.SIGNED_IN

Decorator = Callable[[AnyCallable], HTTPRouteHandler]


def get(path: str, *, allow: Allow, name: str | None = None, camera: bool = False, step_up: bool = False) -> Decorator:
    """A page that is read.

    :param path: below the module's own prefix, e.g. ``"/rules/{code:str}"``
    :param allow: who may open it
    :param name: of the route inside the module, for ``ctx.url("<plugin>.<name>")``; the function's name
        if left out
    :param camera: the page may ask for the camera (scanning a code)
    :param step_up: only for who proved a few minutes ago who they are (signed in, password, one-time code); others are
        asked at ``/again`` first and come back. For what cannot be taken back, or takes data away
    """
    options = _options(allow, name, camera, step_up)
    return lambda page: litestar_get(path, **options, **_in_loop(page))(page)


def post(
    path: str,
    *,
    allow: Allow,
    name: str | None = None,
    camera: bool = False,
    step_up: bool = False,
    megabytes: int | None = None,
) -> Decorator:
    """A form that is sent; answer with :func:`liren.web.redirect`, or the form again with status 422.

    :param step_up: as for :func:`get`; what was typed is kept while the visitor proves who they are, files are not
    :param megabytes: the largest body, where 11 MB are not enough; with ``Meta(extra={"megabytes": n})`` at the file
    """
    options = _options(allow, name, camera, step_up)
    if megabytes is not None:
        options["request_max_body_size"] = megabytes * 1024 * 1024
    return lambda page: litestar_post(path, status_code=200, **options, **_in_loop(page))(page)


def _options(allow: Allow, name: str | None, camera: bool, step_up: bool) -> dict[str, Any]:
    if not isinstance(allow, Gate) and not (isinstance(allow, str) and "." in allow):
        raise TypeError(f"allow must be ANYONE, SIGNED_IN or a permission like 'credit.review', not {allow!r}")
    if step_up and allow is Gate.ANYONE:
        raise TypeError("step_up asks somebody to prove who they are: allow=ANYONE asks nobody")
    return {
        "opt": {"allow": allow, "name": name, "step_up": step_up},
        "media_type": MediaType.HTML,
        "response_headers": CAMERA if camera else None,
        "include_in_schema": False,
    }


def _in_loop(page: AnyCallable) -> dict[str, Any]:
    """A plain function runs on the event loop: a thread a request costs more than what our pages do."""
    return {} if iscoroutinefunction(page) else {"sync_to_thread": False}
