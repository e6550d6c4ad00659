# SPDX-License-Identifier: Apache-2.0
"""The demo street 里仁街道: invented people, real shapes; every record signed through the real path."""

from liren.demo.build import build
from liren.demo.cast import Login, logins

__all__ = ["Login", "build", "logins"]
