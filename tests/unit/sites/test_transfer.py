"""The papers of the transfer: what they list, who signed, what a signed paper proves."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from piste.cli import main
from piste.exports.runbooks import incidents
from piste.papers.dossier.reversibility_plan import read_plan
from piste.papers.frameworks.clauses import asked_acts
from piste.sites.conformity import Facts, facts, judge
from piste.sites.transfer import kept
from piste.sites.transfer.document import frozen, gathered
from piste.sites.transfer.form import papers
from piste.sites.transfer.index import index, invoiced, strays
from piste.sites.transfer.lists import LISTS
from piste.systems.kinds import DOMAINS
from piste.town import declared
from piste.town.declared import serving
from piste.town.model import Town
from piste.town.model.assets.classes import CLASSES
from piste.town.model.dates import today
from piste.town.model.faults import Fault
from piste.town.model.transfer import UNHELD, path_of
from tests.support.dossier import SCHOOL
from tests.support.dossier import kept as kept_verification


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STATE", "JOURNAL", "RESTORES"):
        monkeypatch.setenv(f"PISTE_{name}_DIR", str(tmp_path / name.lower()))


@pytest.fixture(scope="module")
def whole() -> Town:
    return declared.town("lab")


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["transfer", *words])


def made(whole: Town, name: str) -> kept.Kept:
    return kept.keep(gathered(whole, "lab", name))


def test_each_paper_names_what_exists() -> None:
    plan, every = read_plan(), papers()
    assert {*every} <= asked_acts()
    assert [paper.lot for paper in every.values() if paper.lot] == plan.lots
    assert {paper.step for paper in every.values()} <= {step.step for step in plan.steps}
    assert {name for paper in every.values() for name in paper.lists} == {*LISTS}
    assert {name for paper in every.values() for name in paper.classes} <= {*CLASSES}
    # Each domain of the bag changes hands with a lot, in one lot only.
    assert sorted(name for paper in every.values() for name in paper.domains) == sorted(DOMAINS)


def test_every_paper_is_made_and_its_rows_fill_its_columns(whole: Town) -> None:
    for name in papers():
        paper = gathered(whole, "lab", name)
        for listed in paper.lists:
            assert {len(row) for row in listed.rows} <= {len(listed.heads)}, listed.key


def test_what_is_validated_has_architecture_procedures_runbooks_and_interfaces(whole: Town) -> None:
    (each,) = gathered(whole, "lab", "documentation-validee").lists
    counts = {row[0]: row[1] for row in each.rows}
    assert counts["Dossier d’architecture"] == "1"
    assert counts["Procédures locales d’exploitation"] == "20"
    assert counts["Procédures d’incident, une par sorte"] == str(len(incidents.written()["kinds"]))
    assert counts["Catalogue des interfaces"] == "1"
    assert int(counts["Plan d’interface"] or 0) > 1
    assert {row[3:] for row in each.rows} == {("", "")}, "read by, then validated: people write them"


def test_a_lot_has_the_accounts_and_machines_of_its_systems_alone(whole: Town) -> None:
    lists = {each.key: each for each in gathered(whole, "lab", "lot-reseau").lists}
    assert {row[1] for row in lists["accounts"].rows} >= {"meraki", "smc"}
    assert "glpi" not in {row[1] for row in lists["accounts"].rows}
    assert {row[0] for row in lists["equipment"].rows} == {
        "commutateurs", "bornes Wi-Fi", "commutateurs Nexus", "pare-feu", "onduleurs",
    }  # fmt: skip


def test_the_paper_of_the_vault_has_paths_and_no_value(whole: Town) -> None:
    commune: Any = whole.commune
    given: Any = {**commune["transfer"], "holders": ["DSI", "direction générale", "titulaire"]}
    changed: Any = {**commune, "transfer": given}
    town = replace(whole, commune=changed)
    lists = {each.key: each for each in gathered(town, "lab", "remise-du-coffre").lists}
    assert ("radius/ccas", "") in lists["secrets"].rows
    assert [row[0] for row in lists["holders"].rows] == ["DSI", "direction générale", "titulaire"]


def test_a_paper_that_both_signed_proves_its_act_and_is_not_made_again(
    whole: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, key, scan = "lot-vdi", tmp_path / "key.pem", tmp_path / "scan.pdf"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(key)], check=True)
    scan.write_bytes(b"%PDF-1.7 signed")
    made(whole, name)
    assert kept.standing("lab", name).state == "unsigned"
    result = run("sign", name, "--receive", str(scan), "--party", "ville", "--role", "DSI", "--decision", "reserved")
    assert result.exit_code == 0, result.output
    assert kept.standing("lab", name).state == "half"
    assert not [*kept.acts("lab")]
    result = run("sign", name, "--sign", str(key), "--party", "titulaire", "--role", "DP", "--decision", "accepted")
    assert result.exit_code == 0, result.output
    (act,) = kept.acts("lab")
    assert act["act"] == name
    assert act["who"] == "signé des deux parties, avec réserves"
    before = kept.standing("lab", name)
    assert before.kept
    assert made(whole, name) == before.kept
    known = facts(declared.derived("lab"), "lab", [], [])
    assert known.acts[name] == act
    proven = [piece for piece in judge(known, ["R146"])["R146"].evidence if piece.state == "ok"]
    assert len(proven) == 1 + sum(piece.state == "ok" for piece in judge(Facts(), ["R146"])["R146"].evidence)
    (row,) = [row for row in index(whole, "lab") if row["paper"] == name]
    assert (row["state"], row["clause"], row["milestone"]) == ("signed", "R146", "Rejeu par le repreneur")
    shown = run("status")
    assert "1 sur 14" in shown.output
    assert "F21 : 1 lot reçu sur 5." in shown.output.replace("\N{NO-BREAK SPACE}", " ")
    assert "Lot sessions Citrix : reçu (PV-LOT-VDI-" in shown.output
    assert "Lot réseau : pas reçu, à établir ; gel à renseigner." in shown.output
    assert shown.exit_code == 2


def test_the_freeze_of_a_lot_is_said_with_what_holds_it(whole: Town) -> None:
    lot: Any = {"freeze_from": "2027-11-02", "freeze_until": "2027-11-12", "switch_on": None, "joint": []}
    commune: Any = whole.commune
    changed: Any = {**commune, "transfer": {**commune["transfer"], "lots": {"réseau": lot}}}
    given_days = replace(whole, commune=changed)
    assert frozen(given_days, "réseau") == "gel du 02/11/2027 au 12/11/2027, tenu par freezes.yml"
    fault = Fault(UNHELD, path_of("réseau"), "x.yml", 1, "x", "x", "warning")
    unheld = frozen(replace(given_days, faults=[fault]), "réseau")
    assert unheld == "gel du 02/11/2027 au 12/11/2027, que freezes.yml ne tient pas : Piste y écrirait"
    assert frozen(given_days, "sites") == "gel à renseigner"


def test_the_index_has_each_site_lot_delivery_and_lever_with_its_invoice(
    whole: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PISTE_VERIFICATIONS_DIR", str(tmp_path))
    kept_verification(tmp_path / "lab")
    site, other = SCHOOL, next(name for name in serving(whole) if name != SCHOOL)
    commune: Any = whole.commune
    spending = {**commune["spending"], "lines": [{"id": "FA-7", "incl_tax": 1200.0}]}
    given = {**commune["transfer"], "invoices": {f"pv-recette-{site}": "FA-7"}}
    changed: Any = {**commune, "transfer": given, "spending": spending}
    received: Any = SimpleNamespace(action="receive", reference="BC/1 2026")
    town = replace(whole, commune=changed, history=(received, received))
    rows = {row["paper"]: row for row in index(town, "lab")}
    assert {*rows} == {
        *papers(), *(f"pv-recette-{name}" for name in serving(town)),
        *(f"pv-clients-legers-{lot['id']}" for lot in commune["thin_client_lots"]), "pv-reception-BC-1-2026",
        *(f"pv-mesure-{name}" for name in whole.sobriety.levers),
    }  # fmt: skip
    delivery = rows["pv-reception-BC-1-2026"]
    assert (delivery["number"], delivery["clause"], delivery["state"]) == ("PV-REC-BC/1 2026", "R040", "ready")
    begun = {step.lever for step in whole.sobriety.rollout if step.date <= f"{today()}"}
    levers = {name: rows[f"pv-mesure-{name}"]["state"] for name in whole.sobriety.levers}
    assert levers == {name: "ready" if name in begun else "none" for name in levers}
    row = rows[f"pv-recette-{site}"]
    assert (row["number"], row["state"], row["made"]) == ("", "verified", "2026-11-24"), "a verification is no paper"
    assert (row["clause"], row["milestone"], row["invoice"], row["amount_incl_tax"]) == (
        "R067", "Recette du site", "FA-7", "1200.0",
    )  # fmt: skip
    assert rows[f"pv-recette-{other}"]["state"] == "none"
    for lot in commune["thin_client_lots"]:
        studied = lot["study"] is not None and lot["state"] != "refused"
        row = rows[f"pv-clients-legers-{lot['id']}"]
        assert (row["state"], row["number"]) == ("ready" if studied else "none", "")
    assert strays(town) == []


def test_an_invoice_waits_for_its_signed_paper(whole: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    commune: Any = whole.commune

    def given(**invoices: str) -> Town:
        spending = {**commune["spending"], "lines": [{"id": "FA-7", "incl_tax": 1200.0}]}
        transfer = {**commune["transfer"], "invoices": {name.replace("_", "-"): of for name, of in invoices.items()}}
        changed: Any = {**commune, "transfer": transfer, "spending": spending}
        return replace(whole, commune=changed)

    def clause(town: Town) -> str:
        facts = Facts([invoiced(town, "lab")], acts={"index-des-pv": signed})
        return judge(facts, ["R171"])["R171"].verdict

    signed: Any = {"act": "index-des-pv", "done": f"{today()}", "who": "DSI", "proof": "x", "until": None}
    assert invoiced(given(), "lab").state == "unknown"
    unsigned = invoiced(given(lot_vdi="FA-7"), "lab")
    assert (unsigned.state, "FA-7 : lot-vdi n’est pas signé" in unsigned.what) == ("wrong", True)
    assert clause(given(lot_vdi="FA-7")) == "broken"
    assert invoiced(given(**{f"pv_recette_{SCHOOL}": "FA-7"}), "lab").state == "unknown"
    monkeypatch.setattr(kept, "standing", lambda environment, name: kept.Standing("signed"))
    assert clause(given(lot_vdi="FA-7")) == "kept"
    assert invoiced(given(lot_vdi="FA-8"), "lab").state == "wrong"


def test_names_of_the_declaration_that_do_not_exist_are_said(whole: Town) -> None:
    lot: Any = {"freeze_from": None, "freeze_until": None, "switch_on": None, "joint": []}
    commune: Any = whole.commune
    given = {
        **commune["transfer"],
        "lots": {"réseau": lot, "lune": lot},
        "invoices": {"lot-reseau": "BC-1", "x": "BC-1"},
    }
    changed: Any = {**commune, "transfer": given}
    assert strays(whole) == []
    assert strays(replace(whole, commune=changed)) == ["BC-1", "lune", "x"]


def test_a_refused_paper_proves_nothing_even_signed_by_both(whole: Town, tmp_path: Path) -> None:
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(b"%PDF-1.7 signed")
    made(whole, "lot-sites")
    for party, decision in (("ville", "refused"), ("titulaire", "accepted")):
        run("sign", "lot-sites", "--receive", str(scan), "--party", party, "--role", "x", "--decision", decision)
    assert kept.standing("lab", "lot-sites").state == "refused"
    assert not [*kept.acts("lab")]


def test_what_was_signed_proves_nothing_once_a_later_paper_is_refused(whole: Town, tmp_path: Path) -> None:
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(b"%PDF-1.7 signed")
    received = ("sign", "lot-sites", "--receive", str(scan), "--role", "x")
    kept.keep(gathered(whole, "lab", "lot-sites").model_copy(update={"made": "2026-01-05T10:00:00+01:00"}))
    for party in ("ville", "titulaire"):
        run(*received, "--party", party, "--decision", "accepted")
    assert [act["act"] for act in kept.acts("lab")] == ["lot-sites"]
    made(whole, "lot-sites")
    assert kept.standing("lab", "lot-sites").state == "signed"
    run(*received, "--party", "ville", "--decision", "refused")
    assert kept.standing("lab", "lot-sites").state == "refused"
    assert not [*kept.acts("lab")]


def test_an_altered_paper_is_unknown_never_signed(whole: Town) -> None:
    place = kept.place(made(whole, "lot-m365").paper) / "result.json"
    place.write_bytes(place.read_bytes().replace(b"Microsoft 365", b"Microsoft 366"))
    assert kept.standing("lab", "lot-m365").state == "unreadable"
    assert run("status").exit_code == 3
    assert not [*kept.acts("lab")]


def test_papers_are_written_in_three_forms(whole: Town, tmp_path: Path) -> None:
    result = run("paper", "attestation-effacement", "--to", str(tmp_path))
    assert result.exit_code == 0, result.output
    page = (tmp_path / "attestation-effacement/pv-attestation-effacement.html").read_text("utf-8")
    assert "Sauvegardes tenues hors de la Ville" in page
    assert "rapport de l’outil d’effacement" in page
    assert (tmp_path / "attestation-effacement/pv-attestation-effacement.pdf").read_bytes().startswith(b"%PDF-")


def test_a_name_that_is_no_paper_is_refused(whole: Town) -> None:
    assert run("paper", "lot-lune").exit_code == 1
