"""Findings of a site's verification: silence is unknown, an omission is never conform."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from lab.declared import declared_town
from piste.engine.converge.bounded import of_yaml
from piste.engine.converge.errors import Missing, Misused
from piste.engine.converge.text import as_declaration
from piste.papers.dossier.verification_record import Test, Verdict, write_verification
from piste.runs.plans.play import Played, Step, Trouble
from piste.sites import flows_read, trials, verification
from piste.sites.compared import COMPARED, HOSTING
from piste.sites.constat import Constat
from piste.sites.flows import declared_rules
from piste.sites.living.hosting import machines
from piste.sites.living.judged import UNTRIED
from piste.sites.living.packets import UNTRIED as PACKETS
from piste.sites.living.seen import FILE
from piste.sites.living.services import ID as SERVICES
from piste.sites.trials import Ran, _count_access
from piste.systems.forcepoint.intent import smc_intent
from piste.town.declared import serving
from piste.town.model import Town
from piste.trials.probe.results import Probed, Probing, Result, write
from tests.support.breadth import breadth
from tests.support.living import READ_AT, alive
from tests.support.town import dot1x
from tests.unit.records.made import operation
from tests.unit.sites.readings import lenders, routers

SITE = "ecole-jaures"
UNREAD = ("access.share", "access.eap", "segment.invites.scope", "backups.town", "restores", "logs.meraki-ecole-jaures")
"""Untried here: 802.1X, leases of the firewall, copies, restores, logs, which nothing read."""


@pytest.fixture(autouse=True)
def _parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parse once a text that most of these tests read: nobody changes what comes of it."""
    monkeypatch.setattr(flows_read, "of_yaml", parsed)


@cache
def parsed(text: bytes) -> Any:
    return of_yaml(text)


@pytest.fixture(autouse=True)
def _probes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_PROBES_DIR", str(tmp_path / "probes"))


@cache
def town() -> Town:
    loaded: Town = declared_town()
    return loaded


def steps(*, without: Sequence[str] = (), failed: Sequence[str] = (), site: str = SITE) -> list[Step]:
    return [
        Step(site, test.role, module, (), module in failed, () if module in failed else (module,))
        for test in COMPARED
        for module in test.modules
        if module not in without
    ]


@cache
def filtering(site: str) -> dict[str, str]:
    """Write the declared filtering of the firewall and of a site's Wi-Fi, by file."""
    assert town().commune
    intent = smc_intent(town().commune or {})
    rules = declared_rules(town())
    parts = {
        "firewall/elements": {"elements": intent["elements"]},
        "firewall/policies": {"policies": intent["installed"]},
        "firewall/system": {"system": []},
        f"network/{site}": {"ssids": rules.ssids[site], "access_lists": rules.access_lists[site]},
    }
    return {f"{name}.yml": as_declaration(content) for name, content in parts.items()}


def read(folder: Path, site: str = SITE) -> Path:
    """Return the declared filtering of the firewall and the Wi-Fi, as if read."""
    for name, text in filtering(site).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (folder / FILE).write_text(json.dumps(alive(town(), town().sites[site])), "utf-8")
    return folder


def probed(segment: str, verdict: Verdict) -> Probed:
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    said = {"id": "lease", "kind": "lease", "title": "Bail DHCP", "expected": "un bail", "observed": "aucune offre"}
    result = Result.model_validate({**said, "verdict": verdict, "reason": "le relais de la passerelle manque"})
    return Probed(segment=segment, started=moment, ended=moment, results=[result])


def test_the_record_takes_the_last_results_of_the_probe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_PROBES_DIR", str(tmp_path / "probes"))
    places = [probed("utilisateurs", "wrong"), probed("telephonie", "conform"), probed("segment-disparu", "wrong")]
    write(
        Probing(
            id="20261127T190001Z-000001",
            site=SITE,
            environment="lab",
            carrier="twin",
            operator="claire",
            commit="0" * 40,
            clean=True,
            declaration="abc",
            places=places,
        )
    )
    tests = drawn_up(Played(), [], read(tmp_path))
    assert {id_: test.verdict for id_, test in tests.items() if id_.startswith("probe.")} == {
        "probe.utilisateurs.lease": "wrong",
        "probe.telephonie.lease": "conform",
    }
    assert "le relais de la passerelle manque" in tests["probe.utilisateurs.lease"].reason
    assert PACKETS not in tests


