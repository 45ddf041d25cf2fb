"""The supervision on a real Zabbix: from empty, again, drift, kills, undo, removal, secrets.

One Zabbix serves the whole file; each test takes up what the tests before it left.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml
from zabbix_utils import ZabbixAPI

from lab.declared import REPOSITORY, declared_town
from piste.engine.converge.errors import Diverged, PisteError
from piste.engine.transport.shared import VARIABLE
from piste.runs.domains.supervision import MODULES
from piste.runs.plans.undo import RESTORED, RETURNED, inverse
from piste.systems.kinds.zabbix import SUPERVISION
from piste.systems.zabbix.api import Zabbix
from piste.systems.zabbix.dependencies import PRESENCE
from piste.systems.zabbix.driver import reads
from piste.systems.zabbix.hosts import OWNER_TAG
from piste.systems.zabbix.intent import zabbix_intent
from piste.systems.zabbix.orphans import undeclared
from piste.town.derived import keep
from tests.support.inprocess import Killed
from tests.support.zabbix import KINDS, ON_BATTERY, Watched, watched

SCHOOL, TOWN = "ecole-jaures", "commune"
PASSWORD = "Un-secret-de-lecture-9"


@pytest.fixture(scope="module")
def zabbix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with watched(tmp_path_factory.mktemp("zabbix")) as opened:
        paths = [path for path in declared_town().secret_paths() if path.startswith("zabbix/")]
        opened.secrets |= dict.fromkeys(paths, "une-valeur-secrete") | {"zabbix/ville/password": PASSWORD}
        yield opened


@pytest.fixture(scope="module")
def intents() -> dict[str, Mapping[str, Any]]:
    town = declared_town()
    return {TOWN: zabbix_intent(town.commune), SCHOOL: zabbix_intent(town.sites[SCHOOL])}


def converge(zabbix: Watched, intents: Mapping[str, Mapping[str, Any]], **given: Any) -> list[dict[str, Any]]:
    """Run all kinds of the town, then of the school; give the operations."""
    return [
        operation
        for owner, intent in intents.items()
        for kind in KINDS
        for operation in zabbix.run(kind, intent[kind], owner=owner, **given)["operations"]
    ]


def names(operations: list[dict[str, Any]]) -> list[str]:
    return [f"{operation['action']} {operation['kind']} {operation['label']}" for operation in operations]


def test_a_run_killed_at_any_write_is_finished_by_another(
    zabbix: Watched, intents: dict[str, Mapping[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each kind is killed after its write, one before it too; a next run has nothing to do."""
    call, writes = Zabbix.call, 0
    dies = ""

    def dying(self: Zabbix, method: str, params: Any) -> Any:
        nonlocal writes
        written = method.rpartition(".")[2] in ("create", "update", "delete", "import")
        if written and dies == "before":
            raise Killed
        result = call(self, method, params)
        if written:
            writes += 1
            if dies == "after":
                raise Killed
        return result

    monkeypatch.setattr(Zabbix, "call", dying)
    for owner, intent in intents.items():
        for kind in (kind for kind in KINDS if intent[kind]):
            for dies in ("before", "after") if kind == "host_groups" else ("after",):  # noqa: B007
                with pytest.raises(Killed):
                    zabbix.run(kind, intent[kind], owner=owner)
            dies = ""
            # What a write cannot show is not known to be written: a password is written again.
            again = zabbix.run(kind, intent[kind], owner=owner)
            left = {field for done in again["operations"] for field in done["fields"]}
            # Templates are imported a file at a time: the run died at the second.
            assert left <= {"password", "secret_macros"} or kind == "templates"
    assert writes >= 14


