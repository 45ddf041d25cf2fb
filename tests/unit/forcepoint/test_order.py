"""The fewest moves: what stays is a longest increasing subsequence."""

from itertools import permutations

import pytest

from piste.systems.forcepoint.order import staying


@pytest.mark.parametrize(
    ("places", "moves"),
    [
        ([], 0),
        ([0, 1, 2, 3], 0),
        ([3, 0, 1, 2], 1),
        ([1, 2, 3, 0], 1),
        ([3, 2, 1, 0], 3),
        ([0, 4, 5, 1, 2, 3], 2),
    ],
)
def test_only_what_must_moves(places: list[int], moves: int) -> None:
    assert len(places) - len(staying(places)) == moves


def test_no_smaller_number_of_moves_exists() -> None:
    for places in permutations(range(6)):
        longest = max(
            sum(1 for at in range(6) if mask >> at & 1)
            for mask in range(64)
            if (kept := [places[at] for at in range(6) if mask >> at & 1]) == sorted(kept)
        )
        stay = staying(places)
        assert [places[at] for at in sorted(stay)] == sorted(places[at] for at in stay)
        assert len(stay) == longest
