# SPDX-License-Identifier: Apache-2.0
"""Lets the tests of this folder share helpers and the databases of the project: importlib mode has no path."""

import importlib.util
import sys
from pathlib import Path

HERE = Path(__file__).parent
TESTS = HERE.parents[2] / "tests"
sys.path.insert(0, str(HERE))

_spec = importlib.util.spec_from_file_location("liren_project_fixtures", TESTS / "conftest.py")
assert _spec is not None
assert _spec.loader is not None
_project = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_project)

database = _project.database
postgres_server = _project.postgres_server
postgres_url = _project.postgres_url
