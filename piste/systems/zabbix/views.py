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
            "selectSelements": ["selementid", "elementtype", "elements", "x", "y"],
            "selectLinks": ["selementid1", "selementid2"],
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
        hosts = self.names["host"]
        elements = {
            text(element["selementid"]): (hosts.get(text(element["elements"][0]["hostid"]), "?"), element)
            for element in listed(document.get("selements"))
            if text(element["elementtype"]) == _HOST
        }
        pairs = [(text(link["selementid1"]), text(link["selementid2"])) for link in listed(document.get("links"))]
        return {
            **{name: document[name] for name in ("name", "width", "height")},
            "hosts": {name: f"{number(element['x'])},{number(element['y'])}" for name, element in elements.values()},
            "links": [
                " ".join(sorted((elements[one_end][0], elements[other_end][0])))
                for one_end, other_end in pairs
                if one_end in elements and other_end in elements
            ],
        }

    def full(self, operation: Operation) -> Item:
        """Give all of it: a write makes the elements anew, and so those that nobody declares."""
        before, after = operation.before or {}, operation.after or {}
        live = self.plain(self.raw[operation.place])["hosts"] if operation.action == "update" else {}
        kept = {name: place for name, place in live.items() if name not in before.get("hosts", ())}
        return {**after, "hosts": {**kept, **after.get("hosts", {})}}

    def body(self, content: Item, live: Mapping[str, Any]) -> dict[str, Any]:
        body = to_wire(self.resource.fields, content, self.names)
        places, links = body.pop("hosts", None) or {}, body.pop("links", None) or []
        # A host that an undo makes again has lost its place with its element.
        places = {**{name: "0,0" for link in links for name in link.split(" ")}, **places}
        rank = {name: str(next(self._numbers)) for name in sorted(places)}
        icon = self.names.id_of("image", ICON)
        body["selements"] = [
            {
                "selementid": rank[name],
                "elementtype": _HOST,
                "elements": [{"hostid": self.names.id_of("host", name)}],
                "iconid_off": icon,
                "label": "{HOST.NAME}",
                "x": place.partition(",")[0],
                "y": place.partition(",")[2],
            }
            for name, place in sorted(places.items())
        ]
        body["links"] = [
            {"selementid1": rank[ends[0]], "selementid2": rank[ends[1]]} for ends in (link.split(" ") for link in links)
        ]
        return {**body, "private": "0"}


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
