"""The table of effects: every kind has its rows, and no row is of a field that is not there."""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest

from piste.engine.converge.resource import Shape
from piste.sites.consequences import said
from piste.sites.consequences.computed import Consequences, of
from piste.sites.consequences.counts import Counts
from piste.sites.consequences.effects import COMPUTED, UNKNOWN, rows_of, table
from piste.sites.consequences.form import GRAVITY, Consequence, Subject
from piste.systems.kinds import BY_MODULE, KINDS, of_object
from tests.support.breadth import breadth
from tests.unit.consequences.changes import CORE, SCHOOL, item, items, operation, plan, town

KEYS = {"fields", "actions", "to", "computed", "nobody", "subject", "gravity", "who", "says", "lasts", "source",
        "less", "both", "undoable", "loss", "unknown", "was", "has", "counts", "none", "beside"}  # fmt: skip
ROWS = [(kind, at, row) for kind, rows in table()["kinds"].items() for at, row in enumerate(rows)]
NAMED = [f"{kind}.{at}" for kind, at, _ in ROWS]


def test_every_kind_has_rows_and_no_other() -> None:
    assert {*table()["kinds"]} == {kind.table.name for kind in KINDS}


@pytest.mark.parametrize("action", ["create", "update", "delete"])
@pytest.mark.parametrize("signs_in", [True, False])
def test_an_account_of_an_administrator_has_its_own_rows(action: str, signs_in: bool) -> None:
    content: dict[str, Any] = {"before": {"signs_in": not signs_in}, "after": {"signs_in": signs_in}}
    (row,) = rows_of({"kind": "administrator", "action": action, "fields": ["signs_in"], "content": content})
    assert {"subject", "gravity", "who", "says"} <= {*row} <= KEYS
    assert (row["gravity"] == "lost") is (action == "delete" or (action == "update" and not signs_in))


@pytest.mark.parametrize(("kind", "at", "row"), ROWS, ids=NAMED)
def test_a_row_is_whole(kind: str, at: int, row: dict[str, Any]) -> None:
    fields = {field.name for field in of_object(kind).table.fields}
    assert {*row} <= KEYS
    assert {*row.get("fields", ())} <= fields
    if "to" in row:
        known = [of_object(kind).table.field(name) for name in row["fields"]]
        choices = {choice for field in known for choice in field.choices or (True, False)}
        assert {*row["to"]} <= choices | {None}
    assert {*row.get("actions", ())} <= {"create", "update", "delete", "reset"}
    assert [name for name in ("computed", "nobody", "says") if name in row].__len__() == 1
    assert row.get("computed", "reach") in COMPUTED
    assert {*row.get("was", {}), *row.get("has", {}), *row.get("beside", ())} <= fields
    how = row.get("counts", "below")
    module, _, field = how.partition(".")
    assert BY_MODULE[module].table.field(field) if field else hasattr(Counts, how)
    assert ("counts" in row) is ("{count}" in row.get("who", "") + row.get("says", ""))
    may_be_nobody = ("followers", "applying", "filtered", "unfiltered", "overtaken", "placed", "tagged",
                     "answering")
    assert ("none" in row) is (row.get("counts") in may_be_nobody)
    if "says" in row:
        assert row["subject"] in get_args(Subject)
        assert row["gravity"] in GRAVITY
        assert row["who"]
    if "lasts" in row:
        assert row["lasts"] == UNKNOWN or row["source"] in table()["sources"]


@pytest.mark.parametrize("kind", sorted(table()["kinds"]))
def test_every_change_of_a_kind_has_a_row(kind: str) -> None:
    names = [field.name for field in of_object(kind).table.fields]
    for action in ("create", "update", "delete", "reset"):
        for name in names:
            content: dict[str, Any] = {"before": {}, "after": {}}
            assert [*rows_of({"kind": kind, "action": action, "fields": [name], "content": content})]


