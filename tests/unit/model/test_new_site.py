"""The proposal for a new site, and the text of its declaration."""

from __future__ import annotations

import pytest
import yaml
from pydantic import ValidationError

from piste.town.model.new_site import (
    Answers,
    Known,
    Unanswerable,
    host_vars,
    propose,
    site_code,
    site_id,
    with_host,
    with_lifecycle,
)

HOSTS = """\
all:
  children:
    sites:
      children:
        culture:
          hosts:
            malraux:
        ecole:
          hosts:
            ecole-auriol: # la première
            ecole-jaures:

    ville:
      hosts:
        commune:
"""


def known(taken: frozenset[int] = frozenset({0, 1, 3})) -> Known:
    sites = {"ecole-jaures": (1, "jau"), "malraux": (3, "mal")}
    return Known({"ecole": "3.6.2", "culture": "3.6.3"}, sites, taken, range(5), "imp")


def answers(**given: object) -> Answers:
    return Answers.model_validate({"name": "École Hélène Boucher", "category": "ecole", **given})


def test_the_first_free_number_and_a_code_of_its_own_are_proposed() -> None:
    proposal = propose(answers(print_queues=["Copieur", "Imprimante"]), known())
    assert (proposal.id, proposal.number, proposal.code) == ("ecole-helene-boucher", 2, "bou")
    assert dict(proposal.queues) == {"imp-bou-01": "Copieur", "imp-bou-02": "Imprimante"}


def test_what_is_answered_is_not_proposed() -> None:
    proposal = propose(answers(id="ecole-boucher", number=4, code="hb"), known())
    assert (proposal.id, proposal.number, proposal.code) == ("ecole-boucher", 4, "hb")


def test_a_site_that_is_declared_keeps_its_number_and_its_code() -> None:
    assert propose(answers(name="École Jaurès"), known()).number == 1
    assert propose(answers(name="École Jaurès"), known()).code == "jau"


def test_a_plan_that_is_full_is_said() -> None:
    with pytest.raises(Unanswerable, match="plein"):
        propose(answers(), known(frozenset(range(5))))


def test_the_nearest_category_is_proposed() -> None:
    with pytest.raises(Unanswerable, match="« ecole »"):
        propose(answers(category="ecoles"), known())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("École élémentaire Hélène Boucher", "ecole-helene-boucher"),
        ("Centre social de l’Œuvre", "centre-social-oeuvre"),
        ("Halte-jeux « la petite escadrille »", "halte-jeux-petite"),
        ("Groupe scolaire du 8 mai 1945", "groupe-8-mai-1945"),
    ],
)
def test_an_id_is_what_is_left_of_a_name(name: str, expected: str) -> None:
    assert site_id(name) == expected


def test_a_code_that_is_taken_gives_way_to_other_letters_in_order() -> None:
    assert site_code("École Hélène Boucher", {"bou"}) == "boc"
    assert site_code("RPE 365", set()) == "rpe"


@pytest.mark.parametrize(
    "given",
    [
        {"name": "deux\nlignes"},
        {"id": "École"},
        {"code": "ABC"},
        {"switches": [{"model": "MS120-8", "serial": "QZZZ"}]},
        {"switches": [{"model": "MS120-8", "serial": "QZZZ-0026-0001", "count": 2}]},
        {"etages": 2},
    ],
)
def test_an_answer_that_cannot_be_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        answers(**given)


def test_the_file_reads_back_as_it_was_answered_whatever_is_in_a_name() -> None:
    odd = 'Site: « l’été » \\ "#1" {{ x }}'
    kit = [{"model": "MS120-8", "serial": "QZZZ-0026-0001"}, {"model": "MS120-8", "count": 2}]
    declared = yaml.safe_load(
        host_vars(propose(answers(id="x", name=odd, switches=kit, print_queues=[odd]), known()), "planned")
    )
    assert declared["site"]["name"] == odd
    assert declared["site"]["lifecycle"] == "planned"
    assert [switch["serial"] for switch in declared["switches"]] == ["QZZZ-0026-0001"]
    assert declared["awaited_devices"] == {"MS120-8": 2}
    assert [queue["comment"] for queue in declared["print_queues"].values()] == [odd]


def test_a_host_is_one_line_more_at_its_place_and_nothing_else_changes() -> None:
    changed = with_host(HOSTS, "ecole", "ecole-boucher")
    last = "            ecole-jaures:\n"
    assert changed == HOSTS.replace(last, f"            ecole-boucher:\n{last}")
    assert with_host(HOSTS, "ecole", "ecole-zola") == HOSTS.replace(last, f"{last}            ecole-zola:\n")
    assert with_host(changed, "ecole", "ecole-boucher") == changed


def test_a_category_without_hosts_is_said() -> None:
    with pytest.raises(Unanswerable, match="hosts"):
        with_host(HOSTS, "sport", "gymnase")


def test_a_lifecycle_is_one_word() -> None:
    text = "site:\n  name: X\n  lifecycle: planned # encore\n"
    assert with_lifecycle(text, "open") == "site:\n  name: X\n  lifecycle: open # encore\n"
    with pytest.raises(Unanswerable):
        with_lifecycle("site: {lifecycle: open}\n", "closed")
