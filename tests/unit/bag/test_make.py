"""A bag made of readings: whole and verified, with unknown for what was not read."""

from __future__ import annotations

import csv
import fnmatch
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from piste.exports.bag import documents as of_bag
from piste.exports.bag import make, schemas
from piste.exports.bag.acceptance import ticked
from piste.exports.bag.bagit import seal
from piste.exports.bag.contents import Contents, read
from piste.exports.bag.documents import Documents, put
from piste.exports.bag.gaps import UNDRIVEN, Facts, page
from piste.exports.bag.inventory import FILLERS
from piste.exports.bag.kinds import DOMAINS, KINDS
from piste.exports.bag.make import FOLDERS, Wish, assemble
from piste.exports.bag.scan import suspicions
from piste.exports.bag.verify import examine
from piste.exports.runbooks.incident_document import PAPERS as RUNBOOKS
from piste.papers.dossier.document import schemas as documents
from piste.papers.dossier.life.kinds import LIFE_KINDS
from piste.readings.certificates import kept as read_certificates
from piste.sites.transfer import kept as transfers
from piste.sites.transfer.document import gathered
from piste.sites.transfer.form import papers
from piste.sobriety.documents import schemas as of_sobriety
from piste.sobriety.history import keep
from piste.sobriety.report import folder_of_readings
from piste.systems.kinds import of_domain
from tests.support.bags import SITE, exported, small, small_repository, without_documents
from tests.support.breadth import breadth
from tests.support.dossier import PORTS, kept
from tests.support.drawn import faults
from tests.support.sobriety import LAST, LEVER, reading


def certificate_readings(name: str, read_at: str = "") -> dict[str, Any]:
    """Give the reading of a certificate, as a module does; of now without `read_at`."""
    facts = {
        "common_name": "a.example", "issuer": "CA", "names": ["a.example"], "not_before": "2026-11-25T10:00:00+00:00",
        "not_after": "2027-02-23T10:00:00+00:00", "key_kind": "EC", "key_bits": 256, "signature": "sha256",
        "fingerprint": "00", "trusted": True, "why": "",
    }  # fmt: skip
    return {"read_at": read_at or datetime.now(UTC).isoformat(), "facts": {name: facts}, "unread": {}}


def made(folder: Path, **changed: Any) -> tuple[Path, dict[str, Any], Contents]:
    """Make a bag of the school, in an environment with a reading of sobriety."""
    town = replace(small(), name="Ville d’Aÿ")
    systems = exported(folder / "sac/data/systems", **changed)
    readings = read(systems, [SITE], {"hosting": "Prism Central n’a pas répondu."})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PISTE_LAB_DIR", str(folder / "labo"))
        keep(folder_of_readings("lab"), reading(LAST, 45, 95.8, 4858.5))
        patch.setenv("PISTE_STATE_DIR", str(folder / "lectures"))
        read_certificates.keep("lab", [certificate_readings("assistance")])
        transfers.keep(gathered(town, "lab", "transfert-acces"))
        with small_repository(folder / "depot"):
            return folder / "sac", assemble(folder / "sac", readings, town, Wish("lab")), readings


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], Contents]:
    return made(tmp_path_factory.mktemp("whole"))


