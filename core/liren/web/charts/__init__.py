# SPDX-License-Identifier: Apache-2.0
"""Charts made on the server: inline SVG with its numbers in a table, no script, no ``style`` attribute.

``bars`` compares things of one kind, ``columns`` follows one number over time, ``lines`` up to four, ``multiples``
gives each place its own small chart on one scale, ``trend`` stands beside a figure. Text inside is ordinary text: it
follows large print and 200 %. What is marked or told apart is so by weight, dash and shape as well as by colour, so
that paper in black and white says the same. In a template they are ``charts.bars(…)`` and so on.
"""

from liren.web.charts.bars import bars, columns
from liren.web.charts.lines import Series, lines, multiples
from liren.web.charts.trends import trend

__all__ = ["Series", "bars", "columns", "lines", "multiples", "trend"]
