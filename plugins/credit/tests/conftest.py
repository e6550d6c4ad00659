# SPDX-License-Identifier: Apache-2.0
"""Helpers the tests of this folder share (importlib mode puts no folder on the path)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
