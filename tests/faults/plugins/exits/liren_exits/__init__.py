# SPDX-License-Identifier: Apache-2.0
"""Ends the interpreter politely at import."""

import sys

sys.exit("this plugin does not like it here")
