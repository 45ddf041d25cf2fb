"""The declared copies of the configurations: their stores, the ways that they go."""

from __future__ import annotations

import pytest

from tests.unit.model.broken_town import ALL, Case, Copy, check

FILE, STORES = ALL + "configurations.yml", ALL + "protection.yml"
_YEARS = "  keep_years: 5\n"
_OWN = "    configurations:\n      label: Dépôt des configurations\n"
_OTHER = "    depot-2: {medium: disk, reader: configurations}\n"


def _copies(text: str) -> tuple[str, str, str]:
    return (FILE, _YEARS, f"{_YEARS}  copies:\n    {text}\n")


CONFIGURATIONS = [
    Case(
        "a copy to a store that is read otherwise, and to none",
        [_copies("hors-site: {bundle: /srv/a}\n    configuration: {bundle: /srv/b}")],
        [
            ("M330", "configurations.copies[hors-site]", FILE, "{bundle: /srv/a}"),
            ("M330", "configurations.copies[configuration]", FILE, "{bundle: /srv/b}"),
        ],
        ["n’est pas un support lu par « configurations »", "Vouliez-vous dire « configurations » ?"],
    ),
    Case(
        "two stores of which none is a copy",
        [(STORES, _OWN, _OTHER + _OWN)],
        [("M331", "protection.stores[configurations]", STORES, 31)],
        ["« configurations » n’a pas de copie déclarée, et « depot-2 » non plus"],
    ),
]


@pytest.mark.parametrize("case", CONFIGURATIONS, ids=lambda case: case.name)
def test_a_fault_of_the_copies_has_its_line(copy: Copy, case: Case) -> None:
    check(copy, case)


@pytest.mark.parametrize(
    "way",
    [
        "push: \"https://piste:mot@coffre.example/a.git\"", "push: \"https://piste@coffre.example/a.git\"",
        "push: \"file:///srv/a\"", "push: \"ssh://-oProxyCommand=x/a\"", "push: \"ext::sh -c id\"",
        "push: \"ssh://coffre.example/a/../../b\"", "bundle: srv/a", "bundle: /srv/../etc",
        "bundle: /srv/a, push: \"ssh://coffre.example/a\"", "status: to_confirm",
    ],
)  # fmt: skip
def test_a_way_that_is_not_safe_is_refused(way: str, copy: Copy) -> None:
    """M007."""
    name = "configurations.copies[configurations]"
    for edit in (_copies(f"configurations: {{{way}}}"), (STORES, _OWN, _OTHER + _OWN)):
        copy.edit(*edit)
    faults = copy.load().faults
    assert {fault.rule for fault in faults} == {"PISTE-M007"}, faults
    assert all(fault.path.startswith(name) for fault in faults)
