# SPDX-License-Identifier: Apache-2.0
"""The web application of an open street."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar
from litestar.datastructures import State

from liren.app.street import Street
from liren.plugins.guard import routers, write_refusal
from liren.plugins.plugin import Route
from liren.web import styleguide
from liren.web.app import PageApp

_built: dict[tuple[Route, ...], PageApp] = {}
"""The application of the pages last served in this process: a street that is opened again has the same ones."""


def create_app(street: Street) -> PageApp:
    """Every plugin's pages behind the one gate, with the street's jobs running while it serves."""

    @asynccontextmanager
    async def running(_: Litestar) -> AsyncIterator[None]:
        street.jobs.start()
        street.events.start()
        yield

    plugins = street.kernel.plugins.values()
    pages = tuple(route for plugin in plugins for route in plugin.routes)
    if pages not in _built:
        _built.clear()
        _built[pages] = PageApp([*routers(plugins), *styleguide.HANDLERS], street.site, after_exception=[write_refusal])
    state = State({"kernel": street.kernel, "street": street, "identity": street.identity})
    return _built[pages].of(street.site, state, [running])
