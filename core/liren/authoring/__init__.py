# SPDX-License-Identifier: Apache-2.0
"""What authors of modules work with: ``liren plugin new`` and ``liren dev``.

``starter/liren-starter`` is a module like any other, with tests of its own; a new module is a copy of it under
another name, so that what authors begin with is checked as often as the core.
"""

from liren.authoring.scaffold import STARTER, NameRefused, write_plugin

__all__ = ["STARTER", "NameRefused", "write_plugin"]
