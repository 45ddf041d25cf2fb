"""Contents of the documents of a site: the list of the tender, the gaps, the doubts."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from piste.papers.dossier.blocks import Cell, Gap, Gaps, Signatures, Steps, Table
from piste.papers.dossier.document import KINDS, PARTY_KINDS, TOWN_KINDS, Document, schemas
from piste.papers.dossier.forms import as_page
from piste.papers.dossier.plans import port_plan
from piste.papers.dossier.requirements import named
from piste.papers.dossier.reversibility_plan import PLAN
from piste.papers.dossier.subject import Subject
from piste.sites.compared import COMPARED
from tests.support.dossier import ORIGIN, SCHOOL, commune, document, party, subject, table, texts, verification


def changed(about: Subject, **premises: Any) -> Subject:
    site = deepcopy(about.site)
    site["premises"].update(premises)  # type: ignore[typeddict-item]
    return replace(about, site=site)


def labels(made: Document) -> list[str]:
    return [gap.label for gap in made.gaps.missing]


def test_the_fiche_has_all_that_the_tender_lists() -> None:
    made = document("fiche-site", subject())
    assert [section.key for section in made.sections] == [
        "identity", "contacts", "links", "networks", "devices", "cabling", "power", "tests", "procedures",
    ]  # fmt: skip
    assert texts(table(made, "links", "links")) == [
        [
            "ineo-jau",
            "Ineo",
            "Fibre monomode dédiée",
            "Hôtel de ville",
            "sw-hdv-01/5",
            "1\N{NO-BREAK SPACE}Gbit/s",
            "à confirmer",
        ]
    ]
    assert texts(table(made, "networks", "segments"))[1] == [
        "151", "Utilisateurs (bureautique)", "10.93.41.0/24", "10.93.41.254", "cœur", "interne", "à confirmer",
    ]  # fmt: skip
    assert [row[0] for row in texts(table(made, "devices", "switches"))] == ["sw-jau-01", "sw-jau-02", "sw-jau-03"]


def test_the_nexus_are_in_the_fiche_and_their_links_in_the_plan_of_ports() -> None:
    hall = subject("hotel-de-ville")
    (first, _) = texts(table(document("fiche-site", hall), "devices", "nexus"))
    assert first == ["nx-hdv-1", "10.93.0.203", "102, 107", "—", "à confirmer"]
    links = texts(table(document("plan-baies-ports", hall), "nexus", "nexus[nx-hdv-1]"))
    assert links[1][:4] == ["port-channel10", "Ethernet1/49, Ethernet1/50", "coeur-hdv", "102, 107"]
    for kind in ("fiche-site", "plan-baies-ports"):
        school = document(kind, subject())
        tables = [block.key for part in school.sections for block in part.blocks if isinstance(block, Table)]
        assert "nexus" not in [*tables, *(part.key for part in school.sections)]


def test_the_fiche_tells_whom_each_device_serves_and_when_it_ends() -> None:
    items = texts(table(document("fiche-site", subject()), "devices", "items"))
    assert [row[0] for row in items][8:] == ["ap-jau-06", "imp-jau-01", "imp-jau-02", "imp-jau-03"]
    assert items[0][:6] == [
        "sw-jau-01", "QZZZ-0005-0001", "École Jean Jaurès", "en service", "29/07/2024", "29/07/2024"
    ]  # fmt: skip
    today = document("fiche-site", replace(subject(), day="2026-11-28"))
    rows = {row.key: row.cells for row in table(today, "devices", "items").rows}
    assert [(cell.text, cell.mark) for cell in rows["sw-jau-01"][4:6]] == [("29/07/2024, dépassée", "bad")] * 2
    assert [(cell.text, cell.mark) for cell in rows["ap-jau-06"][4:6]] == [("31/12/2030", None)] * 2
    hall = texts(table(document("fiche-site", subject("hotel-de-ville")), "devices", "items"))
    assert {"ups-hdv-2", "nx-hdv-1", "srv-hdv-phy1", "ca-hdv-01"} <= {row[0] for row in hall}
    park = texts(table(document("fiche-site", subject()), "devices", "park"))
    assert ["poste d’école", "12", "12"] in park
    assert ["tableau interactif", "10", "10"] in park


def test_an_empty_mandatory_field_is_seen_and_counted() -> None:
    made = document("fiche-site", subject())
    assert labels(made) == [
        "Le site : Adresse",
        "Contacts du site : Responsable du site, nom",
        "Contacts du site : Responsable du site, téléphone",
        "Commutateurs : sw-jau-01, rang",
        "Commutateurs : sw-jau-02, rang",
        "Commutateurs : sw-jau-03, rang",
        "Baies du site : baie-jau-1, local",
        "Baies du site : baie-jau-1, accès",
        "Baies du site : baie-jau-1, hauteur",
        "Résultats des tests : Dernière vérification",
        "Procédures propres au site",
    ]
    data = json.loads(made.data)
    assert [gap["label"] for gap in data["missing"]] == labels(made)
    assert data["missing"][0]["path"] == "identity.postal_address"
    assert data["mandatory"] == made.gaps.mandatory > 100


def test_a_device_on_its_way_is_there_without_its_serial_number() -> None:
    about = subject()
    site = deepcopy(about.site)
    last = site["devices"].pop(2)
    site["awaited"] = [{**last, "serial": ""}]
    awaiting = replace(about, site=site)
    assert "Commutateurs : sw-jau-03, numéro de série" in labels(document("fiche-site", awaiting))
    made = document("plan-baies-ports", awaiting)
    assert table(made, "ports", "ports[sw-jau-03]").caption == "Ports de sw-jau-03 (MS120-8, à recevoir)"


def test_nothing_at_all_about_a_place_is_missing_by_kind() -> None:
    about = changed(subject(), contacts=[], links=[], racks=[], ups=[])
    lacking = labels(document("fiche-site", about))
    assert {"Contacts du site", "Liaisons du site", "Baies du site"} <= set(lacking)


@pytest.mark.parametrize(
    ("rack", "missing"),
    [
        ({"critical": False, "ups_planned": None}, False),
        ({"critical": True, "ups_planned": None}, True),
        ({"critical": True, "ups_planned": "2027-06-30"}, False),
    ],
)
def test_only_a_critical_rack_owes_a_supply_or_its_day(rack: dict[str, Any], missing: bool) -> None:
    about = subject()
    (known,) = about.site["premises"]["racks"]
    made = document("fiche-site", changed(about, racks=[{**known, **rack}]))
    assert ("Baies du site : baie-jau-1, onduleur" in labels(made)) is missing
    assert ("prévu le 30/06/2027" in texts(table(made, "power", "racks"))[0]) is bool(rack["ups_planned"])


def test_what_is_an_example_is_listed_once() -> None:
    made = document("fiche-site", subject())
    places = [gap.path for gap in made.gaps.to_confirm]
    assert len(places) == len(set(places))
    assert "devices.switches[sw-jau-01]" in places
    confirmed = changed(subject(), links=[{**subject().site["premises"]["links"][0], "status": "validated"}])
    assert "links.links[ineo-jau]" in places
    assert "links.links[ineo-jau]" not in [gap.path for gap in document("fiche-site", confirmed).gaps.to_confirm]


@pytest.mark.parametrize(
    ("missing", "doubtful", "says"),
    [
        (0, 0, "Complet : les 52 champs obligatoires sont renseignés."),
        (0, 3, "Non confirmé : les 52 champs obligatoires ont une valeur, mais toutes ne sont pas confirmées."),
        (2, 3, "2 champs obligatoires à renseigner, sur 52."),
    ],
)
def test_a_document_of_examples_never_says_that_it_is_complete(missing: int, doubtful: int, says: str) -> None:
    gap = Gap("lieu", "Objet : donnée")
    made = replace(document("fiche-site", subject()), gaps=Gaps(52, [gap] * missing, [gap] * doubtful))
    page = " ".join(as_page(made).replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ").split())
    assert says in page
    assert ("Complet :" in page) is (missing == doubtful == 0)


def test_a_document_without_mandatory_values_counts_none() -> None:
    made = replace(document("fiche-site", subject()), gaps=Gaps(0, [], []), headline=Cell("12 clauses", "good"))
    assert "champs obligatoires" not in as_page(made)


def verified(tmp_path: Path, *verdicts: str) -> Subject:
    about = subject(folder=tmp_path)
    record = verification()
    tests = [
        record.tests[0].model_copy(update={"id": f"test.{rank}", "verdict": verdict, "reason": "faute d’appareil"})
        for rank, verdict in enumerate(verdicts)
    ]
    return replace(about, verification=record.model_copy(update={"tests": tests}))


@pytest.mark.parametrize(
    ("verdicts", "says", "mark"),
    [
        (["conform", "conform"], "Conforme : 2 tests conformes sur 2.", "good"),
        (["conform", "wrong", "untested"],
         "Non conforme : 1 non conforme, 1 non essayé, 1 conforme, sur 3 tests.", "bad"),
        (["unknown", "conform"], "Verdict inconnu : 1 inconnu, 1 conforme, sur 2 tests.", "doubt"),
        (["untested", "conform"], "Incomplet : 1 non essayé, 1 conforme, sur 2 tests.", "doubt"),
        (["kept", "kept", "conform"],
         "Gardé tel que trouvé : 2 gardés tels que trouvés, 1 conforme, sur 3 tests.", "doubt"),
        (["untested", "kept"], "Gardé tel que trouvé : 1 gardé tel que trouvé, 1 non essayé, sur 2 tests.", "doubt"),
        (["kept", "wrong"], "Non conforme : 1 non conforme, 1 gardé tel que trouvé, sur 2 tests.", "bad"),
    ],
)  # fmt: skip
def test_the_headline_of_a_record_is_its_verdict(verdicts: list[str], says: str, mark: str, tmp_path: Path) -> None:
    made = document("pv-recette", verified(tmp_path, *verdicts))
    assert made.headline is not None
    assert (made.headline.text, made.headline.mark) == (says, mark)
    page = as_page(made)
    assert page.index('class="headline"') < page.index("Établi le")
    assert "Complet" not in page


def test_a_requirement_is_cited_with_its_title() -> None:
    cited = {
        name
        for folder in ("piste", "lab")
        for path in (PLAN.parents[1] / folder).rglob("*.py")
        for name in re.findall(r"\"(R\d{3}|F1[24568])\"", path.read_text("utf-8"))
    }
    for name in {*cited, *(name for test in COMPARED for name in test.requirements)}:
        assert named(name).startswith(f"{name} – "), name
    assert named("F18") == "F18 – Usages internes en 802.1X (CCTP\N{NO-BREAK SPACE}3.3.3)"
    assert named("3.3.3") == "CCTP\N{NO-BREAK SPACE}3.3.3"
    assert named("autre") == "autre"


def test_the_link_of_a_school_is_one_of_the_town_hall_too() -> None:
    made = document("fiche-site", subject("hotel-de-ville"))
    rows = {row[0]: row[3] for row in texts(table(made, "links", "links"))}
    assert rows["ineo-jau"] == "École Jean Jaurès"
    assert len(rows) == 19


def test_neighbouring_ports_alike_are_one_line_and_none_is_lost() -> None:
    made = document("plan-baies-ports", subject())
    ports = texts(table(made, "ports", "ports[sw-jau-02]"))
    assert [row[:4] for row in ports] == [
        ["1", "Borne Wi-Fi", "trunk", "150"],
        ["2–4", "Poste pédagogique", "accès", "155"],
        ["5–6", "Tableau blanc interactif", "accès", "155"],
        ["7", "Imprimante", "accès", "151"],
        ["8", "Libre (éteint)", "non géré", "—"],
        ["9–10", "Liaison", "non géré", "—"],
    ]
    switches = port_plan(subject())["switches"]
    counts = {switch["name"]: (switch["used"], switch["free"], switch["links"]) for switch in switches}
    assert counts == {"sw-jau-01": (24, 0, 4), "sw-jau-02": (7, 1, 2), "sw-jau-03": (7, 1, 2)}


def test_a_rack_reads_from_the_top_down() -> None:
    made = document("plan-baies-ports", subject("ecole-mermoz"))
    assert [(row[0], row[2]) for row in texts(table(made, "racks", "rack[baie-mer-1]"))] == [
        ("sw-mer-01", "10"), ("sw-mer-02", "9"), ("sw-mer-03", "8"),
    ]  # fmt: skip


def test_the_addressing_plan_lists_every_fixed_address_in_order() -> None:
    made = document("plan-adressage", subject("ccas"))
    addresses = texts(table(made, "fixed", "fixed"))
    assert [row[:2] for row in addresses[:3]] == [
        ["10.93.8.11", "sw-ccas-01"], ["10.93.8.12", "sw-ccas-02"], ["10.93.8.101", "ap-ccas-01"],
    ]  # fmt: skip
    assert ["10.93.8.201", "ups-ccas-1", "réservation", "Administration"] in addresses
    assert ["10.93.8.253", "fw-hdv, membre 2", "pare-feu", "Administration"] in addresses
    assert ["10.93.9.254", "gw-ccas-utilisateurs", "passerelle (cœur)", "Utilisateurs (bureautique)"] in addresses
    assert made.gaps.missing == []


def test_the_addressing_plan_says_who_carries_who_lends_and_who_answers() -> None:
    made = document("plan-adressage", subject("mediatheque"))
    gateways = {row[1]: row for row in texts(table(made, "gateways", "gateways"))}
    assert gateways["gw-med-utilisateurs"][2:5] == ["10.93.97.254", "cœur, coeur-hdv", "hdv-dc1, hdv-dc2"]
    assert gateways["gw-med-invites"][3] == "pare-feu, fw-hdv (0.224)"
    leases = {row[0]: row[3:6] for row in texts(table(made, "dhcp", "dhcp"))}
    assert leases["Invités"] == ["1\N{NO-BREAK SPACE}h", "pare-feu", "198.51.100.253"]
    assert leases["Utilisateurs (bureautique)"][1:] == ["hdv-dc1, hdv-dc2", "hdv-dc1, hdv-dc2"]
    fixed = texts(table(made, "fixed", "fixed"))
    assert ["10.93.97.10", "imp-med-01", "réservation DHCP, 02:93:12:00:00:81", "Utilisateurs (bureautique)"] in fixed
    hall = document("plan-adressage", subject("hotel-de-ville"))
    aliases = dict(row[:2] for row in texts(table(hall, "aliases", "aliases")))
    assert aliases["impression"] == "hdv-imp1.ad.lebourget.example"


def test_the_port_plan_names_stacks_and_aggregates() -> None:
    made = document("plan-baies-ports", subject("hotel-de-ville"))
    assert [row[:2] for row in texts(table(made, "links", "stacks"))] == [["coeur-hdv", "sw-hdv-01, sw-hdv-02"]]
    assert ["coeur-vers-03", "sw-hdv-01/21, sw-hdv-02/21", "sw-hdv-03"] in [
        row[:3] for row in texts(table(made, "links", "aggregates"))
    ]


def test_local_procedures_name_what_the_site_has() -> None:
    def procedures(about: Subject) -> dict[str, str]:
        made = document("procedures-locales", about)
        return {
            section.title: " ".join(block.items)
            for section in made.sections
            for block in section.blocks
            if isinstance(block, Steps)
        }

    school, hall = procedures(subject()), procedures(subject("hotel-de-ville"))
    assert "Aucun onduleur n’est déclaré" in school["Le courant est coupé"]
    assert "ups-hdv-1, ups-hdv-2" in hall["Le courant est coupé"]
    assert "ineo-jau (Ineo, vers Hôtel de ville)" in school["Le site n’a plus de réseau"]
    assert "Un visiteur n’a pas Internet" in hall
    assert "Un visiteur n’a pas Internet" not in school
    own = changed(subject(), procedures=[{"title": "Ouvrir le local", "steps": ["Demander la clé"], "status": None}])
    assert procedures(own)["Ouvrir le local"] == "Demander la clé"
    assert labels(document("procedures-locales", own)) == [
        "Contacts du site : Responsable du site, nom", "Contacts du site : Responsable du site, téléphone",
    ]  # fmt: skip


def test_the_report_tells_each_test_and_counts_conform_what_is_conform_alone(tmp_path: Path) -> None:
    made = document("pv-recette", subject(folder=tmp_path))
    assert texts(table(made, "summary", "summary")) == [
        ["✓ conforme", "1 sur 4", "25,0\N{NO-BREAK SPACE}%"],
        ["✗ non conforme", "1 sur 4", "25,0\N{NO-BREAK SPACE}%"],
        ["? inconnu", "1 sur 4", "25,0\N{NO-BREAK SPACE}%"],
        ["– non essayé", "1 sur 4", "25,0\N{NO-BREAK SPACE}%"],
    ]
    by_requirement = {row[0]: row[1:] for row in texts(table(made, "summary", "requirements"))}
    assert by_requirement[named("R056")] == ["1", "– non essayé", "Un poste type se restaure"]
    assert {row[1] for row in by_requirement.values()} >= {"✓ conforme", "✗ non conforme"}
    assert texts(table(made, "tests", "domain[Postes]")) == [
        ["Un poste type se restaure", "R056", "poste restauré selon la procédure", "aucun poste sur le laboratoire",
         "– non essayé"],
    ]  # fmt: skip
    again = "piste verify ecole-jaures : ce test conforme"
    reserves = texts(table(made, "decision", "reserves"))
    assert [row[1:] for row in reserves] == [
        ["", "", ""], *[["Titulaire", "", again]] * 3, *[["", "", ""]] * 2,
    ]  # fmt: skip
    assert ["Un poste type se restaure : non essayé", "Titulaire", "", again] in reserves
    assert [type(block) for block in made.sections[-1].blocks] == [Table, Steps, Signatures]
    assert json.loads(made.data)["content"]["tests"][1]["verdict"] == "wrong"
    assert json.loads(made.data)["origin"]["date"] == "2026-11-24T18:04:30+01:00"


@pytest.mark.parametrize(
    ("commit", "date"),
    [("2026-11-24T18:00:00+01:00", "2026-11-24T18:04:30+01:00"), ("2026-11-24T18:00:00+00:00",) * 2],
)
def test_the_fiche_is_not_older_than_the_tests_that_it_quotes(commit: str, date: str, tmp_path: Path) -> None:
    origin, about = replace(ORIGIN, date=commit), subject(folder=tmp_path)
    assert json.loads(document("fiche-site", about, origin).data)["origin"]["date"] == date
    assert json.loads(document("plan-adressage", about, origin).data)["origin"]["date"] == commit


def test_the_fiche_tells_the_last_tests(tmp_path: Path) -> None:
    made = document("fiche-site", subject(folder=tmp_path))
    assert len(texts(table(made, "tests", "tests"))) == 4
    assert json.loads(made.data)["content"]["tests"]["counts"] == {
        "conform": 1,
        "wrong": 1,
        "unknown": 1,
        "untested": 1,
    }
    assert "Résultats des tests : Dernière vérification" not in labels(made)


def test_the_data_of_every_document_have_their_schema(tmp_path: Path) -> None:
    known = schemas()
    for kind in KINDS:
        for site in (SCHOOL, "hotel-de-ville", "nouveau-site"):
            made = document(kind.name, subject(site, tmp_path))
            Draft202012Validator(known[kind.name]).validate(json.loads(made.data))
    for town_kind in TOWN_KINDS:
        Draft202012Validator(known[town_kind.name]).validate(json.loads(document(town_kind.name, commune()).data))
    for party_kind in PARTY_KINDS:
        for name in ("ineo", "adic"):
            made = document(party_kind.name, party(name))
            Draft202012Validator(known[party_kind.name]).validate(json.loads(made.data))
    data = json.loads(document("pv-recette", subject(folder=tmp_path)).data)
    data["content"]["tests"][0]["verdict"] = "presque"
    with pytest.raises(ValidationError, match="'presque' is not one of"):
        Draft202012Validator(known["pv-recette"]).validate(data)


def test_no_document_holds_a_secret_nor_its_reference(tmp_path: Path) -> None:
    for kind in KINDS:
        assert b'"secret"' not in document(kind.name, subject(folder=tmp_path)).data


def test_only_production_is_no_specimen() -> None:
    assert json.loads(document("fiche-site", subject()).data)["specimen"] is True
    real = replace(ORIGIN, environment="production")
    assert json.loads(document("fiche-site", subject(), real).data)["specimen"] is False
