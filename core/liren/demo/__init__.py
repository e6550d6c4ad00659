# SPDX-License-Identifier: Apache-2.0
"""The demo street 里仁街道: invented people, real shapes; every record signed through the real path."""

from liren.demo.build import build
from liren.demo.cast import Login, logins
from liren.demo.steps import Scale, Steps

__all__ = ["Login", "Scale", "Steps", "build", "logins"]
