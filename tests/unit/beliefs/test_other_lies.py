"""GLPI, Veeam, the Nexus and a directory that lie: each lie refutes a belief by its name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from lab.glpi import rules
from lab.veeam.simulator import VeeamSimulator
from piste.engine.finding import Finding
from piste.exports.capture.directory import sought
from piste.exports.capture.masks import Masks
from piste.runs.modules import READS
from piste.runs.read import of
from piste.systems.beliefs.answers import Answer, Verdict, judged
from piste.systems.beliefs.form import beliefs
from piste.systems.beliefs.kept import checked
from piste.systems.nexus.commands import Command
from piste.systems.veeam.client import PAGE
from piste.systems.windows import believed
from tests.support import glpi, nexus, veeam

LICENCE = {"id": 1, "name": "Bureautique", "number": 40, "date_expiration": "2027-01-01"}
CERTIFICATE = {"id": 1, "name": "portail", "date_expiration": "2027-01-01"}


def verdict(id_: str, *answers: Answer) -> Verdict:
    return judged(beliefs()[id_], answers)


# GLPI


def asked_of_glpi(world: glpi.GlpiWorld) -> dict[str, Any]:
    with world.run():
        return dict(of("glpi_answers").run({"glpi": world.connection}, True))


def lies_of_glpi(world: glpi.GlpiWorld, path: str, content: Any) -> None:
    world.simulator.faults.add("lie", method="GET", path=path, edit=lambda _: content, times=None)


@pytest.fixture
def simulated_glpi(tmp_path: Path) -> glpi.GlpiWorld:
    world = glpi.GlpiWorld(tmp_path)
    lies_of_glpi(world, r"/License$", [LICENCE])
    lies_of_glpi(world, r"/Certificate$", [CERTIFICATE])
    return world


def test_glpi_confirms_what_the_lab_follows(simulated_glpi: glpi.GlpiWorld) -> None:
    result = asked_of_glpi(simulated_glpi)
    assert {id_: known["state"] for id_, known in result["verdicts"].items()} == {
        "glpi.contract_fields": "confirmed", "glpi.import_rules": "confirmed",
    }  # fmt: skip
    assert result["version"] == "2.3.0"
    assert result["unanswered"] == {}


def test_glpi_that_finds_by_name_first_is_refuted(simulated_glpi: glpi.GlpiWorld) -> None:
    backwards = [{**rule, "ranking": 100 - rule["ranking"]} for rule in rules.rules()]
    lies_of_glpi(simulated_glpi, r"/ImportAsset/Rule$", backwards)
    known = asked_of_glpi(simulated_glpi)["verdicts"]["glpi.import_rules"]
    assert known == {"state": "refuted", "evidence": "Computer update (by name)"}


def test_a_first_rule_of_every_type_counts(simulated_glpi: glpi.GlpiWorld) -> None:
    first = {**rules.rules()[0], "name": "Par nom", "ranking": -1, "is_active": True}
    by_name = {"criteria": "name", "condition": 10, "pattern": "1"}
    not_a_phone = {"criteria": "itemtype", "condition": 1, "pattern": "Phone"}
    for criteria in ([by_name], [by_name, not_a_phone]):
        lies_of_glpi(simulated_glpi, r"/ImportAsset/Rule$", [{**first, "criteria": criteria}, *rules.rules()])
        known = asked_of_glpi(simulated_glpi)["verdicts"]["glpi.import_rules"]
        assert known == {"state": "refuted", "evidence": "Par nom"}


def test_glpi_without_the_date_of_a_licence_is_refuted(tmp_path: Path) -> None:
    world = glpi.GlpiWorld(tmp_path)
    lies_of_glpi(world, r"/License$", [{"id": 1, "number": 2}])
    known = asked_of_glpi(world)["verdicts"]["glpi.contract_fields"]
    assert known == {"state": "refuted", "evidence": "License.date_expiration"}


def test_an_account_that_may_not_read_the_rules_leaves_its_belief_unknown(simulated_glpi: glpi.GlpiWorld) -> None:
    simulated_glpi.simulator.behaviour.set(forbidden=["Rule"])
    result = asked_of_glpi(simulated_glpi)
    assert [*result["unanswered"]] == ["GET /Rule/Collection/ImportAsset/Rule"]
    assert "glpi.import_rules" not in result["verdicts"]


# Veeam


def asked_of_veeam(simulator: VeeamSimulator) -> dict[str, Any]:
    connection = {"base_url": veeam.BASE, "username": veeam.USERNAME, "password": veeam.PASSWORD}
    with veeam.spoken(simulator):
        return dict(of("veeam_answers").run({"veeam": connection}, True))


def test_veeam_confirms_what_the_lab_follows() -> None:
    result = asked_of_veeam(veeam.simulator())
    assert {known["state"] for known in result["verdicts"].values()} == {"confirmed"}
    assert "veeam.scale_out" in result["verdicts"]
    assert result["version"]


def test_a_backup_in_a_repository_that_is_not_listed_is_refuted() -> None:
    simulator = veeam.simulator()

    def moved(page: Any) -> Any:
        return {**page, "data": [{**backup, "repositoryId": "ailleurs"} for backup in page["data"]]}

    simulator.faults.add("lie", method="GET", path=r"/v1/backups$", edit=moved, times=None)
    assert asked_of_veeam(simulator)["verdicts"]["veeam.scale_out"] == {"state": "refuted", "evidence": "ailleurs"}


def test_a_point_that_says_nothing_of_a_forgotten_session_is_refuted() -> None:
    simulator = veeam.simulator()

    def silent(page: Any) -> Any:
        points = [{name: point[name] for name in point if name != "allowedOperations"} for point in page["data"]]
        return {**page, "data": [{**point, "sessionId": "oubliée"} for point in points]}

    simulator.faults.add("lie", method="GET", path=r"/restorePoints$", edit=silent, times=None)
    assert asked_of_veeam(simulator)["verdicts"]["veeam.sessions_gone"]["state"] == "refuted"


def test_a_page_shorter_than_asked_is_refuted_and_a_full_page_confirms() -> None:
    def page(size: int, total: int) -> Answer:
        content = {"data": [{"id": str(number)} for number in range(size)], "pagination": {"total": total}}
        return Answer(f"GET /api/v1/sessions?skip=0&limit={PAGE}&createdAfterFilter=x", content)

    assert verdict("veeam.pages", page(100, 500)).state == "refuted"
    assert verdict("veeam.pages", page(PAGE, 500)).state == "confirmed"
    assert verdict("veeam.pages", page(40, 40)).state == "unknown", "a short list proves no limit"


# the Nexus


def test_the_nexus_confirm_what_the_lab_follows_and_a_lie_refutes(tmp_path: Path) -> None:
    with nexus.switches(tmp_path) as fleet:
        result = nexus.run("nexus_answers", nexus.option(fleet))
        assert result["verdicts"]["nexus.tables"]["state"] == "confirmed"
        assert result["verdicts"].get("nexus.no_shutdown", {"state": "confirmed"})["state"] == "confirmed"
        assert "NX-OS" in result["version"]
        fleet.faults.add("status", method="SSH", path="show vlan brief", body="VLAN Nom Etat\n", times=None)
        lied = nexus.run("nexus_answers", nexus.option(fleet))["verdicts"]["nexus.tables"]
    assert lied["state"] == "refuted"
    assert "show vlan brief" in lied["evidence"]


CONFIGURATION = "version 10.3(4a)\nhostname hdv-n1\ninterface Ethernet1/1\n  no switchport\ninterface Ethernet1/2\n"
BRIEF = """
Ethernet      VLAN    Type Mode   Status  Reason                   Speed     Port
Eth1/1        --      eth  routed {routed}  {why}       1000(D) --
Eth1/2        1       eth  access up      none                     1000(D) --
"""


@pytest.mark.parametrize(
    ("routed", "why", "state"), [("down", "Administratively down", "confirmed"), ("up  ", "none", "refuted")]
)
def test_a_routed_port_that_is_open_without_a_word_is_refuted(routed: str, why: str, state: str) -> None:
    answers = (
        Answer(f"hdv-n1 {Command.CONFIGURATION}", CONFIGURATION),
        Answer(f"hdv-n1 {Command.INTERFACES}", BRIEF.format(routed=routed, why=why)),
    )
    known = verdict("nexus.no_shutdown", *answers)
    assert known.state == state
    assert "hdv-n1 Ethernet1/1" in known.evidence


HOSTS = "GET /api/clustermgmt/v4.0/config/hosts"
SECURED = [{"radiusServers": [{"host": "h"}]}]
LOGIN = {"elasticsearch_authentication_settings": {"method": "basic", "login": "journaux"}}


@pytest.mark.parametrize(
    ("belief", "silent", "speaking"),
    [
        ("meraki.secrets_hidden", [("GET /networks/N/wireless/ssids", SECURED)],
         [("GET /networks/N/switch/accessPolicies", SECURED)]),
        ("smc.secrets_hidden", [("GET /7.4/elements/log_server/1", {"name": "l"})],
         [("GET /7.4/elements/log_server/2", {"name": "l", **LOGIN})]),
        ("prism.node_states", [(HOSTS, {"data": [{"hypervisor": {"state": "ACROPOLIS_NORMAL"}}]})],
         [(HOSTS, {"data": [{"hypervisor": {"state": "HA_FAILOVER_SOURCE"}}]})]),
        ("nexus.no_shutdown",
         [(f"n1 {Command.CONFIGURATION}", CONFIGURATION.replace("  no switchport\n", "")),
          (f"n1 {Command.INTERFACES}", BRIEF.format(routed="up  ", why="none"))],
         [(f"n2 {Command.CONFIGURATION}", CONFIGURATION),
          (f"n2 {Command.INTERFACES}", BRIEF.format(routed="down", why="Administratively down"))]),
    ],
)  # fmt: skip
def test_an_answer_that_could_not_have_said_no_confirms_nothing(belief: str, silent: Any, speaking: Any) -> None:
    asked = [Answer(*known) for known in silent]
    assert verdict(belief, *asked).state == "unknown"
    assert verdict(belief, *asked, *(Answer(*known) for known in speaking)).state == "confirmed"


def test_an_engine_that_shows_a_secret_refutes() -> None:
    lied = Answer("GET /7.4/elements/fw_cluster/7", {"name": "FW", "snmp": {"community": "bourget"}})
    assert verdict("smc.secrets_hidden", lied).state == "refuted"


# Windows


def computer(name: str, *services: str, flags: int = 4096, system: str = "Windows Server 2022 Standard") -> Any:
    return {
        "name": [name], "dNSHostName": [f"{name}.ad.lebourget.example"], "servicePrincipalName": [*services],
        "userAccountControl": [str(flags)], "operatingSystem": [system], "operatingSystemVersion": ["10.0 (20348)"],
    }  # fmt: skip


HOSTS = [
    computer("hdv-dc1", "HOST/hdv-dc1.ad.lebourget.example", flags=8192 + 524288),
    computer("hdv-fic1", "HOST/HDV-FIC1.ad.lebourget.example", system="Windows Server 2019 Standard"),
    computer("pc-001", system="Windows 11 Pro"),
]
FULL = HOSTS[1]["dNSHostName"][0]
SERVICE = {**computer("svc-web", flags=512), "dNSHostName": [], "operatingSystem": []}
SERVER = {"cn": ["hdv-dc1"], **{name: [text] for name, text in believed.ad_dhcp_servers.PLAIN.items()}}
BIN = {"cn": ["Recycle Bin Feature"], "msDS-EnabledFeatureBL": ["CN=Partitions,CN=Configuration,DC=ad"]}
HONEST = {"recycle_bin": [BIN], "dhcp_servers": [SERVER], "service_names": HOSTS, "versions": HOSTS}


@contextmanager
def directory(**lies: Sequence[Mapping[str, Any]]) -> Iterator[None]:
    """Have the directory answer as it should, but for its lies."""
    content = {**HONEST, **lies}

    def ask(domain: Any, question: str) -> Iterator[Answer]:
        yield Answer(question, content[question.removeprefix("LDAP ")])

    with patch.object(believed, "_ask", ask):
        yield


def judged_by_the_directory(**lies: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    every = [Answer(f"LDAP {name}", content) for name, content in {**HONEST, **lies}.items()]
    known = {id_: judged(beliefs()[id_], every).state for id_ in beliefs() if id_.startswith("windows.")}
    return {id_: state for id_, state in known.items() if state != "unknown"}


def test_an_honest_directory_confirms_and_its_own_entries_prove_no_authorisation() -> None:
    assert judged_by_the_directory() == {"windows.bin_active": "confirmed", "windows.service_names": "confirmed"}


@pytest.mark.parametrize(
    ("id_", "lie"),
    [
        ("windows.bin_active", {"recycle_bin": [{**BIN, "msDS-EnabledFeatureBL": []}]}),
        ("windows.dhcp_authorisation", {"dhcp_servers": [{**SERVER, "dhcpType": ["0"]}]}),
        ("windows.service_names", {"service_names": [computer("hdv-nps1", "HOST/hdv-nps1")]}),
        ("windows.service_names", {"service_names": [*HOSTS, computer("vieux", *HOSTS[0]["servicePrincipalName"])]}),
        ("windows.service_names", {"service_names": [*HOSTS, {**SERVICE, "servicePrincipalName": [f"HOST/{FULL}"]}]}),
        ("windows.service_names", {"service_names": [*HOSTS, *(computer(pc, "HOST/pc", system="") for pc in "ab")]}),
    ],
)
def test_a_directory_that_lies_refutes_the_belief_by_its_name(id_: str, lie: dict[str, Any]) -> None:
    assert judged_by_the_directory(**lie)[id_] == "refuted"


def test_the_root_of_the_console_proves_nothing() -> None:
    root = {"cn": ["DhcpRoot"], **{name: [] for name in believed.ad_dhcp_servers.PLAIN}}
    assert "windows.dhcp_authorisation" not in judged_by_the_directory(dhcp_servers=[root])


def test_controllers_and_file_servers_have_versions_of_their_own() -> None:
    domain: Any = type("Domain", (), {"servers": {"hdv-fic1"}})()
    with directory():
        assert believed._versions(domain, controllers=True) == (
            "Windows Server 2019 Standard 10.0 (20348) ; Windows Server 2022 Standard 10.0 (20348)"
        )
        assert believed._versions(domain, controllers=False) == "Windows Server 2019 Standard 10.0 (20348)"


def test_a_server_that_says_no_version_is_named_as_unknown() -> None:
    domain: Any = type("Domain", (), {"servers": {"hdv-fic1", "hdv-nps1", "pc-002"}})()
    silent = {**computer("hdv-nps1"), "operatingSystem": [], "operatingSystemVersion": []}
    with directory(versions=[*HOSTS, silent]):
        said = believed._versions(domain, controllers=False)
    assert said == "Windows Server 2019 Standard 10.0 (20348) ; hdv-nps1 : inconnue ; pc-002 : inconnue"


def test_any_account_with_the_service_of_a_host_is_looked_for_and_known_in_a_masked_capture() -> None:
    _, query, attributes, _ = believed._SEARCHES["service_names"]
    assert "(servicePrincipalName=HOST/*)" in query
    shown = sought(Masks(b"clef"), query)
    assert believed.searched([("filter", shown), *(("attribute", each) for each in attributes)]) == "LDAP service_names"


# all


def test_every_question_of_a_belief_has_its_reader() -> None:
    asked = (id_ for id_, belief in beliefs().items() if len(belief.questions) > len(belief.findings))
    systems = {id_.partition(".")[0] for id_ in asked}
    assert {"glpi", "veeam", "nexus", "windows"} < systems
    assert {f"{system}_answers" for system in systems} <= READS.keys()


def test_a_check_of_the_doctor_settles_windows_too() -> None:
    (belief,) = (belief for belief in beliefs().values() if belief.findings == ("winrm.reachable",))
    assert checked(belief, [Finding("winrm.reachable", "ok", "hdv-nps1 répond")]).state == "confirmed"
    assert checked(belief, [Finding("winrm.reachable", "wrong", "hdv-nps1 en HTTP")]).state == "refuted"
