# SPDX-License-Identifier: Apache-2.0
"""Whom a row means: keyed hashes of phone and ID number, names, communities. Pure, built once a check."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from liren.api import PersonKeys, UnitCard
from liren.web.sheets import Book, Cell, blank, clean, id_number, person_name, phone, same_words

HashOf = Callable[[str, str], str]
"""``hash_of("phone" | "id_number", value)``: what :meth:`liren.api.People.hash_of` answers."""

_COMMUNITY_ENDINGS = ("社区居民委员会", "社区居委会", "居民委员会", "居委会", "社区", "村委会", "村")


@dataclass(frozen=True, slots=True)
class Match:
    person: PersonKeys | None
    problem: str = ""
    """A verdict code, where no one person is meant."""


@dataclass(frozen=True, slots=True)
class Mentioned:
    """What a workbook may say of people, whichever column it stands in."""

    names: frozenset[str]
    phones: frozenset[str]
    """Keyed hashes."""
    id_numbers: frozenset[str]
    """Keyed hashes."""


def mentioned(book: Book, hash_of: HashOf) -> Mentioned:
    """Every cell once: which of them are names, the register answers."""
    cells = {cell for sheet in book.sheets for row in sheet.rows for cell in row if cell is not None and cell != ""}
    phones = {number for cell in cells if (number := phone(cell)) is not None}
    numbers = {number for cell in cells if (number := id_number(cell)) is not None}
    return Mentioned(
        frozenset(clean(cell) for cell in cells if isinstance(cell, str)),
        frozenset(hash_of("phone", number) for number in phones),
        frozenset(hash_of("id_number", number) for number in numbers),
    )


class Register:
    """Whoever a list may mean, indexed for checking a list."""

    def __init__(self, keys: Sequence[PersonKeys], communities: Iterable[UnitCard], hash_of: HashOf) -> None:
        self._hash_of = hash_of
        self._by_phone: dict[str, list[PersonKeys]] = {}
        self._by_id: dict[str, PersonKeys] = {}
        self._by_name: dict[str, list[PersonKeys]] = {}
        for each in keys:
            if each.phone_hash:
                self._by_phone.setdefault(each.phone_hash, []).append(each)
            if each.id_number_hash:
                self._by_id[each.id_number_hash] = each
            self._by_name.setdefault(person_name(each.name), []).append(each)
        self.communities = {unit.code: unit for unit in communities}
        self._community_words = {
            word: unit.code for unit in self.communities.values() for word in (_short(unit.name), same_words(unit.code))
        }
        self._named: dict[str, str | None] = {}
        self.names = self._by_name.keys()
        self.households = {each.id: each.household for each in keys}

    def community(self, text: str) -> str | None:
        """The unit code of ``桃园``, ``桃园社区`` or ``里仁街道桃园社区居委会``."""
        if text not in self._named:
            words = _short(text)
            found = self._community_words.get(words)
            if found is None and words:
                inside = {
                    code for word, code in self._community_words.items() if len(word) > 1 and words.endswith(word)
                }
                found = inside.pop() if len(inside) == 1 else None
            self._named[text] = found
        return self._named[text]

    def match(self, name: str, phone_cell: Cell, id_cell: Cell, community_cell: Cell) -> Match:
        """One person, or why not. What is given must agree; what is missing is made up for by the rest.

        :param name: as :func:`liren.web.sheets.person_name` gives it
        """
        by_id = self._match_id(name, id_cell)
        if by_id is not None and (by_id.person or blank(phone_cell)):
            return by_id
        by_phone = self._match_phone(name, phone_cell, community_cell)
        if by_id is None:
            return by_phone or self._match_name(name, community_cell)
        if by_phone is None or by_phone.person is None:
            return by_id
        # Phone and name agree on somebody whose ID number is another one; an unreadable number says nothing.
        other = id_number(id_cell) is not None and by_phone.person.id_number_hash is not None
        return Match(None, "id-number-wrong") if other else by_phone

    def _match_id(self, name: str, cell: Cell) -> Match | None:
        if blank(cell):
            return None
        number = id_number(cell)
        if number is None:
            return Match(None, "id-number-wrong")
        person = self._by_id.get(self._hash_of("id_number", number))
        if person is None:
            return Match(None, "unknown-person")
        return Match(person) if person_name(person.name) == name else Match(None, "id-number-wrong")

    def _match_phone(self, name: str, cell: Cell, community_cell: Cell) -> Match | None:
        if blank(cell):
            return None
        number = phone(cell)
        if number is None:
            digits = "".join(char for char in clean(cell) if char.isdigit())
            # A landline says nothing about the person; a mobile number with a digit too few or too many does.
            return Match(None, "unknown-person") if digits.startswith("1") else None
        owners = self._by_phone.get(self._hash_of("phone", number), [])
        if not owners:
            return Match(None, "unknown-person")
        same = [each for each in owners if person_name(each.name) == name]
        if not same:
            return Match(None, "phone-and-name-differ")
        return self._narrow(same, community_cell)

    def _match_name(self, name: str, community_cell: Cell) -> Match:
        same = self._by_name.get(name, [])
        if not same:
            return Match(None, "unknown-person")
        code = None if blank(community_cell) else self.community(clean(community_cell))
        if code is not None:
            same = [each for each in same if each.community == code]
            if not same:
                return Match(None, "unknown-person")
        return Match(same[0]) if len(same) == 1 else Match(None, "ambiguous-person")

    def _narrow(self, same: Sequence[PersonKeys], community_cell: Cell) -> Match:
        if len(same) > 1 and not blank(community_cell):
            code = self.community(clean(community_cell))
            same = [each for each in same if each.community == code] or same
        return Match(same[0]) if len(same) == 1 else Match(None, "ambiguous-person")


def _short(name: str) -> str:
    words = same_words(name)
    for ending in _COMMUNITY_ENDINGS:
        if words.endswith(ending) and len(words) > len(ending):
            return words[: -len(ending)]
    return words