@pytest.mark.parametrize("kind", sorted(table()["kinds"]))
def test_no_field_is_in_two_rows_without_a_value(kind: str) -> None:
    limits = {"to", "less", "both", "actions", "was", "has", "beside"}
    plain = [row for row in table()["kinds"][kind] if not limits & {*row}]
    names = [name for row in plain for name in row.get("fields", ())]
    assert len(names) == len({*names})
    assert "fields" not in plain[-1]


@pytest.mark.parametrize(("kind", "at", "row"), ROWS, ids=NAMED)
def test_a_drift_says_what_is_and_not_what_will_be(kind: str, at: int, row: dict[str, Any]) -> None:
    if "says" not in row:
        return
    for form in (r"\1", r"\2"):
        says = re.sub(r"\[([^|\]]*)\|([^\]]*)\]", form, row["says"])
        made = Consequences([Consequence(row["subject"], row["gravity"], "x", says, ())], {}, [], [])
        ((_, text), *_) = said.lines(made, {}, lambda owner: "", whole=False, drifted=True)
        assert re.findall(r"\b\w+(?:ra|ront)\b|\bne [aeiouéèê]\w+", text) == []


def test_a_drift_says_what_has_stopped_and_since_when_computers_have_it() -> None:
    stopped = Consequence("machines", "cuts", "machine hdv-ca1", "s’arrête, et ce qui en dépend avec elle (x)", ())
    linked = Consequence("computers", "changes", "postes", "stratégies : a → b", (), _policy_delay())
    made = Consequences([stopped, linked], {}, [], [])
    texts = [text.strip() for _, text in said.lines(made, {}, lambda owner: "", whole=False, drifted=True)]
    assert texts == [
        "! machine hdv-ca1 : est arrêtée, et ce qui en dépend avec elle (x)",
        "~ postes : stratégies : a → b, 90 à 120 minutes après l’écart, ou au démarrage",
    ]


def _policy_delay() -> str:
    return next(row["lasts"] for row in table()["kinds"]["gpo_links"] if "lasts" in row)


@pytest.mark.parametrize("action", ["create", "delete"])
@pytest.mark.parametrize("kind", sorted(table()["kinds"]))
def test_what_comes_or_goes_whole_has_words_of_its_own(kind: str, action: str) -> None:
    if of_object(kind).table.shape is Shape.FIXED:
        return
    (row,) = rows_of({"kind": kind, "action": action, "fields": [], "content": {"before": {}, "after": {}}})
    assert "{changes}" not in f"{row.get('who')} {row.get('says')}"


def words(
    module: str, key: str, was: dict[str, Any], will: dict[str, Any], owner: str = SCHOOL
) -> list[tuple[str, str]]:
    """Give the gravity and the words of a change of fields; None takes a field away."""
    known = item(module, owner, key)
    old, new = ({name: value for name, value in {**known, **side}.items() if value is not None} for side in (was, will))
    return [(line.gravity, line.said) for line in of(plan(operation(module, owner, old, new)), town()).lines]


@pytest.mark.parametrize("mode", breadth(["open", "open-enhanced"], 2))
def test_an_ssid_without_a_key_opens(mode: str) -> None:
    lines = words("meraki_ssids", "VLB-Agents", {}, {"auth_mode": mode, "psk": None})
    assert [gravity for gravity, _ in lines] == ["opens"]
    assert words("meraki_ssids", "VLB-Agents", {"auth_mode": mode, "psk": None}, {})[0][0] == "outage"
    off, on = {"enabled": False, "auth_mode": mode, "psk": None}, {"enabled": True, "auth_mode": mode, "psk": None}
    assert "opens" in [gravity for gravity, _ in words("meraki_ssids", "VLB-Agents", off, on)]
    assert words("meraki_ssids", "VLB-Agents", {"enabled": False}, off) == []
    for side, opens in ((on, True), (off, False), ({}, False)):
        made = operation("meraki_ssids", SCHOOL, None, {**item("meraki_ssids", SCHOOL, "VLB-Agents"), **side})
        admission = [line.gravity for line in of(plan(made), town()).lines if line.subject == "admission"]
        assert admission == (["opens"] if opens else [])


