"""Consequences that could be misread: what goes, what may pass, what an undo gives back."""

from __future__ import annotations

from typing import Any

import pytest

from piste.commands.find import _reached
from piste.sites.consequences import said
from piste.sites.consequences.computed import of
from piste.sites.consequences.effects import table
from piste.sites.search import Way
from piste.systems.kinds import of_object
from tests.unit.consequences.changes import CORE, SCHOOL, changed, item, items, operation, plan, town

MAY_BE = "en tout ou partie"


def sentences(*operations: dict[str, Any], drifted: bool = False) -> list[str]:
    made = plan(*operations)
    return [text.strip() for _, text in
            said.lines(of(made, town()), made, lambda owner: "", whole=True, drifted=drifted)]  # fmt: skip


def test_an_ssid_that_is_switched_off_or_removed_leaves_the_air_at_its_sites() -> None:
    known = {owner: item("meraki_ssids", owner, "VLB-Agents") for owner in (SCHOOL, CORE)}
    off = [operation("meraki_ssids", owner, ssid, {**ssid, "enabled": False}) for owner, ssid in known.items()]
    gone = [operation("meraki_ssids", owner, ssid, None) for owner, ssid in known.items()]
    line = f"! « VLB-Agents » à {SCHOOL}, {CORE} : quitte l’air"
    assert [sum(text.startswith(line) for text in sentences(*made)) for made in (off, gone)] == [1, 1]
    silent = [operation("meraki_ssids", SCHOOL, {**known[SCHOOL], "enabled": False}, None)]
    assert not [text for text in sentences(*silent) if "quitte l’air" in text]


@pytest.mark.parametrize(("back", "words", "now"), [
    (False, f"ne passait pas, passera peut-être, {MAY_BE}", f"ne passait pas, passe peut-être, {MAY_BE}"),
    (True, f"passait peut-être, {MAY_BE}, et ne passera plus", f"passait peut-être, {MAY_BE}, et ne passe plus"),
])  # fmt: skip
def test_a_most_says_that_perhaps_nothing_of_it_passes(back: bool, words: str, now: str) -> None:
    rule = {
        "id": "x", "name": "x", "sources": [f"network/VLB-{SCHOOL}-utilisateurs"], "services": ["tcp_service/VLB-smb"],
        "destinations": ["host/VLB-hdv-ca1"], "action": ["allow"], "validity_times": ["rule_validity_time/soir"],
    }  # fmt: skip
    section = f"fw_policy/section:Site {SCHOOL}/VLB"
    made = changed("smc_policies", SCHOOL, section, lambda policy: policy["ipv4_access"].insert(0, rule))
    sides = made["content"]
    if back:
        made["content"] = {"before": sides["after"], "after": sides["before"]}
    flows = [line for line in of(plan(made), town()).lines if line.flow]
    assert [line.flow["exact"] for line in flows if line.flow] == [False]
    assert f" : {words}, dès l’installation" in flows[0].sentence()
    assert [text for text in sentences(made, drifted=True) if now in text]


def test_a_way_that_may_not_pass_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    _reached("10.0.0.1", [Way(("a",), ("https",), ("r",), False), Way(("b",), ("https",), ("r",), True)])
    shown = " ".join(capsys.readouterr().out.split())
    assert f"a → https (r ; peut-être, {MAY_BE} : une règle ne se calcule pas) b → https (r)" in shown


def test_what_no_undo_gives_back_says_so_and_what_one_gives_back_says_how() -> None:
    (line, *_) = sentences(operation("win_print_queues", SCHOOL, {"name": "imp-essai"}, None))
    assert line.endswith(" : la file disparaît ; aucune annulation (piste undo) ne le rend")
    network = item("meraki_networks", SCHOOL, "")
    texts = sentences(operation("meraki_networks", SCHOOL, network, None))
    back = "une annulation : rendu avec ce que Piste en gère ; le reste, et son historique, sont perdus"
    assert any(text.endswith(back) for text in texts)


def test_only_what_an_undo_cannot_make_again_is_given_back_by_none() -> None:
    lost = {kind for kind, rows in table()["kinds"].items() for row in rows
            if row.get("undoable") is False and row.get("actions") == ["delete"]
            and not (row.get("loss") or of_object(kind).renewed)}  # fmt: skip
    assert lost == {"ad_dhcp_server", "dns_zone", "print_queue"}


def test_a_unit_that_goes_is_empty_and_takes_no_computer_with_it() -> None:
    unit = item("ad_organizational_units", SCHOOL, "")
    (line,) = of(plan(operation("ad_organizational_units", SCHOOL, unit, None)), town()).lines
    assert "refusé tant qu’il y reste un poste ou un compte" in line.said
    assert "de l’inventaire" not in line.sentence()


