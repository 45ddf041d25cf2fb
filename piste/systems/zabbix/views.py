"""Maps and dashboards: what people see of the supervision.

Source: Zabbix 7.0 manual, API, map, dashboard and the fields of their widgets. They are public: a reader sees in them
the hosts of the groups that the reader may read, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from piste.engine.converge.normalise import to_wire
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.reading import listed, number, text
from piste.engine.converge.resource import Field, Resource
from piste.systems.zabbix.driver import At, ZabbixDriver

WIDGETS = ("problems", "problemsbysv", "hostavail", "map", "slareport")
_INTEGER, _GROUP, _MAP, _SLA = "0", "2", "8", "10"
_HOST = "0"
_ENDS = ("selementid1", "selementid2")
ICON = "Switch_(64)"
_NAMES = {"map": "map", "objective": "sla"}
"""The kinds that a widget names, by its field."""
STEP = 110
"""Pixels between two elements of a map."""

MAPS = Resource(
    system="zabbix",
    name="map",
    doc="Carte",
    parents={"host": "hosts"},
    endpoint=At(
        "map",
        "sysmapid",
        read={
            "output": ["sysmapid", "name", "width", "height", "private"],
            "selectSelements": ["selementid", "elementtype", "elements", "x", "y", "tags"],
            "selectLinks": ["linkid", "selementid1", "selementid2"],
        },
    ),
    fields=(
        Field("name", "Name of the map.", required=True, maximum=128),
        Field("width", "Width in pixels.", type="int", minimum=50, maximum=65535, default=800),
        Field("height", "Height in pixels.", type="int", minimum=50, maximum=65535, default=600),
        Field("hosts", "Hosts by name, with their place in pixels, C(x,y).", type="map", default={}),
        Field("links", "Pairs of hosts, C(name name).", type="list", unordered=True, default=[]),
    ),
)
DASHBOARDS = Resource(
    system="zabbix",
    name="dashboard",
    doc="Tableau de bord",
    endpoint=At(
        "dashboard",
        "dashboardid",
        read={"output": ["dashboardid", "name", "private"], "selectPages": "extend"},
    ),
    fields=(
        Field("name", "Name of the dashboard.", required=True, maximum=255),
        Field(
            "widgets",
            "Widgets of its page.",
            type="list",
            of=(
                Field("type", "Kind of widget.", required=True, choices=WIDGETS),
                Field("title", "Title.", wire="name", default=""),
                Field("x", "Column, of 72.", type="int", default=0),
                Field("y", "Row.", type="int", default=0),
                Field("width", "Columns.", type="int", default=36),
                Field("height", "Rows.", type="int", default=5),
                Field("groups", "Groups of hosts that it is about.", type="list", unordered=True, default=[]),
                Field("map", "Map that it shows.", default=""),
                Field("objective", "Objective whose report it shows.", default=""),
            ),
        ),
    ),
)


class Maps(ZabbixDriver):
    resource = MAPS
    delivered = frozenset({"Local network"})

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        # A call that makes several maps mixes up the links of elements that have the same number.
        self._numbers = count(1)

    def plain(self, document: Mapping[str, Any]) -> dict[str, Any]:
        hosts = self._hosts(document)
        places = {name: f"{number(element['x'])},{number(element['y'])}" for name, element in hosts.items()}
        pairs = [_pair(link, hosts) for link in listed(document.get("links"))]
        return {
            **{name: document[name] for name in ("name", "width", "height")},
            "hosts": places,
            "links": [pair for pair in pairs if pair],
        }

    def full(self, operation: Operation) -> Item:
        """Give all of it: a write removes the elements that it does not name."""
        before, after = operation.before or {}, operation.after or {}
        live = self.plain(self.raw[operation.place])["hosts"] if operation.action == "update" else {}
        kept = {name: place for name, place in live.items() if name not in before.get("hosts", ())}
        return {**after, "hosts": {**kept, **after.get("hosts", {})}}

    def body(self, content: Item, live: Mapping[str, Any]) -> dict[str, Any]:
        """Name live elements and links by their id: Zabbix then changes only what is given of them."""
        body = to_wire(self.resource.fields, content, self.names)
        places, links = body.pop("hosts", None) or {}, body.pop("links", None)
        # A host that an undo makes again has lost its place with its element.
        places = {**{name: "0,0" for link in links or () for name in link.split(" ")}, **places}
        hosts = self._hosts(live)
        elements = {
            text(element["selementid"]): _left(element) for element in listed(live.get("selements"))
            if (host := self._host(element)) in places or not host
        }  # fmt: skip
        ids: dict[str, str] = {}
        for name, place in sorted(places.items()):
            element = elements[text(hosts[name]["selementid"])] if name in hosts else self._new(name)
            x, _, y = place.partition(",")
            ids[name] = element["selementid"]
            elements[ids[name]] = {**element, "x": x, "y": y}
        body["selements"] = [*elements.values()]
        body["links"] = [*_links(live, hosts, links, elements, ids)]
        return body if live else {**body, "private": "0"}

    def _hosts(self, document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
        """Give the element of each host, by name: its oldest, since a later one is nobody's."""
        elements: dict[str, Mapping[str, Any]] = {}
        for element in sorted(listed(document.get("selements")), key=lambda element: int(text(element["selementid"]))):
            if name := self._host(element):
                elements.setdefault(name, element)
        return elements

    def _host(self, element: Mapping[str, Any]) -> str:
        """Name the host of an element; empty where it is about something else, or is unknown."""
        is_host = text(element["elementtype"]) == _HOST
        return self.names["host"].get(text(element["elements"][0]["hostid"]), "") if is_host else ""

    def _new(self, host: str) -> dict[str, Any]:
        return {
            # No number: it could be that of a live element.
            "selementid": f"new{next(self._numbers)}",
            "elementtype": _HOST,
            "elements": [{"hostid": self.names.id_of("host", host)}],
            "iconid_off": self.names.id_of("image", ICON),
            "label": "{HOST.NAME}",
        }


