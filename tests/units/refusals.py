# SPDX-License-Identifier: Apache-2.0
"""What is refused, in the words people read."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from liren.errors import LirenError


@contextmanager
def refused(error: type[LirenError], words: str) -> Iterator[None]:
    """This error, and these words in its Chinese text."""
    with pytest.raises(error) as caught:
        yield
    assert words in caught.value.zh, caught.value.zh