def drawn_up(played: Played, said: Sequence[Step], folder: Path, site: str = SITE) -> dict[str, Test]:
    started = datetime(2026, 11, 24, 16, 55, tzinfo=UTC)
    record, files = verification.draw_up(Ran(town(), town().sites[site], "lab", played, said, folder), started)
    write_verification(folder / "kept", record, files)
    return {test.id: test for test in record.tests}


def test_a_gateway_that_waits_for_its_core_is_not_conform(tmp_path: Path) -> None:
    line = f"{SITE} : routed_interface VLB hotel-de-ville/coeur/151 : attend « coeur », que le réseau n’a pas"
    tests = drawn_up(Played(withheld=[line]), steps(), read(tmp_path))
    assert (tests["network.gateways"].verdict, tests["network.ports"].verdict) == ("wrong", "conform")
    assert "attend « coeur »" in tests["network.gateways"].reason


def test_a_site_of_which_every_plan_is_empty_is_conform_with_evidence(tmp_path: Path) -> None:
    played = Played(trials=[trial("dns.hdv-dc1.domain")], routers=routers(town()), lenders=lenders(town(), SITE))
    tests = drawn_up(played, steps(), read(tmp_path))
    verdicts = {id_: test.verdict for id_, test in tests.items()}
    # Neither a stack nor the power of its access points is declared: there is nothing to compare.
    assert {test.id for test in COMPARED} - set(verdicts) == {"network.links", "wifi.radio"}
    untried = {*UNREAD, PACKETS, UNTRIED, SERVICES}
    assert {verdicts.pop(id_) for id_ in untried} == {"untested"}
    assert {"living.switches", "living.engines", "firmware"} <= set(verdicts)
    assert set(verdicts.values()) == {"conform"}
    assert sum(id_.startswith("isolation.") for id_ in verdicts) >= 2
    kept = json.loads(next((tmp_path / "kept").rglob("network.ports.json")).read_text("utf-8"))
    assert any(port["serial"] == "QZZZ-0005-0002" for port in kept["expected"]["switch_ports"])


@pytest.mark.parametrize("site", breadth(serving(declared_town()), ("hotel-de-ville", SITE, "mediatheque")))
def test_a_site_that_is_as_declared_has_no_line_that_nobody_can_act_on(site: str, tmp_path: Path) -> None:
    """Probes, copies and approvals, which no system has here, are untried, and say why."""
    commune = town().commune
    assert commune
    tried = [f"certificate.{name}" for name in trials.certificates(town(), town().sites[site])]
    said = [trial(id_) for id_ in ("dns.hdv-dc1.domain", "radius.poste", "nexus.nx-hdv-1", *tried)]
    played = Played(trials=said, routers=routers(town()), lenders=lenders(town(), site))
    machines = Step(commune["id"], HOSTING.role, HOSTING.modules[0], (), False, HOSTING.modules)
    tests = drawn_up(played, [*steps(site=site), machines], read(tmp_path, site), site)
    wrong = {id_: test.reason for id_, test in tests.items() if test.verdict in ("wrong", "unknown")}
    assert wrong == {}
    assert all(test.reason for test in tests.values() if test.verdict == "untested")


@pytest.mark.parametrize(
    ("state", "whole", "compared", "expected"),
    [
        ("off", False, "conform", "untested"),
        ("pilot", False, "conform", "wrong"),
        ("pilot", True, "conform", "conform"),
        ("pilot", True, "unknown", "unknown"),
        ("pilot", True, "wrong", "wrong"),
    ],
)
def test_f18_is_what_is_declared_where_it_is_in_force(state: str, whole: bool, compared: Any, expected: str) -> None:
    constat, site = Constat(), {**town().sites[SITE], "dot1x": state}
    constat.add("wifi.ssids", "Wi-Fi", "SSID", "", "", compared)
    _count_access(constat, dot1x(site) if whole else site)  # type: ignore[arg-type]
    test = constat.test("access.share")
    assert test is not None
    assert (test.verdict, test.requirements[0]) == (expected, "F18")
    assert test.observed.startswith(f"SSID internes : {2 if whole else 0} sur 2 ; ports d’accès : 0 sur 32 ; ")


