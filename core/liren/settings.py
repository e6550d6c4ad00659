# SPDX-License-Identifier: Apache-2.0
"""The few settings of a deployment, read from the environment once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from liren.errors import LirenError

PROFILES = ("asvs", "dengbao3")


def _profile(name: str) -> str:
    """:raises LirenError: there is no such profile: weaker rules than were meant must not come from a slip"""
    if name not in PROFILES:
        raise LirenError(
            f"LIREN_PROFILE 只能是 {' 或 '.join(PROFILES)}，现在是 {name}。",
            f"LIREN_PROFILE is {name}, but only {' or '.join(PROFILES)} exist.",
        )
    return name


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
    def erased(self) -> Path:
        """The journal of erased entries: beside the anchor, for a backup must not take it back in time either."""
        return self.anchor.with_name(self.anchor.name + ".erased")

    @property
    def withdrawn(self) -> Path:
        """The journal of consents taken back, likewise."""
        return self.anchor.with_name(self.anchor.name + ".withdrawn")

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        home = Path(env.get("LIREN_HOME") or "var").resolve()
        host, port = env.get("LIREN_HOST") or "127.0.0.1", int(env.get("PORT") or 8000)
        return cls(
            home=home,
            database=env.get("LIREN_DATABASE") or str(home / "liren.sqlite"),
            tz=ZoneInfo(env.get("LIREN_TZ") or "Asia/Shanghai"),
            anchor=Path(env.get("LIREN_ANCHOR") or home / "anchor"),
            host=host,
            port=port,
            safe_mode=env.get("LIREN_SAFE_MODE") == "1",
            strict=env.get("LIREN_STRICT") == "1",
            signer=env.get("LIREN_SIGNER") or "",
            theme=env.get("LIREN_THEME") or "",
            profile=_profile(env.get("LIREN_PROFILE") or PROFILES[0]),
            public_url=(env.get("LIREN_URL") or f"http://{host}:{port}").rstrip("/"),
        )
