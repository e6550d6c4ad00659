# SPDX-License-Identifier: Apache-2.0
"""People and organisations: identity answers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class PersonCard:
    """What a page may show of a person in scope; never a sealed field in the clear."""

    id: str
    name: str
    masked: str
    """张*, 欧阳*, 龚**: what publicity and reviewers see."""
    community: str | None
    """Unit code of the community the person lives in today."""
    active: bool = True


@dataclass(frozen=True, slots=True)
class PersonKeys:
    """What an importer matches a row against: keyed hashes, never the number itself."""

    id: str
    name: str
    community: str | None
    phone_hash: str | None
    id_number_hash: str | None
    household: str | None
    """Dwelling id: who lives in one dwelling is one household."""


@dataclass(frozen=True, slots=True)
class Guardian:
    """Who answers for a child, or for an adult without capacity (民法典 27, 28)."""

    person: str
    kind: Literal["minor", "adult"]
    """Why the ward has a guardian."""
    since: date


@dataclass(frozen=True, slots=True)
class OrganisationCard:
    id: str
    name: str
    kind: str
    """partner, merchant, property, department."""
    unit: str | None
    active: bool = True


class People(Protocol):
    async def cards(self, ids: Sequence[str]) -> dict[str, PersonCard]: ...

    async def keys(self) -> Sequence[PersonKeys]:
        """Everyone, for checking a list row by row: one query, cached per register version."""
        ...

    async def keys_of(
        self,
        *,
        ids: Collection[str] = (),
        names: Collection[str] = (),
        phones: Collection[str] = (),
        id_numbers: Collection[str] = (),
    ) -> Sequence[PersonKeys]:
        """Of whoever a list may mean, a batch at a time: it has one of these ids, is called so, or has one of these
        keyed hashes. A city's register is not read for a list of thirty rows.

        :param names: as people typed them
        """
        ...

    def hash_of(self, kind: str, value: str) -> str:
        """The keyed hash of a normalised ``phone`` or ``id_number``."""
        ...

    async def matching(self, kind: str, hashes: Sequence[str]) -> dict[str, Sequence[PersonCard]]:
        """Whose ``phone`` or ``id_number`` has one of these keyed hashes: hash → they; a phone may be several people's.

        For checking a list row by row without reading everybody.
        """
        ...

    async def ages(self, ids: Sequence[str], on: date) -> dict[str, int]:
        """Completed years of age on a day, the birthday itself included (民法典 1259); whose birthday is not known is
        left out. For rules that ask for an age: the birthday itself stays sealed."""
        ...

    async def declined(self, purpose: str) -> frozenset[str]:
        """Who took a consent back (``points``, ``show_name``) and has not given it anew: nothing new is recorded of
        them under it, and no service is refused."""
        ...

    async def agreed(self, purpose: str, ids: Sequence[str]) -> frozenset[str]:
        """Which of them have given this consent and not taken it back: for what asks for one of its own."""
        ...

    async def guardians(self, ids: Sequence[str], on: date) -> dict[str, Sequence[Guardian]]:
        """Who answers for each of them on a day; who has no guardian is left out, and so is a child grown up by then.

        With :meth:`ages`: a minor who is not among the answers has nobody on record who may agree for them.
        """
        ...

    async def lookup(self, text: str, *, unit: str | None = None, limit: int = 20) -> Sequence[PersonCard]:
        """By name, pinyin, initials or the last digits of the phone, inside the subtree of ``unit``."""
        ...

    async def community_on(self, ids: Sequence[str], day: date) -> dict[str, str]:
        """Unit code of the community each of them belonged to on that day: a record's ``unit`` is the one on its
        ``eff``. Who lived nowhere in the street then is left out.
        """
        ...

    async def household(self, person: str) -> Sequence[str]:
        """Ids of everybody who lives in one dwelling with them today, themself included."""
        ...

    async def organisations(self, ids: Sequence[str]) -> dict[str, OrganisationCard]: ...

    async def organisations_of(self, person: str, *, kind: str | None = None) -> Sequence[OrganisationCard]:
        """The organisations this person acts for today."""
        ...

    async def organisations_by_kind(self, kind: str, *, limit: int = 500) -> Sequence[OrganisationCard]:
        """Those that exist today, by name: for a form that chooses one."""
        ...