def trial(id_: str, **changes: str) -> dict[str, str]:
    said = {"title": "hdv-dc1 annonce", "expected": "un contrôleur", "observed": "dc1", "state": "ok", "todo": ""}
    return {"id": id_, "what": "", **said, **changes}


def test_a_difference_is_not_conform_and_says_which(tmp_path: Path) -> None:
    port = operation("QZZZ-0005-0001/5", kind="switch_port", label="sw-jau-01/5")
    tests = drawn_up(Played(operations=[port]), steps(), tmp_path)
    assert (tests["network.ports"].verdict, tests["network.ports"].observed) == (
        "wrong",
        "1 écart : switch_port sw-jau-01/5",
    )
    assert tests["wifi.ssids"].verdict == "conform"


def test_a_laboratory_says_that_its_supervision_reaches_nothing(tmp_path: Path) -> None:
    folder, site = read(tmp_path), town().sites[SITE]
    life = json.loads((folder / FILE).read_text("utf-8"))
    life["zabbix"] = {"read_at": READ_AT, "hosts": {}, "problems": {}, "unread": {}}
    (folder / FILE).write_text(json.dumps(life), "utf-8")
    for environment, said in (("lab", True), ("production", False)):
        ran = Ran(town(), site, environment, Played(), steps(), folder)
        record, _ = verification.draw_up(ran, datetime.now(UTC))
        assert any("piste lab poll" in reserve for reserve in record.reserves) == said


def test_what_nobody_declares_is_a_reserve(tmp_path: Path) -> None:
    orphan = {"kind": "ssid", "key": "VLB ecole-jaures/Libre", "why": "personne ne le déclare, il est allumé"}
    started = datetime(2026, 11, 24, 16, 55, tzinfo=UTC)
    seen = Played(orphans=[orphan])
    record, _ = verification.draw_up(Ran(town(), town().sites[SITE], "lab", seen, steps(), tmp_path), started)
    assert "ssid VLB ecole-jaures/Libre : personne ne le déclare, il est allumé" in record.reserves


@pytest.mark.parametrize(("kind", "verdict"), [("unknown", "unknown"), ("refused", "wrong"), ("error", "wrong")])
def test_what_was_not_compared_is_never_conform(kind: str, verdict: str, tmp_path: Path) -> None:
    """The first task fails; later tasks of its role are not tried."""
    said = steps(without=["meraki_ssids", "meraki_access_policies"], failed=["meraki_switch_ports"])
    said = [step if not step.failed else Step(SITE, "network", "Ports", (), True) for step in said]
    tests = drawn_up(Played(troubles=[Trouble(SITE, "Ports", kind, "PISTE-E010 sans réponse")]), said, tmp_path)
    assert {tests[id_].verdict for id_ in ("network.ports", "wifi.ssids", "access.wired")} == {verdict}
    assert tests["wifi.ssids"].reason == "PISTE-E010 sans réponse"
    assert tests["network.devices"].verdict == tests["directory.objects"].verdict == "conform"


def test_a_run_that_said_nothing_makes_everything_unknown(tmp_path: Path) -> None:
    tests = drawn_up(Played(), [], tmp_path)
    untried = {*UNREAD, PACKETS, UNTRIED, SERVICES}
    assert {test.verdict for id_, test in tests.items() if id_ not in untried} == {"unknown"}


def test_a_guest_that_reaches_the_town_is_said_with_the_rule(tmp_path: Path) -> None:
    folder = read(tmp_path)
    path = folder / "firewall/policies.yml"
    hole = {
        "id": "trou",
        "name": "trou",
        "sources": ["any"],
        "destinations": ["any"],
        "services": ["any"],
        "action": ["allow"],
    }
    policies: list[Any] = smc_intent(town().commune or {})["installed"]
    first = {**policies[1], "ipv4_access": [hole, *policies[1]["ipv4_access"]]}
    path.write_text(as_declaration({"policies": [policies[0], first, *policies[2:]]}), "utf-8")
    tests = drawn_up(Played(), steps(), folder)
    wrong = [test for id_, test in tests.items() if id_.startswith("isolation.") and test.verdict == "wrong"]
    assert wrong
    assert all("trou" in test.observed for test in wrong)


