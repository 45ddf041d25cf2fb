"""The plan of actions with measured levers and the scenario of thin clients; their kits."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from lxml import html

from piste.papers.dossier.document import Document
from piste.papers.dossier.forms import as_page
from piste.sobriety.documents import documents, schemas
from piste.sobriety.documents.subject import SobrietySubject
from piste.sobriety.imports import Imports
from piste.sobriety.readings import Readings
from piste.sobriety.savings import savings
from piste.sobriety.substitution import substitution
from tests.support.dossier import ORIGIN
from tests.support.sobriety import sobriety
from tests.unit.sobriety.small import TODAY, capacity, whole
from tests.unit.sobriety.test_savings_measured import sleep
from tests.unit.sobriety.test_substitution import known


def made(kind: str, subject: SobrietySubject, *levers: str) -> Document:
    (document,) = documents(subject, ORIGIN, [kind], levers)
    return document


def words(document: Document) -> str:
    return " ".join(str(html.fromstring(as_page(document)).text_content()).split())


@pytest.fixture(scope="module")
def subject() -> SobrietySubject:
    computed = savings(
        whole(), Readings(capacity=capacity()), Imports(), TODAY, [sleep(70, 10, date="2026-11-20")], [sleep(20, 30)]
    )
    before = sobriety()
    reading = replace(before.reading, savings=computed)
    return replace(before, town=whole(), reading=reading, readings=[reading])


def test_the_plan_has_the_scenario_its_capacity_and_what_turns_it(subject: SobrietySubject) -> None:
    plan = made("plan-actions", subject)
    said = words(plan)
    for text in (
        "Résultat du scénario", "6 250 € HT [−4 000 – 21 000]",
        "58,4 ans (au mieux tout de suite, au pire jamais)",
        "Part des postes à renouveler de toute façon", "aucune étude", "Avec investissement",
    ):  # fmt: skip
        assert text.replace("’", "'") in said.replace("’", "'"), text
    content = json.loads(plan.data)
    assert list(Draft202012Validator(schemas()["plan-actions"]).iter_errors(content)) == []
    (action,) = (action for action in content["content"]["actions"] if action["lever"] == "clients-legers")
    assert action["investment"]["capex_eur"] == 6250
    assert action["saving"]["substitution"]["places"] == 10


def test_the_plan_says_what_a_lever_changed_on_how_many_and_whom_it_is_due_to(subject: SobrietySubject) -> None:
    said = words(made("plan-actions", subject))
    for text in ("20 % [20 – 50]", "70 % [70 – 80]", "50 points [20 – 60]", "90 sur 100"):
        assert text in said, text
    assert "compté à chaque levier pour ce que chacun lui ajoute" in said


def test_without_a_price_of_energy_the_break_even_is_unknown(subject: SobrietySubject) -> None:
    here = known()
    assert here.town.commune is not None
    bare = substitution(here, here.town.commune["thin_client_lots"])
    assert not isinstance(bare, str)
    changed = [
        replace(saving, substitution=bare) if saving.lever == "clients-legers" else saving
        for saving in subject.reading.savings
    ]
    plan = made("plan-actions", replace(subject, reading=replace(subject.reading, savings=changed)))
    said = words(plan).replace("’", "'")
    assert "inconnu, faute de prix de l'énergie" in said
    assert "Économie par an, licences déduites" not in said


@pytest.mark.parametrize(
    ("lever", "texts"),
    [
        ("demarrage-postes", ["TeamsMachineInstaller (clé Run)", "ne démarre plus qu'à la demande", "edge.background"]),
        ("telemetrie-postes", ["telemetry.level", "playbooks/domains/directory.yml"]),
        ("retention-partages", ["Partage", "Échanges entre services", "décision sans auteur"]),
        ("clients-legers", ["Lot", "Accueil et bureaux du CCAS", "6 250 €"]),
    ],
)
def test_a_kit_has_its_model_its_targets_and_its_return(subject: SobrietySubject, lever: str, texts: list[str]) -> None:
    kit = made("kit", subject, lever)
    said = words(kit).replace("’", "'")
    for text in (*texts, subject.town.sobriety.levers[lever].message[:40]):
        assert " ".join(text.split()) in said, text
    content: Any = json.loads(kit.data)["content"]
    # Nobody converges retention nor lots: there is no playbook to run.
    assert bool(content["with_ansible"]) is (lever in ("demarrage-postes", "telemetrie-postes"))