def _left(element: Mapping[str, Any]) -> dict[str, Any]:
    """Give what leaves a live element as it is: Zabbix takes away the tags that it is not given."""
    named = {name: element[name] for name in ("selementid", "elementtype", "elements")}
    return {**named, "tags": listed(element.get("tags"))}


def _pair(link: Mapping[str, Any], hosts: Mapping[str, Mapping[str, Any]]) -> str:
    """Name the hosts that a live link joins; empty where it joins something else."""
    names = {text(element["selementid"]): name for name, element in hosts.items()}
    ends = [names.get(text(link[end])) for end in _ENDS]
    return " ".join(sorted(filter(None, ends))) if all(ends) else ""


def _links(
    live: Mapping[str, Any], hosts: Mapping[str, Mapping[str, Any]], declared: list[str] | None,
    elements: Mapping[str, Any], ids: Mapping[str, str],
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """Yield the live links that stay, by their id, then the new links."""
    wanted = [" ".join(sorted(link.split(" "))) for link in declared or ()]
    for link in listed(live.get("links")):
        # Zabbix refuses a live link without the id of its map.
        same = {"sysmapid": text(live["sysmapid"]), **{name: text(link[name]) for name in ("linkid", *_ENDS)}}
        pair = _pair(link, hosts)
        if pair in wanted:
            wanted.remove(pair)
            yield same
        elif (declared is None or not pair) and all(same[end] in elements for end in _ENDS):
            yield same
    yield from (dict(zip(_ENDS, map(ids.__getitem__, pair.split(" ")), strict=True)) for pair in wanted)


class Dashboards(ZabbixDriver):
    resource = DASHBOARDS
    delivered = frozenset({"Global view", "Zabbix server", "Zabbix server health"})

    def plain(self, document: Mapping[str, Any]) -> dict[str, Any]:
        pages = listed(document.get("pages"))
        widgets = [self._widget(widget) for page in pages for widget in listed(page.get("widgets"))]
        return {"name": document["name"], "widgets": sorted(widgets, key=lambda widget: (widget["y"], widget["x"]))}

    def needed(self, item: Item) -> Iterator[tuple[str, str, str]]:
        yield from super().needed(item)
        for widget in item.get("widgets") or ():
            yield from (("widgets", "host_group", name) for name in widget.get("groups") or ())
            yield from (("widgets", kind, widget[field]) for field, kind in _NAMES.items() if widget.get(field))

    def full(self, operation: Operation) -> Item:
        """Give all of it: a page changes whole."""
        return operation.after or {}

    def body(self, content: Item, live: Mapping[str, Any]) -> dict[str, Any]:
        widgets = [
            {
                **{name: widget[name] for name in ("type", "x", "y", "width", "height")},
                "name": widget.get("title") or "",
                "fields": list(self._fields(widget)),
            }
            for widget in content.get("widgets") or ()
        ]
        return {"name": content["name"], "private": "0", "pages": [{"widgets": widgets}]}

    def _widget(self, widget: Mapping[str, Any]) -> dict[str, Any]:
        values = [(text(field["type"]), text(field["value"])) for field in listed(widget.get("fields"))]
        groups, maps, objectives = (self.names[kind] for kind in ("host_group", "map", "sla"))
        return {
            "type": widget["type"],
            "name": widget["name"],
            **{name: number(widget[name]) for name in ("x", "y", "width", "height")},
            "groups": [groups.get(value, value) for kind, value in values if kind == _GROUP],
            "map": next((maps.get(value, value) for kind, value in values if kind == _MAP), ""),
            "objective": next((objectives.get(value, value) for kind, value in values if kind == _SLA), ""),
        }

    def _fields(self, widget: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        for place, name in enumerate(widget.get("groups") or ()):
            value = self.names.id_of("host_group", name)
            yield {"type": _GROUP, "name": f"groupids.{place}", "value": value}
        if widget.get("map"):
            yield {"type": _MAP, "name": "sysmapid.0", "value": self.names.id_of("map", widget["map"])}
        if widget.get("objective"):
            yield {"type": _SLA, "name": "slaid.0", "value": self.names.id_of("sla", widget["objective"])}
