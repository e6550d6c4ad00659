# SPDX-License-Identifier: Apache-2.0
"""The web application of an open street."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar
from litestar.datastructures import State

from liren.app.street import Street
from liren.plugins.guard import refusals, routers
from liren.web import styleguide
from liren.web.app import PageApp


def create_app(street: Street) -> PageApp:
    """Every plugin's pages behind the one gate, with the street's jobs running while it serves."""

    @asynccontextmanager
    async def running(_: Litestar) -> AsyncIterator[None]:
        street.jobs.start()
        street.events.start()
        yield

    return PageApp(
        [*routers(street.kernel), *styleguide.HANDLERS],
        street.site,
        state=State({"kernel": street.kernel, "street": street, "identity": street.identity}),
        lifespan=[running],
        after_exception=[refusals(street.kernel)],
    )
