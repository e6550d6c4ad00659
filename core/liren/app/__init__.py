# SPDX-License-Identifier: Apache-2.0
"""The factory: opens a street and wires the floors together."""

from liren.app.factory import create_app
from liren.app.founding import Founded, Plan, found_street
from liren.app.serve import serve
from liren.app.street import MigrationsPending, Street, open_street

__all__ = [
    "Founded",
    "MigrationsPending",
    "Plan",
    "Street",
    "create_app",
    "found_street",
    "open_street",
    "serve",
]
