"""The guard: what a write may rest on in an environment, and what settles it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lab import Lab
from piste.cli import main
from piste.commands import doctor_checks
from piste.engine.converge import belief
from piste.engine.converge.errors import Guarded
from piste.engine.converge.plan import Operation
from piste.engine.finding import Finding
from piste.engine.transport.shared import VARIABLE
from piste.exports.portal.known import known
from piste.readings import store
from piste.readings.belief import Reading
from piste.readings.findings import findings
from piste.readings.table import SUBJECTS, Answer
from piste.runs.dispatch import MODULES
from piste.systems.beliefs import kept
from piste.systems.beliefs.answers import Verdict
from piste.systems.beliefs.form import GRAVE, beliefs
from piste.systems.beliefs.known import Environment
from piste.systems.meraki.routed_interfaces import RoutedInterfaces
from piste.systems.nutanix.protection_policies import ProtectionPolicies
from piste.town import declared
from piste.town.model.dates import now

AGGREGATION, RETENTION, RULE = "meraki.aggregation", "prism.retention", "meraki.default_rule"
TOWN = Environment("production")
CONFIRMED, REFUTED = Verdict("confirmed", "vu"), Verdict("refuted", "la dernière règle est de la ville")


def version(system: str, said: str) -> None:
    store.keep(SUBJECTS["versions"], "production", {system: Reading(kept.Version(version=said), now())})


def test_a_grave_belief_asks_and_no_other_does() -> None:
    assert {known.harm for known in beliefs().values() if known.asks} == {*GRAVE}
    asked = TOWN.asked([AGGREGATION, "meraki.shared_key"])
    assert [*asked] == [AGGREGATION]
    assert "rien ne l’a confirmé ici" in asked[AGGREGATION]
    assert "pour revenir" in asked[AGGREGATION]


def test_what_is_confirmed_asks_nothing_until_the_system_has_another_version() -> None:
    version("prism", "v4.2")
    kept.settle("production", {RETENTION: CONFIRMED}, "pilot")
    assert TOWN.asked([RETENTION]) == {}
    version("prism", "v4.3")
    assert "changé de version (v4.2, aujourd’hui v4.3)" in TOWN.asked([RETENTION])[RETENTION]
    assert kept.states("production")[RETENTION].state == "unknown"


def test_the_laboratory_confirms_nothing_for_the_town() -> None:
    lab, strict = Environment("lab"), Environment("lab", strict=True)
    assert lab.asked([AGGREGATION]) == {}
    assert [*strict.asked([AGGREGATION])] == [AGGREGATION]
    assert strict.proven([RETENTION], "écrit et relu") == ""
    assert strict.asked([RETENTION]) == {}
    assert [*TOWN.asked([RETENTION])] == [RETENTION]


def test_a_refuted_belief_refuses_its_writes_and_says_what_to_change() -> None:
    kept.settle("production", {RULE: REFUTED}, "read")
    with pytest.raises(Guarded) as refused:
        TOWN.asked([RULE, AGGREGATION])
    said = str(refused.value)
    assert RULE in said
    assert "la dernière règle est de la ville" in said
    assert "Piste n’écrit pas : les listes d’accès du réseau" in said
    assert kept.remedy(beliefs()[RULE]) in refused.value.todo
    (finding,) = [f for f in findings(declared.derived("production"), "production") if f.id == f"beliefs.{RULE}"]
    assert (finding.state, finding.gravity) == ("wrong", "critical")
    count, refuted = doctor_checks.beliefs("production")
    assert (count.state, refuted.what, refuted.state) == ("unknown", finding.what, "wrong")
    assert count.what.startswith(f"{len(beliefs()) - 1} croyances sur ")
    assert (RULE in count.what, "réfutée(s)" in count.what) == (False, False)
    assert "chacune à sa ligne : 1" in count.what


def test_a_write_that_is_read_back_confirms_what_it_shows() -> None:
    assert TOWN.proven([RETENTION, AGGREGATION, RULE], "écrit et relu (commune) : VLB") == ""
    known = kept.states("production")
    assert known[RETENTION].state == "confirmed"
    assert "par une écriture : écrit et relu (commune) : VLB" in known[RETENTION].said
    assert known[AGGREGATION].state == "unknown", "its reading back does not show that the link is alive"
    assert known[RULE].state == "unknown", "an answer settles it, no write"


def test_a_store_that_does_not_read_opens_no_write() -> None:
    kept.settle("production", {RETENTION: CONFIRMED}, "person")
    store.place("production").write_bytes(b"rien" * 400)
    with pytest.raises(Guarded, match="illisibles"):
        TOWN.asked([RETENTION])
    assert "n’est pas noté" in TOWN.proven([RETENTION], "écrit et relu")


def test_a_refutation_that_does_not_read_opens_no_write() -> None:
    kept.settle("production", {RULE: REFUTED}, "read")
    with store.opened("production") as base:
        base.execute("UPDATE reading SET content = ? WHERE thing = ?", (b"rien", RULE))
    with pytest.raises(Guarded, match="la dernière lecture est illisible"):
        TOWN.asked([RULE])
    assert TOWN.asked([AGGREGATION])
    assert kept.settle("production", {RULE: CONFIRMED}, "read") == [RULE]
    kept.settle("production", {RULE: CONFIRMED}, "person")
    assert TOWN.asked([RULE]) == {}


def test_an_answer_never_lifts_what_a_person_refuted() -> None:
    kept.settle("production", {RULE: REFUTED}, "person")
    assert kept.settle("production", {RULE: CONFIRMED}, "read") == [RULE]
    with pytest.raises(Guarded):
        TOWN.asked([RULE])
    kept.settle("production", {RULE: CONFIRMED}, "person")
    assert TOWN.asked([RULE]) == {}


@pytest.mark.parametrize(("holder", "rests"), [(None, False), (10, False), (20, True)])
def test_a_new_core_shows_nothing_of_a_default_gateway_that_moves(holder: int | None, rests: bool) -> None:
    driver = object.__new__(RoutedInterfaces)
    driver._uplinks = {"VLB/Coeur": {"vlanId": holder, "defaultGateway": "10.0.0.1"}} if holder else {}
    operation = Operation("meraki", "commune", "i", "VLB/Coeur/10", "create", None, {"default_gateway": "10.0.0.1"})
    assert bool([*driver.rests_on(operation)]) == rests


def test_what_reading_back_does_not_show_is_confirmed_by_a_person() -> None:
    assert TOWN.proven(["windows.dhcp_secret", "smc.interfaces"], "écrit et relu") == ""
    assert [*TOWN.asked(["windows.dhcp_secret", "smc.interfaces"])] == ["windows.dhcp_secret", "smc.interfaces"]
    assert ("prism.retention", "") not in ProtectionPolicies.rests


def test_a_process_without_environment_asks() -> None:
    assert [*Environment("").asked([AGGREGATION])] == [AGGREGATION]
    assert Environment("").proven([RETENTION], "écrit") == ""


def test_the_word_alone_accepts_no_belief() -> None:
    assert belief.accepts({"uplink"}, "uplink:QZZZ/1")
    assert not belief.accepts({"unproven"}, f"unproven:{AGGREGATION}")
    assert belief.accepts({f"unproven:{AGGREGATION}"}, f"unproven:{AGGREGATION}")


def test_answers_of_a_run_are_kept_with_the_version_and_a_silence_is_said() -> None:
    town = declared.derived("production")
    said = {"read_at": now().isoformat(), "version": "v1", "verdicts": {RULE: CONFIRMED._asdict()}, "unanswered": {}}
    assert kept.take(town, "production", Answer({"meraki": said, "smc": {}}, {}, {}))
    assert kept.states("production")[RULE].state == "confirmed"
    assert kept.versions_of("production") == {"meraki": "v1"}
    silent = {"GET /networks/{network}/wireless/ssids": "refuse (403)"}
    assert not kept.take(town, "production", Answer({"meraki": {**said, "unanswered": silent}}, {}, {}))
    assert "refuse (403)" in kept.states("production")["meraki.ssid_slots"].said
    assert "refuse (403)" in CliRunner().invoke(main, ["beliefs", "-e", "production"]).output
    assert kept.states("production")[RULE].state == "confirmed"
    assert not kept.take(town, "production", Answer(None, {}, {"Interroger": "connexion refusée"}))
    assert kept.states("production")[RULE].state == "confirmed"


def test_the_silence_of_the_system_that_is_asked_is_not_that_of_the_others() -> None:
    town = declared.derived("production")
    versions = {system: Reading(kept.Version(version="v1"), now()) for system in ("meraki", "smc")}
    store.keep(SUBJECTS["versions"], "production", versions)
    assert not kept.take(town, "production", Answer(None, {"of": "meraki"}, {"Interroger": "connexion refusée"}))
    last = store.last(SUBJECTS["versions"], "production")
    assert [name for name, known in last.items() if isinstance(known, Reading) and known.silence] == ["meraki"]
    assert {*last} == {"meraki", "smc"}


def test_the_checks_of_the_doctor_settle_what_names_them() -> None:
    checks = [Finding("meraki.templates", "ok", "aucun réseau"), Finding("smc.approval", "wrong", "en attente")]
    kept.settle_by_checks("production", checks)
    known = kept.states("production")
    assert (known["meraki.templates"].state, known["smc.approval"].state) == ("confirmed", "refuted")


def test_a_person_settles_a_belief_by_name_and_reason() -> None:
    verb = ["beliefs", "-e", "production", "--confirm", "windows.nps_sql_logging"]
    refused = CliRunner().invoke(main, verb)
    assert (refused.exit_code, "qui l’a vu" in refused.output) == (4, True)
    given = [*verb, "--because", "A. Martin : aucune journalisation SQL", "--format", "json"]
    listed = json.loads(CliRunner().invoke(main, given).output)["beliefs"]
    (mine,) = [entry for entry in listed if entry["id"] == "windows.nps_sql_logging"]
    assert (mine["state"], mine["by"], mine["word"]) == ("confirmed", "person", "")
    assert mine["evidence"] == "A. Martin : aucune journalisation SQL"


def test_the_verb_says_what_asks_and_what_is_refuted() -> None:
    said = CliRunner().invoke(main, ["beliefs", "-e", "production"])
    assert said.exit_code == 0
    assert AGGREGATION in said.output
    kept.settle("production", {RULE: REFUTED}, "read")
    said = CliRunner().invoke(main, ["beliefs", "meraki", "-e", "production"])
    assert said.exit_code == 1
    assert f"✗ {RULE} : {beliefs()[RULE].belief} : réfutée, le " in said.output
    assert "Piste n’écrit pas" in said.output


def test_every_page_and_command_says_a_belief_in_the_same_words() -> None:
    kept.settle("production", {RULE: REFUTED}, "read")
    version("prism", "v4.2")
    kept.settle("production", {RETENTION: CONFIRMED}, "pilot")
    version("prism", "v4.3")
    judged = {finding.id: finding for finding in kept.judged("production")}
    assert {id_: finding.state for id_, finding in judged.items()} == {
        f"beliefs.{RULE}": "wrong", f"beliefs.{RETENTION}": "unknown",
    }  # fmt: skip
    town = declared.derived("production")
    listed = [CliRunner().invoke(main, [verb, "-e", "production"]).output for verb in ("beliefs", "findings")]
    in_portal = known(town, "production", now().isoformat(), "", True, subjects=[SUBJECTS["beliefs"]]).findings
    in_doctor = [*doctor_checks.beliefs("production")]
    for id_, finding in judged.items():
        assert all(words(finding.what) in words(said) for said in listed)
        assert all(words(finding.todo) in words(said) for said in listed)
        assert [(f.what, f.todo) for f in in_portal if f.id == id_] == [(finding.what, finding.todo)]
        assert [(f.what, f.todo) for f in in_doctor if f.id == id_] == [(finding.what, finding.todo)]
    grave = judged[f"beliefs.{RULE}"]
    status = words(CliRunner().invoke(main, ["status", "-e", "production"]).output)
    assert words(f"{grave.what}. {grave.todo}") in status


def words(text: str) -> str:
    return " ".join(text.split())


# through a module, on the simulated Dashboard


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "run"))
    (tmp_path / "run").mkdir(mode=0o700)
    with Lab("brownfield", tls=True, folder=tmp_path / "lab") as opened:
        opened.meraki.behaviour.set(rate_limit=None)
        yield opened


def aggregate(lab: Lab, *words: str, check: bool = False) -> dict[str, Any]:
    info: Any = lab.info
    world = lab.meraki.world
    network = next(network for network in world.networks.values() if "switch" in network["productTypes"])
    serial = next(d["serial"] for d in world.devices_of(network["id"]) if d["kind"] == "switch")
    dashboard = {"base_url": info["meraki"]["url"], "api_key": info["meraki"]["api_key"], "ca_file": info["ca_file"]}
    task = {
        "dashboard": {**dashboard, "organization": "Ville du Bourget"}, "network": network["name"], "owner": "essai",
        "config": [{"ports": f"{serial}/5+{serial}/6"}], "state": "merged", "absent": [], "confirm": [*words],
        "max_removals": 5, "secrets": {"piste/empreintes": "une-clef-pour-les-empreintes"},
    }  # fmt: skip
    return dict(MODULES["meraki_link_aggregations"].run(task, check))


def test_a_write_waits_for_the_word_of_its_belief_and_never_for_the_bare_word(lab: Lab) -> None:
    belief.known_by(TOWN)
    planned = aggregate(lab, check=True)
    assert [line.partition(" : ")[0] for line in planned["withheld"]] == [f"à confirmer (unproven:{AGGREGATION})"]
    for words in ((), ("unproven",)):
        with pytest.raises(Guarded):
            aggregate(lab, *words)
    assert aggregate(lab, f"unproven:{AGGREGATION}")["changed"]
    assert kept.states("production")[AGGREGATION].state == "unknown"
    kept.settle("production", {AGGREGATION: CONFIRMED}, "person")
    assert TOWN.asked([AGGREGATION]) == {}


def test_in_the_laboratory_nothing_asks(lab: Lab) -> None:
    belief.known_by(Environment("lab"))
    assert aggregate(lab)["changed"]
