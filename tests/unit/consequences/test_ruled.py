"""Rules on consequences: each effect in the smallest way, and its rule in a review."""

from __future__ import annotations

from typing import Any

import pytest

from piste.runs.plans import saved
from piste.runs.plans.play import Trouble
from piste.runs.plans.review import Reviewed, Rules, rules, violations
from piste.sites.consequences.computed import of
from piste.sites.consequences.ruled import critical, ruled
from piste.town.model.review import Review
from tests.unit.consequences.changes import SCHOOL, changed, item, items, operation, plan, town

RULES = f"fw_policy/section:Site {SCHOOL}/VLB"
LIBRARY = "mediatheque"
FAR = "QZZZ-0000-0001/5"


def effects(*operations: dict[str, Any]) -> set[str]:
    return {*ruled(of(plan(*operations), town()), town(), operations)}


def updated(module: str, owner: str, key: str, **values: Any) -> dict[str, Any]:
    return changed(module, owner, key, lambda item: item.update(values))


def undone(made: dict[str, Any]) -> dict[str, Any]:
    return {**made, "content": {"before": made["content"]["after"], "after": made["content"]["before"]}}


def printing_stops(policy: dict[str, Any]) -> None:
    policy["ipv4_access"] = [rule for rule in policy["ipv4_access"] if "impression" not in rule["id"]]


def test_a_flow_that_the_declaration_has_no_more_is_no_declared_flow() -> None:
    stopped = changed("smc_policies", SCHOOL, RULES, printing_stops)
    assert effects(stopped) == {"declared_flow_stops"}
    assert effects(undone(stopped)) == set()


def test_a_site_without_its_directory() -> None:
    cut = changed("meraki_switch_ports", "hotel-de-ville", FAR, lambda port: port.update(allowed_vlans="1,150,152-155"))
    assert effects(cut) == {"declared_flow_stops", "directory_lost"}


@pytest.mark.parametrize(("names", "lost"), [(("hdv-dc1", "hdv-dc2"), True), (("hdv-dc1",), False)], ids=["all", "one"])
def test_a_town_without_any_controller(names: tuple[str, ...], lost: bool) -> None:
    off = [changed("prism_vms", "commune", name, lambda vm: vm.update(power="stopped")) for name in names]
    on = plan(*off)
    assert ("directory_lost" in ruled(of(on, town()), town(), on["operations"])) is lost


def test_the_uplink_of_a_site_that_carries_a_segment_no_more_is_not_conforming() -> None:
    uplink = "QZZZ-0005-0001/28"
    changes: list[dict[str, Any]] = [{"allowed_vlans": "1,150,152-155"}, {"enabled": False}]
    for change in changes:
        assert effects(updated("meraki_switch_ports", SCHOOL, uplink, **change)) >= {"link_cut", "unknown"}


def test_guests_gain() -> None:
    rule = {
        "id": "x", "name": "x", "sources": [f"network/VLB-{LIBRARY}-invites"], "destinations": ["host/VLB-hdv-fic1"],
        "services": ["tcp_service/VLB-smb"], "action": ["allow"],
    }  # fmt: skip
    section = f"fw_policy/section:Site {LIBRARY}/VLB"
    policy = changed("smc_policies", LIBRARY, section, lambda policy: policy["ipv4_access"].insert(0, rule))
    opened = changed("meraki_ssids", LIBRARY, "VLB-Invites", lambda ssid: ssid.update(
        l3_firewall={"allow_lan_access": True, "rules": []}))  # fmt: skip
    assert {"guests_gain", "opens"} <= effects(policy, opened)


def test_guests_who_reach_each_other_gain_unless_nothing_declares_them_isolated() -> None:
    whole = {"l3_firewall": {"allow_lan_access": True, "rules": []}}
    ssid = {**item("meraki_ssids", LIBRARY, "VLB-Invites"), **whole, "lan_isolation_enabled": True}
    loses = operation("meraki_ssids", LIBRARY, ssid, {**ssid, "lan_isolation_enabled": False})
    assert {"guests_gain", "opens"} <= effects(loses)
    assert "guests_gain" not in effects(undone(loses))


def test_a_public_post_whose_port_is_no_longer_isolated_opens() -> None:
    key = "QZZZ-0012-0001/26"
    loses = updated("meraki_switch_ports", LIBRARY, key, isolation_enabled=False)
    assert "opens" in effects(loses)
    assert "opens" not in effects(undone(loses))
    (line,) = of(plan(loses), town()).lines
    assert "déduit du réglage" in line.source


def test_guests_that_get_what_is_declared_gain_nothing() -> None:
    ssid = item("meraki_ssids", LIBRARY, "VLB-Invites")
    for before in (None, {**ssid, "enabled": False}):
        assert "guests_gain" not in effects(operation("meraki_ssids", LIBRARY, before, ssid))


def test_a_critical_machine_unwatched_or_unsaved() -> None:
    name = sorted(critical(town()))[0]
    host = {"name": name, "enabled": True}
    gone = operation("zabbix_hosts", "commune", host, None, name)
    assert effects(gone) == {"critical_unwatched", "not_undoable"}
    other = operation("zabbix_hosts", "commune", {"name": "ap-x", "enabled": True}, None, "ap-x")
    assert effects(other) == {"not_undoable"}


