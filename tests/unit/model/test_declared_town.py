"""The declared town of the repository is the sample plan, without a fault."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from piste.engine.converge.secrets import FINGERPRINT_KEY
from piste.town.model import Device, Site, Town, load, rules
from tests.support.parsing import counted

ROOT = Path(__file__).parents[3]

PLAN = {
    # id: (number, code, extra segments: (subnet, VLAN))
    "hotel-de-ville": (0, "hdv", {"surete": ("10.93.7.0/24", 107)}),
    "ccas": (1, "ccas", {}),
    "ctm": (2, "ctm", {"exploitation": ("10.93.21.0/24", 125), "surete": ("10.93.23.0/24", 127)}),
    "cimetiere": (3, "cim", {}),
    "ecole-auriol": (4, "aur", {"pedagogique": ("10.93.37.0/24", 145)}),
    "ecole-jaures": (5, "jau", {"pedagogique": ("10.93.45.0/24", 155)}),
    "ecole-mermoz": (6, "mer", {"pedagogique": ("10.93.53.0/24", 165)}),
    "ecole-bleriot": (7, "ble", {"pedagogique": ("10.93.61.0/24", 175)}),
    "ecole-saint-exupery": (8, "stx", {"pedagogique": ("10.93.69.0/24", 185)}),
    "creche-bastie": (9, "bas", {}),
    "halte-jeux": (10, "hje", {}),
    "rpe-caravelle": (11, "rpe", {}),
    "mediatheque": (12, "med", {"public": ("10.93.101.0/24", 225)}),
    "malraux": (13, "mal", {"public": ("10.93.109.0/24", 235), "billetterie": ("10.93.110.0/24", 236)}),
    "conservatoire": (14, "con", {}),
    "houyoux": (15, "hou", {"exploitation": ("10.93.125.0/24", 255), "billetterie": ("10.93.126.0/24", 256)}),
    "stade-salengro": (
        16,
        "sal",
        {"exploitation": ("10.93.133.0/24", 265), "billetterie": ("10.93.134.0/24", 266)},
    ),
    "piscine": (17, "pis", {"exploitation": ("10.93.141.0/24", 275), "billetterie": ("10.93.142.0/24", 276)}),
    "residence-marlin": (18, "mar", {"public": ("10.93.149.0/24", 285)}),
    # The plan keeps the whole 10.93.159.0/24 for the interconnection and uses its first /29.
    "police-municipale": (
        19,
        "pm",
        {"surete": ("10.93.158.0/24", 296), "csu-interco": ("10.93.159.0/29", 297)},
    ),
    "rpe-365": (21, None, {}),
    "maisons-de-quartier": (22, None, {"public": ("10.93.181.0/24", 325)}),
    "equipements-associatifs": (23, None, {}),
    "nouveau-site": (24, None, {}),
}
BASE = ["administration", "utilisateurs", "serveurs", "telephonie", "invites"]

MODELS = ("MS425-32", "MS210-48", "MS210-24", "MS220-24", "MS120-8", "MR")
COUNTS = {
    "hotel-de-ville": (2, 4, 2, 0, 2, 14),
    "ccas": (0, 0, 1, 0, 1, 3),
    "ctm": (0, 1, 0, 0, 2, 5),
    "cimetiere": (0, 0, 0, 0, 1, 1),
    "ecole-auriol": (0, 0, 0, 1, 2, 6),
    "ecole-jaures": (0, 0, 0, 1, 2, 6),
    "ecole-mermoz": (0, 0, 0, 1, 2, 6),
    "ecole-bleriot": (0, 0, 0, 1, 2, 6),
    "ecole-saint-exupery": (0, 0, 0, 1, 2, 6),
    "creche-bastie": (0, 0, 0, 1, 0, 3),
    "halte-jeux": (0, 0, 0, 0, 1, 1),
    "rpe-caravelle": (0, 0, 0, 0, 1, 1),
    "mediatheque": (0, 1, 0, 0, 1, 6),
    "malraux": (0, 0, 1, 0, 1, 5),
    "conservatoire": (0, 0, 1, 0, 0, 5),
    "houyoux": (0, 0, 0, 1, 1, 5),
    "stade-salengro": (0, 0, 0, 0, 1, 2),
    "piscine": (0, 0, 0, 1, 0, 4),
    "residence-marlin": (0, 0, 0, 1, 0, 4),
    "police-municipale": (0, 0, 1, 0, 1, 2),
}

# What must be plugged in: postes (workstations, or phones where they are more), printers and copiers,
# teaching posts, boards, open-access posts, UPS.
PLUGS = {
    "hotel-de-ville": {"poste": 93, "imprimante": 9, "onduleur": 2},
    "ccas": {"poste": 14, "imprimante": 2, "onduleur": 1},
    "ctm": {"poste": 24, "imprimante": 4, "onduleur": 1},
    "cimetiere": {"poste": 2, "imprimante": 1},
    "ecole-auriol": {"poste": 4, "imprimante": 3, "pedagogique": 12, "tbi": 10},
    "ecole-jaures": {"poste": 4, "imprimante": 3, "pedagogique": 12, "tbi": 10},
    "ecole-mermoz": {"poste": 4, "imprimante": 3, "pedagogique": 12, "tbi": 10},
    "ecole-bleriot": {"poste": 4, "imprimante": 3, "pedagogique": 12, "tbi": 10},
    "ecole-saint-exupery": {"poste": 4, "imprimante": 3, "pedagogique": 12, "tbi": 10},
    "creche-bastie": {"poste": 5, "imprimante": 1},
    "halte-jeux": {"poste": 2, "imprimante": 1},
    "rpe-caravelle": {"poste": 2, "imprimante": 1},
    "mediatheque": {"poste": 12, "imprimante": 3, "public": 16, "onduleur": 1},
    "malraux": {"poste": 8, "imprimante": 2, "public": 4, "billetterie": 1, "onduleur": 1},
    "conservatoire": {"poste": 8, "imprimante": 1},
    "houyoux": {"poste": 6, "imprimante": 2, "billetterie": 1, "exploitation": 1, "onduleur": 1},
    "stade-salengro": {"poste": 1, "billetterie": 1, "exploitation": 1},
    "piscine": {"poste": 5, "imprimante": 2, "billetterie": 1, "exploitation": 1, "onduleur": 1},
    "residence-marlin": {"poste": 4, "imprimante": 1, "public": 4},
    "police-municipale": {"poste": 10, "imprimante": 2, "surete": 1, "onduleur": 1},
}

GUEST_SITES = {
    "hotel-de-ville", "ccas", "ctm", "mediatheque", "malraux", "conservatoire",
    "houyoux", "stade-salengro", "piscine", "residence-marlin", "police-municipale",
}  # fmt: skip
EMITTED = {
    "VLB-Agents": set(COUNTS) - {"police-municipale"},
    "VLB-Metier": {"hotel-de-ville", "ctm", "mediatheque"},
    "VLB-Police": {"police-municipale"},
    "VLB-Pedagogique": {site for site in COUNTS if site.startswith("ecole-")},
    "VLB-Billetterie": {"malraux", "houyoux", "stade-salengro", "piscine"},
    "VLB-Exploitation": {"ctm", "houyoux", "stade-salengro", "piscine"},
    "VLB-Invites": GUEST_SITES,
    "VLB-Public": {"mediatheque", "malraux", "residence-marlin"},
}


def device(site: Site, name: str) -> Device:
    return next(item for item in site["devices"] if item["name"] == name)


def test_the_town_has_no_fault(town: Town) -> None:
    assert [str(fault) for fault in town.faults] == []


def test_sites_have_the_numbers_and_codes_of_the_plan(town: Town) -> None:
    plans = {site["id"]: (site["number"], site["code"]) for site in town.sites.values()}
    assert plans == {key: (number, code) for key, (number, code, _) in PLAN.items()}


@pytest.mark.parametrize("name", PLAN)
def test_segments_follow_the_addressing_plan(town: Town, name: str) -> None:
    number, _, extra = PLAN[name]
    expected = {key: (f"10.93.{8 * number + o}.0/24", 100 + 10 * number + o) for o, key in enumerate(BASE)}
    segments = town.sites[name]["segments"]
    assert {key: (item["subnet"], item["vlan"]) for key, item in segments.items()} == expected | extra
    assert town.sites[name]["block"] == f"10.93.{8 * number}.0/21"


def test_gateway_and_dhcp_follow_the_rule(town: Town) -> None:
    invites = town.sites["ecole-jaures"]["segments"]["invites"]
    assert (invites["gateway"], invites["gateway_device"]) == ("10.93.44.254", "ngfw")
    assert invites["dhcp"] == {"start": "10.93.44.50", "end": "10.93.44.239", "lease": 3600}
    assert town.sites["ecole-jaures"]["segments"]["serveurs"]["dhcp"] is None


def test_the_interconnection_uses_its_own_gateway_rank(town: Town) -> None:
    assert town.sites["police-municipale"]["segments"]["csu-interco"]["gateway"] == "10.93.159.1"


@pytest.mark.parametrize("name", COUNTS)
def test_devices_have_the_counts_of_the_plan(town: Town, name: str) -> None:
    counts = Counter(item["model"] for item in town.sites[name]["devices"])
    assert tuple(counts[model] for model in MODELS) == COUNTS[name]


def test_planned_sites_have_no_device_nor_policy(town: Town) -> None:
    planned = {key: site for key, site in town.sites.items() if site["lifecycle"] == "planned"}
    assert set(planned) == set(PLAN) - set(COUNTS)
    assert all(site["devices"] == [] and site["access_policies"] == [] for site in planned.values())


@pytest.mark.parametrize("name", PLUGS)
def test_ports_suffice_for_what_the_site_plugs_in(town: Town, name: str) -> None:
    devices = town.sites[name]["devices"]
    offered = Counter(port["profile"] for item in devices for port in item["ports"])
    wanted = {**PLUGS[name], "borne": sum(item["kind"] == "access_point" for item in devices)}
    assert {profile: offered[profile] for profile in wanted if offered[profile] < wanted[profile]} == {}


def test_every_port_of_every_switch_has_a_profile(town: Town) -> None:
    for site in town.sites.values():
        for item in site["devices"]:
            if item["kind"] == "switch":
                count = town.hardware[item["model"]]["ports"] or 0
                assert [port["port"] for port in item["ports"]] == [str(n + 1) for n in range(count)]


def test_device_names_and_addresses_are_derived(town: Town) -> None:
    site = town.sites["ecole-jaures"]
    assert [(d["name"], d["serial"], d["address"], d["vlan"]) for d in site["devices"]] == [
        ("sw-jau-01", "QZZZ-0005-0001", "10.93.40.11", 150),
        ("sw-jau-02", "QZZZ-0005-0002", "10.93.40.12", 150),
        ("sw-jau-03", "QZZZ-0005-0003", "10.93.40.13", 150),
        ("ap-jau-01", "QZZZ-0005-0041", "10.93.40.101", None),
        ("ap-jau-02", "QZZZ-0005-0042", "10.93.40.102", None),
        ("ap-jau-03", "QZZZ-0005-0043", "10.93.40.103", None),
        ("ap-jau-04", "QZZZ-0005-0044", "10.93.40.104", None),
        ("ap-jau-05", "QZZZ-0005-0045", "10.93.40.105", None),
        ("ap-jau-06", "QZZZ-0005-0046", "10.93.40.106", None),
    ]
    assert site["devices"][0]["dns"] == ["10.93.2.11", "10.93.2.12"]


def test_an_access_point_port_carries_the_segments_of_the_ssids(town: Town) -> None:
    port = device(town.sites["mediatheque"], "sw-med-01")["ports"][0]
    assert (port["profile"], port["mode"], port["vlan"]) == ("borne", "trunk", 220)
    assert port["allowed_vlans"] == "220,221,224"


def test_an_uplink_has_neither_mode_nor_vlan_but_the_vlans_of_its_site(town: Town) -> None:
    port = device(town.sites["ecole-jaures"], "sw-jau-01")["ports"][27]
    assert (port["port"], port["uplink"], port["enabled"]) == ("28", True, True)
    managed = (
        "mode",
        "vlan",
        "voice_vlan",
        "stp_guard",
        "access_policy",
        "poe",
        "isolation",
    )
    assert {key: dict(port)[key] for key in managed} == dict.fromkeys(managed)
    assert port["allowed_vlans"] == "150,151,152,153,154,155"


@pytest.mark.parametrize("name", EMITTED)
def test_ssids_are_emitted_where_the_plan_says(town: Town, name: str) -> None:
    sites = {
        site["id"]
        for site in town.sites.values()
        if site["lifecycle"] == "open" and name in {ssid["name"] for ssid in site["ssids"]}
    }
    assert sites == EMITTED[name]


def test_internal_ssids_use_dot1x_only_where_the_pilot_runs(town: Town) -> None:
    sites = {site["id"] for site in town.sites.values() for ssid in site["ssids"] if ssid["authentication"] == "dot1x"}
    assert sites == {"hotel-de-ville", "ccas"}


def test_psk_references_are_derived_and_dot1x_has_none(town: Town) -> None:
    start, target = town.sites["ctm"]["ssids"][0], town.sites["ccas"]["ssids"][0]
    assert (start["authentication"], start["psk"]) == ("psk", {"secret": "meraki/ssid/VLB-Agents/psk"})
    assert (target["authentication"], target["psk"]) == ("dot1x", None)


def test_guests_have_a_portal_and_no_way_in(town: Town) -> None:
    guests = [ssid for site in town.sites.values() for ssid in site["ssids"] if ssid["guest"]]
    assert len(guests) == len(GUEST_SITES) + 3
    for ssid in guests:
        assert ssid["zone"] == "invite"
        assert ssid["portal"] is not None
        assert ssid["deny"] == ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]


def test_wired_policy_is_only_on_the_user_ports_of_marked_switches(town: Town) -> None:
    ports = {
        (item["name"], port["profile"], port["access_policy"])
        for site in town.sites.values()
        for item in site["devices"]
        for port in item["ports"]
        if port["access_policy"]
    }
    assert ports == {
        (name, profile, policy)
        for name in ("sw-hdv-03", "sw-ccas-01")
        for profile, policy in (("poste", "agents"), ("imprimante", "telephones-imprimantes"))
    }


def test_radius_is_the_nps_pair_with_one_secret_a_site(town: Town) -> None:
    servers = town.sites["ecole-jaures"]["radius"]["servers"]
    assert [(s["name"], s["host"], s["auth_port"], s["acct_port"]) for s in servers] == [
        ("hdv-nps1", "10.93.2.13", 1812, 1813),
        ("hdv-nps2", "10.93.2.14", 1812, 1813),
    ]
    assert {s["secret"]["secret"] for s in servers} == {"radius/ecole-jaures"}


def test_schools_switch_their_wifi_off_outside_hours(town: Town) -> None:
    schedule = town.sites["ecole-jaures"]["ssids"][0]["schedule"]
    assert schedule is not None
    assert schedule["open"][0] == {"day": "monday", "start": "07:00", "end": "18:30"}
    assert [window["day"] for window in schedule["open"]][-1] == "friday"
    assert town.sites["police-municipale"]["ssids"][0]["schedule"] is None


def test_secret_paths_are_those_of_the_sites_in_service(town: Town) -> None:
    keys = ["Agents", "Billetterie", "Exploitation", "Metier", "Pedagogique", "Police"]
    expected = [f"meraki/ssid/VLB-{key}/psk" for key in keys] + [f"radius/{site}" for site in (*COUNTS, "sonde")]
    expected += [f"zabbix/{path}" for path in ("meraki/meraki.key", "prism-central/prism.key", "ville/password")]
    assert town.secret_paths() == sorted(expected)


def test_secret_paths_may_be_asked_of_planned_sites_too(town: Town) -> None:
    planned = {f"radius/{name}" for name, site in town.sites.items() if site["lifecycle"] == "planned"}
    assert set(town.secret_paths(planned=True)) - set(town.secret_paths()) == planned
    assert planned


def test_sites_are_plain_json(town: Town) -> None:
    assert json.loads(json.dumps(town.sites)) == town.sites


def test_the_example_vault_and_the_page_name_every_secret(town: Town) -> None:
    folder = ROOT / "inventories" / "production"
    example = yaml.safe_load((folder / "group_vars" / "all" / "vault.yml.example").read_text(encoding="utf-8"))
    paths = sorted([*town.secret_paths(), FINGERPRINT_KEY])
    assert sorted(example["vault_piste_secrets"]) == paths
    assert set(example["vault_piste_secrets"].values()) == {None}
    page = (folder / "SECRETS.md").read_text(encoding="utf-8")
    assert [path for path in paths if f"`{path}`" not in page] == []


def test_each_site_has_its_playbook() -> None:
    sites = ROOT / "playbooks" / "sites"
    playbooks = {}
    for file in sites.glob("*.yml"):
        (play,) = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert play["ansible.builtin.import_playbook"] == "../site.yml"
        playbooks[file.stem] = play["vars"]
    assert playbooks == {site: {"piste_hosts": site} for site in COUNTS}


def test_the_page_for_engineers_lists_every_rule() -> None:
    page = (ROOT / "docs" / "donnees.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| (PISTE-M\d{3}) \| [\d., ]+ \| (.+?) \|", page, flags=re.MULTILINE))
    assert listed == {key: rule.title.replace("'", "’") for key, rule in rules().items()}


def test_a_school_is_about_thirty_lines() -> None:
    for file in (ROOT / "inventories" / "town" / "host_vars").glob("ecole-*.yml"):
        assert len(file.read_text(encoding="utf-8").splitlines()) <= 35


def test_each_file_of_the_town_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = counted(monkeypatch)
    load(ROOT / "inventories" / "town")
    folders = ("group_vars", "inventories/town/host_vars")
    files = [file.read_text(encoding="utf-8") for folder in folders for file in (ROOT / folder).rglob("*.yml")]
    assert parsed == Counter([*files, (ROOT / "inventories/town/hosts.yml").read_text(encoding="utf-8")])
