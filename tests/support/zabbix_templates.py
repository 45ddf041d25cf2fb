"""The request of each of our own templates, and what a real server reads in its answer."""

from __future__ import annotations

import json
import re
import socket
import struct
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from lab.http import Request, Response
from lab.simulated import Simulated
from piste.systems.zabbix.templates import files
from tests.support.zabbix import Watched

_OF_HTTP = ("url", "headers", "timeout", "verify_peer", "verify_host")
_STEPS = {"JSONPATH": 12}
"""Numbers of the kinds of steps. Source: Zabbix 7.0 manual, API, item object."""
_HEADER = struct.Struct("<5sII")


def master(template: str) -> dict[str, Any]:
    """Give the only item of a template that asks something."""
    [item] = [item for item in files()[template]["items"] if item["type"] == "HTTP_AGENT"]
    return item


def dependent(template: str) -> dict[str, dict[str, Any]]:
    """Give by key the items, prototypes included, that read the answer of the master."""
    content = files()[template]
    prototypes = [item for rule in content.get("discovery_rules", []) for item in rule["item_prototypes"]]
    return {item["key"]: item for item in (*content["items"], *prototypes) if item["type"] == "DEPENDENT"}


def answer(simulator: Simulated, template: str, macros: Mapping[str, str]) -> Response:
    """Send the request of a template, its macros given, as the server does."""
    item = master(template)
    whole = json.dumps({"url": item["url"], "headers": item.get("headers", [])})
    for name, value in macros.items():
        whole = whole.replace(name, value)
    assert "{$" not in whole, "the request has a macro that the test does not give"
    request = json.loads(whole)
    url = urlsplit(request["url"])
    headers = {header["name"]: header["value"] for header in request["headers"]}
    return simulator.handle(Request.to("GET", f"{url.path}?{url.query}".rstrip("?"), headers=headers))


def reads(zabbix: Watched, item: Mapping[str, Any], value: str, macros: Mapping[str, str] | None = None) -> str | None:
    """Give what the steps of an item make of a value on the real server; None where they fail.

    Source: the frontend of Zabbix 7.0, `CZabbixServer::testItem`.
    """
    steps = json.dumps(item["preprocessing"])
    for name, text in (macros or {}).items():
        steps = steps.replace(name, text)
    given = [
        {
            "type": _STEPS[step["type"]],
            "params": "\n".join(step["parameters"]),
            "error_handler": 2 if "error_handler" in step else 0,
            "error_handler_params": step.get("error_handler_params", ""),
        }
        for step in json.loads(steps)
    ]
    info = zabbix.lab.info["zabbix"]
    tried = {"value": value, "value_type": 4, "steps": given}
    data = {"options": {"single": False, "state": 0}, "item": tried, "host": {}}
    done = _ask(info["server_port"], {"request": "item.test", "data": data, "sid": info["token"]})
    result: str | None = done["data"]["preprocessing"].get("result")
    return result


def _ask(port: int, question: Mapping[str, Any]) -> Any:
    """Ask the server as its frontend does.

    Source: Zabbix 7.0 manual, appendix, header and data length.
    """
    body = json.dumps(question).encode()
    with socket.create_connection(("127.0.0.1", port), 30) as connection, connection.makefile("rwb") as stream:
        stream.write(_HEADER.pack(b"ZBXD\1", len(body), 0) + body)
        stream.flush()
        _, length, _ = _HEADER.unpack(stream.read(_HEADER.size))
        return json.loads(stream.read(length))


def fed(template: str) -> tuple[str, dict[str, Any]]:
    """Copy a template under another name; its questions become items that take values."""
    name = f"Essai {template}"
    content = json.dumps(files()[template], ensure_ascii=False).replace(template, name)
    made = json.loads(re.sub(r'"uuid": "[0-9a-f]{32}"', lambda _: f'"uuid": "{uuid.uuid4().hex}"', content))
    for item in made["items"]:
        if item["type"] in ("HTTP_AGENT", "ZABBIX_ACTIVE"):
            item.update({"type": "TRAP", "delay": "0"})
            for field in _OF_HTTP:
                item.pop(field, None)
    return name, made