def test_an_open_ssid_that_encrypts_opens_to_nobody_more() -> None:
    plain, encrypted = ({"auth_mode": mode, "psk": None} for mode in ("open", "open-enhanced"))
    for was, will in ((plain, encrypted), (encrypted, plain)):
        ((gravity, text),) = words("meraki_ssids", "VLB-Agents", was, will)
        assert (gravity, "pas qui y entre" in text) == ("outage", True)


def policy(name: str, was: Any = None) -> Consequences:
    """Change a setting of a group policy; `was` is its link to a school that the plan ends."""
    before = item("ad_gpos", "commune", name)
    after = {**before, "computer": {"policies": {"power.fast_startup": True}}}
    made = [operation("ad_gpos", "commune", before, after)]
    if was is not None:
        unit = item("ad_gpo_links", SCHOOL, "")
        made.append(operation("ad_gpo_links", SCHOOL, {**unit, "links": {**unit["links"], name: was}}, unit))
    return of(plan(*made), town())


def computers(*sites: str) -> int:
    return sum(asset["kind"] == "computer" and asset["state"] == "in_service" for site in sites or town().sites
               for asset in town().sites[site]["assets"])  # fmt: skip


def test_a_group_policy_counts_the_computers_of_the_units_where_it_is_linked() -> None:
    schools = [name for name, site in town().sites.items() if site["directory"]["path"].startswith("Ville/Écoles/")]
    (line,) = policy("Socle écoles").lines
    assert f"(au plus {computers(*schools)} postes de l’inventaire, {len(schools)} sites)" in line.who
    (line,) = policy("Socle commun").lines
    assert f"(au plus {computers()} postes de l’inventaire, " in line.who
    assert line.who.endswith("que retient « Postes de travail Windows 10 et 11 »)")
    (line,) = policy("802.1X - Postes (pilote)").lines
    assert line.who.endswith(", ceux de GP-Pilote-8021X (membres inconnus : ce plan ne les lit pas))")
    assert "comptes" not in line.who, "it sets computers alone"
    assert (line.basis, line.sentence().count("membres inconnus")) == ("unknown", 1)


def test_the_accounts_that_a_policy_reaches_are_unknown_and_said() -> None:
    reached = "comptes inconnus : aucun plan ne lit ceux d’une unité"
    before = item("ad_gpos", "commune", "Socle administration")
    user = {**before, "user": {}}
    (line,) = of(plan(operation("ad_gpos", "commune", before, user)), town()).lines
    assert reached in line.who
    assert (line.basis, line.unknown, line.sentence().count(reached)) == ("unknown", reached, 1)
    links = item("ad_gpo_links", SCHOOL, "")
    for name, reaches in (("Socle administration", True), ("802.1X - Postes", False)):
        added = {**links, "links": {**links["links"], name: {}}}
        line = of(plan(operation("ad_gpo_links", SCHOOL, links, added)), town()).lines[0]
        assert (reached in line.who) is reaches


def test_a_group_policy_linked_nowhere_changes_nothing() -> None:
    result = policy("Sobriété - Veille")
    assert (result.lines, [*result.idle]) == ([], ["elle n’est liée à aucune unité"])


def test_a_link_that_goes_counts_and_one_that_is_off_does_not() -> None:
    for link, count in (({}, f"au plus {computers(SCHOOL)} postes"), ({"enabled": False}, "")):
        mine = [line.who for line in policy("Sobriété - Veille", link).lines if "Sobriété - Veille" in line.who]
        assert [count in who for who in mine] == ([True] if count else [])


def test_a_port_without_its_admission_opens() -> None:
    admits = {"access_policy_type": "Custom access policy", "access_policy": "802.1X"}
    ((gravity, text),) = words("meraki_switch_ports", "QZZZ-0005-0002/2", admits, {})
    assert gravity == "opens"
    assert text.endswith("y est admis sans s’authentifier")
    assert words("meraki_switch_ports", "QZZZ-0005-0002/2", {"access_policy_type": None}, {}) == []
    ((gravity, _),) = words("meraki_switch_ports", "QZZZ-0005-0002/2", {}, admits)
    assert gravity == "outage"


