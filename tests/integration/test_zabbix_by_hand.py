"""A real Zabbix that people change by hand: false green, who did it; its capture."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from lab.declared import declared_town
from piste.engine.converge.allowed import Allowed
from piste.engine.converge.errors import InvalidConfig
from piste.exports.capture import store
from piste.runs.plans.undo import inverse
from piste.systems.zabbix import authors
from piste.systems.zabbix.checks import services as services_checked
from piste.systems.zabbix.dependencies import PRESENCE
from piste.systems.zabbix.intent import zabbix_intent
from tests.integration.test_parts import proves
from tests.support.capture import capturing
from tests.support.zabbix import KINDS, Watched, watched

SCHOOL, TOWN = "ecole-jaures", "commune"


@pytest.fixture(scope="module")
def intents() -> dict[str, Mapping[str, Any]]:
    town = declared_town()
    return {TOWN: zabbix_intent(town.commune), SCHOOL: zabbix_intent(town.sites[SCHOOL])}


@pytest.fixture(scope="module")
def zabbix(tmp_path_factory: pytest.TempPathFactory, intents: dict[str, Mapping[str, Any]]) -> Iterator[Watched]:
    with watched(tmp_path_factory.mktemp("zabbix")) as opened:
        paths = [path for path in declared_town().secret_paths() if path.startswith("zabbix/")]
        opened.secrets |= dict.fromkeys(paths, "Une-valeur-secrete-9")
        for owner, intent in intents.items():
            for kind in KINDS:
                opened.run(kind, intent[kind], owner=owner)
        yield opened


def test_what_an_objective_counts_watches_something(zabbix: Watched, intents: dict[str, Mapping[str, Any]]) -> None:
    """A service that no trigger touches is available for ever."""
    commune: Any = declared_town().commune
    hosts = [host for intent in intents.values() for host in intent["hosts"]]
    classes = {tag["value"] for host in hosts for tag in host["tags"] if tag["tag"] == "class"}
    intent = zabbix_intent({**commune, "supervision": {**commune["supervision"], "present": sorted(classes)}})  # type: ignore[typeddict-item]
    everything = intents[TOWN]["services"]
    zabbix.run("services", everything, owner=TOWN)
    waiting = zabbix.run("services", intent["services"], owner=TOWN, absent=intent["idle_services"])
    assert "l’historique de sa disponibilité" in "".join(waiting["withheld"])
    zabbix.run("services", intent["services"], owner=TOWN, absent=intent["idle_services"], confirm=["service"])
    counted = [
        service
        for sla in zabbix.api("sla.get", {"output": ["slaid"]})
        for service in zabbix.api("sla.getsli", {"slaid": sla["slaid"], "periods": 1})["serviceids"]
    ]
    services = zabbix.api("service.get", {"serviceids": counted, "output": ["name"]})
    assert {service["name"] for service in services} == {service["name"] for service in intent["services"]} != set()
    client = zabbix.client()
    [finding] = services_checked(client)
    assert (finding.state, finding.what.split()[1]) == ("ok", str(len(services)))
    assert zabbix.run("services", everything, owner=TOWN)["changed"]
    [finding] = services_checked(client)
    assert finding.state == "wrong"
    idle = {service["name"] for service in everything} - {service["name"] for service in services}
    assert {name for name in idle if f"« {name} »" in finding.what} == idle != set()
    assert not any(f"« {service['name']} »" in finding.what for service in services)
    client.close()


def disable(zabbix: Watched, what: str, host: str, **wanted: str) -> None:
    [known] = zabbix.api(f"{what}.get", {"output": [f"{what}id"], "host": host, "filter": wanted})
    zabbix.api(f"{what}.update", {f"{what}id": known[f"{what}id"], "status": "1"})


def test_what_somebody_disables_on_a_host_is_named_and_enabled_again(
    zabbix: Watched, intents: dict[str, Mapping[str, Any]]
) -> None:
    """Each host has its own state of what it inherits."""
    hosts, host = intents[SCHOOL]["hosts"], "sw-jau-01"
    disable(zabbix, "item", host, key_="icmpping")
    disable(zabbix, "trigger", host, description=PRESENCE)
    # What hosts of others have disabled is theirs.
    disable(zabbix, "item", "Zabbix server", key_="system.hostname")
    foreseen = zabbix.run("hosts", hosts, state="overridden", check=True)
    assert (foreseen["calls"]["reads"], foreseen["calls"]["writes"]) == (1, 0)
    [operation] = foreseen["operations"]
    assert (operation["key"], operation["fields"]) == (host, ["disabled_items", "disabled_triggers"])
    assert {"- icmpping", f"- '{PRESENCE}'"} <= {*map(str.strip, foreseen["diff"][0]["before"].splitlines())}
    [done] = zabbix.run("hosts", hosts, state="overridden")["operations"]
    assert done["fields"] == operation["fields"]
    assert zabbix.run("hosts", hosts, state="overridden")["operations"] == []
    for what in ("item", "trigger"):
        assert zabbix.api(f"{what}.get", {"host": host, "filter": {"status": "1"}}) == []
    # The undo of that run brings back what somebody had done.
    [asked] = [parts["zabbix_hosts"] for parts in inverse([done])[0][SCHOOL].values() if "zabbix_hosts" in parts]
    zabbix.run("hosts", asked["config"])
    [seen] = zabbix.run("hosts", hosts, state="overridden")["operations"]
    assert seen["fields"] == operation["fields"]


def test_discoveries_and_scenarios_disabled_by_hand_are_named_and_enabled_again(
    zabbix: Watched, intents: dict[str, Mapping[str, Any]]
) -> None:
    """Neither a rule nor a scenario that is off is a problem of Zabbix."""
    hosts, host, key, name = intents[SCHOOL]["hosts"], "sw-jau-01", "essai.discovery", "Portail"
    [template] = zabbix.api("template.get", {"filter": {"host": "ICMP Ping"}, "output": ["templateid"]})
    step = {"name": "accueil", "url": "http://127.0.0.1/", "no": "1"}
    rule = {"name": "Essai", "key_": key, "hostid": template["templateid"], "type": "2"}
    made = zabbix.api("discoveryrule.create", rule)["itemids"]
    scenario = {"name": name, "hostid": template["templateid"], "steps": [step]}
    also = zabbix.api("httptest.create", scenario)["httptestids"]
    for what, id_, wanted in (("discoveryrule", "itemid", {"key_": key}), ("httptest", "httptestid", {"name": name})):
        known = zabbix.api(f"{what}.get", {"filter": wanted, "inherited": True, "selectHosts": ["host"]})
        assert len(known) > 1, "each host has its own"
        [here] = [entry[id_] for entry in known if entry["hosts"][0]["host"] == host]
        zabbix.api(f"{what}.update", {id_: here, "status": "1"})
    fields = ["disabled_discoveries", "disabled_scenarios"]
    [seen] = zabbix.run("hosts", hosts, state="overridden", check=True)["operations"]
    assert (seen["key"], seen["fields"]) == (host, fields)
    [done] = zabbix.run("hosts", hosts, state="overridden")["operations"]
    assert done["fields"] == fields
    assert zabbix.run("hosts", hosts, state="overridden")["operations"] == []
    for what in ("discoveryrule", "httptest"):
        assert zabbix.api(f"{what}.get", {"filter": {"status": "1"}, "inherited": True}) == []
    # What is declared to be off goes off, and stays so.
    kept = [{**entry, "disabled_scenarios": [name]} if entry["name"] == host else entry for entry in hosts]
    [off] = zabbix.run("hosts", kept, state="overridden")["operations"]
    assert (off["key"], off["fields"]) == (host, ["disabled_scenarios"])
    with pytest.raises(InvalidConfig, match=r"le scénario web « Inconnu » n’est dans aucun de ses modèles"):
        zabbix.run("hosts", [{**kept[0], "disabled_scenarios": ["Inconnu"]}], state="overridden")
    # What the template disables itself is no drift.
    zabbix.run("hosts", hosts, state="overridden")
    zabbix.api("discoveryrule.update", {"itemid": made[0], "status": "1"})
    assert zabbix.run("hosts", hosts, state="overridden")["operations"] == []
    zabbix.api("discoveryrule.delete", made)
    zabbix.api("httptest.delete", also)


def test_who_changed_a_host_is_named_by_the_audit_log(
    zabbix: Watched, intents: dict[str, Mapping[str, Any]]
) -> None:
    hosts, host = intents[SCHOOL]["hosts"], "sw-jau-01"
    [known] = zabbix.api("host.get", {"filter": {"host": host}, "output": ["hostid"]})
    zabbix.api("host.update", {"hostid": known["hostid"], "description": "Fait à la main"})
    [operation] = zabbix.run("hosts", hosts, state="overridden", check=True)["operations"]
    asked = {**{name: operation[name] for name in ("kind", "key", "action", "fields")}, **operation["content"]}
    client = zabbix.client()
    other = {**asked, "before": {**asked["before"], "description": "Ce que le journal ne dit pas"}}
    read = authors.read(client, {"objects": [asked, other, {**asked, "key": "sw-jau-02"}], "days": 90})["authors"]
    assert [[author["who"] for author in by] for by in read] == [[client.account()], [], []]
    client.close()
    zabbix.run("hosts", hosts, state="overridden")


def test_what_the_declaration_disables_stays_so(zabbix: Watched, intents: dict[str, Mapping[str, Any]]) -> None:
    first, *others = intents[SCHOOL]["hosts"]
    kept = [{**first, "disabled_triggers": [PRESENCE]}, *others]
    with pytest.raises(InvalidConfig, match=r"le déclencheur « Inconnu » n’est dans aucun de ses modèles"):
        zabbix.run("hosts", [{**first, "disabled_triggers": ["Inconnu"]}], state="overridden")
    [operation] = zabbix.run("hosts", kept, state="overridden")["operations"]
    assert operation["fields"] == ["disabled_triggers"]
    assert zabbix.run("hosts", kept, state="overridden")["operations"] == []
    assert len(zabbix.api("trigger.get", {"host": first["name"], "filter": {"status": "1"}})) == 1
    assert len(zabbix.run("hosts", [first, *others], state="overridden")["operations"]) == 1


def test_what_a_template_disables_is_no_drift(zabbix: Watched, intents: dict[str, Mapping[str, Any]]) -> None:
    [item] = zabbix.api("item.get", {"filter": {"host": "ICMP Ping", "key_": "icmppingsec"}, "output": ["itemid"]})
    zabbix.api("item.update", {"itemid": item["itemid"], "status": "1"})
    [seen] = zabbix.api("item.get", {"host": "sw-jau-01", "filter": {"key_": "icmppingsec"}, "output": ["status"]})
    assert seen["status"] == "1"
    assert zabbix.run("hosts", intents[SCHOOL]["hosts"], state="overridden")["operations"] == []
    zabbix.api("item.update", {"itemid": item["itemid"], "status": "0"})


def test_a_drawn_part_of_a_plan_is_written_and_the_plan_writes_the_rest(
    zabbix: Watched, intents: dict[str, Mapping[str, Any]], tmp_path: Path
) -> None:
    draw = random.Random(39)
    for name in draw.sample([host["name"] for host in intents[SCHOOL]["hosts"]], 3):
        (host,) = zabbix.api("host.get", {"filter": {"host": name}, "output": ["hostid"]})
        zabbix.api("host.update", {"hostid": host["hostid"], "status": 1})

    def run(plan: str, check: bool) -> list[dict[str, Any]]:
        saved = Allowed.read(plan)
        given: Any = {"check": check, "allowed": None if check else saved, "left": saved.left if saved else ()}
        operations: list[dict[str, Any]] = zabbix.run("hosts", intents[SCHOOL]["hosts"], **given)["operations"]
        return operations

    assert proves(run, tmp_path, lambda every: draw.sample(every, 1)) < 0.5


def changed_by_hand(zabbix: Watched) -> None:
    """Write as an administrator: a template, hosts, an account, a measure that is off."""
    (templates,) = zabbix.api("templategroup.get", {"output": ["groupid"], "filter": {"name": ["Templates"]}})
    made = zabbix.api("template.create", {"host": "Modele du prestataire", "groups": [templates]})["templateids"]
    group = zabbix.api("hostgroup.create", {"name": "Prestataire"})["groupids"][0]
    macro = {"macro": "{$CLEF}", "value": "clef-du-prestataire", "type": "1"}
    host = {"host": "automate", "groups": [{"groupid": group}], "templates": [{"templateid": made[0]}]}
    zabbix.api("host.create", {**host, "macros": [macro], "status": "1", "description": "voir Mme Durand"})
    (switch,) = zabbix.api("host.get", {"filter": {"host": "sw-jau-01"}, "output": ["hostid"]})
    zabbix.api("host.update", {**switch, "name": "Renommé à la main", "inventory": {"location": "au grenier"}})
    (item,) = zabbix.api("item.get", {"host": "sw-jau-01", "filter": {"key_": "icmpping"}, "output": ["itemid"]})
    zabbix.api("item.update", {**item, "status": "1"})
    groups = zabbix.api("usergroup.get", {"filter": {"name": ["Guests"]}, "output": ["usrgrpid"]})
    account = {"username": "prestataire", "passwd": "Un-mot-de-passe-9", "roleid": "1", "usrgrps": groups}
    zabbix.api("user.create", account)


def seen(zabbix: Watched, intents: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    gathered = {kind: zabbix.run(kind, [], state="gathered")["gathered"] for kind in KINDS}
    hosts = {owner: intent["hosts"] for owner, intent in intents.items()}
    planned = [zabbix.run("hosts", items, owner=owner, check=True)["diff"] for owner, items in hosts.items()]
    return {**gathered, "planned": planned}


def test_a_zabbix_becomes_the_captured_one(
    zabbix: Watched, intents: dict[str, Mapping[str, Any]], tmp_path: Path
) -> None:
    """The same objects, the same plan."""
    changed_by_hand(zabbix)
    with capturing(tmp_path, zabbix.secrets):
        before = seen(zabbix, intents)
    assert b"clef-du-prestataire" not in b"".join(path.read_bytes() for path in tmp_path.rglob("*.json"))
    remembered = zabbix.lock.read_bytes()
    zabbix.reset()
    zabbix.lock.write_bytes(remembered)
    system: Any = zabbix.lab.systems["zabbix"]
    made, left = system.captured([answer for _, answer in store.answers(tmp_path)], zabbix.secrets)
    assert left == []
    assert system.become(made) == ["modèle Modele du prestataire : son contenu n’est pas capturé, il est vide ici"]
    after = seen(zabbix, intents)
    for name, known in before.items():
        assert [x for x in after[name] if x not in known] == [x for x in known if x not in after[name]], name
    assert any(before["planned"])
    assert any(host["name"] == "automate" for host in before["hosts"])


def test_a_map_keeps_what_people_have_drawn_on_it(zabbix: Watched, intents: dict[str, Mapping[str, Any]]) -> None:
    declared = intents[SCHOOL]["maps"]
    first, second = list(declared[0]["hosts"])[:2]
    ids = {each["host"]: each["hostid"] for each in zabbix.api("host.get", {"output": ["hostid", "host"]})}

    def drawn() -> dict[str, Any]:
        asked = {"output": "extend", "selectSelements": "extend", "selectLinks": "extend", "selectShapes": "extend"}
        [live] = zabbix.api("map.get", {**asked, "filter": {"name": declared[0]["name"]}})
        return {**live, "selements": {each["selementid"]: each for each in live["selements"]},
                "links": {each["linkid"]: each for each in live["links"]}}  # fmt: skip

    live = drawn()
    host = next(iter(live["selements"].values()))
    icon = zabbix.api("image.get", {"output": ["imageid"]})[0]["imageid"]
    group = zabbix.api("hostgroup.get", {"output": ["groupid"]})[0]["groupid"]
    trigger = zabbix.api("trigger.get", {"output": ["triggerid"], "limit": 1})[0]["triggerid"]
    other = zabbix.api("map.get", {"output": ["sysmapid"], "filter": {"name": "Local network"}})[0]["sysmapid"]
    tags = [{"tag": "étage", "value": "2", "operator": "0"}]
    placed = {"iconid_off": icon, "label": "À garder", "x": "5", "y": "7"}
    theirs = [
        {**placed, "selementid": "i", "elementtype": "4"},
        {**placed, "selementid": "g", "elementtype": "3", "elements": [{"groupid": group}], "tags": tags},
        {**placed, "selementid": "t", "elementtype": "2", "elements": [{"triggerid": trigger}]},
        {**placed, "selementid": "m", "elementtype": "1", "elements": [{"sysmapid": other}]},
        *({**placed, "selementid": name, "elementtype": "0", "elements": [{"hostid": ids[name]}], "tags": tags}
          for name in (first, second)),
    ]  # fmt: skip
    kept = [{"tags": [], **each} for each in live["selements"].values()]
    kept[0] |= {"label": "Baie", "iconid_off": icon, "tags": tags}
    linked = {"selementid1": host["selementid"], "selementid2": "i", "color": "FF0000", "label": "fibre"}
    changed = {"selements": [*kept, *theirs], "links": [*live["links"].values(), linked], "private": "1"}
    zabbix.api("map.update", {"sysmapid": live["sysmapid"], **changed})
    before = drawn()
    assert len(before["selements"]) == len(live["selements"]) + len(theirs)
    assert zabbix.run("maps", declared)["operations"] == []

    zabbix.api("map.update", {"sysmapid": live["sysmapid"], "width": "500"})
    assert zabbix.run("maps", declared)["changed"]
    assert drawn() == before
    without = {**declared[0], "hosts": {second: declared[0]["hosts"][second]}, "links": []}
    assert zabbix.run("maps", [without], state="replaced")["changed"]
    assert {"À garder"} == {each["label"] for each in drawn()["selements"].values()} - {"{HOST.NAME}", "Baie"}
    assert len(drawn()["selements"]) == len(theirs), "the two elements of the host that goes do go"
    assert zabbix.run("maps", declared)["changed"]
    assert zabbix.run("maps", declared)["operations"] == []
    assert len(drawn()["selements"]) == len(before["selements"]) - 1
