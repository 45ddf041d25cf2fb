"""A real Zabbix that becomes a captured Zabbix.

The kinds of Piste read the captured answers, then write what they read. What they do not write is listed: templates
of others, which are made empty so that their hosts have them, problems and measures, which no API takes, and all that
differs once it is read again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from lab.beyond import Captured, made_up
from lab.zabbix.front import Front
from piste.engine.converge.errors import PisteError
from piste.engine.converge.memory import Memory
from piste.engine.converge.plan import State
from piste.engine.converge.request import Request
from piste.engine.converge.run import run
from piste.engine.converge.secrets import Secret, Vault
from piste.engine.transport.http import Endpoint, Pace, Transport
from piste.engine.transport.response import Response
from piste.systems.kinds.zabbix import SUPERVISION
from piste.systems.zabbix.api import Zabbix
from piste.systems.zabbix.driver import NAMED, ZabbixDriver, reads

KINDS: Mapping[str, type[ZabbixDriver]] = {kind.name: kind.driver_class for kind in SUPERVISION}
OWNER = "capture"
_MEASURES = {"problem.get": "problèmes", "history.get": "mesures", "trend.get": "tendances"}
_SOUGHT = ("filter", "search")
_LACKING = "cette lecture n’est pas dans la capture"
_ALONE = 500
"""Most objects of a kind that are written each by itself, where they cannot be written together."""
_MOST = 50
"""Most lines of a kind."""

Items = dict[str, list[dict[str, Any]]]


class Made(NamedTuple):
    """The captured objects by kind, as the kinds write them, and the secrets of the lab."""

    items: Items
    vault: Vault


class _Vault(Vault):
    """The secrets of the lab; one that it does not have has a made-up value."""

    def get(self, path: str) -> Secret:
        known = super().get(path)
        return self.wrap(path, f"{made_up(path)}.aA1") if known.value is None else known


class Replayed(Transport):
    """Answers the calls of a client from a capture."""

    def __init__(self, answers: Iterable[Captured], endpoint: Endpoint, pace: Pace | None = None) -> None:
        super().__init__(endpoint, pace)
        self._known: dict[str, Any] = {}
        for answer in answers:
            if answer.status == 200 and isinstance(answer.body, Mapping):
                method, params = str(answer.body.get("method")), answer.body.get("params")
                for key in (_key(method, params), _key(method, _without_names(params))):
                    self._known.setdefault(key, answer.answer)

    def _send(self, method: str, url: str, body: Any, headers: Mapping[str, str]) -> Response:
        calls = body if isinstance(body, list) else [body]
        answers = [self._answer(call) for call in calls]
        content = json.dumps(answers if isinstance(body, list) else answers[0]).encode()
        return Response(200, {"content-type": "application/json"}, content, url)

    def _answer(self, call: Mapping[str, Any]) -> dict[str, Any]:
        method, params = call["method"], json.loads(json.dumps(call["params"]))
        for key in (_key(method, params), _key(method, _without_names(params))):
            if key in self._known:
                return {"jsonrpc": "2.0", "id": call["id"], "result": self._known[key]}
        return {"jsonrpc": "2.0", "id": call["id"], "error": {"code": -32500, "data": _LACKING}}


class Straight(Transport):
    """Carries the calls of a client to the server of the lab, without fault or count."""

    def __init__(self, front: Front, endpoint: Endpoint, pace: Pace | None = None) -> None:
        super().__init__(endpoint, pace)
        self._front = front

    def _send(self, method: str, url: str, body: Any, headers: Mapping[str, str]) -> Response:
        sent = {"Content-Type": "application/json", **self.endpoint.headers, **headers}
        answer = self._front.straight(json.dumps(body).encode(), sent)
        return Response(answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.body)


def read(answers: Sequence[Captured], secrets: Mapping[str, str]) -> tuple[Made, list[str]]:
    """Read the objects of each kind from captured answers; list what is not taken."""
    left = []
    for method, what in _MEASURES.items():
        listed = [a.answer for a in answers if isinstance(a.body, Mapping) and a.body.get("method") == method]
        if count := sum(len(content) for content in listed if isinstance(content, list)):
            left.append(f"{count} {what}, que l’API de Zabbix ne reprend pas")
    with client(partial(Replayed, answers), {"url": "https://capture.invalid"}) as replayed:
        vault = _Vault(secrets)
        items, lines = _gathered(replayed, vault)
    return Made(items, vault), [*left, *lines]


def written(made: Made, line: Any, connection: Mapping[str, Any]) -> list[str]:
    """Write captured objects on a server; list what was refused, or differs afterwards."""
    with client(line, connection) as live:
        left = [f"modèle {name} : son contenu n’est pas capturé, il est vide ici" for name in _templates(live, made)]
        for name, driver in KINDS.items():
            left += _written(live, name, driver, made.items.get(name, []), made.vault)[:_MOST]
    with client(line, connection) as live:
        now, lines = _gathered(live, made.vault)
    for name, items in made.items.items():
        there = {_shown(item) for item in now.get(name, [])}
        differ = [item for item in items if _shown(item) not in there]
        left += [f"{name} {_named(item)} : n’est pas tout à fait le même ici" for item in differ][:_MOST]
    return [*left, *lines]


@contextmanager
def client(line: Any, connection: Mapping[str, Any]) -> Iterator[Zabbix]:
    """Open a client whose lists are in a folder of its own, carried by `line`."""
    folder = Path(tempfile.mkdtemp(prefix="piste-zabbix-"))
    kind = type("Line", (Zabbix,), {"line": staticmethod(line)})
    opened = kind({"token": "capture", "rate": 0, **connection}, folder)
    try:
        yield opened
    finally:
        opened.close()
        shutil.rmtree(folder, ignore_errors=True)


def _gathered(zabbix: Zabbix, vault: Vault) -> tuple[Items, list[str]]:
    items: Items = {}
    left = []
    for name, driver in KINDS.items():
        try:
            items[name] = run(driver, zabbix, _request("gathered", [], vault), {})["gathered"]
        except PisteError as error:
            left.append(f"{name} : {error.sentence()}"[:300])
    return items, left


def _written(
    live: Zabbix, name: str, driver: type[ZabbixDriver], items: Sequence[Any], vault: Vault
) -> list[str]:
    """Write the objects of a kind together, else each by itself; list the refusals."""
    if not items:
        return []
    try:
        run(driver, live, _request("merged", items, vault), {})
        return []
    except PisteError as error:
        if len(items) == 1:
            return [f"{name} {_named(items[0])} : {error.sentence()}"[:300]]
    left = [f"{name} : {len(items) - _ALONE} objets de trop"] if len(items) > _ALONE else []
    return left + [line for item in items[:_ALONE] for line in _written(live, name, driver, [item], vault)]


def _request(state: State, items: Sequence[Any], vault: Vault) -> Request:
    return Request(
        config=[*items], owner=OWNER, state=state, vault=vault, memory=Memory(None, vault)
    )


def _templates(live: Zabbix, made: Made) -> list[str]:
    """Make, empty, the templates that hosts have and nobody writes; name them."""
    what, _, key = NAMED["template"]
    there = {template[key] for template in live.listed(f"list-{what}", reads())}
    there |= {item["name"] for item in made.items.get("templates", [])}
    wanted = {name for host in made.items.get("hosts", []) for name in host.get("templates") or ()}
    lacking = sorted(wanted - there)
    if lacking:
        groups = live.get("templategroup", output=["groupid"], filter={"name": ["Templates"]})
        ids = [{"groupid": group["groupid"]} for group in groups]
        live.call("template.create", [{"host": name, "groups": ids} for name in lacking])
        live.shared.forget(f"list-{what}")
    return lacking


def _named(item: Mapping[str, Any]) -> str:
    return str(next((item[name] for name in ("name", "username", "host") if item.get(name)), "sans nom"))


def _shown(item: Mapping[str, Any]) -> str:
    return json.dumps(item, sort_keys=True, ensure_ascii=False, default=str)


def _key(method: str, params: Any) -> str:
    return hashlib.sha256(json.dumps([method, params], sort_keys=True).encode()).hexdigest()


def _without_names(params: Any) -> Any:
    """Leave out the names that a question looks for: a capture may mask them."""
    if not isinstance(params, Mapping):
        return params
    return {name: sorted(value) if name in _SOUGHT and value else value for name, value in params.items()}
