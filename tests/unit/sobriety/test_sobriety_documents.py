"""Contents of the documents of sobriety: figures and their data, unknowns, actions."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from lxml import html

from piste.engine.converge.errors import Misused
from piste.engine.words import in_french
from piste.papers.dossier.blocks import Drawing, Section, Steps, Table
from piste.papers.dossier.document import Document
from piste.papers.dossier.forms import as_page, as_pdf
from piste.sobriety.documents import KINDS, READING, documents, schemas, write
from piste.sobriety.documents.subject import Period, SobrietySubject
from piste.sobriety.figure import Figure
from piste.town.model import Town
from piste.town.model.sobriety.form import Decision, Investment, RolloutStep
from tests.support.dossier import ORIGIN, town
from tests.support.pdf_text import texts
from tests.support.sobriety import LEVER, QUEUES, applied, sobriety, unread

NB, MINUS, NARROW = "\N{NO-BREAK SPACE}", "\N{MINUS SIGN}", "\N{NARROW NO-BREAK SPACE}"


def made(kind: str, subject: SobrietySubject, levers: tuple[str, ...] = (LEVER,)) -> Document:
    (document,) = documents(subject, ORIGIN, [kind], levers)
    return document


def table(document: Document, key: str) -> list[list[str]]:
    (match,) = (block for block in _blocks(document.sections) if isinstance(block, Table) and block.key == key)
    return [[cell.text for cell in row.cells] for row in match.rows]


def _blocks(sections: tuple[Section, ...]) -> list[Any]:
    return [block for section in sections for block in section.blocks]


def read(document: Document) -> str:
    return str(html.fromstring(as_page(document)).text_content())


def content(document: Document) -> Any:
    return json.loads(document.data)["content"]


def with_rollout(subject: SobrietySubject, *steps: RolloutStep) -> SobrietySubject:
    sobered = replace(subject.town.sobriety, rollout=[*subject.town.sobriety.rollout, *steps])
    return replace(subject, town=replace(subject.town, sobriety=sobered))


def test_there_are_six_documents_a_note_for_each_lever_and_a_pv_of_what_was_applied(tmp_path: Path) -> None:
    names = [document.name for document in documents(sobriety(tmp_path), ORIGIN)]
    levers = list(town().sobriety.levers)
    assert names[:4] == ["rapport-diagnostic", "dictionnaire-leviers", "plan-actions", "tableau-de-bord-2026-11"]
    assert sorted(names[4:]) == sorted(
        [f"kit-{lever}" for lever in levers] + [f"note-agents-{lever}" for lever in levers] + ["pv-impression"]
    )
    (kit,) = documents(sobriety(), ORIGIN, ["kit", "pv"], ["arret-postes"])
    assert kit.name == "kit-arret-postes"


def test_the_data_of_every_document_have_their_schema(tmp_path: Path) -> None:
    known = schemas()
    assert tuple(known) == (*KINDS, READING)
    for subject in (sobriety(tmp_path), unread(sobriety())):
        for document in documents(subject, ORIGIN):
            kind = next(kind for kind in KINDS if document.name.startswith(kind))
            Draft202012Validator(known[kind]).validate(json.loads(document.data))


def test_documents_have_the_date_of_their_reading_and_say_that_they_are_of_the_laboratory(tmp_path: Path) -> None:
    subject = sobriety(tmp_path)
    for document in documents(subject, ORIGIN, levers=[LEVER]):
        data = json.loads(document.data)
        day = "2026-10-30" if document.name.startswith("pv") else "2026-11-30"
        assert data["origin"]["date"].startswith(day)
        assert data["specimen"] is True
        assert "SPÉCIMEN LABORATOIRE" in as_page(document)


@pytest.mark.parametrize("part", ["reading", "readings", "applied"])
def test_what_the_laboratory_read_makes_no_document_of_the_town(tmp_path: Path, part: str) -> None:
    production = replace(ORIGIN, environment="production")
    real, lab = sobriety(environment="production"), sobriety()
    assert not json.loads(documents(real, production, ["plan-actions"])[0].data)["specimen"]
    wrong: Any = {
        "reading": {"reading": lab.reading},
        "readings": {"readings": [*lab.readings[:1], *real.readings[1:]]},
        "applied": {"applied": {LEVER: applied(tmp_path)}},
    }
    with pytest.raises(Misused, match="de « lab », pas de « production »"):
        documents(replace(real, **wrong[part]), production)


def test_every_figure_of_the_data_is_in_the_page(tmp_path: Path) -> None:
    """Values, what they are made of, ranges, sources: as a French reader writes them."""
    numbers = {
        "rapport-diagnostic": {
            f"70,3{NB}%", "45 sur 64", f"{MINUS}12,4{NB}%", f"{MINUS}54{NARROW}120 sur 436{NARROW}450",
            f"118,5{NB}kWh/an [83{NB}–{NB}154]", f"9{NARROW}412{NB}kWh/an",
            "pc-014, pc-015, pc-016", "pc-ctm-01, pc-ctm-02", "pc-pm-01 (Service continu)",
            "45 sur 64, dont 2 inconnus",
            f"30{NARROW}978{NB}kWh [24{NARROW}013{NB}–{NB}37{NARROW}944]", f"30{NB}%",
            f"90{NARROW}940{NB}feuilles [62{NARROW}940{NB}–{NB}122{NARROW}940]",
        },
        "tableau-de-bord": {f"70,3{NB}%", f"620{NB}kWh [380{NB}–{NB}860]", "32,8", "09/2026"},
    }  # fmt: skip
    for kind, expected in numbers.items():
        document = made(kind, sobriety(tmp_path))
        page = read(document)
        assert {text for text in expected if text not in page} == set()
        for figure in content(document)["figures"]:
            number = figure["id"].partition(".")[0]
            assert {part for part in (number, figure["title"], figure["source"]) if part not in page} == set()
    assert content(made("rapport-diagnostic", sobriety()))["verdicts"] == {
        "F1": False, "F2": None, "F3": True, "F6": False, "F7.queues": False, "F8": False,
        "F22.kwh_par_poste": None, "F22.commutation": None,
    }  # fmt: skip


def test_what_nobody_read_is_unknown_and_never_zero_nor_reached() -> None:
    subject = unread(sobriety())
    for kind in ("rapport-diagnostic", "tableau-de-bord", "plan-actions"):
        document = made(kind, subject)
        page = read(document)
        assert "inconnu" in page
        assert "✓" not in page
        assert re.search(rf"(?<![\d,])0{NB}", page) is None
    document = made("tableau-de-bord", subject)
    for key, place in (("figures", 4), ("estimates", 4), ("targets", 3)):
        assert {row[1] for row in table(document, key)} == {"inconnu"}
        assert {row[place] for row in table(document, key)} == {"? inconnu"}
    assert {tuple(row[1:4]) for row in table(document, "totals")} == {("inconnu", "inconnu", "—")}
    assert {row[1] for row in table(made("plan-actions", subject), "totals")} == {"inconnu"}
    assert [row[1].partition(" ")[0] for row in table(document, "alerts")[:3]] == ["F1", "F3", "F6"]
    assert {row[0] for row in table(document, "alerts")[:6]} == {"? inconnu"}


def test_the_diagnosis_says_what_the_tender_asks_for_and_nobody_reads() -> None:
    document = made("rapport-diagnostic", sobriety())
    coverage = {row[0]: row[1:] for row in table(document, "coverage")}
    assert coverage["Stockage et sauvegardes"] == [
        "0 sur 5",
        "Doublons et données dormantes des partages ; Volumétrie par espace ; Volumétrie par application ; "
        "Rétention ; Compression, déduplication, externalisation",
    ]
    assert coverage["Postes de travail"][0] == "2 sur 6"
    assert table(document, "asked[postes]")[1:3] == [
        ["Politiques de mise en veille et d’arrêt", "F1"],
        ["Consommation moyenne par poste", "non relevé"],
    ]
    (storage,) = (block for block in _blocks(document.sections) if getattr(block, "key", "") == "figures[stockage]")
    assert storage.empty == "Non relevé : aucune source n’est branchée à ce jour."


def test_the_plan_puts_settings_first_then_what_brings_most_for_an_euro() -> None:
    def order(subject: SobrietySubject) -> list[str]:
        return [action["lever"] for action in content(made("plan-actions", subject))["actions"]]

    assert order(sobriety()) == [
        "veille-postes", "arret-postes", "demarrage-postes", "telemetrie-postes", "retention-partages",
        "wifi-hors-heures", "bornes-hors-heures", "puissance-wifi", "clients-legers", "machines-hors-heures",
        "impression", "ssid-redondants",
    ]  # fmt: skip
    bought = sobriety_with_investments({"veille-postes": 1000, "bornes-hors-heures": 100})
    assert order(bought)[3:9] == [
        "wifi-hors-heures", "puissance-wifi", "bornes-hors-heures", "veille-postes", "arret-postes", "clients-legers",
    ]  # fmt: skip
    document = made("plan-actions", bought)
    assert table(document, "costs")[-1] == ["Total", "—", f"7{NARROW}350", "0"]
    assert table(document, "priorities")[3][0] == "4. Wi-Fi éteint hors des heures d'ouverture"


def sobriety_with_investments(euros: dict[str, int]) -> SobrietySubject:
    subject = sobriety()
    levers = dict(subject.town.sobriety.levers)
    for name, cost in euros.items():
        investment = Investment(what="Matériel", capex_eur=cost)
        levers[name] = levers[name].model_copy(update={"investment": investment})
    changed: Town = replace(subject.town, sobriety=replace(subject.town.sobriety, levers=levers))
    return replace(subject, town=changed)


def test_the_plan_tells_each_step_and_when_it_may_be_for_all() -> None:
    rows = {row[0]: row[1:] for row in table(made("plan-actions", sobriety()), "calendar")}
    assert rows["Veille automatique des postes"] == [
        "01/09/2026", "14/09/2026", "02/11/2026", "dès le 30/11/2026", "pilote depuis le 02/11/2026",
    ]  # fmt: skip
    assert rows["Bornes Wi-Fi éteintes hors des heures d'ouverture"] == ["—", "—", "—", "—", "rien n’est commencé"]


def test_the_dashboard_lets_no_drift_pass() -> None:
    step = RolloutStep(
        lever="ssid-redondants", step="general", date="2026-11-02", by="DSI",
        decided=Decision(by="Mme Diallo", why="incident de sécurité"),
    )  # fmt: skip
    document = made("tableau-de-bord", with_rollout(sobriety(), step))
    assert [(row[0], row[1][:4], row[2]) for row in table(document, "alerts")] == [
        ("✗ cible non atteinte", "F1 –", f"70,3{NB}%, cible au moins 90{NB}%"),
        ("✗ cible non atteinte", "F6 –", f"{MINUS}12,4{NB}%, cible au plus {MINUS}30{NB}%"),
        ("✗ cible non atteinte", "F7 –", f"95,8{NB}%, cible au moins 100{NB}%"),
        ("✗ cible non atteinte", "F8 –", f"27,8{NB}%, cible au moins 100{NB}%"),
        ("? inconnu", "F2 –", "Inventaire des postes (CSV) : moins de douze mois séparent les deux relevés"),
        ("? inconnu", "F1 –", "2 éléments sans réponse : pc-ctm-01, pc-ctm-02"),
        ("? inconnu", "F8 –", "1 élément sans réponse : Piscine du Bourget"),
    ]  # fmt: skip
    assert [(row[0], row[1][:4], row[2]) for row in table(document, "decisions")] == [
        ("! à décider", "Wi-F", "l’observation est finie depuis le 16/11/2026"),
        (
            "! hors règle", "SSID",
            "généralisation du 02/11/2026 décidée par Mme Diallo sans attendre : incident de sécurité",
        ),
        ("! exception échue", "Médi", "Exposition du soir, jusqu’au 20/11/2026"),
    ]  # fmt: skip


def test_the_dashboard_waits_for_the_committee_and_draws_what_it_tells() -> None:
    document = made("tableau-de-bord", sobriety())
    assert [gap.path for gap in document.gaps.missing] == ["validation.validated_by", "validation.validated_on"]
    valid = replace(sobriety(), validated_by="Comité de pilotage", validated_on="2026-12-08")
    assert made("tableau-de-bord", valid).gaps.missing == []
    drawn = [block for block in _blocks(document.sections) if isinstance(block, Drawing)]
    assert [block.key for block in drawn] == ["trends", "gains", "footprint"]
    assert drawn[0].alt.startswith(
        "Mois par mois (plein : mesuré ; creux : estimé ; hachuré : inconnu ; tirets : la cible). "
        f"F1 – Postes en veille et en arrêt automatiques : 70,3{NB}%, ↗ s’améliore (+57,8{NB}points depuis 09/2026) ; "
    )


def test_a_quarter_is_three_months() -> None:
    assert Period.month("2026-02-11") == ("2026-02", "février 2026", "2026-02-01", "2026-02-28")
    assert Period.month("2026-12-11")[2:] == ("2026-12-01", "2026-12-31")
    assert Period.quarter("2026-11-30") == ("2026-T4", "4e trimestre 2026", "2026-10-01", "2026-12-31")
    assert Period.quarter("2027-01-02")[:2] == ("2027-T1", "1er trimestre 2027")
    assert Period.whole_year("2027-01-02") == ("2027", "année 2027", "2027-01-01", "2027-12-31")
    quarter = replace(sobriety(), period=Period.quarter("2026-11-30"))
    assert made("tableau-de-bord", quarter).title == (
        "Tableau de bord de la sobriété, 4e trimestre 2026 – Ville du Bourget"
    )


def test_the_dashboard_is_a_table_too(tmp_path: Path) -> None:
    paths = write(sobriety(), ORIGIN, tmp_path, ["tableau-de-bord"])
    assert [path.name for path in paths] == [
        *(f"tableau-de-bord-2026-11.{form}" for form in ("json", "html", "pdf", "csv")),
        "tableau-de-bord-2026-11-ventilation.csv", "tableau-de-bord-2026-11-listes.csv",
    ]  # fmt: skip
    with paths[3].open(encoding="utf-8", newline="") as stream:
        rows = {row["id"]: row for row in csv.DictReader(stream)}
    assert len(rows) == 8
    assert rows["F1"] == {
        "period": "2026-11", "moment": "2026-11-30T18:00:00+01:00", "environment": "lab", "id": "F1",
        "title": "Postes en veille et en arrêt automatiques", "unit": "%", "value": "70.3125", "low": "", "high": "",
        "numerator": "45", "denominator": "64", "source": "Inventaire des postes (CSV)", "date": "2026-11-30",
        "method": "measured", "measured_share": "", "failing": "17", "unknown": "2", "excluded": "1",
        "target_at_least": "90.0", "target_at_most": "", "reached": "false", "why": "",
    }  # fmt: skip
    assert (rows["F2"]["value"], rows["F2"]["reached"]) == ("", "")


def test_the_dictionary_tells_every_lever_by_perimeter() -> None:
    document = made("dictionnaire-leviers", sobriety())
    levers = content(document)["levers"]
    others = ["hebergement", "impression", "stockage"]
    assert [lever["perimeter"] for lever in levers] == ["postes"] * 5 + others + ["reseau"] * 4
    assert {lever["id"] for lever in levers} == set(town().sobriety.levers)
    page = read(document)
    for lever in levers:
        for part in ("what", "eligibility", "effect", "reversal", "message"):
            assert in_french(lever[part]) in page
    (wifi,) = (lever for lever in levers if lever["id"] == "wifi-hors-heures")
    assert [spared["name"] for spared in wifi["spared"]] == [
        "Police municipale (postes bureautiques)", "Résidence autonomie « Aline Marlin »",
    ]  # fmt: skip
    assert (wifi["stage"]["next"], wifi["stage"]["earliest"], wifi["stage"]["overdue"]) == (
        "general",
        "2026-11-16",
        True,
    )


def test_a_kit_has_its_model_its_commands_and_its_way_back() -> None:
    sleep = made("kit", sobriety(), ("veille-postes",))
    assert ["Sobriété - Veille", "power.sleep_after_ac", f"600{NB}s"] in table(sleep, "settings")
    assert table(sleep, "commands")[3] == ["Appliquer au pilote", "piste sobriety apply veille-postes --step pilot"]
    assert table(sleep, "reversals")[1] == [
        "Retirer partout",
        'piste sobriety revert veille-postes --all --why "RAISON"',
    ]
    (_, checklist) = (block for block in _blocks(sleep.sections) if isinstance(block, Steps))
    assert "Le groupe pilote est constitué" in checklist.items
    stop = made("kit", sobriety(), ("arret-postes",))
    assert table(stop, "settings")[:2] == [
        ["Sobriété - Arrêt - Administration", "Heures des ordinateurs",
         f"du lundi au vendredi, de 7{NB}h{NB}30 à 19{NB}h"],
        ["Sobriété - Arrêt - Administration", "Arrêt, avertissement",
         f"30{NB}min après la fermeture, averti 3{NB}min avant"],
    ]  # fmt: skip
    printing = made("kit", sobriety())
    assert ["École Jean Jaurès", "imp-jau-01", "recto verso, bord long, noir et blanc"] in table(printing, "settings")
    machines = made("kit", sobriety(), ("machines-hors-heures",))
    assert [row[0] for row in table(machines, "settings")] == ["hdv-rct1", "hdv-img1"]


def test_a_note_says_when_it_begins_and_whom_to_write_to() -> None:
    known = made("note-agents", sobriety(), ("veille-postes",))
    assert (content(known)["starts"], content(known)["contact"]) == ("2026-11-02", "sobriete@lebourget.example")
    assert "rien à installer" in read(known)
    page = as_page(known)
    inner = ("Commit", "Provenance", "champs obligatoires", "typst", "À confirmer")
    assert not [word for word in inner if word in page]
    assert "commit" in known.data.decode()
    assert "rien à installer" not in read(made("note-agents", sobriety(), ("ssid-redondants",)))
    nobody = replace(sobriety(), contact=None)
    assert [gap.path for gap in made("note-agents", nobody, ("puissance-wifi",)).gaps.missing] == [
        "when.starts", "when.contact",
    ]  # fmt: skip
    announced = replace(sobriety(), announced={"puissance-wifi": "2027-01-11"})
    assert "11/01/2027" in as_page(made("note-agents", announced, ("puissance-wifi",)))


def test_the_pv_tells_what_was_applied_tested_and_read(tmp_path: Path) -> None:
    document = made("pv", sobriety(tmp_path))
    assert content(document)["id"] == "PV-impression-2026-10-30"
    assert table(document, "runs")[0] == [
        f"28/09/2026 à{NB}18:00, Mme Diallo", "pilote", "6 modifications",
        "Centre communal d'action sociale (CCAS), Hôtel de ville", "20260928T160000Z-0a1b2c\n0123456789ab",
    ]  # fmt: skip
    assert [row[0] for row in table(document, "summary")] == ["✓ conforme", "? inconnu", "– non essayé"]
    assert table(document, "figures") == [
        ["F6 – Pages A4 sur un an", f"{MINUS}12,4{NB}%", f"{MINUS}12,4{NB}%", f"0{NB}point",
         f"au plus {MINUS}30{NB}%", "✗ non atteint"],
        ["F7 – Files en recto verso et noir et blanc", f"12,5{NB}%", f"97,9{NB}%", f"+85,4{NB}points",
         f"au moins 100{NB}%", "✗ non atteint"],
    ]  # fmt: skip
    again = "piste sobriety diagnose : ce test conforme"
    assert table(document, "reserves")[:3] == [
        ["Le copieur du CCAS garde le recto pour un formulaire", "", "", ""],
        ["Une page d’essai sort recto verso : inconnu", "Titulaire", "", again],
        ["Les réglages d’avant reviennent : non essayé", "Titulaire", "", again],
    ]
    assert [path.read_bytes() for path in document.evidence] == [QUEUES]


def test_a_pv_without_tests_nor_readings_lacks_them(tmp_path: Path) -> None:
    bare = replace(applied(tmp_path), tests=[], before=None, after=None)
    document = made("pv", replace(sobriety(), applied={LEVER: bare}))
    assert [gap.label for gap in document.gaps.missing] == ["Tests de la mesure", "Relevés avant et après"]


def test_a_figure_of_two_bounds_is_worse_only_outside_them() -> None:
    def alerts(before: float, now: float) -> list[str]:
        subject = sobriety()
        target = town().sobriety.targets["F2"]

        def reading(value: float, day: str) -> Any:
            figure = Figure("F2", "Par poste", "%", value, "compteur", day, "measured", target=target)
            return replace(subject.reading, figures=[figure], moment=f"{day}T08:00:00+01:00")

        days = [reading(before, "2026-10-30"), reading(now, "2026-11-30")]
        dashboard = made("tableau-de-bord", replace(subject, reading=days[1], readings=days, exceptions={}))
        return [row[0] for row in table(dashboard, "alerts") if row[1].startswith("F2")]

    assert alerts(-20, -18) == []
    assert alerts(-18, -12) == ["✗ dérive", "✗ cible non atteinte"]
    assert alerts(-12, -14) == ["✗ cible non atteinte"]


def test_a_title_breaks_after_its_dash() -> None:
    note = made("note-agents", sobriety(), ("puissance-wifi",))
    title = [line for line in texts(as_pdf(note))[0].splitlines() if line.startswith(("Note aux", "–"))]
    assert [line.replace(NB, " ").rstrip() for line in title] == ["Note aux agents –"]