def rows(bag: Path, name: str) -> list[dict[str, str]]:
    with (bag / f"data/{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_whole_bag_verifies(whole: tuple[Path, dict[str, Any], Contents]) -> None:
    assert {(finding.id, finding.state) for finding in examine(whole[0])} == {
        (f"bag.{name}", "ok") for name in ("digests", "formats", "schemas", "counts", "secrets", "repository")
    }


def test_a_bag_has_the_name_of_its_town(whole: tuple[Path, dict[str, Any], Contents]) -> None:
    assert (whole[0] / "data/LISEZMOI.md").read_text("utf-8").startswith("# Le sac de réversibilité : Ville d’Aÿ\n")
    assert "Source-Organization: Ville d’Aÿ\n" in (whole[0] / "bag-info.txt").read_text("utf-8")


def test_the_inventories_say_what_was_read(whole: tuple[Path, dict[str, Any], Contents]) -> None:
    bag = whole[0]
    devices = {row["serial"]: row for row in rows(bag, "inventories/devices")}
    assert (devices["QZZZ-0005-0001"]["model"], devices["QZZZ-0005-0001"]["observed"]) == ("MS220-24", "true")
    assert (devices["QZZZ-0099-0001"]["declared"], devices["QZZZ-0005-0002"]["observed"]) == ("false", "false")
    assert rows(bag, "inventories/ports")[0]["name"] == "'={{ hostile }}"
    assert [row["section"] for row in rows(bag, "inventories/firewall_rules")] == ["Ville"]
    secrets = {row["secret"]: row["used_by"] for row in rows(bag, "inventories/secrets")}
    assert secrets["meraki/ssid/VLB-Agents/psk"] == "network/ssids"


def test_the_maps_are_drawings_too(whole: tuple[Path, dict[str, Any], Contents]) -> None:
    maps = whole[0] / "data/maps"
    assert {path.name for path in maps.glob("*.svg")} == {
        "town-l2.svg", "town-l3.svg", "reach.svg", f"{SITE}-l2.svg", f"{SITE}-l3.svg",
    }  # fmt: skip
    for path in maps.glob("*.svg"):
        svg = path.read_text("utf-8")
        assert "prefers-color-scheme:dark" in svg
        assert faults(svg) == []


def test_the_figures_count_what_is_missing_and_what_differs(whole: tuple[Path, dict[str, Any], Contents]) -> None:
    bag = whole[0]
    complete = {(r["class"], r["attribute"]): r for r in rows(bag, "quality/completeness")}
    assert complete["*", "serial"]["percent"] == "0.0"
    assert ("virtual_machine", "serial") not in complete
    assert complete["*", "*"]["reached"] == "false"
    assert (complete["mobile", "*"]["percent"], complete["mobile", "*"]["reached"]) == ("", "false")
    concordance = {r["class"]: r for r in rows(bag, "quality/concordance")}
    assert (concordance["switch"]["numerator"], concordance["switch"]["denominator"]) == ("1", "3")
    assert concordance["access_point"]["undeclared"] == "QZZZ-0099-0001"
    assert concordance["print_queue"]["different"] == "imp-jau-01"
    gaps = (bag / "data/lacunes-connues.md").read_text("utf-8")
    assert "F10, switch, * : 33.33 % (1 sur 3)" in gaps
    undriven = [kind["what"] for system in UNDRIVEN.values() for kind in system["kinds"]]
    assert [what for what in undriven if f"- {what}." not in gaps] == []
    whole = complete["*", "*"]
    reserve = f"{whole['to_confirm']} à confirmer, {whole['placeholder']} tenant lieu de valeur"
    assert f"F9, *, * : {whole['percent']} % ({whole['numerator']} sur {whole['denominator']}), pour 98.0 %" in gaps
    assert f" demandés ; {reserve}" in gaps
    assert "- **Un système que Piste sait lire : Dashboard Meraki** : commutateurs : numéro de série (3)" in gaps
    missing = rows(bag, "quality/inventory_gaps")
    assert [row["filler"] for row in missing] == sorted((row["filler"] for row in missing), key=[*FILLERS].index)
    assert sum(row["class"] == "phone" for row in missing) == int(complete["phone", "*"]["denominator"]) == 4 * 6
    assets = {row["name"]: row for row in rows(bag, "inventories/assets")}
    assert (assets["pc-jau-001"]["class"], assets["pc-jau-001"]["glpi"]) == ("computer", "Computer")
    classes = {row["class"]: row for row in rows(bag, "inventories/asset_classes")}
    assert (classes["computer"]["count"], classes["mobile"]["count"]) == ("15", "0")


NOT_HERE = {
    "documents/*/pv-recette.pdf",
    "documents/transfert/documentation-validee/*.pdf", "documents/transfert/remise-du-coffre/*.pdf",
    "documents/transfert/transfert-documents/*.pdf", "documents/transfert/transfert-droits/*.pdf",
    "documents/transfert/transfert-materiels/*.pdf", "gpo_backups/*", "journal/*", "zabbix/configuration.yaml",
}  # fmt: skip
"""What the town of the tests did not make: papers, joined files, months of the journal, console backups."""


def test_each_demand_of_the_tender_is_ticked_or_its_lack_is_named(whole: tuple[Path, dict[str, Any], Contents]) -> None:
    data = whole[0] / "data"
    every = ticked(data)
    assert len(every) == 25
    names = [path.relative_to(data).as_posix() for path in data.rglob("*") if path.is_file()]
    absent = {pattern for each in every for pattern in each.asked.bag if not fnmatch.filter(names, pattern)}
    assert absent == NOT_HERE
    lines = (data / "recette.md").read_text("utf-8").splitlines()
    assert lines.count("## Livrables (CCTP 6.3) : 0 sur 7") == 1
    (restored,) = [line for line in lines if "Un serveur critique et un poste type" in line]
    assert restored.startswith("- [ ] Un serveur critique et un poste type restaurés : R143 ")
    assert restored.endswith(" → piste restore list")
    (papers,) = [line for line in lines if "Procès-verbaux de transfert : accès" in line]
    assert "documents/transfert/transfert-droits/*.pdf" in papers
    assert "documents/transfert/transfert-acces" not in papers  # it is there, and not signed
    assert "R144 " in papers


def test_what_was_not_read_is_unknown_everywhere_and_nowhere_zero(tmp_path: Path) -> None:
    absent = {f"hosting/{kind.name}": None for kind in KINDS if kind.domain == "hosting"}
    with without_documents():
        bag, manifest, _ = made(tmp_path, **absent, **{"network/ecole-jaures": None})
    states = {(entry["domain"], entry["kind"]): entry["state"] for entry in manifest["kinds"]}
    assert {domain for (domain, _), state in states.items() if state == "unknown"} == {"hosting", "network"}
    gaps = (bag / "data/lacunes-connues.md").read_text("utf-8")
    kinds = ", ".join(kind.name for kind in of_domain("hosting"))
    assert f"**hosting** ({kinds})" in gaps
    assert "Prism Central n’a pas répondu." in gaps
    assert "ecole-jaures" in gaps
    assert not (bag / "data/inventories/virtual_machines.csv").exists()
    concordance = {row["class"]: row for row in rows(bag, "quality/concordance")}
    assert (concordance["virtual_machine"]["percent"], concordance["virtual_machine"]["reached"]) == ("", "false")
    assert all(finding.state == "ok" for finding in examine(bag))


def test_the_town_is_there_as_pages(whole: tuple[Path, dict[str, Any], Contents]) -> None:
    portal = whole[0] / "data/portail"
    assert "Ville d’Aÿ" in (portal / "index.html").read_text("utf-8")
    assert (portal / f"sites/{SITE}.html").is_file()
    assert (portal / "portail.css").is_file()
    page = portal / f"sites/{SITE}.html"
    linked = re.findall(r'href="(\.\./\.\./documents/[^"]+)"', page.read_text("utf-8"))
    assert f"../../documents/{SITE}/fiche-site.pdf" in linked
    assert all((page.parent / target).is_file() for target in linked)


def test_every_schema_says_what_a_foreign_validator_says(whole: tuple[Path, dict[str, Any], Contents]) -> None:
    files = sorted((whole[0] / "data/schemas").glob("*.json"))
    own = len([kind for kind in KINDS if not kind.per_site]) + 1 + sum(map(len, FOLDERS.values())) + 2
    printed = len(documents()) + len(LIFE_KINDS) + len(RUNBOOKS) + len(of_sobriety())
    assert len(files) == own + printed + 2 + len(papers()), "and the report of a month, an audit, the transfer"
    for path in files:
        jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text("utf-8")))
    schema = json.loads((whole[0] / "data/schemas/network.schema.json").read_text("utf-8"))
    for value in (
        {},
        {"network": 3},
        {"network": "n", "networks": [{"name": "n", "id": "L_1"}]},
        {"network": "n", "ssids": [{"name": "n", "psk": "en clair"}]},
        {"network": "n", "switch_ports": [{"serial": "s", "port_id": "1", "vlan": True}]},
    ):
        ours = {fault.partition(" : ")[0] for fault in schemas.faults(schema, value)}
        assert ours
        assert not jsonschema.Draft202012Validator(schema).is_valid(value)