def test_an_isolation_that_goes_is_not_said_as_one_that_comes() -> None:
    on, off = {"isolation_enabled": True}, {"isolation_enabled": False}
    ((_, comes),) = words("meraki_switch_ports", "QZZZ-0005-0002/2", off, on)
    assert comes.endswith("sera isolé : il n’atteindra plus les ports isolés voisins")
    ((_, goes),) = words("meraki_switch_ports", "QZZZ-0005-0002/2", on, off)
    assert goes.endswith("ne sera plus isolé : il atteindra les ports voisins")


def test_the_isolation_of_an_ssid_says_whom_its_clients_reach() -> None:
    """The rules of this SSID deny its segment: only the same access point lets guests meet."""
    on, off, guests = {"lan_isolation_enabled": True}, {"lan_isolation_enabled": False}, ("VLB-Invites", "mediatheque")
    ((gravity, said),) = words("meraki_ssids", guests[0], on, off, guests[1])
    assert gravity == "opens"
    assert said.startswith("ne seront plus isolés entre eux : ceux d’une même borne s’atteindront ; au-delà, dans")
    assert [gravity for gravity, _ in words("meraki_ssids", guests[0], off, on, guests[1])] == ["changes"]
    assert [gravity for gravity, _ in words("meraki_ssids", "VLB-Agents", off, on)] == ["cuts"]
    lines = words("meraki_ssids", guests[0], {**off, "enabled": False}, {**off, "enabled": True}, guests[1])
    assert [gravity for gravity, said in lines if said.startswith("ne seront pas isolés entre eux")] == ["opens"]
    lines = words("meraki_ssids", "VLB-Agents", {"enabled": False}, {"enabled": True})
    assert [said for _, said in lines if "isolés" in said] == []


def test_what_is_off_says_nothing_of_its_loops() -> None:
    on, off = {"stp_guard": "bpdu guard"}, {"stp_guard": "disabled", "enabled": False}
    lines = words("meraki_switch_ports", "QZZZ-0005-0002/2", on, off)
    assert [text for _, text in lines if "boucle" in text] == []
    assert len(lines) == 2


@pytest.mark.parametrize(("module", "change"), [
    ("meraki_network_settings", {"mtu": {"default": 1500}}), ("meraki_ssids", {"visible": False}),
])  # fmt: skip
def test_sites_of_which_the_same_is_said_share_a_line(module: str, change: dict[str, Any]) -> None:
    known = [(owner, item(module, owner, "VLB-Agents" if "ssids" in module else "")) for owner in (SCHOOL, CORE)]
    made = [operation(module, owner, before, {**before, **change}) for owner, before in known]
    (line,) = of(plan(*made), town()).lines
    assert (f"{SCHOOL}, {CORE}" in line.who, line.operations) == (True, (0, 1))


def test_what_is_counted_at_a_site_has_its_own_line() -> None:
    both = [item("meraki_access_policies", owner, "") for owner in (CORE, "ccas")]
    made = [operation("meraki_access_policies", owner, policy, {**policy, "host_mode": "Multi-Auth"})
            for owner, policy in zip((CORE, "ccas"), both, strict=True)]  # fmt: skip
    assert [line.operations for line in of(plan(*made), town()).lines] in ([(0,), (1,)], [(1,), (0,)])


def test_a_stack_that_is_undone_names_the_gateways_and_routes_that_it_carries() -> None:
    stack = item("meraki_switch_stacks", CORE, "")
    (line,) = of(plan(operation("meraki_switch_stacks", CORE, stack, None)), town()).lines
    faces = [face for name in town().owners for face in items("meraki_routed_interfaces", name)
             if town().owners[name]["lifecycle"] == "open"]  # fmt: skip
    assert f"elle porte {len(faces)} passerelles (" in line.said
    assert ("1 route (par défaut)" in line.said, "DHCP de" in line.said, line.basis) == (True, True, "unknown")
    other = operation("meraki_switch_stacks", SCHOOL, stack, None)
    assert [line.said.endswith("redémarrer") for line in of(plan(other), town()).lines] == [True]


