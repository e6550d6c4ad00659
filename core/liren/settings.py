# SPDX-License-Identifier: Apache-2.0
"""The few settings of a deployment, read from the environment once."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from liren.errors import LirenError

PROFILES = ("asvs", "dengbao3")
POSTGRES = ("postgresql://", "postgres://")
"""How an address of PostgreSQL begins; any other setting is the path of an SQLite file."""


def _profile(name: str) -> str:
    """:raises LirenError: there is no such profile: weaker rules than were meant must not come from a slip"""
    if name not in PROFILES:
        raise LirenError(
            f"LIREN_PROFILE 只能是 {' 或 '.join(PROFILES)}，现在是 {name}。",
            f"LIREN_PROFILE is {name}, but only {' or '.join(PROFILES)} exist.",
        )
    return name


def _port(said: str) -> int:
    if re.fullmatch(r"[0-9]{1,5}", said) is None or not 1 <= int(said) <= 65535:
        raise LirenError(
            f"PORT 是端口号，1 到 65535 之间的数字，例如 8000，现在是 {said}。",
            f"PORT is a number between 1 and 65535, e.g. 8000, not {said}.",
        )
    return int(said)


def _time_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # no such name; a path; a folder
        raise LirenError(
            f"LIREN_TZ 是时区，例如 Asia/Shanghai，没有 {name}。",
            f"LIREN_TZ is a time zone, e.g. Asia/Shanghai; there is none called {name}.",
        ) from None


def _database(said: str) -> str:
    """:raises LirenError: an address of another database: it would be taken for the name of a file"""
    if "://" in said and not said.startswith(POSTGRES):
        raise LirenError(
            f"LIREN_DATABASE 只能是 postgresql:// 开头的地址，或者 SQLite 文件的路径，现在是 {_unnamed(said)}。",
            f"LIREN_DATABASE is an address that begins with postgresql://, or the path of an SQLite file, not "
            f"{_unnamed(said)}.",
        )
    return said


def _unnamed(address: str) -> str:
    """Without user and password, which nobody wants in a log."""
    return re.sub(r"//[^/@]*@", "//…@", address)


def _public_url(said: str) -> str:
    """:raises LirenError: no address of a site: every QR code would lead nowhere"""
    if re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", said) is None:
        raise LirenError(
            f"LIREN_URL 是居民打开的网址，要以 https:// 开头，例如 https://liren.example，现在是 {said}。",
            f"LIREN_URL is the address people open, with https:// in front, e.g. https://liren.example, not {said}.",
        )
    return said.rstrip("/")


def _switch(env: Mapping[str, str], name: str) -> bool:
    """:raises LirenError: neither on nor off: ``true`` must not quietly mean off"""
    said = env.get(name) or "0"
    if said not in ("0", "1"):
        raise LirenError(
            f"{name} 只能是 1（开）或 0（关），现在是 {said}。", f"{name} is 1 (on) or 0 (off), not {said}."
        )
    return said == "1"


@dataclass(frozen=True, slots=True)
class Settings:
    home: Path
    database: str
    """A ``postgresql://`` address, or the path of the SQLite file."""
    tz: ZoneInfo
    anchor: Path
    host: str
    port: int
    safe_mode: bool
    strict: bool
    signer: str
    """Plugin that holds private keys made from now on; empty: this server, sealed."""
    theme: str
    """Name of an installed theme, e.g. ``festive``; empty: ``plain``."""
    profile: str
    """Rules for signing in where the street has not chosen: ``asvs`` or ``dengbao3``."""
    public_url: str
    """What QR codes start with, e.g. ``https://liren.example``; no trailing slash."""

    @property
    def on_postgres(self) -> bool:
        return self.database.startswith(POSTGRES)

    @property
    def erased(self) -> Path:
        """The journal of erased entries: beside the anchor, for a backup must not take it back in time either."""
        return self.anchor.with_name(self.anchor.name + ".erased")

    @property
    def withdrawn(self) -> Path:
        """The journal of consents taken back, likewise."""
        return self.anchor.with_name(self.anchor.name + ".withdrawn")

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        """:raises LirenError: a value that is none: it names the setting and what it may be"""
        home = Path(env.get("LIREN_HOME") or "var").resolve()
        host, port = env.get("LIREN_HOST") or "127.0.0.1", _port(env.get("PORT") or "8000")
        return cls(
            home=home,
            database=_database(env.get("LIREN_DATABASE") or str(home / "liren.sqlite")),
            tz=_time_zone(env.get("LIREN_TZ") or "Asia/Shanghai"),
            anchor=Path(env.get("LIREN_ANCHOR") or home / "anchor"),
            host=host,
            port=port,
            safe_mode=_switch(env, "LIREN_SAFE_MODE"),
            strict=_switch(env, "LIREN_STRICT"),
            signer=env.get("LIREN_SIGNER") or "",
            theme=env.get("LIREN_THEME") or "",
            profile=_profile(env.get("LIREN_PROFILE") or PROFILES[0]),
            public_url=_public_url(env.get("LIREN_URL") or f"http://{host}:{port}"),
        )