def rewritten(path: str, old: str, new: str) -> Callable[[Path], None]:
    def change(data: Path) -> None:
        text = (data / path).read_text("utf-8")
        assert old in text
        (data / path).write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def unformed_paper(data: Path) -> None:
    (path,) = data.glob("documents/transfert/*/*/pv-transfert-acces.json")
    made = json.loads(path.read_text("utf-8"))
    made["content"]["paper"]["lists"] = "aucune"
    path.write_text(json.dumps(made), "utf-8")


@pytest.mark.parametrize(
    ("change", "check", "place"),
    breadth([
        (rewritten("inventories/ports.csv", "150", "151"), "bag.schemas", "inventories/ports.csv:2"),
        (rewritten("systems/printing/print_queues.yml", "duplexing", "id"), "bag.schemas", "/print_queues/0/id"),
        (rewritten("manifest.json", '"count": 1', '"count": 7'), "bag.counts", "le manifeste en compte 7"),
        (rewritten("systems/printing/print_queues.yml", "one_sided", "kR7xQ2mWb9ZtLp4VhN8sYd3G"), "bag.secrets", ":2"),
        (
            rewritten("documents/ecole-jaures/plan-adressage.json", '"gateway_device": "core"', '"gateway_device": 3'),
            "bag.schemas",
            "documents/ecole-jaures/plan-adressage.json : /content/segments/",
        ),
        (
            rewritten("documents/sobriete/kit-impression.json", '"observation_days": 14', '"observation_days": "14"'),
            "bag.schemas",
            "documents/sobriete/kit-impression.json : /content/lever/observation_days",
        ),
        (unformed_paper, "bag.schemas", "pv-transfert-acces.json : /content/paper/lists"),
        (lambda data: (data / "a.docx").write_bytes(b"PK"), "bag.formats", "a.docx"),
        (lambda data: (data / "a.json").write_text("{"), "bag.formats", "a.json:1 : n’est pas du JSON"),
        (lambda data: (data / "repository/piste.bundle").write_bytes(b"x"), "bag.repository", "git ne le clone pas"),
    ], 4),
)  # fmt: skip
def test_a_bag_sealed_again_over_something_wrong_is_refused_with_its_place(
    change: Callable[[Path], object],
    check: str,
    place: str,
    whole: tuple[Path, dict[str, Any], Contents],
    tmp_path: Path,
) -> None:
    bag = shutil.copytree(whole[0], tmp_path / "sac")
    change(bag / "data")
    seal(bag, {})
    wrong = [finding for finding in examine(bag) if finding.state != "ok"]
    assert check in {finding.id for finding in wrong}
    assert any(place in finding.what for finding in wrong), wrong


