# SPDX-License-Identifier: Apache-2.0
"""Pages of ``docs/`` that are written by the code they describe: ``python -m tests.docs`` writes them anew.

A page is a function that takes what is loaded and returns path below ``docs/`` → text; put it into :data:`PAGES`.
"""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from liren.app.built_in import BUILT_IN
from liren.plugins.loader import Loaded, load
from liren.plugins.manifest import find
from tests.docs import reference, workflows

DOCS = Path(__file__).parents[2] / "docs"
OURS = ("liren-canteen", "liren-credit", "liren-market")
Page = Callable[[Loaded], Mapping[str, str]]
PAGES: tuple[Page, ...] = (workflows.pages, reference.pages)


def written() -> dict[str, str]:
    """Every generated page as it should be."""
    with tempfile.TemporaryDirectory() as home:
        loaded = load(Path(home), BUILT_IN, found=[one for one in find() if one.distribution in OURS], strict=True)
    return {path: text for page in PAGES for path, text in page(loaded).items()}