def test_the_machines_on_the_segments_of_a_site_are_compared_and_no_others(tmp_path: Path) -> None:
    site = town().sites["hotel-de-ville"]
    assert machines(town(), town().sites[SITE]) == []
    names = machines(town(), site)
    assert "hdv-dc1" in names
    gone = [operation(name, system="prism", kind="vm", label=name) for name in ("ailleurs", names[0])]
    for said, verdict in (([Step("commune", "hosting", "vms", modules=("prism_vms",))], "wrong"), ([], "unknown")):
        played = Played(operations=gone if said else [])
        record, _ = verification.draw_up(Ran(town(), site, "lab", played, said, tmp_path), datetime.now(UTC))
        (test,) = [test for test in record.tests if test.id == "hosting.machines"]
        assert test.verdict == verdict
        assert "ailleurs" not in test.observed


@pytest.mark.parametrize(
    ("trials", "expected"),
    [
        ([trial("nexus.a.vlans", state="wrong"), trial("nexus.b", state="unknown")], ["wrong", "unknown"]),
        ([], ["unknown"]),
    ],
)
def test_the_nexus_of_a_site_are_tried_or_unknown(
    trials: list[dict[str, str]], expected: list[str], tmp_path: Path
) -> None:
    site, played = town().sites["hotel-de-ville"], Played(trials=trials)
    record, _ = verification.draw_up(Ran(town(), site, "lab", played, [], tmp_path), datetime.now(UTC))
    assert [test.verdict for test in record.tests if test.id.startswith("nexus")] == expected
    record, _ = verification.draw_up(Ran(town(), town().sites[SITE], "lab", Played(), [], tmp_path), datetime.now(UTC))
    assert not [test for test in record.tests if test.id.startswith("nexus")]


def test_the_certificates_of_a_site_are_read_or_unknown(tmp_path: Path) -> None:
    site, played = town().sites["hotel-de-ville"], Played(trials=[trial("certificate.assistance", state="wrong")])
    record, _ = verification.draw_up(Ran(town(), site, "lab", played, [], tmp_path), datetime.now(UTC))
    verdicts = {test.id: test.verdict for test in record.tests if test.id.startswith("certificate.")}
    assert {"certificate.radius-nps1", "certificate.annuaire-dc1"} < verdicts.keys()
    assert "certificate.site-de-la-ville" not in verdicts
    assert verdicts.pop("certificate.assistance") == "wrong"
    assert set(verdicts.values()) == {"unknown"}
    assert trials.certificates(town(), town().sites[SITE]) == []


def test_the_supplies_of_a_site_are_tried_or_say_why_not(tmp_path: Path) -> None:
    site = town().sites["hotel-de-ville"]
    for played, expected in (
        (Played(), "untested"),
        (Played(troubles=[Trouble("hotel-de-ville", "Essayer chaque onduleur", "unknown", "silence")]), "unknown"),
        (Played(trials=[trial("ups.ups-hdv-1", state="wrong"), trial("ups.ups-hdv-2", state="wrong")]), "wrong"),
    ):
        record, _ = verification.draw_up(Ran(town(), site, "lab", played, [], tmp_path), datetime.now(UTC))
        assert [test.verdict for test in record.tests if test.id.startswith("ups.")] == [expected, expected]


def test_a_report_of_a_tree_that_no_commit_holds_says_who_wanted_it(tmp_path: Path) -> None:
    given = (Ran(town(), town().sites[SITE], "production", Played(), [], tmp_path), datetime.now(UTC))
    record, _ = verification.draw_up(*given, "Mme Diallo : panne")
    assert record.reserves[0] == "Constat d’un dépôt aux modifications non enregistrées, voulu par Mme Diallo : panne"
    assert "non enregistrées" not in " ".join(verification.draw_up(*given)[0].reserves)