def test_a_changed_byte_stops_the_verification(whole: tuple[Path, dict[str, Any], Contents], tmp_path: Path) -> None:
    bag = shutil.copytree(whole[0], tmp_path / "sac")
    rewritten("systems/printing/print_queues.yml", "imp-jau-01", "imp-jau-02")(bag / "data")
    assert [(finding.id, finding.what.partition(" : ")[0]) for finding in examine(bag)] == [
        ("bag.digests", "data/systems/printing/print_queues.yml")
    ]


def test_the_documents_of_the_town_and_of_each_site_are_in_the_bag_by_themselves(
    whole: tuple[Path, dict[str, Any], Contents],
) -> None:
    folder = whole[0] / "data/documents"
    parties = {"kyocera", "sfr-business", "ineo", "inmac-wstore", "bouygues-services", "titulaire-sortant"}
    towns = {"commune", "plans", "sobriete", "transfert", "vie"}
    assert {place.name for place in folder.iterdir()} == {*towns, SITE, *parties}
    assert {f"pv-{name}.schema.json" for name in papers()} <= {file.name for file in whole[0].rglob("*.schema.json")}
    index = (folder / "transfert/index-des-pv.csv").read_text("utf-8").splitlines()
    assert index[0].startswith("paper,number,title,milestone,clause,state")
    assert [row.split(",")[0] for row in index[1:]][: len(papers())] == [*papers()]
    assert f"pv-recette-{SITE}" in {row.split(",")[0] for row in index}
    assert (folder / "ineo/plan-interface.pdf").read_bytes().startswith(b"%PDF-1.7")
    assert (folder / "commune/catalogue-applications.html").is_file()
    assert (folder / "vie/moins-value/moins-value.pdf").is_file()
    assert (folder / "vie/moins-value.csv").read_text("utf-8").startswith("asset,kind,label,serial,site,reason,since")
    names = ("fiche-site", "plan-baies-ports", "plan-adressage", "procedures-locales")
    assert {file.name for file in (folder / SITE).iterdir()} == {
        f"{name}.{form}" for name in names for form in ("pdf", "html", "json")
    }
    assert (folder / "commune/plan-reversibilite.pdf").read_bytes().startswith(b"%PDF-1.7")
    gaps = (whole[0] / "data/lacunes-connues.md").read_text("utf-8")
    assert f"faute de vérification (piste verify) : {SITE}." in gaps
    assert "Aucun autre document" in gaps
    assert "Dossier d’exploitation : réseau (" in gaps.partition("À renseigner, dans les documents de la Ville")[2]
    assert "Aucun document de la sobriété" not in gaps


