"""A run of every module of the supervision on a real Zabbix, its answers kept and spoilt.

Every call is a POST to one place: the name of a read is its method, what it asks for, and the module that asks, since
every module asks for all lists. The answers of a batch are spoilt one by one.
"""

from __future__ import annotations

import atexit
import copy
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from email.utils import formatdate
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from lab.declared import declared_town
from piste.engine.transport.http import Endpoint, Transport
from piste.engine.transport.response import Response
from piste.engine.transport.shared import VARIABLE
from piste.runs.domains.supervision import MODULES
from piste.systems.kinds.zabbix import SUPERVISION
from piste.systems.zabbix import api
from piste.systems.zabbix.checks import MODULES as CHECKS
from piste.systems.zabbix.handover import MODULES as HANDOVER
from piste.systems.zabbix.intent import zabbix_intent
from piste.systems.zabbix.link_measures import MODULES as LINKS
from piste.systems.zabbix.living import MODULES as LIVING
from piste.systems.zabbix.orphans import undeclared
from tests.support.answers import Scenario
from tests.support.zabbix import KINDS, Watched, watched

FOR = "@"
"""What separates the name of a read from the module that asks."""
READERS = {**CHECKS, **HANDOVER, **LINKS, **LIVING}
SCHOOL = "ecole-jaures"


class ZabbixWorld:
    """A Zabbix of a school, and the means to run our modules on it, one run folder a run."""

    def __init__(self, zabbix: Watched, folder: Path) -> None:
        self.zabbix, self.folder = zabbix, folder
        self.on_request: Callable[[str, str], None] = lambda method, path: None
        self.spoil: Callable[[str, Response], Response] = lambda method, answer: answer
        self.module = ""
        self._known: dict[str, Response] = {}

    @contextmanager
    def run(self) -> Iterator[ZabbixRun]:
        made = lambda endpoint, pace=None: InProcess(self, endpoint)  # noqa: E731
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            environment = {VARIABLE: folder, "PISTE_LOCK_DIR": str(self.folder / "locks")}
            with patch.object(api.Zabbix, "line", staticmethod(made)), patch.dict("os.environ", environment):
                yield ZabbixRun(self)

    def answer(self, body: bytes, headers: Mapping[str, str], url: str) -> Response:
        """Answer a call: as it was answered before, since nothing is written."""
        key = body.decode()
        if key not in self._known:
            front: Any = self.zabbix.lab.systems["zabbix"].simulator
            given = front.straight(body, {**headers, "Content-Type": "application/json"})
            lower = {name.lower(): value for name, value in given.headers.items()}
            self._known[key] = Response(given.status, lower, given.body)
        known = self._known[key]
        return replace(known, url=url, headers={**known.headers, "date": formatdate(usegmt=True)})


class ZabbixRun:
    def __init__(self, world: ZabbixWorld) -> None:
        self.world = world

    def module(self, name: str, config: list[Any], *, check: bool = False, **options: Any) -> dict[str, Any]:
        zabbix, module = self.world.zabbix, {**MODULES, **READERS}[name]
        self.world.module = name
        given = {"zabbix": zabbix.connection, "config": config, "owner": SCHOOL, "secrets": zabbix.secrets}
        return module.run({**module.defaults, **given, "secrets_lock": str(zabbix.lock), **options}, check)


class InProcess(Transport):
    """The project's transport with the socket replaced by a call."""

    def __init__(self, world: ZabbixWorld, endpoint: Endpoint) -> None:
        super().__init__(endpoint)
        self._world = world

    def certificate_end(self) -> float:
        return 4e9

    def _send(self, method: str, url: str, body: Any, headers: Mapping[str, str]) -> Response:
        if not isinstance(body, list):
            return self._one(url, body, headers)
        answers = [self._one(url, call, headers) for call in body]
        for answer in answers:
            try:
                json.loads(answer.body)
            except ValueError:
                return answer
            if answer.status != 200 or "json" not in answer.headers.get("content-type", ""):
                return answer
        return Response(200, answers[0].headers, b"[" + b",".join(answer.body for answer in answers) + b"]", url)

    def _one(self, url: str, call: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
        asked = call["params"] if isinstance(call["params"], Mapping) else ()
        place = "/".join((url, str(call["method"]), "+".join(sorted(asked)))) + FOR + self._world.module
        verb = "GET" if str(call["method"]).rpartition(".")[2] in api._READS else "POST"
        self._world.on_request(verb, place)
        return self._world.spoil(verb, self._world.answer(json.dumps(call).encode(), headers, place))


@cache
def zabbix_world() -> ZabbixWorld:
    stack = ExitStack()
    atexit.register(stack.close)
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="piste-answers-zabbix-")))
    zabbix = stack.enter_context(watched(folder))
    town = declared_town()
    zabbix.secrets |= {path: "une-valeur-secrete" for path in town.secret_paths() if path.startswith("zabbix/")}
    for owner, intent in intents().items():
        for kind in KINDS:
            zabbix.run(kind, intent[kind], owner=owner)
    return ZabbixWorld(zabbix, folder)


@cache
def intents() -> Mapping[str, Mapping[str, Any]]:
    town = declared_town()
    assert town.commune
    return {"commune": zabbix_intent(town.commune), SCHOOL: zabbix_intent(town.sites[SCHOOL])}


def zabbix_scenarios() -> Iterator[Scenario]:
    every = [(owner, kind.name, intent[kind.name]) for owner, intent in intents().items() for kind in SUPERVISION]
    for owner, kind, items in every:
        if items:
            yield Scenario(f"{kind} of {owner} as they are", _task(kind, items, owner=owner))
    for kind in KINDS:
        yield Scenario(f"{kind} read", _task(kind, [], state="gathered"))
    hosts = intents()[SCHOOL]["hosts"]
    for name, kind, items, options in (
        ("a host changes", "hosts", [{**hosts[0], "visible_name": "autre"}], {}),
        ("a host comes", "hosts", [{**hosts[0], "name": "neuf", "visible_name": "neuf"}], {}),
        ("a host goes", "hosts", hosts[1:], {"state": "overridden", "confirm": ["host"]}),
        ("a group comes", "host_groups", [{"name": "Neuf"}], {}),
    ):
        yield Scenario(name, _task(kind, items, **options))
    yield Scenario("zabbix_orphans", _orphans)
    for name, params in (
        ("zabbix_checks", {"supervision": {}}),
        ("zabbix_living", {}),
        ("zabbix_handover", {}),
        ("zabbix_links", {"start": 0, "end": 2_000_000_000}),
    ):
        yield Scenario(name, _reader(name, params))


def _task(kind: str, items: Any, **options: Any) -> Callable[[Any, bool], Any]:
    return lambda run, check: run.module(f"zabbix_{kind}", copy.deepcopy(items), check=check, **options)


def _reader(module: str, params: Mapping[str, Any]) -> Callable[[Any, bool], Any]:
    return lambda run, check: run.module(module, [], **params)


def _orphans(run: ZabbixRun, check: bool) -> Any:
    run.world.module = "zabbix_orphans"
    client = api.Zabbix(run.world.zabbix.connection)
    every = [*intents().values()]
    keys = {kind.name: [item.get("name") for intent in every for item in intent[kind.name]] for kind in SUPERVISION}
    return {"orphans": list(undeclared(client, keys))}
