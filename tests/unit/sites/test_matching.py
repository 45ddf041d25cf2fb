"""Matching of networks and sites: certain, proposed, asked, refused."""

from __future__ import annotations

from typing import Any

import pytest

from piste.engine.converge.errors import Misused
from piste.sites.matching import NONE, Matched, match
from tests.support.town import open_sites

SITES = {site["id"]: site for site in open_sites()}
NAMES = {site["network_name"]: name for name, site in SITES.items()}


def place(name: str, *serials: str) -> dict[str, Any]:
    return {"kind": "network", "key": name, "devices": list(serials)}


def matched(*places: dict[str, Any], **answers: str) -> Matched:
    return match(places, SITES, NAMES, answers)


def asked(*places: dict[str, Any]) -> list[tuple[str, str]]:
    return [(question.network, question.proposed) for question in matched(*places).questions]


def test_an_exact_name_is_certain() -> None:
    result = matched(place("VLB ccas"), place("VLB ctm", "QZZZ-0005-0001"))
    assert (result.networks, result.questions) == ({"ccas": "VLB ccas", "ctm": "VLB ctm"}, [])


def test_the_devices_at_work_in_a_network_tell_whose_it_is_better_than_its_name() -> None:
    (question,) = matched(place("Piscine", "QZZZ-0005-0001", "QZZZ-0005-0041", "Q2XX-0000-0000")).questions
    assert (question.proposed, question.choices) == ("ecole-jaures", ("ecole-jaures",))
    assert str(question) == ("« Piscine » (3 équipements) : y travaillent 2 de ecole-jaures ; proposé : ecole-jaures")


@pytest.mark.parametrize(
    ("name", "proposed"),
    [
        ("Réseau École J. Jaurès", "ecole-jaures"),
        ("ecole BLERIOT (ne pas toucher)", "ecole-bleriot"),
        ("Mediathèqe 2eme étage", "mediatheque"),
        ("VLB Piscine", "piscine"),
        ("Piscine municipale", ""),
        ("TEST prestataire 2023", NONE),
        ("{{ 7 * 7 }}", NONE),
        ("", NONE),
    ],
)
def test_an_empty_network_is_proposed_to_the_site_that_its_name_resembles(name: str, proposed: str) -> None:
    assert asked(place(name)) == [(name, proposed)]


def test_nothing_is_proposed_where_a_network_may_be_several_sites() -> None:
    (question,) = matched(place("Reste", "QZZZ-0005-0001", "QZZZ-0002-0001")).questions
    assert (question.proposed, question.choices) == ("", ("ctm", "ecole-jaures"))


def test_nothing_is_proposed_where_the_devices_of_a_site_are_in_several_networks() -> None:
    places = place("Un", "QZZZ-0005-0001"), place("Deux", "QZZZ-0005-0002")
    assert asked(*places) == [("Un", ""), ("Deux", "")]
    (left,) = matched(*places, Un="ecole-jaures").questions
    assert (left.network, left.proposed) == ("Deux", NONE)


def test_an_answer_settles_before_a_name() -> None:
    result = matched(place("VLB ccas"), place("Ancien"), **{"VLB ccas": NONE, "Ancien": "ccas"})
    assert (result.networks, result.strangers, result.questions) == ({"ccas": "Ancien"}, ["VLB ccas"], [])


def test_two_networks_for_one_site_are_refused() -> None:
    with pytest.raises(Misused, match="« VLB ccas » et « Ancien » seraient tous deux le réseau de ccas"):
        matched(place("VLB ccas"), place("Ancien"), Ancien="ccas")


def test_all_wrong_answers_are_refused_at_once() -> None:
    with pytest.raises(Misused) as refused:
        matched(place("VLB ccas"), Inconnu="ccas", **{"VLB ccas": "ccass"})
    assert "« Inconnu » n’est pas un réseau de l’organisation" in str(refused.value)
    assert "« ccass » n’est pas un site en service" in str(refused.value)
