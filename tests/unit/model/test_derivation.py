"""Changes of a site, and their effects on what is derived."""

from __future__ import annotations

from piste.town.model import Port, Site
from tests.unit.model.broken_town import ALL, CTM, JAURES, Copy, jaures_segment, jaures_switch


def loaded(copy: Copy, site: str = "ecole-jaures") -> Site:
    return copy.load().require().sites[site]


def port(site: Site, device: str, number: int) -> Port:
    switch = next(item for item in site["devices"] if item["name"] == device)
    return next(item for item in switch["ports"] if item["port"] == str(number))


def test_a_device_changes_one_port_and_keeps_its_layout(copy: Copy) -> None:
    copy.edit(*jaures_switch('ports: {"8": {profile: imprimante, name: Copieur du hall}}'))
    site = loaded(copy)
    assert port(site, "sw-jau-01", 8)["profile"] == "imprimante"
    assert port(site, "sw-jau-01", 8)["name"] == "Copieur du hall"
    assert port(site, "sw-jau-01", 7)["profile"] == "poste"


def test_a_site_layout_replaces_that_of_its_category_for_one_model(copy: Copy) -> None:
    copy.edit(JAURES, "switches:\n", 'port_layouts: {MS120-8: {"1": tbi}}\nswitches:\n')
    devices = loaded(copy)["devices"]
    assert [len(item["ports"]) for item in devices if item["kind"] == "switch"] == [28, 1, 1]


def test_a_pinned_rank_keeps_name_and_address(copy: Copy) -> None:
    copy.edit(JAURES, "  - {serial: QZZZ-0005-0002, model: MS120-8, status: to_confirm}\n", "")
    copy.edit(
        JAURES,
        "{serial: QZZZ-0005-0003, model: MS120-8,",
        "{serial: QZZZ-0005-0003, model: MS120-8, rank: 3,",
    )
    device = loaded(copy)["devices"][1]
    assert (device["name"], device["address"]) == ("sw-jau-03", "10.93.40.13")


def test_a_site_takes_dhcp_away(copy: Copy) -> None:
    copy.edit(*jaures_segment("telephonie: {dhcp: null}"))
    assert loaded(copy)["segments"]["telephonie"]["dhcp"] is None


def test_a_shorter_subnet_moves_gateway_and_range(copy: Copy) -> None:
    copy.edit(*jaures_segment("invites: {subnet: 10.93.44.0/25, gateway: 10.93.44.126, dhcp: {last: 99}}"))
    segment = loaded(copy)["segments"]["invites"]
    assert (segment["subnet"], segment["gateway"], segment["vlan"]) == ("10.93.44.0/25", "10.93.44.126", 154)
    assert segment["dhcp"] == {"start": "10.93.44.50", "end": "10.93.44.99", "lease": None}


def test_a_disabled_ssid_leaves_the_access_point_ports(copy: Copy) -> None:
    copy.edit(CTM, "VLB-Exploitation: {status", "VLB-Exploitation: {enabled: false, status")
    site = loaded(copy, "ctm")
    assert [ssid["enabled"] for ssid in site["ssids"] if ssid["name"] == "VLB-Exploitation"] == [False]
    assert port(site, "sw-ctm-01", 1)["allowed_vlans"] == "120,121,124"


def test_enforced_guards_every_user_port(copy: Copy) -> None:
    copy.edit(JAURES, "switches:\n", 'dot1x: {state: enforced, since: "2026-12-01"}\nswitches:\n')
    site = loaded(copy)
    guarded = {p["profile"]: p["access_policy"] for item in site["devices"] for p in item["ports"]}
    assert {profile: policy for profile, policy in guarded.items() if policy} == {
        "poste": "agents",
        "imprimante": "telephones-imprimantes",
    }
    assert {ssid["authentication"] for ssid in site["ssids"]} == {"dot1x"}


def test_poe_is_managed_only_on_models_that_have_it(copy: Copy) -> None:
    copy.edit(ALL + "ports.yml", "label: Borne Wi-Fi\n", "label: Borne Wi-Fi\n    poe: true\n")
    copy.edit(
        ALL + "hardware.yml",
        "MS220-24: {kind: switch, ports: 28,",
        "MS220-24: {kind: switch, ports: 28, poe: true,",
    )
    site = loaded(copy)
    assert port(site, "sw-jau-01", 1)["poe"] is True
    assert port(site, "sw-jau-02", 1)["poe"] is None


def test_a_status_to_confirm_shows_on_what_it_makes(copy: Copy) -> None:
    for file, old in (
        (ALL + "addressing.yml", "reserved_numbers: [31] # recette et laboratoire\n  status: to_confirm\n"),
        (
            ALL + "segments.yml",
            "plan: {offset: 5, zone: pedagogique, gateway: ngfw, expected_mbps: 40, dhcp: {}, status: to_confirm}",
        ),
    ):
        copy.edit(file, old, old.replace("status: to_confirm", "status: validated"))
    assert loaded(copy)["segments"]["pedagogique"]["status"] == "to_confirm"
    copy.edit(JAURES, "code: jau, status: to_confirm", "code: jau, status: validated")
    assert loaded(copy)["segments"]["pedagogique"]["status"] == "validated"
    assert loaded(copy)["segments"]["invites"]["status"] == "to_confirm"
