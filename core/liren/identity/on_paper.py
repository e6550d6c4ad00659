# SPDX-License-Identifier: Apache-2.0
"""The consent staff record with a registration: which text lay on the table, and who could sign it."""

from typing import Final

TEXT: Final = "2026-01"
"""Version of the text on points that people sign: the latest of ``liren.privacy.consents``, as a test holds."""
POINTS: Final = ("points", TEXT, "paper")
"""Purpose, version, how."""
