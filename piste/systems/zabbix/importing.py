#!/usr/bin/env python3
"""Import a hand-over in an empty Zabbix 7.0, with nothing but Python.

ZABBIX_TOKEN=<token of a Super admin> python3 import.py https://zabbix.example [ca.pem]

It reads `configuration.yaml` and `calls.json` beside itself. What exists already under the same name stays as it is;
run again, it finishes. Passwords are drawn, and never shown: set them in the frontend.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import ssl
import sys
import urllib.request
from pathlib import Path
from typing import Any

EVERYTHING = {"createMissing": True, "updateExisting": True}
MISSING = {"createMissing": True}
RULES: dict[str, dict[str, bool]] = {
    "host_groups": EVERYTHING, "template_groups": EVERYTHING, "templates": EVERYTHING, "hosts": EVERYTHING,
    "items": EVERYTHING, "triggers": EVERYTHING, "graphs": EVERYTHING, "discoveryRules": EVERYTHING,
    "httptests": EVERYTHING, "valueMaps": EVERYTHING, "templateDashboards": EVERYTHING, "maps": EVERYTHING,
    "mediaTypes": EVERYTHING, "images": EVERYTHING, "templateLinkage": MISSING,
}  # fmt: skip
KINDS: dict[str, tuple[str, str, str]] = {
    "host_group": ("hostgroup", "groupid", "name"),
    "host": ("host", "hostid", "host"),
    "user_group": ("usergroup", "usrgrpid", "name"),
    "user": ("user", "userid", "username"),
    "role": ("role", "roleid", "name"),
    "media_type": ("mediatype", "mediatypeid", "name"),
    "service": ("service", "serviceid", "name"),
    "sla": ("sla", "slaid", "name"),
    "action": ("action", "actionid", "name"),
    "maintenance": ("maintenance", "maintenanceid", "name"),
    "map": ("map", "sysmapid", "name"),
    "dashboard": ("dashboard", "dashboardid", "name"),
}
PRESENCE = "ICMP Ping: Unavailable by ICMP ping"
"""The trigger that says that a host is gone: it depends on that of what carries the host."""
NAME = re.compile(r"\{(\w+):(.+)\}")


class Zabbix:
    """A Zabbix, by its API."""

    def __init__(self, url: str, token: str, authority: str | None) -> None:
        self.url, self.token = f"{url.rstrip('/')}/api_jsonrpc.php", token
        self.context = ssl.create_default_context(cafile=authority)
        self.known: dict[str, dict[str, str]] = {}

    def call(self, method: str, params: Any) -> Any:
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, "id": 1}).encode()
        headers = {"Content-Type": "application/json-rpc", "Authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(self.url, body, headers)
        with urllib.request.urlopen(request, context=self.context, timeout=600) as answer:
            content = json.load(answer)
        if "error" in content:
            raise SystemExit(f"{method} : {content['error'].get('data')}")
        return content["result"]

    def names(self, kind: str) -> dict[str, str]:
        """Give the id of each name; of each host, the trigger of its presence."""
        if kind not in self.known and kind == "presence":
            asked = {"output": ["triggerid"], "selectHosts": ["host"], "filter": {"description": PRESENCE}}
            triggers = self.call("trigger.get", {**asked, "templated": False})
            self.known[kind] = {trigger["hosts"][0]["host"]: trigger["triggerid"] for trigger in triggers}
        elif kind not in self.known:
            what, id_name, key = KINDS[kind]
            objects = self.call(f"{what}.get", {"output": [id_name, key]})
            self.known[kind] = {entry[key]: entry[id_name] for entry in objects}
        return self.known[kind]

    def is_there(self, kind: str, params: Any) -> bool:
        if kind == "dependency":
            ids = [trigger["triggerid"] for trigger in params]
            triggers = self.call("trigger.get", {"triggerids": ids, "selectDependencies": ["triggerid"]})
            live = {trigger["triggerid"]: trigger["dependencies"] for trigger in triggers}
            return all(live[trigger["triggerid"]] == trigger["dependencies"] for trigger in params)
        return params[KINDS[kind][2]] in self.names(kind)

    def resolved(self, value: Any) -> Any:
        """Replace `{kind:name}` by the id that this Zabbix gives to the name."""
        if isinstance(value, dict):
            return {name: self.resolved(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.resolved(inner) for inner in value]
        if isinstance(value, str) and (match := NAME.fullmatch(value)) and match[1] in (*KINDS, "presence"):
            return self.names(match[1])[match[2]]
        return value


def main(url: str, authority: str | None = None) -> None:
    folder, zabbix = Path(__file__).parent, Zabbix(url, os.environ["ZABBIX_TOKEN"], authority)
    source = (folder / "configuration.yaml").read_text("utf-8")
    zabbix.call("configuration.import", {"format": "yaml", "rules": RULES, "source": source})
    made = 0
    for call in json.loads((folder / "calls.json").read_text("utf-8")):
        params = zabbix.resolved(call["params"])
        if zabbix.is_there(call["kind"], params):
            continue
        if call["kind"] == "user":
            params["passwd"] = f"{secrets.token_urlsafe(24)}.aA1"
        zabbix.call(call["method"], params)
        zabbix.known.clear()
        made += 1
    print(f"La configuration est importée, et {made} objets sont faits.")


if __name__ == "__main__":
    main(*sys.argv[1:3])
