# SPDX-License-Identifier: Apache-2.0
"""How identity's own pages reach identity: the application puts it into its state at start."""

from typing import Any

from litestar import Request

from liren.identity.service import Identity


def identity_of(request: Request[Any, Any, Any]) -> Identity:
    """``app.state.identity``, as the application set it."""
    found = request.app.state.identity
    assert isinstance(found, Identity)
    return found


def address_of(request: Request[Any, Any, Any]) -> str:
    """Where the request came from, for counting tries; behind the street's own proxy the server has put it right."""
    return request.client.host if request.client else ""
