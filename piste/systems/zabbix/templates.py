"""Our own templates: files with stable identifiers, imported whole.

Source: Zabbix 7.0 manual, API, configuration.export and configuration.import; files as Zabbix exports them. A vendor's
template is the server's own: a class names it, and `piste doctor` compares its version. Ours count
events of Windows by the SIDs of their texts [belief zabbix.event_sids].
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from piste.engine.converge.errors import Rejected
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.progress import Progress
from piste.engine.converge.reading import listed, mapped, reading, text
from piste.engine.converge.resource import Field, Resource
from piste.systems.zabbix.driver import PLANNED, At, ZabbixDriver

FOLDER = Path(__file__).parent / "templates"
GROUP: Mapping[str, str] = {"uuid": "97bcd38337ec4cae806f6c980011c610", "name": "Piste"}
"""The group of templates by which ours are known."""
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ALL = {"createMissing": True, "updateExisting": True, "deleteMissing": True}
RULES: Mapping[str, Mapping[str, bool]] = {
    "template_groups": {"createMissing": True, "updateExisting": False},
    "templates": {"createMissing": True, "updateExisting": True},
    "items": _ALL,
    "triggers": _ALL,
    "discoveryRules": _ALL,
    "graphs": _ALL,
    "httptests": _ALL,
    "valueMaps": _ALL,
}

TEMPLATES = Resource(
    system="zabbix",
    name="template",
    doc="Modèle de Piste",
    endpoint=At("template", "templateid", key="host"),
    fields=(
        Field("name", "Technical name.", required=True, maximum=128),
        Field("content", "The template, as Zabbix exports it.", type="dict"),
    ),
)


@cache
def files() -> Mapping[str, dict[str, Any]]:
    """Give the contents of our own templates by technical name."""
    exports = [yaml.load(path.read_text("utf-8"), _LOADER)["zabbix_export"] for path in sorted(FOLDER.glob("*.yaml"))]
    return {template["template"]: template for export in exports for template in export["templates"]}


class Templates(ZabbixDriver):
    resource = TEMPLATES

    def _list(self, fresh: bool, keys: Sequence[str]) -> list[dict[str, Any]]:
        def read() -> list[dict[str, Any]]:
            ids = self._ids(keys)
            asked = {"format": "json", "options": {"templates": [*ids.values()]}}
            exported = json.loads(text(self.zabbix.call("configuration.export", asked))) if ids else {}
            contents = listed(mapped(exported.get("zabbix_export")).get("templates"))
            return [
                {"templateid": ids[content["template"]], "host": content["template"], "content": content}
                for content in contents
            ]

        with reading(f"{self.zabbix.host} template"):
            known: list[dict[str, Any]] = read() if fresh else self.zabbix.shared.once("exported-templates", read)
            return known

    def _ids(self, keys: Sequence[str]) -> dict[str, str]:
        """Find the ids of ours and of those that a task names: an export of all would be too much."""
        names = {name: id_ for id_, name in self.names["template"].items() if not id_.startswith(PLANNED)}
        asked = dict.fromkeys([*keys, *files()])
        return {name: names[name] for name in asked if name in names}

    def plain(self, document: Mapping[str, Any]) -> dict[str, Any]:
        return {"name": document["host"], "content": document["content"]}

    def ours(self, document: Mapping[str, Any]) -> bool:
        return any(text(group["name"]) == GROUP["name"] for group in listed(mapped(document["content"]).get("groups")))

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        """Import each by itself: a file that is refused must not stop the others half-way."""
        for operation in operations:
            with progress.sending(operation):
                try:
                    self._import(operation)
                except Rejected as error:
                    error.objects = (operation.name,)
                    raise
                finally:
                    self.zabbix.shared.forget("exported-templates")
                    self.zabbix.shared.forget("list-template")
                    self.names.clear()
            progress.done(operation)

    def _import(self, operation: Operation) -> None:
        if operation.action == "delete":
            self.zabbix.call("template.delete", [self.raw[operation.place]["templateid"]])
            return
        content = mapped((operation.after or {})["content"])
        source = {"zabbix_export": {"version": "7.0", "template_groups": [GROUP], "templates": [content]}}
        self.zabbix.call("configuration.import", {"format": "json", "rules": RULES, "source": json.dumps(source)})

    def full(self, operation: Operation) -> Item:
        return operation.after or {}

    def guarded(self, operations: Sequence[Operation]) -> dict[str, str]:
        return {
            f"template:{operation.key}": "les hôtes qui l’ont perdent ses éléments et leurs mesures"
            for operation in operations
            if operation.action == "delete"
        }