def test_a_machine_is_known_by_its_name_however_many_go() -> None:
    names = ["aa-1", "aa-2", "aa-3", "aa-4", "aa-5", "hdv-dc1"]
    gone = [operation("zabbix_hosts", "commune", {"name": name}, None, name) for name in names]
    assert "critical_unwatched" in effects(*gone)
    like = operation("zabbix_hosts", "commune", {"name": "hdv-dc10"}, None, "hdv-dc10")
    assert effects(like) == {"not_undoable"}


def test_a_host_without_templates_or_interfaces_is_not_watched() -> None:
    for part in ("templates", "interfaces"):
        assert "critical_unwatched" in effects(updated("zabbix_hosts", "commune", "hdv-dc1", **{part: []}))
    assert "critical_unwatched" not in effects(updated("zabbix_hosts", "commune", "hdv-dc1", description="x"))


def test_a_machine_that_no_policy_copies_is_unsaved() -> None:
    policies, name = "prism_protection_policies", "Sauvegarde identite"
    category = item("prism_categories", "commune", "Sauvegarde/identite")
    for lost in (
        operation(policies, "commune", item(policies, "commune", name), None),
        updated(policies, "commune", name, categories=[]),
        changed("prism_vms", "commune", "hdv-dc1", lambda vm: vm["categories"].update(Sauvegarde=None)),
        operation("prism_categories", "commune", category, None),
    ):
        assert "critical_unsaved" in effects(lost)
    moved = changed("prism_vms", "commune", "hdv-dc1", lambda vm: vm["categories"].update(Sauvegarde="fichiers"))
    assert "critical_unsaved" not in effects(moved)


@pytest.fixture
def checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved, "commit", lambda: ("c" * 40, True))
    monkeypatch.setattr(saved, "declaration_digest", lambda environment: "d")


@pytest.mark.usefixtures("checkout")
def test_an_effect_is_refused_or_approved_by_its_group() -> None:
    base: dict[str, Any] = {
        "deletions": {"at_most": 9, "words": []}, "operations": 9, "sites": 9, "rules_changed_by": ["reseau"],
        "approvers": {"reseau": ["amina"]},
    }  # fmt: skip
    made = plan(changed("smc_policies", SCHOOL, RULES, printing_stops))
    known = ruled(of(made, town()), town(), made["operations"])

    def broken(rule: dict[str, Any], approved: tuple[str, ...] = ()) -> list[str]:
        rules = Rules(Review.model_validate({**base, "consequences": [{"why": "Voilà pourquoi", **rule}]}))
        given = Reviewed(approved=approved, author="paul", effects=known)
        return [f"{violation.rule} : {violation.sentence()}" for violation in violations(made, rules, given)]

    (refused,) = broken({"effect": "declared_flow_stops", "refused": True})
    assert refused.startswith("consequences : declared_flow_stops : utilisateurs@ecole-jaures")
    (asked,) = broken({"effect": "declared_flow_stops", "by": ["reseau"]})
    assert "il manque 1 accord de reseau" in asked
    assert broken({"effect": "declared_flow_stops", "by": ["reseau"]}, ("amina",)) == []
    assert broken({"effect": "guests_gain", "refused": True}) == []


def test_what_a_silent_system_leaves_unknown_is_ruled_as_unknown() -> None:
    cut = changed("meraki_switch_ports", SCHOOL, "QZZZ-0005-0001/9", lambda port: port.update(vlan=155))
    silent = Trouble(SCHOOL, "Lire", "unknown", "ne répond pas")
    assert "unknown" not in ruled(of(plan(cut), town()), town(), [cut])
    assert "unknown" in ruled(of(plan(cut, troubles=(silent,)), town()), town(), [cut])


def test_what_the_town_asks_of_a_consequence_is_more_than_of_any_plan() -> None:
    """The approval that every plan has anyhow lets no consequence pass unseen."""
    review = rules().review
    of_all = [each for each in review.approvals if not (each.domains or each.kinds or each.actions or each.words)]
    for rule in review.consequences:
        for each in of_all:
            assert rule.refused or rule.count > each.count or not {*each.by} <= {*rule.by}, rule.effect


def test_the_objects_of_these_tests_are_declared() -> None:
    assert item("smc_policies", SCHOOL, RULES)
    assert items("meraki_ssids", LIBRARY)


def test_what_is_outside_gains_by_a_rule_that_lets_it_in() -> None:
    rule = {
        "id": "x", "name": "x", "sources": ["any"], "destinations": ["host/VLB-hdv-fic1"],
        "services": ["tcp_service/VLB-smb"], "action": ["allow"],
    }  # fmt: skip
    section = "fw_policy/section:Ville/VLB"
    opened = changed("smc_policies", "commune", section, lambda policy: policy["ipv4_access"].insert(0, rule))
    assert {"outsiders_gain", "opens"} <= effects(opened)
    assert "outsiders_gain" not in effects(undone(opened))


@pytest.mark.parametrize("rule", rules().review.consequences, ids=lambda rule: rule.effect)
def test_each_rule_of_the_town_says_what_why_and_who_decides(rule: Any) -> None:
    known, made = rules(), plan(updated("meraki_switch_ports", SCHOOL, "QZZZ-0005-0002/2", name="x"))
    given = Reviewed(effects={rule.effect: ["invites@mediatheque : passera"]}, author="nul")
    said = [each.sentence() for each in violations(made, known, given) if "passera" in each.sentence()]
    assert len(said) == 1
    assert rule.why in said[0]
    if rule.refused:
        assert f"piste plan show {made['id']} --consequences" in said[0]
    else:
        assert f"il manque {rule.count} accord" in said[0]
        assert all(name in said[0] for group in rule.by for name in known.review.approvers[group])