@pytest.mark.parametrize("read", [False, True])
def test_a_radio_profile_is_followed_by_whom_the_plan_read_or_nobody_knows(read: bool) -> None:
    profile = {"name": "Main", "band_selection_type": "ap"}
    made = [operation("meraki_rf_profiles", SCHOOL, profile, None)]
    radio = {"serial": "QZZZ-9999-0009", "rf_profile": "Main"}
    made += [operation("meraki_radios", SCHOOL, radio, {**radio, "rf_profile": None})] if read else []
    lines = [line for line in of(plan(*made), town()).lines if 0 in line.operations]
    said = [(line.gravity, "1 borne" in line.who) for line in lines]
    assert said == [("outage", True) if read else ("unknown", False)]


def test_a_setting_that_goes_and_the_days_of_a_week_are_in_french_words() -> None:
    known = item("meraki_network_settings", SCHOOL, "")
    on = {**known, "stp": {**(known.get("stp") or {}), "rstp_enabled": True}}
    off = {**on, "stp": {name: value for name, value in on["stp"].items() if name != "rstp_enabled"}}
    (line,) = of(plan(operation("meraki_network_settings", SCHOOL, on, off)), town()).lines
    assert "RSTP actif : oui → plus réglé" in line.said
    slot = {"days": ["monday", "sunday"], "start": 120, "minutes": 60}
    made = [{"name": "Nuit", "weekly": weekly} for weekly in ([slot], [{**slot, "days": ["tuesday"]}])]
    (line,) = of(plan(operation("zabbix_maintenances", "commune", *made)), town()).lines
    assert ("lundi, dimanche" in line.said, "mardi" in line.said) == (True, True)


@pytest.mark.parametrize(("module", "key", "who"), [
    ("zabbix_templates", "Piste NPS by Zabbix agent", "hôtes qui suivent « Piste NPS by Zabbix agent » (hdv-nps1, "),
    ("zabbix_user_groups", "Ville du Bourget, lecteurs",
     "comptes de Zabbix du groupe « Ville du Bourget, lecteurs » (ville)"),
    ("prism_subnets", "serveurs", "machines du réseau serveurs (hdv-dc1, hdv-dc2, "),
    ("prism_categories", "Sauvegarde/identite", "machines rangées dans Sauvegarde/identite (hdv-dc1, hdv-dc2, "),
    ("prism_protection_policies", "Sauvegarde identite", "machines de Sauvegarde identite (hdv-dc1, hdv-dc2, "),
    ("prism_affinity_policies", "Séparer annuaire", "machines de Séparer annuaire (hdv-dc1, hdv-dc2)"),
    ("nps_network_policies", "hdv-nps1/VLB ccas - agents-mot-de-passe",
     "appareils que « hdv-nps1/VLB ccas - agents-mot-de-passe » admet, comptes et postes de GV-Agents"),
])  # fmt: skip
def test_what_names_an_object_that_goes_is_named(module: str, key: str, who: str) -> None:
    known = [{"server": "hdv-nps1", **each} if "nps" in module else each for each in items(module, "commune")]
    (gone,) = [each for each in known if BY_MODULE[module].table.key_of(each) == key]
    (line,) = of(plan(operation(module, "commune", gone, None)), town()).lines
    assert line.who.startswith(who)


def test_a_category_that_no_machine_is_in_says_so() -> None:
    known = item("prism_categories", "commune", "")
    made = operation("prism_categories", "commune", {**known, "value": "Essai"}, None)
    (line,) = of(plan(made), town()).lines
    assert line.who.endswith("(rien de déclaré)")