def test_a_site_that_is_not_open_or_not_there_is_refused() -> None:
    with pytest.raises(Misused, match="planned"):
        verification.declared_site("nouveau-site", "lab")
    with pytest.raises(Missing, match="ecole-jaures"):
        verification.declared_site("ecole-jaure", "lab")


def port_of_the_core(before: str) -> dict[str, Any]:
    """The change that a plan makes to the port of the core where the link of the school arrives."""
    port = next(port for port in town().sites[SITE]["far_ports"] if port["port"] == "5")
    content = {"before": {"allowed_vlans": before}, "after": {"allowed_vlans": f"1,{port['allowed_vlans']}"}}
    known = operation(kind="switch_port", key=f"{port['serial']}/5", label="sw-hdv-01/5 (hotel-de-ville)")
    return {**known, "system": "meraki", "fields": ["allowed_vlans"], "content": content}


def test_a_link_is_judged_at_its_far_end(tmp_path: Path) -> None:
    well = drawn_up(Played(), steps(), read(tmp_path))["network.link"]
    assert (well.verdict, "ineo-jau à sw-hdv-01/5 (hotel-de-ville)" in well.observed) == ("conform", True)
    lacking = drawn_up(Played(operations=[port_of_the_core("1,150-154")]), steps(), read(tmp_path))
    assert lacking["network.link"].verdict == "wrong"
    assert "sw-hdv-01/5 (hotel-de-ville) ne laisse pas passer 155 (pedagogique)" in lacking["network.link"].observed
    assert lacking["network.ports"].verdict == "conform"
    serial = next(port["serial"] for port in town().sites[SITE]["far_ports"] if port["port"] == "5")
    for changes, words in (
        ({"status": "Disconnected"}, "sans lien"),
        ({"speed_mbps": 100}, "à 100 Mb/s au lieu de 1000"),
        ({"duplex": "half"}, "en semi-duplex"),
    ):
        folder = read(tmp_path)
        known = json.loads((folder / FILE).read_text("utf-8"))
        known["meraki"]["ports"][serial]["5"] |= changes
        (folder / FILE).write_text(json.dumps(known), "utf-8")
        seen = drawn_up(Played(), steps(), folder)["network.link"]
        assert (seen.verdict, words in seen.observed) == ("wrong", True)


def test_a_link_that_was_neither_compared_nor_read_is_unknown(tmp_path: Path) -> None:
    waits = f"{SITE} : switch_port Q/5 : attend le réseau de hotel-de-ville, qui les porte"
    assert drawn_up(Played(withheld=[waits]), steps(), read(tmp_path))["network.link"].verdict == "unknown"
    silent = [Trouble(SITE, "Converger le réseau", "unknown", "le Dashboard se tait")]
    left = steps(without=("meraki_port_schedules", "meraki_switch_ports"))
    assert drawn_up(Played(troubles=silent), left, read(tmp_path))["network.link"].verdict == "unknown"
    folder = read(tmp_path)
    (folder / FILE).unlink()
    assert drawn_up(Played(), steps(), folder)["network.link"].verdict == "unknown"


def test_a_site_without_a_link_is_cut_off_but_for_a_decision_in_force(tmp_path: Path) -> None:
    site = town().sites[SITE]
    kept = [link for link in site["premises"]["links"] if not link["far_port"]]

    def judged(unlinked: Any) -> Test:
        premises = {**site["premises"], "links": kept, "unlinked": unlinked}
        alone = {**site, "premises": premises, "far_ports": []}
        started = datetime(2026, 11, 24, 16, 55, tzinfo=UTC)
        record, _ = verification.draw_up(Ran(town(), alone, "lab", Played(), steps(), read(tmp_path)), started)  # type: ignore[arg-type]
        return next(test for test in record.tests if test.id == "network.link")

    assert (judged(None).verdict, judged(None).observed) == ("wrong", "aucune n’est déclarée")
    decided = {"by": "Mme Diallo", "why": "fibre en février", "until": "2999-02-28", "expired": False}
    assert judged(decided).verdict == "untested"
    assert "Mme Diallo : fibre en février (jusqu’au 28/02/2999)" in judged(decided).reason
    assert judged({**decided, "expired": True}).verdict == "wrong"
