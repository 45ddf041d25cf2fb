"""The simulated SMC against the vendor's library and its scripts, which we did not write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lab.server import Listener
from piste.runs.plans.undo import inverse
from piste.systems.forcepoint.administrators import MODULES
from tests.contract.smc import Contract
from tests.contract.smc_scripts import Outcome, run, run_all, scripts
from tests.support.breadth import breadth
from tests.support.smc import SmcWorld

OURS = (
    "basic_requests", "domain_name", "firewall_policy_nat", "group", "ip_lists", "network", "service", "sub_policies",
)  # fmt: skip
# Other scripts that the simulator serves to their end.
ALSO = (
    "aggregated_interface", "alert_chain_and_alert_chain_rule", "alert_policy_and_alert_rule", "alias",
    "application_access_portal", "bgp", "certify_component_ext_pki", "cloud_engine", "connection_type",
    "eca_configuration", "elasticsearch_cluster", "engine_query_route", "export_all", "file_filtering_policy",
    "gateway_profile", "internal_gateway", "internal_user_and_user_group", "layer3_cluster", "lldp",
    "match_expression", "modem_interface", "monitoring_status", "netlink", "policy_rule_source_vpn", "profiles",
    "protocol_agent", "rule_cleanup", "ssl_vpn_portal", "switch_interface", "system_properties",
    "template_policies", "test-parallel-multiprocessing", "type_of_servers", "upcoming_event", "update_package",
    "update_server_profile", "url_list_application", "user_id_service", "virtual_engines", "vpn_profile",
    "vpn_site", "web_access_server",
)  # fmt: skip
# Served too, but they sleep too long to be here: `python -m tests.contract.smc_scripts` runs them.
SLOW = (
    "gateway_certificates", "ha_management", "login_domain_username_password", "scheduled_tasks", "tasks",
)  # fmt: skip
# The others: none is about a kind that Piste drives (elements, rules, installations, administrators).
OTHERS = {
    "add_sidewinder_routes": "calls Engine.load, which the library has not any more",
    "configure_ztna_addon": "its add-on has ended with the version 7.5.0 of the server, which the lab is",
    "engine-node-health": "reads Node.hardware_status, which fails inside the library on any answer",
    "import_engine_upgrade": "needs an upgrade file of the vendor",
    "layer3_cluster_ldap_replication": "asks twice for what is done, which a server refuses, and ends by 1 then",
    "layer3_firewall": "imports addict, which neither the library nor its metadata bring",
    "mini_reports": "reads success in the answer that says that the report is being made",
    "servers": "turns TLS of the server off, and restarts it",
    "situations": "inspection, whose contexts and parameters come with the vendor's update packages",
    "ssm_elements": "asks an engine for the key of a host: the lab's engines have no network",
    "sync_admins": "browses an external directory, which the lab's server is not connected to",
    "vpn_to_external_peer": "calls Engine.load, which the library has not any more",
}
# Attributes that the library sends and the model of 7.4.1 lacks.
SENT = {
    "fw_ipv4_access_rule.is_disabled",
    "fw_ipv4_nat_rule.is_disabled",
    "fw_ipv6_access_rule.is_disabled",
    "integrated_uis.iuis_ignore.iuis_ignore_ip",
    "single_fw.nodes.firewall_node.disabled",
    *(
        f"lldp_profile.{name}"
        for name in (
            "chassis_id", "management_address", "port_description", "port_id", "system_capabilities",
            "system_description", "system_name", "time_to_live",
        )
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory, smc_contract_if_present: Contract | None) -> dict[str, Outcome]:
    return run_all(OURS, tmp_path_factory.mktemp("scripts"), smc_contract_if_present)


def test_every_script_is_served_or_has_a_reason_not_to_be() -> None:
    assert sorted([*OURS, *ALSO, *SLOW, *OTHERS]) == scripts()
    assert len(OTHERS) <= 12


@pytest.mark.parametrize("name", OURS)
def test_a_script_of_the_vendor_runs_to_its_end(name: str, outcomes: dict[str, Outcome]) -> None:
    assert outcomes[name].code == 0, outcomes[name].output[-3000:]


@pytest.mark.story
def test_the_scripts_of_kinds_that_nothing_drives_run_to_their_end(tmp_path: Path) -> None:
    ended = run_all(ALSO, tmp_path)
    assert {name: outcome.output[-3000:] for name, outcome in ended.items() if outcome.code} == {}


@pytest.mark.parametrize("name", breadth(["firewall_policy_nat", "domain_name", "sub_policies"], 3))
@pytest.mark.parametrize("version", ["6.10", "7.5"])
def test_the_oldest_and_the_newest_version_serve_what_differs(name: str, version: str, tmp_path: Path) -> None:
    outcome = run(name, tmp_path, version=version)
    assert outcome.code == 0, outcome.output[-3000:]


def test_the_bodies_of_both_sides_are_those_of_the_model(outcomes: dict[str, Outcome], smc_contract: Contract) -> None:
    sent = set().union(*(outcomes[name].sent for name in OURS))
    answered = set().union(*(outcomes[name].answered for name in OURS))
    assert sent == SENT
    assert answered <= sent


def test_a_script_that_cannot_log_in_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.smc.simulator.sessions.same", lambda given, expected: False)
    assert run("domain_name", tmp_path).code != 0


def test_the_library_sees_an_administrator_leave_and_come_back(tmp_path: Path) -> None:
    from smc import session
    from smc.elements.user import AdminUser

    world = SmcWorld(tmp_path / "smc")
    for name in ("dsi-ville", "sortant"):
        world.simulator.edit("POST", "/elements/admin_user", {"name": name, "superuser": True})
    listener = Listener({"": world.simulator})

    def asked(**given: Any) -> list[dict[str, Any]]:
        with world.run():
            params = {"smc": world.connection(), "outgoing": [], **given}
            operations: list[dict[str, Any]] = MODULES["smc_administrators"].run(params, False)["operations"]
        return operations

    def enabled() -> dict[str, bool]:
        session.login(url=listener.url, api_key=world.simulator.api_key, api_version="7.4")
        try:
            return {name: AdminUser(name).enabled for name in ("dsi-ville", "sortant")}
        finally:
            session.logout()

    try:
        tasks, _ = inverse(asked(outgoing=["sortant"], remove=True))
        assert enabled() == {"dsi-ville": True, "sortant": False}
        asked(accounts=tasks["commune"]["returned"]["smc_administrators"]["config"])
        assert enabled() == {"dsi-ville": True, "sortant": True}
    finally:
        listener.close()
