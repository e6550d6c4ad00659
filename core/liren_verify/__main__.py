# SPDX-License-Identifier: Apache-2.0
"""``python -m liren_verify FILE``."""

import sys

from liren_verify.cli import main

sys.exit(main())
