# SPDX-License-Identifier: Apache-2.0
"""Passwords: argon2id in a thread, so that nobody waits for somebody else's login; and which ones are too easy."""

import asyncio
import hashlib
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from liren.identity.errors import BadPassword
from liren.identity.signin.profiles import ASVS, Profile

MAX_LENGTH: Final = 128
AT_ONCE: Final = 2
"""Hashes computed side by side: each takes 64 MiB and most of a core for a tenth of a second."""

_STEMS: Final = frozenset(
    """password passwd pass passw0rd pwd mima mimashi wodemima woaini woaizhongguo iloveyou ilove love admin root
    administrator guanliyuan user guest test demo liren juzhen jiedao shequ wangge welcome letmein login master monkey
    dragon sunshine princess football baseball superman batman qwerty qwertyuiop qwert qazwsx qazwsxedc wsxedc asdfgh
    asdfghjkl asdf zxcvbn zxcvbnm zxcv abc abcd abcdef abcdefg abcabc aaa aa a q qq qweasd qweasdzxc qwe asd zxc
    zhongguo china beijing shanghai hello hunter secret shadow michael jordan charlie computer internet whatever
    freedom starwars trustno access flower nihao wangluo weixin wechat taobao baidu tencent huawei xiaomi
    p@ssw0rd p@ssword passw@rd adm1n""".split()  # noqa: SIM905
)
"""What easy passwords are made of, once the digits and signs in front and behind are taken off."""
_RUNS: Final = """
    01234567890123456789 98765432109876543210 abcdefghijklmnopqrstuvwxyz zyxwvutsrqponmlkjihgfedcba qwertyuiop asdfghjkl
    zxcvbnm poiuytrewq 1qaz2wsx3edc4rfv5tgb6yhn 1q2w3e4r5t6y7u8i9o0p qazwsxedcrfvtgb q1w2e3r4t5y6u7i8o9p0
""".split()  # noqa: SIM905
_EDGES: Final = "0123456789!@#$%^&*()_+-=.,?~ "
_FEW: Final = 4
"""Different characters a password has at least."""
_NUMBER: Final = 14
"""Only digits up to here are somebody's birthday or phone."""


COMMON: Final = Path(__file__).parent / "common_passwords.bin"
"""The first five bytes of the SHA-256 of each, sorted: the 8 354 of eight characters and more among the twenty thousand
most common of public breaches, as Django's list (BSD-3-Clause) has them. Digests, because the words are no reading."""
_DIGEST: Final = 5


@cache
def _common() -> frozenset[bytes]:
    data = COMMON.read_bytes()
    return frozenset(data[at : at + _DIGEST] for at in range(0, len(data), _DIGEST))


def easy(password: str) -> bool:
    """Whether it is among those everybody tries first (ASVS 6.2.4), by list and by rule.

    The list is foreign mostly, so the rule: a run of keys, a repeated piece, nothing but digits, or a word of
    :data:`_STEMS` with digits around it (woaini1314).
    """
    plain = password.lower()
    if hashlib.sha256(plain.encode()).digest()[:_DIGEST] in _common():
        return True
    if len(set(plain)) < _FEW or any(plain in run for run in _RUNS):
        return True
    if plain.isdigit() and len(plain) <= _NUMBER:
        return True
    if any(
        plain == plain[:size] * (len(plain) // size) for size in range(1, len(plain) // 2 + 1) if not len(plain) % size
    ):
        return True
    stem = plain.strip(_EDGES)
    return stem in _STEMS or any(stem in run for run in _RUNS if len(stem) > 2) or (not stem and len(plain) <= _NUMBER)


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
    if easy(plain) or plain in words or plain.strip(_EDGES) in words:
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
