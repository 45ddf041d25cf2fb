"""Items, triggers, discovery rules, web scenarios that somebody disabled on a host.

Source: Zabbix 7.0 manual, API, item, trigger, discoveryrule, httptest. What a host inherits keeps a `status` of its
own, and names what it comes from (`templateid`). What its template disables too is the template's; what a rule of
discovery makes is that rule's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from piste.engine.converge.errors import Fault, Rejected
from piste.engine.converge.plan import Operation
from piste.engine.converge.reading import listed, reading, text
from piste.engine.converge.resource import Field
from piste.systems.zabbix.api import Read, Zabbix


class Sort(NamedTuple):
    """A sort of what can be disabled: its kind of the API, its id, its name, its words.

    `made` is the filter that leaves out what a discovery makes.
    """

    what: str
    id: str
    name: str
    label: str
    doc: str
    made: Mapping[str, str]


_BY_HAND = {"flags": "0"}
SORTS: Mapping[str, Sort] = {
    "disabled_items": Sort("item", "itemid", "key_", "la mesure", "Items, by key", _BY_HAND),
    "disabled_triggers": Sort(
        "trigger",
        "triggerid",
        "description",
        "le déclencheur",
        "Triggers, by name, macros as they are written",
        _BY_HAND,
    ),
    "disabled_discoveries": Sort(
        "discoveryrule", "itemid", "key_", "la règle de découverte", "Discovery rules, by key", {}
    ),
    "disabled_scenarios": Sort("httptest", "httptestid", "name", "le scénario web", "Web scenarios, by name", {}),
}
"""What a host can have disabled, by field of its table."""
FIELDS = tuple(
    Field(
        field,
        f"{sort.doc}: those of its templates that are disabled on this host alone.",
        type="list",
        unordered=True,
        wire=field,
        default=[],
    )
    for field, sort in SORTS.items()
)
DISABLED, ENABLED, OWN = "1", "0", "0"
READS: Mapping[str, Read] = {
    f"list-{field}": (
        sort.what,
        {
            "output": [sort.id, sort.name, "templateid"],
            "selectHosts": ["host"],
            "filter": {"status": DISABLED, **sort.made},
        },
    )
    for field, sort in SORTS.items()
}


def disabled(zabbix: Zabbix, reads: Mapping[str, Read]) -> Mapping[str, Mapping[str, list[str]]]:
    """Read what is disabled on each host alone, by host and field."""
    return _alone(zabbix, {name: zabbix.listed(name, reads) for name in READS})


def disabled_again(zabbix: Zabbix, hosts: Mapping[str, str]) -> Mapping[str, Mapping[str, list[str]]]:
    """Read again what is disabled on some hosts, given with their ids."""
    ids = sorted(filter(None, hosts.values()))
    asked = {name: (what, {**params, "hostids": ids}) for name, (what, params) in READS.items()}
    lists = zabbix.read(asked) if ids else {name: [] for name in READS}
    for name, documents in lists.items():
        zabbix.renew(name, hosts, _host, documents)
    # What they inherit from is of their templates, which were not asked for.
    parents: dict[str, Read] = {}
    for (name, (what, params)), sort in zip(READS.items(), SORTS.values(), strict=True):
        if named := {text(entry["templateid"]) for entry in lists[name]} - {OWN}:
            parents[name] = (what, {**params, f"{sort.id}s": sorted(named)})
    for name, documents in (zabbix.read(parents) if parents else {}).items():
        lists[name] += documents
    return _alone(zabbix, lists)


def _alone(zabbix: Zabbix, lists: Mapping[str, Sequence[Mapping[str, Any]]]) -> Mapping[str, Mapping[str, list[str]]]:
    by_host: dict[str, dict[str, list[str]]] = defaultdict(lambda: {field: [] for field in SORTS})
    for field, sort in SORTS.items():
        documents = lists[f"list-{field}"]
        with reading(f"{zabbix.host} {sort.what}"):
            # The list has what templates disable too: what inherits from these is as declared.
            of_templates = {OWN, *(text(document[sort.id]) for document in documents)}
            for document in documents:
                if text(document["templateid"]) not in of_templates:
                    by_host[_host(document)][field].append(text(document[sort.name]))
    return by_host


def _host(document: Mapping[str, Any]) -> str:
    return text(listed(document["hosts"])[0]["host"])


def doubt(zabbix: Zabbix, hosts: Sequence[str]) -> None:
    """Note hosts that a write is changing."""
    for name in READS:
        zabbix.lists.doubt(name, hosts)


def switch(zabbix: Zabbix, operations: Sequence[Operation]) -> None:
    """Enable and disable what some changes of hosts say, in one call a sort. Raises `Rejected`."""
    for field, sort in SORTS.items():
        wanted = dict(_wanted(field, operations))
        if not wanted:
            continue
        # Scenarios are listed for all hosts: their list knows no filter by host.
        asked = {"host": sorted({host for host, _ in wanted}), sort.name: sorted({name for _, name in wanted})}
        known: dict[tuple[str, str], list[str]] = defaultdict(list)
        with reading(f"{zabbix.host} {sort.what}"):
            for document in zabbix.get(
                sort.what, filter=asked, inherited=True, output=[sort.id, sort.name], selectHosts=["host"]
            ):
                known[text(document["hosts"][0]["host"]), text(document[sort.name])].append(text(document[sort.id]))
        content: list[dict[str, str]] = []
        for (host, name), status in wanted.items():
            ids = known[host, name]
            if status == DISABLED and len(ids) != 1:
                raise _not_one(zabbix, sort, host, name, len(ids))
            content += [{sort.id: id_, "status": status} for id_ in ids]
        if content:
            zabbix.call(f"{sort.what}.update", content)


def _wanted(field: str, operations: Sequence[Operation]) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield the changes of a field: host and name, then the status to give."""
    for operation in operations:
        if operation.after and field in operation.after:
            before, after = (operation.before or {}).get(field) or (), operation.after[field] or ()
            for name in {*before} ^ {*after}:
                yield (operation.key, name), DISABLED if name in after else ENABLED


def _not_one(zabbix: Zabbix, sort: Sort, host: str, name: str, count: int) -> Rejected:
    why = "aucun modèle de l’hôte n’en a" if not count else f"l’hôte en a {count} de ce nom"
    error = Rejected(f"{sort.label} « {name} » ne peut pas être désactivé", where=zabbix.host, why=why)
    error.objects = (f"host {host}",)
    return error


def strange(zabbix: Zabbix, desired: Sequence[Mapping[str, Any]]) -> Iterator[Fault]:
    """List what hosts are to have disabled and no template of theirs has.

    Templates to come are not asked.
    """
    to_come = {*zabbix.shared.planned("template")}
    for field, sort in SORTS.items():
        asked = [item for item in desired if item.get(field) and item.get("templates")]
        asked = [item for item in asked if not to_come & {*item["templates"]}]
        if not asked:
            continue
        wanted = {
            "host": sorted({template for item in asked for template in item["templates"]}),
            sort.name: sorted({name for item in asked for name in item[field]}),
        }
        with reading(f"{zabbix.host} {sort.what}"):
            documents = zabbix.get(sort.what, filter=wanted, templated=True, output=[sort.name], selectHosts=["host"])
            known = {(text(entry["hosts"][0]["host"]), text(entry[sort.name])) for entry in documents}
        for item in asked:
            for name in item[field]:
                if not any((template, name) in known for template in item["templates"]):
                    why = f"{sort.label} « {name} » n’est dans aucun de ses modèles ({', '.join(item['templates'])})"
                    yield Fault(f"config[{item['name']}].{field}", why)