@pytest.mark.parametrize(("content", "hours"), [
    ({"weekly": [{"days": ["saturday"], "start": 120, "minutes": 240}]}, " (samedi dès 02:00, 4 heures)"),
    ({"since": 1_766_185_200, "until": 1_766_271_600}, " (du 20/12/2025 à 00:00 au 21/12/2025 à 00:00)"),
    ({}, ""),
])  # fmt: skip
def test_a_maintenance_names_its_hours_where_the_plan_has_them(content: dict[str, Any], hours: str) -> None:
    known = {"name": "Nuit", **content}
    for sides, words in (((known, None), "partiront de nouveau"), ((None, known), "se taisent")):
        (line,) = of(plan(operation("zabbix_maintenances", "commune", *sides)), town()).lines
        assert line.said == f"{words}{hours}"


def test_a_switch_reads_by_its_name_and_a_time_by_its_days() -> None:
    devices = {device["serial"]: device["name"] for device in town().sites[CORE]["devices"]}
    serials = [*devices][:3]
    stack = {"name": "pile", "members": serials[:2]}
    made = operation("meraki_switch_stacks", CORE, stack, {**stack, "members": [serials[0], serials[2]]}, "pile")
    texts = sentences(made)
    assert any(f"+ {devices[serials[2]]}, - {devices[serials[1]]}" in text for text in texts), texts
    assert [text for text in texts if any(serial in text for serial in serials)] == []
    scope = next(known for known in items("dhcp_scopes", SCHOOL) if known.get("lease"))
    texts = sentences(operation("dhcp_scopes", SCHOOL, {**scope, "lease": 604_800}, {**scope, "lease": 86_400}))
    assert any("durée de bail : 7 jours → 1 jour" in text for text in texts), texts


@pytest.mark.parametrize("none", [{"queries": []}, {}], ids=["empty", "unread"])
def test_a_wmi_filter_without_query_says_what_is_unknown(none: dict[str, Any]) -> None:
    known = item("ad_wmi_filters", "commune", "")
    bare = {**{name: value for name, value in known.items() if name != "queries"}, **none}
    (goes,) = of(plan(operation("ad_wmi_filters", "commune", known, bare)), town()).lines
    assert (goes.gravity, goes.basis) == ("unknown", "unknown")
    assert "inconnu, ce filtre n’a plus de requête connue" in goes.said
    (comes,) = of(plan(operation("ad_wmi_filters", "commune", bare, known)), town()).lines
    assert comes.said.startswith("s’appliqueront aux seuls postes qui répondent à ses requêtes (")


def test_a_rule_that_nobody_declares_and_that_the_plan_takes_away_is_in_the_computation() -> None:
    section = f"fw_policy/section:Site {SCHOOL}/VLB"
    made = changed("smc_policies", SCHOOL, section, lambda policy: policy["ipv4_access"].pop())
    rule = made["content"]["before"]["ipv4_access"][-1]["id"]
    orphans = tuple({"kind": "rule", "key": f"VLB/ipv4_access/{name}", "why": "à la main"} for name in (rule, "autre"))
    unread = of(plan(made, orphans=orphans), town()).unread
    assert [*unread] == ["1 objet que personne ne déclare, pas dans le calcul : rule VLB/ipv4_access/autre"]


def test_a_machine_says_its_role_and_what_leads_to_its_pair_too() -> None:
    for name, words in {"hdv-dc1": "qui mènent aussi à hdv-dc2)", "hdv-sav1": "(rôle déclaré : Sauvegarde"}.items():
        (text,) = sentences(changed("prism_vms", "commune", name, lambda vm: vm.update(power="stopped")))[:1]
        assert words in text
    (text, *_) = sentences(changed("prism_vms", "commune", "hdv-sup1", lambda vm: vm.update(disks={})))
    assert text.startswith("! machine hdv-sup1 (rôle déclaré : Supervision")


def ssid(mode: str, was: str) -> list[tuple[str, str]]:
    known = {**item("meraki_ssids", SCHOOL, "VLB-Agents"), "auth_mode": was}
    made = plan(operation("meraki_ssids", SCHOOL, known, {**known, "auth_mode": mode}))
    return [(line.gravity, line.basis) for line in of(made, town()).lines]


@pytest.mark.parametrize("mode", ["open-with-nac", "open-with-radius"])
def test_an_ssid_without_key_opens_and_who_is_let_in_is_unknown(mode: str) -> None:
    assert ssid(mode, "8021x-radius") == [("opens", "unknown")]
    assert ssid(mode, "open") == [("outage", "read")]
    assert ssid("open", mode)[0][0] == "opens"


def test_machines_that_may_share_a_node_lose_their_separation() -> None:
    made = changed("prism_affinity_policies", "commune", "", lambda policy: policy.update(categories=[]))
    (line,) = of(plan(made), town()).lines
    assert (line.gravity, "un même nœud, dont la panne les arrête ensemble" in line.said) == ("lost", True)


def test_a_stack_that_loses_a_switch_says_what_it_carries_and_what_is_unknown() -> None:
    made = changed("meraki_switch_stacks", CORE, "", lambda stack: stack["members"].pop())
    (line,) = of(plan(made), town()).lines
    assert line.basis == "unknown"
    assert "elle porte 40 passerelles (" in line.said
    assert " réseaux : entre ces réseaux" in line.said


