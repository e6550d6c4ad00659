# SPDX-License-Identifier: Apache-2.0
"""The factory: opens a street and wires the floors together."""

from liren.app.factory import create_app
from liren.app.serve import serve
from liren.app.street import MigrationsPending, Street, open_street

__all__ = ["MigrationsPending", "Street", "create_app", "open_street", "serve"]
