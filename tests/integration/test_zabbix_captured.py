"""A real Zabbix that becomes a captured Zabbix: the same objects, the same plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lab.declared import declared_town
from piste.exports.capture import store
from piste.systems.zabbix.intent import zabbix_intent
from tests.support.capture import capturing
from tests.support.zabbix import KINDS, Watched, watched

OWNERS = ("commune", "ecole-jaures")


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


def seen(zabbix: Watched, intents: dict[str, Any]) -> dict[str, Any]:
    gathered = {kind: zabbix.run(kind, [], state="gathered")["gathered"] for kind in KINDS}
    planned = [zabbix.run("hosts", intents[owner]["hosts"], owner=owner, check=True)["diff"] for owner in OWNERS]
    return {**gathered, "planned": planned}


def test_a_zabbix_becomes_the_captured_one(tmp_path: Path) -> None:
    with watched(tmp_path) as zabbix:
        town = declared_town()
        zabbix.secrets |= dict.fromkeys(town.secret_paths(), "Un-secret-de-lecture-9")
        owners: dict[str, Any] = {"commune": town.commune, **town.sites}
        intents: dict[str, Any] = {owner: zabbix_intent(owners[owner]) for owner in OWNERS}
        for owner in OWNERS:
            for kind in KINDS:
                zabbix.run(kind, intents[owner][kind], owner=owner)
        changed_by_hand(zabbix)
        with capturing(tmp_path / "data", zabbix.secrets):
            before = seen(zabbix, intents)
        assert b"clef-du-prestataire" not in b"".join(p.read_bytes() for p in (tmp_path / "data").rglob("*.json"))
        remembered = zabbix.lock.read_bytes()
        zabbix.reset()
        zabbix.lock.write_bytes(remembered)
        system: Any = zabbix.lab.systems["zabbix"]
        made, left = system.captured([answer for _, answer in store.answers(tmp_path / "data")], zabbix.secrets)
        assert left == []
        assert system.become(made) == ["modèle Modele du prestataire : son contenu n’est pas capturé, il est vide ici"]
        after = seen(zabbix, intents)
        for name, known in before.items():
            assert [x for x in after[name] if x not in known] == [x for x in known if x not in after[name]], name
        assert any(before["planned"])
        assert any(host["name"] == "automate" for host in before["hosts"])
