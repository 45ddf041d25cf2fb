"""The papers of the life: what each says, what it refuses, and that it can be kept and read."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from lxml import html

from piste.engine.converge.errors import Missing
from piste.papers.dossier.document import Document, make
from piste.papers.dossier.forms import write
from piste.papers.dossier.life.kinds import DELIVERY, ERASURE, LIFE_KINDS, LOT, MAC_PARITY, SWITCHED_OFF
from piste.sites.life import papers
from piste.sites.life.changes import Refused
from piste.sites.life.filing import index
from piste.sites.life.off import ends, switched_off
from piste.sites.life.papers import Verified
from tests.support import dossier
from tests.support.dossier import ORIGIN
from tests.support.papers import ERASED, LOST, PORT, PORTS, RECEIVED, event, lived, of_life, verified


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Document]:
    return {document.name: document for document in of_life(tmp_path_factory.mktemp("verifications"))}


@pytest.fixture(scope="module")
def folder(made: dict[str, Document], tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("papiers")
    for document in made.values():
        write(document, place)
    return place


def test_every_paper_can_be_kept_and_is_accessible(folder: Path, made: dict[str, Document]) -> None:
    paths = [folder / f"{name}.pdf" for name in made]
    for path, document in zip(paths, made.values(), strict=True):
        with pikepdf.open(path) as pdf:
            metadata = pdf.open_metadata()
            assert (metadata["pdfaid:part"], metadata["pdfuaid:part"], str(pdf.Root.Lang)) == ("3", "1", "fr-FR")
            assert pdf.attachments[f"{document.name}.json"].get_file().read_bytes() == document.data
        page = html.parse(path.with_suffix(".html")).getroot()
        assert page.xpath("//script | //b[text()='&']") == []
        assert len(page.findall(".//h1")) == 1
        identities = page.xpath("//@id")
        assert len(identities) == len(set(identities))
    command = [str(Path(sys.executable).with_name("outloud")), "--fail-on", "warning", *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {kind.name for kind in LIFE_KINDS} == set(made)


def content(document: Document) -> Any:
    return json.loads(document.data)["content"]


def test_a_delivery_says_how_each_asset_was_tested(folder: Path, made: dict[str, Document]) -> None:
    pv = content(made[DELIVERY.name])
    assert (pv["id"], pv["contracts"]) == ("PV-REC-BC 7/2026", ["InMac <WStore>"])
    assert pv["checklist"][0] == "Master de la ville posé, à sa version du mois (technicien)"
    assert "Effacé" not in " ".join(pv["checklist"])
    tests = {test["id"]: (test["verdict"], test["observed"] or test["reason"]) for test in pv["tests"]}
    assert tests["port.pcjau001"] == ("conform", "sw-jau-01/3 : en service, 1\u00a0Gbit/s")
    assert tests["port.pcjau002"] == ("wrong", "sw-jau-01/4 : sans lien, <câble> court")
    assert tests["port.pcjau003"] == ("untested", "son port n’est pas inscrit")
    assert [tests[f"labelled.pcjau00{rank}"][0] for rank in (1, 2)] == ["conform", "untested"]
    # The sample town has visibly false serial numbers: they are not what was delivered.
    assert tests["received.pcjau001"] == ("wrong", "série EX-jau-pc-001")
    assert all(test["observed"] or test["reason"] for test in pv["tests"])
    with pikepdf.open(folder / f"{DELIVERY.name}.pdf") as pdf:
        assert pdf.attachments["living.ports.json"].get_file().read_bytes() == PORTS


def test_a_port_is_unknown_where_nothing_saw_it_since(tmp_path: Path) -> None:
    for day, port, verdict in (("2026-11-20", LOST, "unknown"), ("2026-11-25", PORT, "untested")):
        town = lived(RECEIVED[0], event("assign", "pc-jau-001", day, port=port))
        tests = papers.delivery(town, "BC 7/2026", verified(tmp_path)).content.tests
        assert [test.verdict for test in tests if test.domain == "Raccordement"] == [verdict]
    nothing = papers.delivery(town, "BC 7/2026", Verified(tmp_path / "none")).content.tests
    assert "piste verify ecole-jaures" in next(test.reason for test in nothing if test.domain == "Raccordement")


def test_a_certificate_is_that_of_the_last_erasure(made: dict[str, Document]) -> None:
    certificate = content(made[ERASURE.name])
    assert certificate["id"] == "CE-pc-jau-001-20261120"
    assert (certificate["serial"], certificate["sha256"], certificate["role"]) == ("SN-1", "c" * 64, "technicien")
    assert (certificate["data"], certificate["before"]) == ("disque du poste", "Écoles")
    assert made[ERASURE.name].gaps.missing == []
    with pytest.raises(Missing, match="Aucun effacement de pc-jau-002"):
        papers.erasure(lived(ERASED), "pc-jau-002")


def test_a_lot_without_a_study_has_no_paper(made: dict[str, Document]) -> None:
    town = dossier.town()
    with pytest.raises(Refused, match="lot-2-mediatheque n’a pas de PV : il n’a pas d’étude"):
        papers.lot(town, "lot-2-mediatheque", Verified(Path("/nowhere")))
    with pytest.raises(Missing, match="lot-1-ccas"):
        papers.lot(town, "lot-1-cca", Verified(Path("/nowhere")))
    pv = content(made[LOT.name])
    tests = {test["id"]: test["verdict"] for test in pv["tests"]}
    assert (tests["study.storage"], tests["study.iops"], tests["study.verdict"]) == ("conform", "conform", "conform")
    # A false serial number counts as none, and the site was not verified: neither is conform.
    assert (tests["machine.1"], tests["site.verification"]) == ("wrong", "untested")
    assert tests["session.opened"] == "untested"
    assert pv["reserves"] == ["La redirection du lecteur de carte est à revoir à chaque version du client."]
    rows = list(index(town))
    assert [(row["lot"], row["state"], row["thin_clients"], row["document"]) for row in rows] == [
        ("lot-1-ccas", "deployed", 6, "lot-1-ccas/pv-clients-legers.pdf"),
        ("lot-2-mediatheque", "without_study", 4, None),
    ]


def test_the_needs_that_macs_lack_stay_in_the_table(made: dict[str, Document]) -> None:
    table = content(made[MAC_PARITY.name])
    assert table["macs"] == {"Hôtel de ville": 5}
    lacking = [need["id"] for need in table["needs"] if need["parity"] == "missing"]
    assert lacking == ["hardening", "updates"]
    assert len(made[MAC_PARITY.name].gaps.to_confirm) == len(table["needs"])


def operation(action: str, name: str, before: str | None = None, after: str | None = None) -> dict[str, Any]:
    content = {"before": before and {"power": before}, "after": after and {"power": after}}
    return {"kind": "vm", "label": name, "action": action, "fields": ["power"] if after else [], "content": content}


def record(day: str, *operations: dict[str, Any], check: bool = False) -> dict[str, Any]:
    tasks = [{"check": check, "operations": list(operations)}]
    return {"id": f"run-{day}", "ended": f"{day}T20:00:00+01:00", "tasks": tasks}


NEWEST_FIRST = [
    record("2026-11-20", operation("delete", "hdv-old9"), check=True),
    record("2026-11-12", operation("update", "hdv-sql1", "stopped", "running")),
    record("2026-11-10", operation("delete", "hdv-old1"), operation("update", "hdv-ag1", "running", "stopped")),
    record("2026-11-02", operation("update", "hdv-sql1", "running", "stopped")),
]


def test_the_journal_says_since_when_a_machine_is_off() -> None:
    stops, removals = ends(NEWEST_FIRST)
    assert {name: end.day for name, end in stops.items()} == {"hdv-ag1": "2026-11-10"}
    assert {name: end.run for name, end in removals.items()} == {"hdv-old1": "run-2026-11-10"}


def test_the_list_of_what_is_off_is_complete_and_dated(made: dict[str, Document]) -> None:
    decisions = {"hdv-ag1": "2026-11-09", "hdv-pm1": "2026-11-09", "fw-hdv-2": "2026-11-09"}
    events = [event("switch_off", name, day, reference="Décision 7") for name, day in decisions.items()]
    town = lived(*events, event("move", "pc-jau-001"))
    assert town.commune
    hosting = town.commune["hosting"]
    assert hosting
    machines = [
        {**machine, "power": "stopped"} if machine["name"] in ("hdv-ag1", "hdv-med1") else machine
        for machine in hosting["machines"]
    ]
    commune = {**town.commune, "hosting": {**hosting, "machines": machines}}
    items = switched_off(replace(town, commune=commune), NEWEST_FIRST).content.items  # type: ignore[arg-type]
    assert [(item.asset, item.reason, item.since, item.decision) for item in items] == [
        ("fw-hdv-2", "stopped", "2026-11-09", "Décision 7"),
        ("hdv-ag1", "stopped", "2026-11-10", "Décision 7"),
        ("hdv-old1", "removed", "2026-11-10", None),
        ("hdv-med1", "stopped", None, None),
        ("hdv-pm1", "decided", None, "Décision 7"),
    ]
    assert items[0].since_source == "histoire, extinction du 09/11/2026"
    assert items[1].since_source == "journal, run-2026-11-10"
    document = make(SWITCHED_OFF, switched_off(replace(town, commune=commune), NEWEST_FIRST), ORIGIN)  # type: ignore[arg-type]
    assert {gap.path for gap in document.gaps.missing} == {
        "items.items[hdv-old1].decision", "items.items[hdv-med1].since", "items.items[hdv-med1].decision",
    }  # fmt: skip
