# SPDX-License-Identifier: Apache-2.0
"""The invented residents of a city: as many as the seeds tell, each with numbers of their own."""

from liren.demo.city_people import BUILDINGS, COMMUNITIES, GRIDS, PEOPLE, residents
from liren.identity.register.numbers import id_number, phone


def test_a_city_has_the_figures_of_the_seeds_and_nobody_twice() -> None:
    numbers, phones, communities, grids, buildings = (set[str]() for _ in range(5))
    for n, one in enumerate(residents()):
        numbers.add(one.number)
        phones.add(one.phone)
        communities.add(one.community)
        grids.add(one.community + one.grid)
        buildings.add(one.community + one.grid + one.building)
        if n % 1000 == 0:
            assert id_number(one.number) == one.number
            assert phone(one.phone) == one.phone
    assert len(numbers) == len(phones) == PEOPLE
    assert (len(communities), len(grids), len(buildings)) == (COMMUNITIES, GRIDS, BUILDINGS)


def test_the_list_is_the_same_every_time_and_leaves_the_sample_its_grids() -> None:
    some = list(residents(2_000, after_grid=5))
    assert some == list(residents(2_000, after_grid=5))
    assert min(int(one.grid.strip("第网格")) for one in some) == 6
