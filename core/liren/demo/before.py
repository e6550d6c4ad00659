# SPDX-License-Identifier: Apache-2.0
"""A small street has a past: it began in the month that is over, with a first list of awards.

So there is a month's statement from the first start on, for a resident, an auditor and the notice board to look at.
"""

import shutil
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from liren.app import Street
from liren.demo import cast
from liren.demo.city_awards import month_list
from liren.demo.city_people import Resident
from liren.web.sheets import read_book

FIRST: Final = ("credit",)
"""Whose demo data begins before the others': the log goes forward only."""
STEPS: Final = frozenset({"credit/rules", "credit/awards-2026-02"})
"""What was done then already."""
FEBRUARY: Final = 2
EVERY: Final = 30
"""One resident in so many is on the first list."""
HOUR: Final = 10


def how_long_ago(street: Street) -> int:
    """Milliseconds since ten in the morning of the last day of the month that is over."""
    now = street.now()
    last = now.date().replace(day=1) - timedelta(days=1)
    at = datetime(last.year, last.month, last.day, HOUR, tzinfo=now.tzinfo)
    return int((now - at).total_seconds() * 1000)


def samples(street: Street, of_street: Path) -> Path:
    """The sample's files, and February's list beside them.

    :returns: a folder of the street's home, to be removed again
    """
    folder = street.settings.home / "demo"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in ("rules.xlsx", "awards.xlsx"):
        shutil.copyfile(of_street / name, folder / name)
    month_list(folder, FEBRUARY, _people(of_street))
    return folder


def _people(of_street: Path) -> Sequence[Resident]:
    """One in :data:`EVERY`, and the resident who logs in."""
    (sheet, *_) = read_book((of_street / "people.xlsx").read_bytes()).sheets
    chosen = []
    for number, (name, id_number, phone, _, community, *_) in enumerate(sheet.rows[1:]):
        if number % EVERY == 0 or str(phone) == cast.RESIDENT_PHONE:
            chosen.append(Resident(str(name), str(id_number), str(phone), str(community), "", "", "", "", ""))
    return chosen
