"""The consequences of a plan: a line for each change that people notice, none for another."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import jsonschema
import pytest

from piste.runs.plans.play import Trouble
from piste.sites.consequences import said
from piste.sites.consequences.computed import Consequences, of
from tests.unit.consequences.changes import SCHOOL, changed, item, items, operation, plan, town

USERS = "VLB hotel-de-ville/coeur-hdv/151"
RULES = f"fw_policy/section:Site {SCHOOL}/VLB"
OFFICE = "fw_policy/section:Site ccas/VLB"
FAR = "QZZZ-0000-0001/5"
ROOM = "QZZZ-0005-0002/2"


HOURS = {
    "id": "x", "name": "x", "sources": ["any"], "destinations": ["any"], "services": ["any"], "action": ["discard"],
    "validity_times": ["rule_validity_time/soir"],
}  # fmt: skip
"""A rule that refuses all at some hours: it is not computed."""


FORM = jsonschema.Draft202012Validator(json.loads(said.SCHEMA.read_text("utf-8")))


def computed(*operations: dict[str, Any], **given: Any) -> Consequences:
    made = plan(*operations, **given)
    result = of(made, town())
    data = json.loads(json.dumps(said.data(result, made, lambda owner: "")))
    FORM.validate(data)
    explained = {at for line in result.lines for at in line.operations}
    explained |= {at for places in result.idle.values() for at in places}
    assert explained == {at for at, each in enumerate(made["operations"]) if not each.get("waiting")}
    return result


def sentences(result: Consequences) -> list[str]:
    return [line.sentence() for line in result.lines]


def without(name: str) -> Callable[[dict[str, Any]], None]:
    def change(policy: dict[str, Any]) -> None:
        policy["ipv4_access"] = [rule for rule in policy["ipv4_access"] if rule["id"] != f"{name}.{SCHOOL}"]

    return change


def test_a_rule_that_goes_stops_a_service_of_those_whom_it_served() -> None:
    result = computed(changed("smc_policies", SCHOOL, RULES, without("postes-impression")))
    assert sentences(result) == [
        "utilisateurs@ecole-jaures (VLB-Agents, filaire) → hdv-imp1 (impression) : passait, ne passera plus, "
        "dès l’installation de la politique"
    ]
    (line,) = result.lines
    assert (line.gravity, line.basis, line.operations) == ("cuts", "assumed", (0,))
    assert ("commune", "firewall") in line.assumed


def test_a_vlan_off_the_only_link_cuts_its_segment() -> None:
    gone = changed("meraki_switch_ports", "hotel-de-ville", FAR, lambda port: port.update(allowed_vlans="1,150-154"))
    (line,) = computed(gone).lines
    assert line.sentence().startswith("pedagogique@ecole-jaures (VLB-Pedagogique, filaire) : n’atteindra plus rien : ")


def test_a_vlan_off_a_port_that_nobody_can_place_is_not_known_whole() -> None:
    port = changed(
        "meraki_switch_ports", SCHOOL, "QZZZ-0005-0001/28", lambda port: port.update(allowed_vlans="1,150,152-155")
    )
    (line,) = computed(port).lines
    assert (line.gravity, line.basis) == ("cuts", "unknown")


def test_a_port_that_changes_its_vlan_says_what_its_computer_loses_and_gains() -> None:
    lines = computed(changed("meraki_switch_ports", SCHOOL, ROOM, lambda port: port.update(vlan=151))).lines
    who = "ce qui est branché sur sw-jau-02/2 (Poste pédagogique)"
    assert {line.who for line in lines} == {who}
    assert "passera de pedagogique (VLAN 155) à utilisateurs (VLAN 151)" in [line.said for line in lines]
    gained = next(line for line in lines if line.gravity == "gains")
    assert "hdv-imp1 (impression)" in gained.said


def test_what_a_phone_loses_is_said_in_french() -> None:
    port = next(port for port in items("meraki_switch_ports", SCHOOL) if port.get("voice_vlan"))
    made = operation("meraki_switch_ports", SCHOOL, port, {**port, "voice_vlan": None})
    text = " ".join(sentences(computed(made)))
    assert "telephonie des autres sites (udp)" in text
    assert "n’atteindra plus rien" not in text, "what it does not tag is in the VLAN of computers"
    assert "aucun VLAN de téléphonie ; sans étiquette, il sera dans utilisateurs (VLAN 151)" in text
    off = operation("meraki_switch_ports", SCHOOL, port, {**port, "enabled": False})
    assert "sans étiquette" not in " ".join(sentences(computed(off)))
    assert "@elsewhere" not in text


@pytest.mark.parametrize("owner", [SCHOOL, "commune"])
def test_a_gateway_that_goes_cuts_its_segment_and_its_addresses(owner: str) -> None:
    """Its key is of the whole town: the owner of the operation may be another."""
    gone = operation("meraki_routed_interfaces", owner, item("meraki_routed_interfaces", SCHOOL, USERS), None)
    texts = sentences(computed(gone))
    assert any(text.startswith("utilisateurs@ecole-jaures (VLB-Agents, filaire) : n’atteindra plus") for text in texts)
    assert any("un appareil n’obtiendra plus d’adresse" in text for text in texts)


def test_a_relay_that_leads_to_no_server_of_addresses_lends_nothing() -> None:
    elsewhere = {"dhcp": {"mode": "dhcpRelay", "relay_servers": ["10.93.2.18"]}}
    (line,) = computed(changed("meraki_routed_interfaces", SCHOOL, USERS, lambda face: face.update(elsewhere))).lines
    assert line.sentence().startswith("utilisateurs@ecole-jaures : un appareil n’obtiendra plus d’adresse")


LENT = "ce qui donne l’adresse : 10.93.2.11, 10.93.2.12 → "
ALONE = " ; si celui qui reste s’arrête, aucun appareil n’obtient d’adresse"


@pytest.mark.parametrize(
    ("dhcp", "said"),
    [
        ({"mode": "dhcpRelay", "relay_servers": ["10.93.2.11"]}, f"10.93.2.11{ALONE}"),
        (
            {"mode": "dhcpRelay", "relay_servers": ["10.93.2.11", "10.93.2.18"]},
            f"10.93.2.11 ; 10.93.2.18 : aucun serveur d’adresses déclaré{ALONE}",
        ),
        ({"mode": "dhcpServer"}, "passerelle"),
        ({"mode": "dhcpRelay", "relay_servers": ["10.93.2.12", "10.93.2.11"]}, ""),
    ],
)
def test_other_servers_of_addresses_are_a_change(dhcp: dict[str, Any], said: str) -> None:
    made = computed(changed("meraki_routed_interfaces", SCHOOL, USERS, lambda face: face.update(dhcp=dhcp)))
    known = [(line.gravity, line.who, line.said) for line in made.lines if line.subject == "addresses"]
    assert known == ([("changes", "utilisateurs@ecole-jaures", f"{LENT}{said}")] if said else [])


@pytest.mark.parametrize(
    ("module", "key", "change"),
    [
        ("dhcp_scopes", "10.93.41.0/24", {"lease": 3600}),
        ("meraki_routed_interfaces", USERS, {"address": "10.93.41.253"}),
    ],
)
def test_addresses_of_an_operation_that_waits_stay(module: str, key: str, change: dict[str, Any]) -> None:
    described = changed(module, SCHOOL, key, lambda known: known.update(change))
    assert any(line.subject == "addresses" for line in computed(described).lines)
    assert computed({**described, "waiting": "laissé de côté"}).lines == []


def test_what_a_gateway_lends_otherwise_is_said() -> None:
    def longer(interface: dict[str, Any]) -> None:
        interface["dhcp_server"]["lease"] = 7200

    (line,) = computed(changed("smc_engine_interfaces", SCHOOL, "0.154/fw_cluster/fw-hdv", longer)).lines
    assert (line.gravity, line.who) == ("changes", "invites@ecole-jaures")
    assert line.said.startswith("ce que le DHCP donne change : ")
    lends, other = ({"dhcp": {"mode": "dhcpServer", "lease_time": time}} for time in ("1 day", "1 hour"))
    gateway = item("meraki_routed_interfaces", SCHOOL, USERS)
    made = operation("meraki_routed_interfaces", SCHOOL, {**gateway, **lends}, {**gateway, **other})
    assert [(line.gravity, line.who) for line in computed(made).lines] == [("changes", "utilisateurs@ecole-jaures")]


def test_a_relay_that_goes_leaves_a_segment_without_addresses() -> None:
    off = {"dhcp": {"mode": "dhcpDisabled"}}
    (line,) = computed(changed("meraki_routed_interfaces", SCHOOL, USERS, lambda face: face.update(off))).lines
    assert line.subject == "addresses"
    assert line.lasts == "au plus tard 8 jours après son dernier bail"


def test_guests_that_gain_a_server_are_the_worst() -> None:
    library = "mediatheque"
    rule = {
        "id": "x", "name": "x", "sources": [f"network/VLB-{library}-invites"], "destinations": ["host/VLB-hdv-fic1"],
        "services": ["tcp_service/VLB-smb"], "action": ["allow"],
    }  # fmt: skip

    def opened(ssid: dict[str, Any]) -> None:
        ssid["l3_firewall"] = {"allow_lan_access": True, "rules": []}

    section = f"fw_policy/section:Site {library}/VLB"
    policy = changed("smc_policies", library, section, lambda policy: policy["ipv4_access"].insert(0, rule))
    assert computed(policy).lines == [], "the rules of the SSID still stop it"
    fed = changed("meraki_switch_ports", SCHOOL, ROOM, lambda port: port.update(poe_enabled=False))
    lines = computed(fed, policy, changed("meraki_ssids", library, "VLB-Invites", opened)).lines
    assert [line.gravity for line in lines][:2] == ["opens", "cuts"]
    assert lines[0].sentence().startswith("invites@mediatheque (VLB-Invites) → hdv-fic1 (smb) : ne passait pas, pas")
    assert lines[0].operations == (1, 2)


def test_a_name_that_goes_resolves_no_more() -> None:
    record = next(record for record in items("dns_records", SCHOOL) if record["type"] == "A")
    (line,) = computed(operation("dns_records", SCHOOL, record, None)).lines
    text = f"le nom {record['name']}.{record['zone']} ({record['values'][0]}) : ne se résoudra plus"
    assert line.sentence().startswith(text)
    assert line.source.startswith("RFC 1035")


@pytest.mark.parametrize(("serials", "behind"), [
    (["QZZZ-0005-0001"], ["28 ports : 8 × Poste pédagogique, 6 × Tableau blanc interactif"]),
    (["QZZZ-0005-0041"], ["SSID VLB-Agents, VLB-Pedagogique"]),
    (["QZZZ-0005-0001", "QZZZ-0005-0041"], ["28 ports : 8 × Poste", " ; SSID VLB-Agents, VLB-Pedagogique"]),
])  # fmt: skip
def test_devices_that_go_say_what_goes_with_them(serials: list[str], behind: list[str]) -> None:
    gone = [operation("meraki_devices", SCHOOL, item("meraki_devices", SCHOOL, serial), None, serial)
            for serial in serials]  # fmt: skip
    names = {device["serial"]: device["name"] for device in town().sites[SCHOOL]["devices"]}
    begins = f"ce qui passe par {', '.join(map(names.__getitem__, serials))} ("
    (text,) = [text for text in sentences(computed(*gone)) if text.startswith(begins)]
    assert all(part in text for part in behind)
    assert "n’est pas lu" not in text


def test_a_device_that_nobody_has_read_does_not_pass_for_bare() -> None:
    known = item("meraki_devices", SCHOOL, "QZZZ-0005-0001")
    other = operation("meraki_devices", SCHOOL, {**known, "serial": "QZZZ-0005-0099"}, None, "sw-inconnu")
    gone = operation("meraki_devices", SCHOOL, known, None, "sw-jau-01")
    (text,) = [text for text in sentences(computed(gone, other)) if text.startswith("ce qui passe par ")]
    assert "28 ports : " in text
    assert "ce qui est branché à sw-inconnu n’est pas lu" in text


NOTHING: Mapping[str, tuple[str, str, str, dict[str, Any]]] = {
    "a port's name": ("meraki_switch_ports", SCHOOL, ROOM, {"name": "x"}),
    "tags of a port": ("meraki_switch_ports", SCHOOL, ROOM, {"tags": ["x"]}),
    "the name of a gateway": ("meraki_routed_interfaces", SCHOOL, USERS, {"name": "x"}),
    "a scope's name": ("dhcp_scopes", SCHOOL, "10.93.41.0/24", {"name": "x"}),
    "the name of a device": ("meraki_devices", SCHOOL, "QZZZ-0005-0001", {"name": "x"}),
    "the TTL of a name": ("dns_records", SCHOOL, "", {"ttl": 60}),
    "tags of a network": ("meraki_networks", SCHOOL, f"VLB {SCHOOL}", {"tags": ["x"]}),
    "an element's comment": ("smc_elements", "commune", "host/VLB-hdv-fic1", {"comment": "x"}),
}


@pytest.mark.parametrize("change", NOTHING.values(), ids=NOTHING)
def test_a_change_that_nobody_notices_says_so(change: tuple[str, str, str, dict[str, Any]]) -> None:
    module, owner, key, values = change
    result = computed(changed(module, owner, key, lambda item: item.update(values)))
    assert (result.lines, result.nothing) == ([], True)
    assert "= rien ne change pour personne" in [*said.ending(result, lambda owner: "")]


def test_rules_in_another_order_change_nothing_but_rest_on_what_is_not_read() -> None:
    """The matrix only allows: the order of its rules says nothing."""
    turned = changed("smc_policies", "ccas", OFFICE, lambda policy: policy["ipv4_access"].reverse())
    result = computed(turned)
    assert result.lines == []
    assert not result.nothing
    assert "= rien de connu ne change pour personne" in [*said.ending(result, lambda owner: "")]


def test_a_silent_system_makes_what_rests_on_it_unknown() -> None:
    change = changed("smc_policies", SCHOOL, RULES, without("postes-impression"))
    silent = Trouble(SCHOOL, "Réseau", "unknown", "le Dashboard ne répond pas")
    result = computed(change, troubles=(silent,))
    (line,) = result.lines
    assert line.basis == "unknown"
    assert (SCHOOL, "network") in line.unread
    assert any("pas lu" in text for text in said.ending(result, lambda owner: ""))


@pytest.mark.parametrize(("host", "domain", "unknown"), [
    (SCHOOL, "network", True), (SCHOOL, "supervision", False), ("ccas", "network", False),
    ("", "", True),
])  # fmt: skip
def test_only_what_rests_on_the_domain_that_failed_is_unknown(host: str, domain: str, unknown: bool) -> None:
    change = changed("smc_policies", SCHOOL, RULES, without("postes-impression"))
    result = computed(change, troubles=(Trouble(host, "Lire", "unknown", "ne répond pas", domain),))
    (line,) = result.lines
    assert (line.basis == "unknown") == unknown
    assert not result.nothing
    assert any("pas lu" in text for text in said.ending(result, lambda owner: ""))


def test_what_nobody_declares_is_not_in_the_computation_and_is_said() -> None:
    orphan = {"kind": "policy", "key": "x", "why": "posée à la main"}
    result = computed(changed("meraki_switch_ports", SCHOOL, ROOM, lambda port: port.update(name="x")),
                      orphans=(orphan,))  # fmt: skip
    assert not result.nothing


def test_what_waits_changes_nothing_yet() -> None:
    waiting = {**changed("smc_policies", SCHOOL, RULES, without("postes-impression")), "waiting": "un mot"}
    assert computed(waiting).lines == []


def test_lines_are_the_worst_first() -> None:
    gained = changed("meraki_switch_ports", SCHOOL, ROOM, lambda port: port.update(vlan=151))
    cut = changed("smc_policies", SCHOOL, RULES, without("postes-fichiers"))
    order = [line.gravity for line in computed(gained, cut).lines]
    assert order == sorted(order, key=("opens", "cuts", "outage", "lost", "unknown", "changes", "gains").index)


def test_all_forms_say_the_same() -> None:
    made = plan(changed("smc_policies", SCHOOL, RULES, without("postes-impression")))
    result = of(made, town())
    texts = [text for _, text in said.lines(result, made, lambda owner: "30/11/2026", whole=True)]
    assert any("passait, ne passera plus" in text for text in texts)
    assert any("commune (30/11/2026)" in text for text in texts)
    assert "passait, ne passera plus" in said.markdown(result, made, lambda owner: "")


def test_a_key_that_changes_is_entered_again_and_one_that_goes_with_the_admission_is_not() -> None:
    old, new = ({"secret": "meraki/ssid/VLB-Agents/psk", "fingerprint": digits} for digits in ("a", "b"))
    before = {**item("meraki_ssids", SCHOOL, "VLB-Agents"), "psk": old}
    (line,) = computed(operation("meraki_ssids", SCHOOL, before, {**before, "psk": new})).lines
    assert line.who == "tous les appareils de « VLB-Agents » à ecole-jaures"
    assert line.said == "la clé change : chacun doit la ressaisir"
    after = {**before, "auth_mode": "8021x-radius"}
    del after["psk"]
    (line,) = computed(operation("meraki_ssids", SCHOOL, before, after)).lines
    assert "chacun se connecte de nouveau" in line.said


def test_a_drift_says_what_somebody_did_not_what_the_repair_will() -> None:
    policy = changed("smc_policies", SCHOOL, RULES, without("postes-impression"))
    repair = {**policy, "content": {"before": policy["content"]["after"], "after": policy["content"]["before"]}}
    made = plan(repair, playbook="playbooks/drift.yml")
    result = of(made, town(), drifted=True)
    texts = [text.strip() for _, text in said.lines(result, made, lambda owner: "", whole=False, drifted=True)]
    assert texts[0] == (
        "! utilisateurs@ecole-jaures (VLB-Agents, filaire) → hdv-imp1 (impression) : passait, ne passe plus, "
        "une fois la politique installée"
    )
    assert [line.gravity for line in of(made, town()).lines] == ["gains"], "the repair gives it back"


def test_a_plan_of_the_whole_town_rests_on_nothing_that_it_did_not_read() -> None:
    turned = changed("smc_policies", "ccas", OFFICE, lambda policy: policy["ipv4_access"].reverse())
    assert computed(turned, limit="").nothing
    assert not computed(turned, limit="", playbook="playbooks/domains/names.yml").nothing


def test_a_drift_of_a_domain_has_read_that_domain_alone() -> None:
    turned = changed("smc_policies", "ccas", OFFICE, lambda policy: policy["ipv4_access"].reverse())
    assert computed(turned, limit="", playbook="playbooks/drift.yml").nothing
    alone = computed(turned, limit="", playbook="playbooks/drift.yml", tags="firewall")
    assert not alone.nothing
    assert ("ccas", "network") in alone.assumed
    assert ("commune", "firewall") not in alone.assumed


def test_a_plan_of_a_domain_assumes_the_others_and_says_since_when() -> None:
    made = plan(changed("smc_policies", SCHOOL, RULES, without("postes-impression")),
                playbook="playbooks/domains/firewall.yml")  # fmt: skip
    result = of(made, town())
    assert (SCHOOL, "network") in result.assumed
    assert ("commune", "firewall") in result.assumed
    (text,) = [text for text in said.ending(result, lambda owner: "30/11/2026") if text.startswith("supposé")]
    assert f"{SCHOOL} (30/11/2026)" in text


def test_a_deletion_says_what_an_undo_makes_of_it() -> None:
    gpo = items("ad_gpos", "commune")[0]
    (line,) = computed(operation("ad_gpos", "commune", gpo, None)).lines
    assert line.loss.startswith("refaite avec son contenu, sous un autre identifiant")


def test_what_a_part_leaves_is_as_it_was_before_and_after() -> None:
    """The other operations of the plan are not the declaration that they would lead to."""
    cut = changed("smc_policies", SCHOOL, RULES, without("postes-impression"))
    rejoined = changed("meraki_ssids", SCHOOL, "VLB-Agents", lambda ssid: ssid.update(default_vlan_id=155))
    back = {**rejoined, "content": {"before": rejoined["content"]["after"], "after": rejoined["content"]["before"]}}
    (line,) = computed(cut, {**back, "waiting": "laissé de côté"}).lines
    assert line.who == "utilisateurs@ecole-jaures (filaire)", "the clients of the SSID are still elsewhere"


def test_what_cannot_be_computed_is_unknown_and_never_nothing() -> None:
    named = {"comment": "x", "policy": "deny", "protocol": "any", "dest_cidr": "example.org"}
    by_name = changed("meraki_ssids", SCHOOL, "VLB-Agents", lambda ssid: ssid.update(l3_firewall={"rules": [named]}))
    ways = ({"10.200.0.0/16": {"via": [via]}} for via in ("10.93.240.1", "10.93.240.3"))
    route = operation("smc_engine_routes", "commune", *({"engine": "fw_cluster/fw-hdv", "routes": way} for way in ways))
    port = {"serial": "QZZZ-9999-9999", "port_id": "1", "type": "access", "vlan": 151}
    strange = operation("meraki_switch_ports", SCHOOL, port, {**port, "vlan": 152})
    rule = changed("smc_policies", SCHOOL, RULES, lambda policy: policy["ipv4_access"].insert(0, HOURS))
    for change in (route, strange, rule, by_name):
        result = computed(change)
        assert [(line.gravity, line.basis) for line in result.lines] == [("unknown", "unknown")], change["kind"]
        assert not result.nothing


def test_what_is_not_known_is_said_beside_what_is() -> None:
    def change(policy: dict[str, Any]) -> None:
        without("postes-impression")(policy)
        policy["ipv4_access"].insert(0, HOURS)

    lines = computed(changed("smc_policies", SCHOOL, RULES, change)).lines
    assert [line.gravity for line in lines] == ["cuts", "unknown"]


def test_a_plan_of_another_declaration_never_says_that_nothing_changes() -> None:
    made = plan(changed("meraki_switch_ports", SCHOOL, ROOM, lambda port: port.update(name="x")))
    assert of(made, town()).nothing
    former = of({**made, "declaration": "0" * 64}, town())
    assert not former.nothing
    assert any("la déclaration a changé" in text for text in said.ending(former, lambda owner: ""))