def test_what_a_port_of_another_type_carries_is_unknown() -> None:
    made = changed("meraki_switch_ports", "malraux", "QZZZ-0013-0002/1", lambda port: port.update(type="routed"))
    assert any(
        "ce que porte un port « routed » ne se calcule pas" in line.unknown for line in of(plan(made), town()).lines
    )


@pytest.mark.parametrize(("values", "gravity", "words"), [
    ({"options": {}}, "cuts", ": sans passerelle, un appareil n’atteindra plus rien hors de son réseau ; - options"),
    ({"options": {"routers": ["10.93.41.254"]}}, "changes", ": - options › serveurs DNS"),
    ({"end": "10.93.41.50"}, "changes", " ; 1 adresse à prêter, au lieu de 190"),
    ({"end": "10.93.41.240"}, "changes", ": dernière adresse : 10.93.41.239 → 10.93.41.240"),
], ids=["no-gateway", "names-by-the-server", "smaller", "larger"])  # fmt: skip
def test_a_scope_says_what_its_computers_lack_and_how_many_addresses_are_left(
    values: dict[str, Any], gravity: str, words: str
) -> None:
    made = changed("dhcp_scopes", SCHOOL, "10.93.41.0/24", lambda scope: scope.update(values))
    (line,) = [line for line in of(plan(made), town()).lines if "DHCP donne" in line.said]
    assert (line.gravity, words in line.said) == (gravity, True)
    assert ("au lieu de" in line.said) is ("au lieu de" in words)


def test_alerts_that_leave_some_hosts_or_people_out_are_a_loss() -> None:
    known = item("zabbix_actions", "commune", "")
    for field in ("groups", "users"):
        made = operation("zabbix_actions", "commune", known, {**known, field: known[field][1:]})
        (line,) = of(plan(made), town()).lines
        assert (line.gravity, line.said.startswith("une part ne part plus")) == ("cuts", True)
    made = changed("zabbix_actions", "commune", "", lambda action: action.update(severity="disaster"))
    assert of(plan(made), town()).lines[0].said.endswith("désastre : ce qui est moins grave ne prévient pas")


@pytest.mark.parametrize(("module", "owner", "field"), [
    ("smc_engine_interfaces", "commune", "comment"), ("meraki_routed_interfaces", CORE, "name"),
])  # fmt: skip
def test_a_way_that_is_only_named_otherwise_changes_nothing(module: str, owner: str, field: str) -> None:
    for known in items(module, owner):
        result = of(plan(operation(module, owner, known, {**known, field: "x"}), limit=""), town())
        assert (known, [line.sentence() for line in result.lines]) == (known, [])


def test_a_printer_whose_mac_is_to_confirm_keeps_its_address_where_others_look_for_the_new(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known: Any = town().sites
    kept = {"name": "imp-jau-02", "address": "10.93.41.11", "status": "to_confirm"}
    monkeypatch.setitem(known, SCHOOL, {**known[SCHOOL], "scopes": [{"reservations": [kept]}]})
    there = [{"kind": "agent", "address": "10.93.41.11"}]
    moved = changed("zabbix_hosts", SCHOOL, "sw-jau-01", lambda host: host.update(interfaces=there))
    (line,) = [line for line in of(plan(moved), town()).lines if line.who == "imp-jau-02"]
    assert (line.subject, line.gravity, line.basis) == ("addresses", "cuts", "unknown")
    assert line.said == (
        "garde l’adresse qu’il a : sa réservation de 10.93.41.11 ne s’écrit pas, sa MAC est à confirmer ; "
        "hôte surveillé sw-jau-01 l’y cherchera"
    )
    still = changed("zabbix_hosts", SCHOOL, "sw-jau-01", lambda host: host.update(enabled=False))
    assert not [line for line in of(plan(still), town()).lines if line.subject == "addresses"]


def test_machines_of_the_hosting_are_named_without_port_nor_ssid() -> None:
    section = "fw_policy/section:Ville/VLB"
    gone = changed("smc_policies", "commune", section, lambda policy: policy.update(ipv4_access=[]))
    texts = sentences(gone)
    assert any("serveurs@hotel-de-ville →" in text for text in texts)
    assert not any("ni port ni SSID" in text for text in texts)


def test_an_alias_that_leads_where_no_flow_opens_names_the_flows_that_stay_behind() -> None:
    record = {"zone": "ad.lebourget.example", "name": "impression", "type": "CNAME", "ttl": 3600}
    was, other, files = (
        {**record, "values": [f"{name}.ad.lebourget.example."]} for name in ("hdv-imp1", "hdv-imp2", "hdv-fic1")
    )
    (line,) = of(plan(operation("dns_records", CORE, was, files)), town()).lines
    assert line.gravity == "cuts"
    assert line.said.endswith("et non plus à hdv-imp1.ad.lebourget.example., où rien n’ouvre postes-impression, "
                              "public-impression")  # fmt: skip
    (line,) = of(plan(operation("dns_records", CORE, other, other | {"values": ["hdv-imp3.x."]})), town()).lines
    assert (line.gravity, "n’ouvre" in line.said) == ("changes", False)