@pytest.mark.parametrize(("module", "key", "field"), [
    ("prism_protection_policies", "Sauvegarde identite", "categories"), ("zabbix_hosts", "sw-ble-02", "interfaces"),
])  # fmt: skip
def test_a_list_that_loses_an_end_is_a_loss(module: str, key: str, field: str) -> None:
    owner = "commune" if "prism" in module else "ecole-bleriot"
    known = item(module, owner, key)
    (line,) = of(plan(operation(module, owner, known, {**known, field: known[field][1:]})), town()).lines
    assert line.gravity == ("lost" if "prism" in module else "cuts")


def test_a_filter_that_goes_stops_the_linked_policies_that_name_it() -> None:
    known = item("ad_wmi_filters", "commune", "")
    gone = operation("ad_wmi_filters", "commune", known, None, known["name"])
    (line,) = of(plan(gone), town()).lines
    assert line.gravity == "cuts"
    assert line.who.startswith(f"stratégies que « {known['name']} » limite (« ")
    assert f" : au plus {computers()} postes de l’inventaire, " in line.who
    assert line.who.count(known["name"]) == 1
    policies = [each for each in items("ad_gpos", "commune") if each.get("wmi_filter") == known["name"]]
    freed = [operation("ad_gpos", "commune", each, {**each, "wmi_filter": ""}) for each in policies]
    result = of(plan(*freed, gone), town())
    assert result.idle["aucune stratégie liée ne le nomme"] == [len(freed)]


@pytest.mark.parametrize("module", ["nps_network_policies", "nps_connection_request_policies"])
def test_an_order_that_overtakes_no_policy_changes_nothing(module: str) -> None:
    known = [{"server": "hdv-nps1", **each} for each in items(module, "commune")]
    first, second = sorted(known, key=lambda policy: policy["order"])[-2:]
    for order, passes in ((second["order"] + 5, False), (first["order"] - 1, True)):
        result = of(plan(operation(module, "commune", second, {**second, "order": order})), town())
        assert [f"« {first['name']} »" in line.who for line in result.lines] == ([True] if passes else [])


def test_a_client_that_another_server_answers_is_not_without_authentication() -> None:
    client = {"server": "hdv-nps1", **items("nps_radius_clients", "ccas")[0]}
    (line,) = of(plan(operation("nps_radius_clients", "ccas", client, None)), town()).lines
    assert line.said.endswith(f"un autre répond encore à {client['name']} (hdv-nps2)")
    both = [operation("nps_radius_clients", "ccas", {**client, "server": name}, None)
            for name in ("hdv-nps1", "hdv-nps2")]  # fmt: skip
    (line,) = of(plan(*both), town()).lines
    assert line.said.endswith(f"aucun autre ne répond à {client['name']} : plus rien n’y est authentifié")


def test_what_a_row_of_its_own_says_no_other_row_repeats() -> None:
    known = item("zabbix_actions", "commune", "")
    after = {**known, "enabled": False, "groups": known["groups"][1:]}
    off, other = of(plan(operation("zabbix_actions", "commune", known, after)), town()).lines
    assert (off.said, other.said) == (
        "ne partent plus", f"une part ne part plus : groupes : - {known['groups'][0]}",
    )  # fmt: skip


@pytest.mark.parametrize(("count", "said"), [
    (1, "machine hdv-dc1 : démarre"), (2, "machines hdv-dc1, hdv-dc2 : démarrent"),
])  # fmt: skip
def test_the_words_of_a_row_agree_with_the_number_of_objects(count: int, said: str) -> None:
    known = [item("prism_vms", "commune", name) for name in ("hdv-dc1", "hdv-dc2")[:count]]
    made = [operation("prism_vms", "commune", {**vm, "power": "stopped"}, vm, vm["name"]) for vm in known]
    assert [line.sentence() for line in of(plan(*made), town()).lines] == [said]


def test_brackets_hold_two_forms() -> None:
    texts = [f"{row.get('who')} {row.get('says')}" for _, _, row in ROWS]
    assert [text for text in texts if "[" in re.sub(r"\[[^][|]+\|[^][|]+\]", "", text)] == []