def test_a_verified_site_has_its_report_and_evidence_and_joined_files_have_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PISTE_VERIFICATIONS_DIR", str(tmp_path / "verifications"))
    monkeypatch.setenv("PISTE_LAB_DIR", str(tmp_path / "labo"))
    kept(tmp_path / "verifications/lab")
    (tmp_path / "autres").mkdir()
    (tmp_path / "autres/contrat.md").write_text("Contrat\n", "utf-8")
    establish = of_bag.establish
    monkeypatch.setattr(of_bag, "establish", lambda town, targets, *given: establish(town, [SITE], *given))
    for others in ("PAPERS", "KINDS"):
        monkeypatch.setattr(of_bag, others, ())
    documents = put(tmp_path / "documents", small(), "lab", tmp_path / "autres")
    assert documents == Documents(made=5, unverified=(), joined=1, reading="")
    assert (tmp_path / "documents" / SITE / "pv-recette.pdf").is_file()
    assert (tmp_path / "documents" / SITE / "preuves/ports.json").read_bytes() == PORTS
    assert (tmp_path / "documents/joints/contrat.md").is_file()


def test_the_last_reading_of_sobriety_is_in_the_bag(whole: tuple[Path, dict[str, Any], Contents]) -> None:
    names = {file.name for file in (whole[0] / "data/documents/sobriete").iterdir()}
    assert {"rapport-diagnostic.pdf", "plan-actions.html", "tableau-de-bord-2026-11.csv", f"kit-{LEVER}.json"} <= names
    assert not [name for name in names if name.startswith("pv-")], "nothing was applied there"


def test_a_bag_without_a_reading_of_sobriety_says_so() -> None:
    """The documents of such a bag are those of the verified site above."""
    documents = Documents(made=5, unverified=(), joined=0, reading="")
    facts = Facts(clean=True, months=1, documents=documents, wheels=1, plan_age_days=0, review_months=6)
    assert "aucun relevé n’est gardé (piste sobriety diagnose)" in page(Contents(Path()), facts)
    assert "Aucun audit initial" in page(Contents(Path()), facts)


def test_the_repository_s_own_texts_look_like_no_secret(tmp_path: Path) -> None:
    make._repository(tmp_path / "repository", wheels=False)
    assert {file.name for file in tmp_path.glob("repository/*")} == {"piste.bundle", "requirements"}
    assert list(suspicions(tmp_path)) == []
    assert list(DOMAINS) == list(dict.fromkeys(kind.domain for kind in KINDS))


def test_the_certificates_have_what_was_last_read_of_them_and_no_private_key(
    whole: tuple[Path, dict[str, Any], Contents],
) -> None:
    bag, manifest, _ = whole
    certificates = {row["name"]: row for row in rows(bag, "inventories/certificates")}
    assert manifest["tables"]["inventories/certificates"] == len(certificates)
    assert all(row["key_place"] for row in certificates.values())
    assert certificates["assistance"]["read_not_after"] == "2027-02-23T10:00:00+00:00"
    assert certificates["signature-actes"]["read_not_after"] == ""
    authorities = json.loads((bag / "data/inventories/certificate_authorities.json").read_text("utf-8"))
    assert all(set(row["runbooks"]) == {"issue", "revoke", "back_up", "rotate", "audit"} for row in authorities)
