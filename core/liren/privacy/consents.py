# SPDX-License-Identifier: Apache-2.0
"""What a resident can agree to, in the words they agreed to; giving and taking back are one button each.

《个人信息保护法》第十四条: a new version is a new consent; 第十五条: taken back as easily as given; 第十六条: no
service is refused over it. A version's text never changes; a new one is added, and who agreed to an older one is
asked again.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from liren.identity.errors import NoGuardian
from liren.identity.on_paper import TEXT
from liren.identity.tables import Consent
from liren.store import Tx
from liren.store.audit import write as audit
from liren.units.ids import new_id
from liren.units.version import raise_version
from liren.web import N_


@dataclass(frozen=True, slots=True)
class Purpose:
    """One thing to agree to."""

    title: str
    withdrawn: str
    """What changes once it is taken back."""
    versions: Mapping[str, str]
    """Version → text, the latest last."""

    @property
    def latest(self) -> str:
        return list(self.versions)[-1]


PURPOSES: Final[Mapping[str, Purpose]] = {
    "points": Purpose(
        N_("参加积分"),
        N_("以后的好事不再记分，已有的积分照样能用，街道的服务一样也不少。"),
        {
            TEXT: N_(
                "街道记下您做的好事和换的东西：做了什么、哪天、几分、由谁登记和审核。公示只写编号，不写姓名。"
                "记录签名存进账本，任何人都能核对，但认不出是您。不参加不影响任何公共服务，随时可以撤回。"
            )
        },
    ),
    "show_name": Purpose(
        N_("公示时显示打码的姓名"),
        N_("以后的公示只写编号，不再写“张*”这样的姓名。"),
        {"2026-01": N_("公示期内，您的那一行写成“张*”。公示结束，这一行就不再显示。不同意，就只写编号。")},
    ),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One purpose, as a resident sees it."""

    name: str
    purpose: Purpose
    given: date | None
    """Since when it stands; None: not agreed, or taken back."""
    version: str
    outdated: bool
    """Agreed to an older text."""


async def of(person: str) -> list[Line]:
    """Every purpose there is, and what the person said to it."""
    standing = {
        row.purpose: row
        for row in await Consent.objects().where((Consent.person == person) & Consent.withdrawn.is_null())
    }
    lines = []
    for name, purpose in PURPOSES.items():
        row = standing.get(name)
        version = row.version if row else purpose.latest
        lines.append(
            Line(name, purpose, row.given if row else None, version, version not in list(purpose.versions)[-1:])
        )
    return lines


async def give(
    tx: Tx,
    person: str,
    purpose: str,
    day: date,
    *,
    counts: Collection[str] | None,
    how: str = "page",
    given_by: str | None = None,
) -> None:
    """To the latest text; what stood before ends the same day. Saying it twice changes nothing.

    :param counts: of :func:`liren.identity.labels.labels.who_agrees`: the guardians, of whom one has to agree; or None
    :param how: ``page``, ``paper`` or ``on-site``
    :param given_by: the guardian who agreed
    :raises NoGuardian: a guardian has to agree, and this is none
    """
    if counts is not None and given_by not in counts:
        raise NoGuardian(
            "要由监护人同意，请监护人带上证件到社区来办。",
            "A guardian has to agree: please ask them to come to the community office with a paper that says so.",
        )
    latest = PURPOSES[purpose].latest
    mine = (Consent.person == person) & (Consent.purpose == purpose) & Consent.withdrawn.is_null()
    if await Consent.exists().where(mine & (Consent.version == latest)):
        return
    await Consent.update({Consent.withdrawn: day}).where(mine)
    row = Consent(id=new_id(), person=person, purpose=purpose, version=latest, how=how, given=day)
    row.given_by = given_by if counts is not None else None
    await Consent.insert(row)
    await raise_version(tx, "people")
    await audit(tx, "privacy", "privacy.consent-given", person, detail={"purpose": purpose, "version": latest})


async def withdraw(tx: Tx, person: str, purpose: str, day: date) -> None:
    """As easy as giving it was; no service is lost by it."""
    mine = (Consent.person == person) & (Consent.purpose == purpose) & Consent.withdrawn.is_null()
    await Consent.update({Consent.withdrawn: day}).where(mine)
    await raise_version(tx, "people")
    await audit(tx, "privacy", "privacy.consent-withdrawn", person, detail={"purpose": purpose[:40]})
