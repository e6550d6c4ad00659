# SPDX-License-Identifier: Apache-2.0
"""Which rules for signing in hold: one frozen profile each, with the standard it follows. Pure: no I/O, no clock.

A street chooses one at ``/admin/settings/identity``; until it does, ``LIREN_PROFILE`` says which.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from liren.identity.signin.throttle import Limit

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS

ADMINISTRATION: Final = frozenset({"identity.grant", "admin.plugins", "audit.read"})
"""Whoever holds one of these is an administrator: they say what others may do, what runs, or read what was done."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The rules of one standard. Durations in milliseconds unless the name says otherwise."""

    name: str
    min_length: int
    """Characters of a resident's password."""
    staff_min_length: int
    classes: int
    """How many of the four classes (capitals, small letters, digits, other) a password needs; 0: no such rule."""
    staff_max_age_days: int | None
    """A staff password older than this is changed before the session begins; None: it does not grow old."""
    remembered: int
    """So many of the last passwords are not used again."""
    tries: int
    """Failures until an account, or one code, is locked."""
    lock_s: int
    """For so long, from the failure that locked it; failures are forgotten after as long."""
    staff_idle_ms: int
    staff_ends_ms: int
    resident_idle_ms: int
    resident_ends_ms: int
    proof_ms: int
    """How long a proof of who one is counts for what asks for a fresh one (``step_up=True``)."""
    totp: Literal["administrators", "staff"]
    """Who cannot work without a second factor; it is offered to everybody."""
    separates_duties: bool
    """三员分立: nobody holds two of system, security and audit."""
    says_last_login: bool

    def demands_totp(self, held: Iterable[str]) -> bool:
        """:param held: permissions somebody holds anywhere; whoever holds any works for the street"""
        permissions = frozenset(held)
        return bool(permissions) if self.totp == "staff" else bool(permissions & ADMINISTRATION)

    def limit(self, kind: str) -> Limit:
        """How often something may be tried on one account."""
        return Limit(kind, self.tries, self.lock_s)

    def length(self, *, staff: bool) -> int:
        return self.staff_min_length if staff else self.min_length

    def idle_ms(self, *, staff: bool) -> int:
        return self.staff_idle_ms if staff else self.resident_idle_ms

    def ends_ms(self, *, staff: bool) -> int:
        return self.staff_ends_ms if staff else self.resident_ends_ms

    def outgrown(self, *, staff: bool, age_ms: int | None) -> bool:
        """Whether a password has to be changed now.

        :param age_ms: since it was set; None: nobody knows, so it is old
        """
        if not staff or self.staff_max_age_days is None:
            return False
        return age_ms is None or age_ms >= self.staff_max_age_days * DAY_MS


ASVS: Final = Profile(
    name="asvs",
    min_length=8,
    staff_min_length=12,
    classes=0,
    staff_max_age_days=None,
    remembered=0,
    tries=8,
    lock_s=900,
    staff_idle_ms=8 * HOUR_MS,
    staff_ends_ms=12 * HOUR_MS,
    resident_idle_ms=30 * DAY_MS,
    resident_ends_ms=90 * DAY_MS,
    proof_ms=15 * MINUTE_MS,
    totp="administrators",
    separates_duties=False,
    says_last_login=False,
)
"""OWASP ASVS 5.0 and NIST SP 800-63B-4.

Passwords: eight characters at least (ASVS 6.2.1), twelve for staff; no rule of composition (6.2.5), no expiry (6.2.10),
not among those everybody tries first (6.2.4, 6.2.12). Guessing is slowed and ends (6.3.1). Administrators use two
factors (6.3.3), others may. Sessions: re-authentication after 12 hours in any case (7.3.2; SP 800-63B-4 §2.2.3 allows
24). Staff may leave a page for eight hours where the standard recommends one: a PAD in the field and a desk over lunch
would lose work, and what is dangerous asks for a fresh proof after 15 minutes (7.5.3); 7.1.1 wants this written down.
Residents stay signed in for 30 days (SP 800-63B-4 §2.1.3, AAL1), 90 at most.
"""

DENGBAO3: Final = Profile(
    name="dengbao3",
    min_length=8,
    staff_min_length=8,
    classes=3,
    staff_max_age_days=90,
    remembered=5,
    tries=5,
    lock_s=1800,
    staff_idle_ms=20 * MINUTE_MS,
    staff_ends_ms=12 * HOUR_MS,
    resident_idle_ms=DAY_MS,
    resident_ends_ms=30 * DAY_MS,
    proof_ms=5 * MINUTE_MS,
    totp="staff",
    separates_duties=True,
    says_last_login=True,
)
"""等保三级: GB/T 22239-2019 (8.1.4.1 身份鉴别, 8.1.4.2 访问控制, 8.1.5 安全管理中心), assessed by GB/T 28448-2019.

a) passwords are complex (three of four classes, eight characters) and changed (every 90 days, none of the last five);
b) failures lock (five, thirty minutes) and idle sessions end (staff: twenty minutes, within the usual 10 to 30);
d) two kinds of proof for whoever works in it. 8.1.5.1-3: system, audit and security duties are apart. 90 days and
second factor hold for staff: residents sign in by link or text message, most have no password at all.
"""

PROFILES: Final[Mapping[str, Profile]] = {profile.name: profile for profile in (ASVS, DENGBAO3)}
