"""The freeze of a lot of the transfer is one that holds writes back."""

from __future__ import annotations

import pytest

from tests.unit.model.broken_town import ALL, Case, Copy, check

FILE = ALL + "freezes.yml"
DAYS = 'transfer: {lots: {réseau: {freeze_from: "2027-11-02", freeze_until: "2027-11-12"}}}'


def case(name: str, freezes: str, *, frozen: bool) -> Case:
    faults = [] if frozen else [("M409", "transfer.lots[réseau].freeze_from", FILE, DAYS)]
    said = [] if frozen else ["lot réseau, gelé du 2027-11-02 au 2027-11-12"]
    return Case(name, [(FILE, "freezes: []", f"freezes: [{freezes}]\n{DAYS}")], faults, said)


FREEZES = [
    case("no freeze", "", frozen=False),
    case("ends a minute early", '{from: "2027-11-02T00:00", until: "2027-11-12T23:58", why: Lot}', frozen=False),
    case("begins a minute late", '{from: "2027-11-02T00:01", until: "2027-11-12T23:59", why: Lot}', frozen=False),
    case("the days whole", '{from: "2027-11-02T00:00", until: "2027-11-12T23:59", why: Lot}', frozen=True),
    case(
        "spares a site",
        '{from: "2027-11-02T00:00", until: "2027-11-12T23:59", except: [ccas], why: Lot}', frozen=False,
    ),
    case(
        "two that adjoin",
        '{from: "2027-11-06T12:00", until: "2027-11-12T23:59", why: Lot}, '
        '{from: "2027-11-01T00:00", until: "2027-11-06T11:59", why: Lot}', frozen=True,
    ),
    case(
        "a minute between two",
        '{from: "2027-11-02T00:00", until: "2027-11-06T11:58", why: Lot}, '
        '{from: "2027-11-06T12:00", until: "2027-11-12T23:59", why: Lot}', frozen=False,
    ),
]  # fmt: skip


@pytest.mark.parametrize("broken", FREEZES, ids=lambda broken: broken.name)
def test_the_days_of_a_lot_are_frozen(broken: Case, copy: Copy) -> None:
    check(copy, broken)