def test_a_second_run_has_nothing_to_do_and_asks_little(
    zabbix: Watched, intents: dict[str, Mapping[str, Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """The domain's own task, in one run of two owners: all lists come in one request."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    town = declared_town()
    zabbix.lab.calls.clear()
    module = MODULES["piste_supervision"]
    for owner in (town.commune, town.sites[SCHOOL]):
        keep(owner["id"], owner)
        given = {**module.defaults, "zabbix": zabbix.connection, "secrets": zabbix.secrets, "site": owner["id"]}
        result = module.run({**given, "secrets_lock": str(zabbix.lock)}, False)
        assert (result["changed"], result["operations"]) == (False, [])
    # The lists, then the export of our own templates.
    assert zabbix.lab.calls.of("zabbix") == {"reads": 2, "writes": 0, "sessions": 0}


def test_a_client_that_is_not_ours_sees_what_is_declared(
    zabbix: Watched, intents: dict[str, Mapping[str, Any]]
) -> None:
    """Zabbix's own Python library, over verified TLS, with a password that nobody can read back."""
    context = ssl.create_default_context(cafile=zabbix.lab.info["ca_file"])
    api = ZabbixAPI(zabbix.connection["url"], ssl_context=context, validate_certs=True)
    api.login(user="ville", password=PASSWORD)
    seen = api.host.get(output=["host"], selectInventory=["serialno_a"], selectTags="extend")
    declared = {host["name"]: host for intent in intents.values() for host in intent["hosts"]}
    assert {host["host"] for host in seen} == declared.keys()
    serials = {host["host"]: (host["inventory"] or {}).get("serialno_a") for host in seen}
    assert serials == {name: host.get("inventory", {}).get("serial") for name, host in declared.items()}
    with pytest.raises(Exception, match=r"(?i)permission"):
        api.host.update(hostid=seen[0]["hostid"], status=1)
    api.logout()


def test_a_town_is_made_from_empty_in_one_run(
    zabbix: Watched, intents: dict[str, Mapping[str, Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """Kinds that refer to each other are made in one run; no list is read whole twice."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    posted, asked_for = Zabbix._posted, list[tuple[str, Any]]()

    def noted(self: Zabbix, body: Any, *given: Any, **options: Any) -> Any:
        calls = body if isinstance(body, list) else [body]
        asked_for.extend((call["method"].removesuffix(".get"), call["params"]) for call in calls)
        return posted(self, body, *given, **options)

    monkeypatch.setattr(Zabbix, "_posted", noted)
    town, module = declared_town(), MODULES["piste_supervision"]
    zabbix.reset()
    for owner in (town.commune, town.sites[SCHOOL]):
        keep(owner["id"], owner)
        given = {**module.defaults, "zabbix": zabbix.connection, "secrets": zabbix.secrets, "site": owner["id"]}
        asked = {**given, "secrets_lock": str(zabbix.lock)}
        made = sum(len(intents[owner["id"]][kind]) for kind in KINDS)
        assert len(module.run(asked, True)["operations"]) == made
        assert zabbix.lab.calls.of("zabbix")["writes"] == (0 if owner is town.commune else zabbix.writes)
        assert len(module.run(asked, False)["operations"]) == made
        zabbix.writes = zabbix.lab.calls.of("zabbix")["writes"]
        assert module.run(asked, False)["operations"] == []
    # The names of templates are read again once ours are imported.
    assert {asked_for.count(read) for name, read in reads().items() if name != "list-template"} == {1}


DRIFTS: Mapping[str, tuple[str, str, Mapping[str, Any], str]] = {
    "media_types": ("mediatype", "mediatypeid", {"smtp_port": "2525"}, "port"),
    "user_groups": ("usergroup", "usrgrpid", {"hostgroup_rights": []}, "rights"),
    "users": ("user", "userid", {"surname": "Autre"}, "surname"),
    "actions": ("action", "actionid", {"status": "1"}, "enabled"),
    "hosts": ("host", "hostid", {"status": "1"}, "enabled"),
    "maintenances": ("maintenance", "maintenanceid", {"active_till": 2_000_000_040}, "until"),
    "services": ("service", "serviceid", {"problem_tags": []}, "problems"),
    "objectives": ("sla", "slaid", {"slo": "90"}, "availability"),
    "maps": ("map", "sysmapid", {"width": "500"}, "width"),
    "dashboards": ("dashboard", "dashboardid", {"pages": [{"widgets": []}]}, "widgets"),
}
SAMPLED = ("user_groups", "actions", "hosts", "dashboards")
"""Kinds whose drift every check makes."""


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=() if kind in SAMPLED else pytest.mark.story) for kind in DRIFTS]
)
def test_what_somebody_changes_is_seen_and_put_back(
    zabbix: Watched, intents: dict[str, Mapping[str, Any]], kind: str
) -> None:
    if not zabbix.api("sla.get", {"output": ["slaid"]}):  # a story alone
        converge(zabbix, intents)
    what, id_name, change, field = DRIFTS[kind]
    owner, intent = next((owner, intent) for owner, intent in intents.items() if intent[kind])
    resource = KINDS[kind].resource
    item = intent[kind][0]
    key = resource.endpoint.key
    [live] = zabbix.api(f"{what}.get", {"output": [id_name], "filter": {key: item[resource.key[0]]}})
    zabbix.api(f"{what}.update", {id_name: live[id_name], **change})
    foreseen = zabbix.run(kind, intent[kind], owner=owner, check=True)["operations"]
    assert [(done["action"], done["fields"]) for done in foreseen] == [("update", [field])]
    assert zabbix.run(kind, intent[kind], owner=owner)["operations"] == foreseen
    assert zabbix.run(kind, intent[kind], owner=owner)["operations"] == []


def test_what_depends_on_a_switch_is_put_back(zabbix: Watched, intents: dict[str, Mapping[str, Any]]) -> None:
    declared = intents[SCHOOL]["dependencies"]
    query = {"output": ["triggerid"], "host": declared[0]["host"], "filter": {"description": PRESENCE}}
    [trigger] = zabbix.api("trigger.get", {**query, "selectDependencies": ["triggerid"]})
    assert len(trigger["dependencies"]) == 1
    zabbix.api("trigger.update", {"triggerid": trigger["triggerid"], "dependencies": []})
    [operation] = zabbix.run("dependencies", declared)["operations"]
    assert (operation["action"], operation["key"]) == ("create", declared[0]["host"])
    assert zabbix.run("dependencies", declared)["operations"] == []
    gone = zabbix.run("dependencies", [], absent=[declared[0]["host"]])["operations"]
    assert [done["action"] for done in gone] == ["delete"]
    assert len(zabbix.run("dependencies", declared)["operations"]) == 1


def test_every_field_of_a_host_is_compared(zabbix: Watched, intents: dict[str, Mapping[str, Any]]) -> None:
    hosts = intents[SCHOOL]["hosts"]
    [live] = zabbix.api(
        "host.get",
        {"filter": {"host": hosts[0]["name"]}, "selectInterfaces": ["interfaceid"], "selectParentTemplates": ["host"]},
    )
    [other] = zabbix.api("template.get", {"filter": {"host": "Linux by Zabbix agent"}, "output": ["templateid"]})
    change = {
        "hostid": live["hostid"],
        "name": "renommé",
        "groups": [{"groupid": "2"}],
        "tags": [],
        "macros": [{"macro": "{$A_LA_MAIN}", "value": "1"}],
        "templates": [{"templateid": other["templateid"]}],
        "inventory": {"serialno_a": "autre"},
        "interfaces": [
            {"interfaceid": live["interfaces"][0]["interfaceid"], "type": 1, "main": 1, "useip": 1, "ip": "192.0.2.1",
             "dns": "", "port": "10050"}
        ],
    }  # fmt: skip
    zabbix.api("host.update", change)
    [operation] = zabbix.run("hosts", hosts, state="overridden")["operations"]
    assert operation["fields"] == ["label", "groups", "templates", "interfaces", "tags", "macros", "inventory"]
    assert zabbix.run("hosts", hosts, state="overridden")["operations"] == []
    after = zabbix.api("host.get", {"filter": {"host": hosts[0]["name"]}, "selectInterfaces": ["interfaceid"]})
    assert after[0]["interfaces"] == live["interfaces"]


def test_a_secret_macro_is_never_shown_and_a_rotation_is_a_change(
    zabbix: Watched, intents: dict[str, Mapping[str, Any]]
) -> None:
    host = {**intents[SCHOOL]["hosts"][0], "secret_macros": {"{$JETON}": {"value": {"secret": "zabbix/essai"}}}}
    zabbix.secrets["zabbix/essai"] = "premiere-valeur"
    made = zabbix.run("hosts", [host])
    assert [done["fields"] for done in made["operations"]] == [["secret_macros"]]
    assert zabbix.run("hosts", [host])["operations"] == []
    zabbix.secrets["zabbix/essai"] = "seconde-valeur"
    rotated = zabbix.run("hosts", [host])
    assert [done["fields"] for done in rotated["operations"]] == [["secret_macros"]]
    # Another change keeps the value that nobody can read.
    changed = zabbix.run("hosts", [{**host, "macros": {"{$SEUIL}": "3"}}])
    assert [done["fields"] for done in changed["operations"]] == [["macros"]]
    gathered = zabbix.run("hosts", [], state="gathered")
    for result in (made, rotated, changed, gathered):
        assert "valeur" not in json.dumps(result, ensure_ascii=False, default=str)
    [cleaned] = zabbix.run("hosts", intents[SCHOOL]["hosts"], state="overridden")["operations"]
    assert cleaned["fields"] == ["macros", "secret_macros"]


def test_what_others_made_is_kept_and_named_and_may_be_taken_over(
    zabbix: Watched, intents: dict[str, Mapping[str, Any]]
) -> None:
    hosts = intents[SCHOOL]["hosts"]
    zabbix.api("host.create", {"host": "imprimante-a-la-main", "groups": [{"groupid": "2"}]})
    assert zabbix.run("hosts", hosts, state="overridden")["operations"] == []
    client = zabbix.client()
    declared = {
        kind.name: [kind.table.key_of(item) for intent in intents.values() for item in intent[kind.name]]
        for kind in SUPERVISION
    }
    assert [(orphan["kind"], orphan["key"]) for orphan in undeclared(client, declared)] == [
        ("host", "imprimante-a-la-main"),
    ]
    client.close()
    taken = {"name": "imprimante-a-la-main", "groups": hosts[0]["groups"], "tags": hosts[0]["tags"]}
    [operation] = zabbix.run("hosts", [*hosts, taken], state="overridden")["operations"]
    assert (operation["action"], operation["fields"]) == ("update", ["groups", "tags"])


def test_what_is_no_longer_declared_is_removed_once_confirmed(
    zabbix: Watched, intents: dict[str, Mapping[str, Any]]
) -> None:
    hosts = intents[SCHOOL]["hosts"]
    waiting = zabbix.run("hosts", hosts, state="overridden")
    assert (waiting["changed"], "host:imprimante-a-la-main" in "".join(waiting["withheld"])) == (False, True)
    removed = zabbix.run("hosts", hosts, state="overridden", confirm=["host:imprimante-a-la-main"])
    assert names(removed["operations"]) == ["delete host imprimante-a-la-main"]


def test_an_answer_that_is_lost_is_looked_for_and_never_sent_twice(
    zabbix: Watched, intents: dict[str, Mapping[str, Any]]
) -> None:
    faults = zabbix.lab.systems["zabbix"].faults
    group = {"name": "Groupe d’essai"}
    faults.add("cut", path=r"hostgroup\.create", when="after")
    zabbix.run("host_groups", [group])
    faults.clear()
    assert zabbix.run("host_groups", [group])["operations"] == []
    faults.add("cut", path=r"hostgroup\.delete", when="before")
    zabbix.run("host_groups", [], absent=[group["name"]])
    faults.clear()
    assert zabbix.run("host_groups", [], absent=[group["name"]])["operations"] == []


def test_somebody_who_writes_meanwhile_stops_the_run(zabbix: Watched, intents: dict[str, Mapping[str, Any]]) -> None:
    hosts = intents[SCHOOL]["hosts"]
    [live] = zabbix.api("host.get", {"filter": {"host": hosts[0]["name"]}, "output": ["hostid"]})
    zabbix.api("host.update", {"hostid": live["hostid"], "name": "un nom"})
    faults = zabbix.lab.systems["zabbix"].faults
    faults.add(
        "edit", path=r"host\.get$", edit=lambda: zabbix.api("host.update", {"hostid": live["hostid"], "name": "deux"})
    )
    with pytest.raises(PisteError, match=r"PISTE-E022 .*modifié par quelqu’un d’autre"):
        zabbix.run("hosts", hosts)
    faults.clear()
    assert zabbix.run("hosts", hosts)["changed"]


def test_an_undo_gives_back_what_a_run_changed(zabbix: Watched, intents: dict[str, Mapping[str, Any]]) -> None:
    def exported() -> dict[str, Any]:
        return {kind: zabbix.run(kind, [], state="gathered")["gathered"] for kind in KINDS}

    before, hosts = exported(), intents[SCHOOL]["hosts"]
    school = {**intents[SCHOOL]["maps"][0], "hosts": {hosts[0]["name"]: "10,10"}, "links": []}
    operations = [
        *zabbix.run("host_groups", [{"name": "Groupe passager"}])["operations"],
        *zabbix.run("hosts", [{**hosts[0], "groups": ["Groupe passager"], "tags": []}])["operations"],
        *zabbix.run("maps", [school], state="replaced")["operations"],
        *zabbix.run("dashboards", [], absent=[intents[SCHOOL]["dashboards"][0]["name"]])["operations"],
    ]
    assert len(operations) == 4
    tasks, _ = inverse(operations)
    for phase, kinds in ((RESTORED, SUPERVISION), (RETURNED, SUPERVISION[::-1])):
        for kind in kinds:
            if asked := tasks[SCHOOL].get(phase, {}).get(kind.module):
                zabbix.run(kind.name, asked["config"], absent=asked["absent"])
    assert exported() == before


def test_what_was_read_replayed_changes_nothing(zabbix: Watched) -> None:
    for kind in KINDS:
        read = zabbix.run(kind, [], state="gathered")["gathered"]
        assert read
        assert zabbix.run(kind, read, state="replaced")["operations"] == [], kind


def test_what_the_system_keeps_otherwise_is_an_error(zabbix: Watched) -> None:
    """Zabbix cuts the seconds of a maintenance, and says nothing."""
    read = zabbix.run("maintenances", [], state="gathered")["gathered"][0]
    with pytest.raises(Diverged, match="until"):
        zabbix.run("maintenances", [{**read, "until": read["until"] + 31}])


def test_what_waits_for_a_secret_is_not_made_open(zabbix: Watched, intents: dict[str, Mapping[str, Any]]) -> None:
    nowhere = {"value": {"secret": "zabbix/nulle-part"}}
    host = {"name": "sans-cle", "groups": ["Linux servers"], "secret_macros": {"{$JETON}": nowhere}}
    user = {**intents[TOWN]["users"][0], "name": "sans-mot-de-passe", "password": {"secret": "zabbix/nulle-part"}}
    for kind, item in (("hosts", host), ("users", user)):
        [line] = zabbix.run(kind, [item])["withheld"]
        assert "secret absent (zabbix/nulle-part)" in line
    assert zabbix.api("user.get", {"filter": {"username": "sans-mot-de-passe"}}) == []
    assert [live["status"] for live in zabbix.api("host.get", {"filter": {"host": "sans-cle"}})] in ([], ["1"])


def test_a_site_that_closes_leaves_nothing(zabbix: Watched, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """A site that closes has no asset in service any more: its hosts are known by their owner."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    town, module = declared_town(), MODULES["piste_supervision"]
    site = town.sites[SCHOOL]
    assert site["supervision"]
    closing: Any = {**site, "lifecycle": "closing", "supervision": {**site["supervision"], "hosts": [], "points": []}}
    words = yaml.safe_load((REPOSITORY / "roles/closing/defaults/main.yml").read_text("utf-8"))["closing_words"]
    known = {"secrets": zabbix.secrets, "secrets_lock": str(zabbix.lock)}
    given = {**module.defaults, "zabbix": zabbix.connection, **known}
    for owner in (town.commune, site):
        keep(owner["id"], owner)
        module.run({**given, "site": owner["id"]}, False)
    keep(SCHOOL, closing)
    closed = {**given, "site": SCHOOL, "state": "deleted", "confirm": words}
    done = module.run(closed, False)
    assert (done["withheld"], {operation["action"] for operation in done["operations"]}) == ([], {"delete"})
    kinds = {operation["kind"] for operation in done["operations"]}
    assert kinds == {"dashboard", "map", "maintenance", "host", "host_group"}
    assert zabbix.api("host.get", {"tags": [{"tag": OWNER_TAG, "value": SCHOOL}]}) == []
    assert module.run(closed, False)["operations"] == []
    keep(SCHOOL, site)


def test_a_supply_on_battery_is_worded_by_the_template_of_the_server(zabbix: Watched) -> None:
    """`docs/incident.md` promises these words."""
    worded = {"filter": {"description": ON_BATTERY["name"]}, "templated": True, "output": ["priority"]}
    assert [trigger["priority"] for trigger in zabbix.api("trigger.get", worded)] == [str(ON_BATTERY["severity"])]


def test_the_hours_of_an_objective_are_its_schedule(zabbix: Watched, intents: dict[str, Mapping[str, Any]]) -> None:
    for hours in ([{"start": 115_200, "end": 151_200}], []):
        config = [{**intents[TOWN]["objectives"][0], "hours": hours}]
        assert [bool(zabbix.run("objectives", config, owner=TOWN)["operations"]) for _ in range(2)] == [True, False]
