# SPDX-License-Identifier: Apache-2.0
"""A street served in process, not the demo as a process of its own."""

from argon2 import PasswordHasher

from liren.testing.pytest_plugin import street
from liren.testing.street import Running

__all__ = ["quick", "street"]


def quick(street: Running) -> None:
    """The same hash with easier parameters: what is tested here is not how long it takes."""
    passwords = street.street.identity.passwords
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    passwords._nobody = ""
