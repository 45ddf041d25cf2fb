"""Every belief that answers settle is refuted by some, and confirmed by others."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest

from piste.runs.read import of
from piste.systems.beliefs.answers import Answer, judged, verdicts
from piste.systems.beliefs.form import beliefs
from piste.systems.veeam.client import PAGE
from piste.systems.zabbix.api import SUPER, Zabbix
from tests.unit.beliefs.test_lies import LIES
from tests.unit.beliefs.test_other_lies import BIN, BRIEF, CONFIGURATION, SERVER, computer

type Said = tuple[str, Any]
UNREFUTED = {"prism.older_versions": "an older version that is not served refuses the question itself"}
"""Beliefs that answers confirm alone, and why."""
ZABBIX, API = "POST /api_jsonrpc.php", "GET /api.php/v2.3"
SECRET, PLAIN = {"macro": "{$K}", "type": "1"}, {"macro": "{$P}", "type": "0", "value": "30"}
ITEMS = [{"itemid": id_, "key_": key} for id_, key in (("1", "icmpping"), ("2", "icmppingsec"), ("3", "icmppingloss"))]
LINK = (f"{ZABBIX}/host.get", [{"host": "lien-ineo-jau", "items": ITEMS}])
SOUND = {"ups.status": "OL CHRG", "ups.load": "23", "battery.charge": "97.5", "battery.date": "2024/03/31"}


def supply(**other: str) -> Said:
    return "LIST /192.0.2.1:3493/VAR/ups", {**SOUND, **{name.replace("_", "."): text for name, text in other.items()}}


def silent_hour(mean: str, latency: str) -> Said:
    row = {"clock": "3600", "num": "60", "value_min": "0"}
    return f"{ZABBIX}/trend.get", [
        {**row, "itemid": "1", "value_avg": mean, "value_max": "0"},
        {**row, "itemid": "2", "value_avg": "0", "value_max": latency},
        {**row, "itemid": "3", "value_min": "100", "value_avg": "100", "value_max": "100"},
    ]


def trial(of: str, **asked: Any) -> Said:
    return f"TRIAL Get-{of}", {"objects": 1, "state": "ok", "error": "", "properties": {}, **asked}


def printed(event: str, **types: str) -> Said:
    """The shape of two events of the print log; a property without a type is empty."""
    about = {
        name: {"missing": 0, "empty": 0 if kind else 2, "types": [f"System.{kind}"] if kind else [], "words": []}
        for name, kind in types.items()
    }
    asked = {"command": f"Event-{event}", "objects": 2, "state": "ok", "error": "", "properties": about}
    return f"TRIAL Event-{event}", asked


HONEST: dict[str, list[Said]] = {
    "zabbix.secrets_hidden": [(f"{ZABBIX}/host.get", [{"macros": [SECRET, PLAIN]}])],
    "zabbix.hourly_means": [LINK, silent_hour("0", "0")],
    "windows.print_event_307": [printed("307", Job="UInt32", Queue="String", Pages="UInt32")],
    "windows.print_event_805": [printed("805", Color="Int32", Copies="Int32", Late="")],
    **{f"ups.{name}": [supply()] for name in ("list", "mains", "words", "percents", "battery_date")},
}
LYING: dict[str, list[Said]] = {
    "zabbix.secrets_hidden": [(f"{ZABBIX}/host.get", [{"macros": [{**SECRET, "value": "clef"}]}])],
    "zabbix.hourly_means": [LINK, silent_hour("0.5", "0")],
    "ups.list": [("LIST /192.0.2.1:3493/VAR/ups", {})],
    "ups.mains": [supply(ups_status="CHRG")],
    "ups.words": [supply(ups_status="OL PANNE")],
    "ups.percents": [supply(battery_charge="-1")],
    "ups.battery_date": [supply(battery_date="le 31 mars 2024")],
    "glpi.contract_fields": [(f"{API}/Management/License", [{"number": 1}])],
    "glpi.import_rules": [(f"{API}/Rule/Collection/ImportAsset/Rule", [{
        "name": "Par nom", "ranking": 1, "is_active": True,
        "criteria": [{"criteria": "name", "condition": 10, "pattern": "1"}],
    }])],
    "veeam.pages": [(f"GET /api/v1/sessions?skip=0&limit={PAGE}",
                     {"data": [{"id": "s"}], "pagination": {"total": 500}})],
    "veeam.scale_out": [("GET /api/v1/backupInfrastructure/repositories", {"data": [{"id": "r1"}]}),
                        ("GET /api/v1/backups", {"data": [{"repositoryId": "r2"}]})],
    "veeam.sessions_gone": [("GET /api/v1/sessions", {"data": [{"id": "s1"}]}),
                            ("GET /api/v1/restorePoints", {"data": [{"id": "p1", "sessionId": "s2"}]})],
    "nexus.tables": [("n1 show vlan brief", "VLAN Nom Etat\n")],
    "nexus.no_shutdown": [("n1 show running-config", CONFIGURATION),
                          ("n1 show interface brief", BRIEF.format(routed="up  ", why="none"))],
    "meraki.unknown_client": [("GET /organizations/1/clients/search?mac=x", ["rien"])],
    "smc.installed_at": [("POST /7.4/system/monitoring_status", {"last_upload_time": "hier"})],
    "smc.endpoint_name": [("GET /7.4/elements/external_gateway/1/external_endpoint",
                           {"result": [{"name": "a (wan)"}]})],
    "smc.tunnel_ends": [("GET /7.4/elements/vpn/1/gateway_tunnel/2", {"gateway_node_1": {"name": "x"}})],
    "smc.roles": [("GET /7.4/elements/role/1", {"name": "Lecteur", "can_fly": True})],
    "windows.service_names": [("LDAP service_names", [computer("hdv-nps1", "HOST/hdv-nps1")])],
    "windows.dhcp_words": [trial("DhcpServerv4Scope", properties={"State": {"words": ["Actif"]}})],
    "windows.dhcp_no_account": [trial("DhcpServerDnsCredential", state="error", error="ObjectNotFound")],
    "windows.print_event_307": [printed("307", Job="UInt32", Queue="String", Pages="String")],
    "windows.print_event_805": [printed("805", Color="Int32", Copies="Int32", Late="Boolean")],
    "windows.dhcp_authorisation": [("LDAP dhcp_servers", [{**SERVER, "dhcpType": ["0"]}])],
    "windows.bin_active": [("LDAP recycle_bin", [{**BIN, "msDS-EnabledFeatureBL": []}])],
}  # fmt: skip


def state(id_: str, said: list[Said]) -> str:
    return judged(beliefs()[id_], [Answer(*each) for each in said]).state


def test_every_belief_that_answers_settle_is_refuted_by_a_lie() -> None:
    settled = {id_ for id_, belief in beliefs().items() if belief.shows}
    assert {id_ for id_, _, _ in LIES} | LYING.keys() | UNREFUTED.keys() == settled
    assert len({id_ for id_, _, _ in LIES}) >= 15


@pytest.mark.parametrize("id_", LYING)
def test_a_lie_refutes_its_belief_and_no_other(id_: str) -> None:
    known = dict(verdicts(id_.partition(".")[0], [Answer(*each) for each in LYING[id_]]))
    assert known[id_].state == "refuted"
    assert {other for other, verdict in known.items() if verdict.state == "refuted"} == {id_}


@pytest.mark.parametrize("id_", HONEST)
def test_an_honest_answer_confirms(id_: str) -> None:
    assert state(id_, HONEST[id_]) == "confirmed"


def test_what_shows_nothing_confirms_nothing() -> None:
    assert state("zabbix.secrets_hidden", [(f"{ZABBIX}/host.get", [{"macros": [PLAIN]}])]) == "unknown"
    assert state("zabbix.hourly_means", [LINK]) == "unknown"
    assert state("ups.percents", [supply(ups_load="0", battery_charge="1")]) == "unknown", "a fraction looks alike"
    assert state("ups.mains", [supply(ups_status="WAIT")]) == "unknown", "a driver that starts"
    assert state("ups.battery_date", [supply(battery_date="not set")]) == "unknown"


def test_a_print_log_without_an_event_shows_nothing_and_a_lost_field_refutes() -> None:
    for event in ("307", "805"):
        question, asked = printed(event)
        none = {**asked, "state": "error", "error": "NoMatchingEventsFound,Microsoft.PowerShell", "objects": 0}
        assert state(f"windows.print_event_{event}", [(question, none)]) == "unknown"
    question, asked = printed("805")
    lost = {**asked, "state": "error", "error": "PropertyNotFoundStrict", "objects": 0}
    assert state("windows.print_event_805", [(question, lost)]) == "refuted"


def test_zabbix_is_asked_once_and_says_its_version() -> None:
    account = [{"userid": "1", "role": {"type": SUPER}}]
    hosts = [{"hostid": "1", "macros": [{**SECRET, "value": "clef"}]}]
    asked: list[str] = []

    def answer(zabbix: Zabbix, method: str, params: Any, headers: Any) -> Any:
        asked.append(method)
        return {"apiinfo.version": "7.0.22", "user.get": account, "host.get": hosts}[method]

    with patch.object(Zabbix, "_sent", answer):
        read = of("zabbix_answers").run({"zabbix": {"url": "https://zabbix.example", "token": "x"}}, True)
    assert asked == ["apiinfo.version", "user.get", "host.get"]
    assert read["version"] == "7.0.22"
    assert {id_: verdict["state"] for id_, verdict in read["verdicts"].items()} == {"zabbix.secrets_hidden": "refuted"}
