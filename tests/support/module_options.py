"""Options that make each module read, to run it in the worker and in a process of its own."""

from __future__ import annotations

import json
import runpy
from collections.abc import Mapping
from typing import Any

import yaml

from piste.runs.modules import READ as READER
from piste.runs.modules import READS
from piste.systems.kinds import of_domain
from piste.systems.meraki.intent import meraki_intent
from tests.support.playbooks import REPOSITORY
from tests.support.town import declared_town, dot1x, site

DASHBOARD = {"dashboard": "{{ piste_meraki }}", "secrets": "{{ piste_secrets }}", "owner": "ecole-jaures"}
IN_NETWORK = {**DASHBOARD, "network": "VLB ecole-mermoz"}
IN_DOMAIN = {"domain": "{{ piste_ad }}", "secrets": DASHBOARD["secrets"], "owner": "commune"}
IN_THE_DOMAIN: dict[str, dict[str, Any]] = {
    "ad_organizational_units": {"path": "Ville", "description": "Tout ce que Piste tient"},
    "ad_groups": {"name": "GP-Agents", "ou": "Domain Controllers", "description": "Agents de la ville"},
    "ad_wmi_filters": {"name": "Portables", "queries": [{"query": "SELECT * FROM Win32_Battery"}]},
    "ad_gpos": {"name": "Veille", "computer": {"policies": {"power.sleep_after_ac": 600}}},
    "ad_gpo_links": {"target": "/", "links": {"Default Domain Policy": {"enforced": True}}},
    "ad_sites": {"name": "Stade", "links": {"HDV-STADE": {"sites": ["Default-First-Site-Name"]}}},
    "ad_dhcp_servers": {"name": "neuf.ad.lebourget.example", "address": "10.93.2.99"},
    "ad_subnets": {"subnet": "10.93.64.0/21", "site": "Default-First-Site-Name"},
    "dns_zones": {"name": "48.10.in-addr.arpa"},
    "dns_records": {"zone": "ad.lebourget.example", "name": "neuf", "type": "A", "values": ["10.93.2.99"]},
}
SMC = {"smc": "{{ piste_smc }}"}
A_POLICY = {"type": "fw_policy", "scope": "whole", "name": "POL_TEST_2021", "comment": "essai"}
IN_THE_SMC: dict[str, dict[str, Any]] = {
    "smc_elements": {"type": "host", "name": "srv-neuf", "address": "10.93.2.99"},
    "smc_policies": A_POLICY,
    "smc_installations": {"engine": "fw_cluster/fw-hdv", "policy": "fw_policy/POL_TEST_2021"},
}
INTENT = meraki_intent(dot1x(site("ecole-mermoz")))
PRISM = {"prism": "{{ piste_prism }}", "cluster": "ntnx-hdv"}
WINRM = {"winrm": "{{ piste_winrm }}"}
NPS = {**WINRM, "servers": ["hdv-nps1"]}
PRINTING = {**WINRM, "server": "hdv-imp1"}
DHCP = {**WINRM, "server": "hdv-dc1"}
GLPI = {"glpi": "{{ piste_glpi }}"}
IN_GLPI = ("lists", "locations", "suppliers", "contracts", "assets", "licenses", "certificates", "appliances")
COMMUNE = declared_town().commune
assert COMMUNE
CERTIFICATES = COMMUNE["certificates"]
NO_ZABBIX = {"url": "https://127.0.0.1:1", "token": "jeton-de-personne"}
READ: dict[str, dict[str, Any]] = {
    "ad_administrators": {"domain": IN_DOMAIN["domain"], "outgoing": ["*prestataire*"]},
    "dhcp_relations": {**DHCP, "state": "gathered"},
    "dhcp_scopes": {**DHCP, "state": "gathered"},
    "dhcp_servers": {**DHCP, "state": "gathered"},
    "meraki_energy": {"dashboard": DASHBOARD["dashboard"], "start": "2026-11-02", "end": "2026-11-09"},
    "meraki_usage": {"dashboard": DASHBOARD["dashboard"], "timezone": "Europe/Paris", "places": []},
    "meraki_port_traffic": {"dashboard": DASHBOARD["dashboard"], "ports": ["QZZZ-0000-0001/5"], "start": 0, "end": 1},
    "meraki_firmware": {**IN_NETWORK, "state": "gathered"},
    "meraki_link_aggregations": {**IN_NETWORK, "state": "gathered"},
    "meraki_port_schedules": {**IN_NETWORK, "state": "gathered"},
    "meraki_radios": {**IN_NETWORK, "state": "gathered"},
    "meraki_rf_profiles": {**IN_NETWORK, "state": "gathered"},
    "meraki_routed_interfaces": {**DASHBOARD, "state": "gathered"},
    "meraki_static_routes": {**DASHBOARD, "state": "gathered"},
    "meraki_switch_stacks": {**IN_NETWORK, "state": "gathered"},
    "meraki_trusted_servers": {**IN_NETWORK, "state": "gathered"},
    "meraki_access_lists": {"dashboard": DASHBOARD["dashboard"], "network": IN_NETWORK["network"]},
    "meraki_administrators": {"dashboard": DASHBOARD["dashboard"], "outgoing": ["*@prestataire.example"]},
    "meraki_routers": {
        "dashboard": DASHBOARD["dashboard"],
        "network": "VLB ecole-mermoz",
        "core": {"network": "VLB ecole-mermoz", "carrier": "coeur"},
    },
    **{
        f"nexus_{part}": {"nexus": {"username": ""}, "declared": {"switches": [], "vlans": []}}
        for part in ("checks", "configurations", "living", "orphans", "tests")
    },
    "nps_connection_request_policies": {**NPS, "state": "gathered", "secrets": DASHBOARD["secrets"]},
    "nps_network_policies": {
        **NPS, "state": "gathered", "secrets": DASHBOARD["secrets"], "domain": IN_DOMAIN["domain"],
    },
    "nps_radius_clients": {**NPS, "state": "gathered", "secrets": DASHBOARD["secrets"]},
    "piste_access": {
        **NPS, "domain": IN_DOMAIN["domain"], "state": "gathered", "secrets": DASHBOARD["secrets"],
    },
    "piste_addressing": {**DHCP, "state": "gathered"},
    "piste_directory": {"domain": IN_DOMAIN["domain"], "only": ["groups"], "state": "gathered"},
    "piste_names": {"domain": IN_DOMAIN["domain"], "state": "gathered"},
    "piste_firewall": {**SMC, "state": "gathered"},
    "piste_hosting": {**PRISM, "state": "gathered"},
    "piste_network": {**IN_NETWORK, "state": "gathered"},
    "piste_printing": {**PRINTING, "state": "gathered"},
    "piste_routing": {**DASHBOARD, "state": "gathered"},
    "prism_administrators": {"prism": PRISM["prism"], "outgoing": ["*prestataire*"]},
    "prism_affinity_policies": {"prism": PRISM["prism"], "state": "gathered"},
    "prism_categories": {"prism": PRISM["prism"], "state": "gathered"},
    "prism_images": {**PRISM, "state": "gathered"},
    "prism_protection_policies": {"prism": PRISM["prism"], "state": "gathered"},
    "prism_recovery_plans": {**PRISM, "state": "gathered"},
    "prism_recovery_points": {"prism": PRISM["prism"], "declared": {"stores": [], "sets": []}},
    "prism_subnets": {**PRISM, "state": "gathered"},
    "prism_vms": {**PRISM, "state": "gathered"},
    **{
        f"smc_engine_{part}": {**SMC, "state": "gathered"} for part in ("interfaces", "routes", "settings", "gateways")
    },
    "piste_inventory": {**GLPI, "only": ["assets", "contracts"], "state": "gathered"},
    **{f"glpi_{part}": {**GLPI, "owner": "commune", "state": "gathered"} for part in IN_GLPI},
    "glpi_administrators": {**GLPI, "outgoing": ["*prestataire*"]},
    "glpi_renewals": {**GLPI, "declared": CERTIFICATES},
    "ad_authorities": {"domain": IN_DOMAIN["domain"], "declared": CERTIFICATES},
    "certificate_scan": {"declared": CERTIFICATES, "tls": {"only_elsewhere": True}},
    "win_certificates": {"winrm": NPS["winrm"], "declared": CERTIFICATES},
    "computer_measures": {
        "declared": COMMUNE["computer_measures"],
        "smb": {"username": "", "only_elsewhere": True},
        "domain": IN_DOMAIN["domain"],
        "environment": "{{ piste_environment }}",
    },
    "storage_scan": {
        "declared": COMMUNE["storage"], "smb": {"username": "", "only_elsewhere": True},
        "index": "{{ piste_storage_index }}",
    },
    "veeam_checks": {"veeam": {"base_url": ""}, "declared": COMMUNE["protection"]},
    "veeam_copies": {"veeam": {"base_url": ""}, "declared": COMMUNE["protection"]},
    **{f"microsoft_{part}": {"microsoft": {"base_url": ""}} for part in ("checks", "machines", "tenant")},
    "ups_tests": {"nut": {"address": "127.0.0.1", "port": 9, "timeout": 1.0}, "declared": []},
    "smc_administrators": {**SMC, "outgoing": ["*prestataire*"]},
    "smc_log_servers": {**SMC, "state": "gathered"},
    "win_administrators": {**PRINTING, "outgoing": ["*prestataire*"]},
    "win_print_accounting": {**PRINTING, "queues": ["imp-jau-01"], "after": 3},
    "win_print_queues": {**PRINTING, "state": "gathered"},
    # Nothing is asked of a Zabbix where nothing is declared.
    **{kind.module: {"zabbix": NO_ZABBIX, "config": []} for kind in of_domain("supervision")},
    "zabbix_administrators": {"zabbix": NO_ZABBIX, "outgoing": ["*prestataire*"]},
    "piste_supervision": {"zabbix": NO_ZABBIX, "state": "merged"},
    "zabbix_checks": {"zabbix": {"url": "", "token": ""}},
}  # fmt: skip
# Their options are whole hours of the town, tests or exports: the tests of the pages on them run them.
WHOLE = {
    "glpi_changes",
    "glpi_export",
    "glpi_links",
    "glpi_warranties",
    "piste_bag_scan",
    "piste_exported",
    "piste_files",
    "piste_restore_tests",
    "piste_runs",
    "piste_trace",
    "prism_clusters",
    "prism_power_hours",
    "probe_request",
    "probe_results",
    "restic_copies",
    "zabbix_push",
}
VARIABLES = {f"{{{{ piste_{name} }}}}" for name in ("ad", "glpi", "meraki", "prism", "secrets", "smc", "winrm")}
"""Variables that a test gives to a process as Ansible does to the worker."""

_TEXTS = runpy.run_path(str(REPOSITORY / f"library/{READER}.py"))


def _read(text: str) -> Any:
    """Read a text of the module, by libyaml: every session that collects this file reads both."""
    return yaml.load(_TEXTS[text], yaml.CSafeLoader)


RESULTS: Mapping[str, set[str]] = {
    subject: {name for name, entry in _read("RETURN").items() if f"C({subject})" in str(entry)}
    for subject in READS
}
"""The results that the module which reads names, by subject."""


def _plain(options: Mapping[str, Any]) -> bool:
    """Tell whether a process gets the options as they are written."""
    return "{{" not in json.dumps([value for value in options.values() if str(value) not in VARIABLES])


def _examples() -> dict[str, dict[str, Any]]:
    """Give the options of each subject in the example of its module."""
    tasks = _read("EXAMPLES")
    return {options.pop("subject"): options for options in (task[READER] for task in tasks)}


READ |= {name: given for name, given in _examples().items() if name not in READ and name not in WHOLE and _plain(given)}
ALONE = WHOLE | {name for name in READS if name not in READ}
"""What runs elsewhere: a subject whose example takes what only a run knows has no other options here."""
