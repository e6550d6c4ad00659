# SPDX-License-Identifier: Apache-2.0
"""Passwords: argon2id in a thread, so that nobody waits for somebody else's login; and which ones are too easy."""

import asyncio
import unicodedata
from collections.abc import Sequence
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from liren.identity.errors import BadPassword
from liren.identity.profiles import ASVS, Profile

MAX_LENGTH: Final = 128
AT_ONCE: Final = 2
"""Hashes computed side by side: each takes 64 MiB and most of a core for a tenth of a second."""

_EASY: Final = frozenset(
    {
        "password", "passw0rd", "iloveyou", "qwertyui", "qwerty12", "qwerty123", "1q2w3e4r", "1qaz2wsx", "abcd1234",
        "abc12345", "a1234567", "a12345678", "aa123456", "woaini520", "woaini1314", "admin123", "admin888",
        "asdfghjk", "zxcvbnm1", "11223344", "88888888", "66668888", "letmein1", "p@ssw0rd", "liren123",
    }
)  # fmt: skip
_RUNS: Final = "01234567890123456789 98765432109876543210 abcdefghijklmnopqrstuvwxyz qwertyuiop"


def check(password: str, *, about: tuple[str, ...] = (), profile: Profile = ASVS, staff: bool = False) -> str:
    """The password in one Unicode form, where it may be used.

    :param about: words it must not be: login name, phone
    :param staff: of somebody who works for the street
    :raises BadPassword: too short, too long, of too few classes (where the profile has such a rule), or one of those
        everybody tries first (NIST SP 800-63B-4 §3.1.1.2)
    """
    text = unicodedata.normalize("NFKC", password)
    shortest = profile.length(staff=staff)
    if len(text) < shortest:
        raise BadPassword(f"密码至少要 {shortest} 个字符。", f"A password needs at least {shortest} characters.")
    if len(text) > MAX_LENGTH:
        raise BadPassword(f"密码最多 {MAX_LENGTH} 个字符。", f"A password has at most {MAX_LENGTH} characters.")
    if _classes(text) < profile.classes:
        raise BadPassword(
            f"密码要有大写字母、小写字母、数字、其他字符（汉字也算）这四类里的 {profile.classes} 类。",
            f"A password needs {profile.classes} of these four: capital letters, small letters, digits, "
            "other characters (Chinese ones count).",
        )
    plain = text.lower()
    words = {word.lower() for word in about if word}
    if plain in _EASY or plain in words or plain in _RUNS or len(set(plain)) < 4:
        raise BadPassword(
            "这个密码太容易被猜到，请换一个，比如几个词连起来。",
            "This password is too easy to guess. Choose another, for example several words in a row.",
        )
    return text


def _classes(text: str) -> int:
    """Of capitals, small letters, digits and everything else: how many there are."""
    kinds = {"A" if c.isascii() and c.isupper() else "a" if c.isascii() and c.islower() else "1" if c.isdigit() else "#"
             for c in text}  # fmt: skip
    return len(kinds)


class Passwords:
    """One per process."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """:param hasher: argon2id with RFC 9106's second recommended parameters, unless said otherwise"""
        self._hasher = hasher or PasswordHasher()
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._nobody = ""

    async def hash(
        self,
        password: str,
        *,
        about: tuple[str, ...] = (),
        profile: Profile = ASVS,
        staff: bool = False,
        former: Sequence[str] = (),
    ) -> str:
        """
        :param former: hashes of passwords that are not used again
        :raises BadPassword: see :func:`check`; or it was used before
        """
        text = check(password, about=about, profile=profile, staff=staff)
        for one in former:
            if await self.fits(one, text):
                raise BadPassword(
                    f"最近 {profile.remembered} 次用过的密码不能再用，请换一个新的。",
                    f"None of the last {profile.remembered} passwords may be used again. Choose a new one.",
                )
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, text)

    async def fits(self, stored: str | None, password: str) -> bool:
        """Takes as long for an account without a password as for one with it."""
        text = unicodedata.normalize("NFKC", password[: 2 * MAX_LENGTH])
        async with self._turns:
            right = await asyncio.to_thread(self._verify, stored or await self._nobodys(), text)
        return right and stored is not None

    async def _nobodys(self) -> str:
        """A hash nobody's password has; made at its first use, for opening a street is no time to spend a core on."""
        if not self._nobody:
            self._nobody = await asyncio.to_thread(self._hasher.hash, "nobody has this password")
        return self._nobody

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False
