"""The NPS modules on two servers of the lab in the test's process: faults at an exact call.

There is no socket.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from lxml import etree

from lab.clock import Clock
from lab.winrm import nps_documents
from lab.winrm.certificates import RADIUS_TEMPLATE, machine_store, serving
from lab.winrm.machine import Machine
from lab.winrm.powershell import PowerShellError
from piste.engine.converge.errors import AnswerLost, PisteError, Rejected
from piste.engine.converge.secrets import FINGERPRINT_KEY
from piste.engine.transport.shared import VARIABLE, Shared
from piste.runs.domains.access import MODULES as ACCESS
from piste.systems.windows.entry import Entry
from piste.systems.windows.gpo.acl import sid_bytes
from piste.systems.windows.nps import checks, pair, server
from piste.systems.windows.nps.document import Document
from piste.systems.windows.snippets import SNIPPETS
from tests.support.directory import BASE, DOMAIN_SID
from tests.support.inprocess import Killed
from tests.support.orphans import MODULES as ORPHANS

MODULES = {**ACCESS, **checks.MODULES, **ORPHANS}
SERVERS = ("hdv-nps1", "hdv-nps2")
TEMPLATE = "Serveurs RADIUS"
SECRETS = {
    FINGERPRINT_KEY: "une-clef-pour-les-empreintes",
    "radius/hdv": "Secret-RADIUS-de-la-mairie",
    "radius/ccas": "Secret-RADIUS-du-CCAS-2026",
}
GROUPS = {"GP-hdv": 1301, "GG-Agents": 1302, "GV-Agents": 1303, "Domain Users": 513, "RAS and IAS Servers": 553}
Strike = Callable[[], None]


class Directory:
    """A domain of a few groups and a certificate template, as a controller answers searches."""

    def __init__(self, run: Path) -> None:
        self.shared = Shared(run, "windows-dc")
        self.calls = {"reads": 0, "writes": 0}
        self.sid, self.base, self.configuration = DOMAIN_SID, BASE, f"CN=Configuration,{BASE}"

    registered: tuple[str, ...] = SERVERS
    """Servers in the group *RAS and IAS Servers*."""
    members: Mapping[str, set[str]] = {}
    """Kinds of members of a group: computer, person."""

    def close(self) -> None:
        return

    def search(self, base: str, query: str, attributes: Iterable[str] = (), scope: str = "subtree") -> list[Entry]:
        self.calls["reads"] += 1
        if "pKICertificateTemplate" in query:
            names = {"cn": [b"VLB-RADIUS"], "displayName": [TEMPLATE.encode()]}
            number = {"msPKI-Cert-Template-OID": [RADIUS_TEMPLATE.encode()]}
            return [Entry(f"CN=VLB-RADIUS,{base}", names | number)]
        if kind := re.search(r"objectCategory=(computer|person)", query):
            groups = [kinds for group, kinds in self.members.items() if f"CN={group}," in query]
            return [Entry(f"CN=membre,{BASE}", {"cn": [b"membre"]}) for kinds in groups if kind[1] in kinds]
        if "memberOf" in query:
            names = re.findall(r"sAMAccountName=([^)]*)\$", query)
            return [Entry(f"CN={name},{BASE}", {"cn": [name.encode()]}) for name in names if name in self.registered]
        asked = set(re.findall(r"\((?:objectSid|sAMAccountName)=([^)]*)\)", query))
        return [
            Entry(
                f"CN={name},{BASE}",
                {"sAMAccountName": [name.encode()], "objectSid": [sid_bytes(f"{DOMAIN_SID}-{number}")]},
            )
            for name, number in GROUPS.items()
            if asked & {name, f"{DOMAIN_SID}-{number}"}
        ]


class Host:
    """A session on a server of the lab: runs of snippets are counted, and struck by number."""

    def __init__(self, world: World, host: str) -> None:
        self.world, self.host = world, host
        self.calls = {"reads": 0, "writes": 0}

    def close(self) -> None:
        return

    def run(self, snippet: str, **given: Any) -> dict[str, Any]:
        self.calls["writes" if SNIPPETS[snippet].writes else "reads"] += 1
        machine = self.world.machines[self.host]
        self.world.called.append((self.host, snippet))
        self.world.strike("before", machine, snippet, given)
        try:
            answer = machine.snippets[snippet](given)
        except PowerShellError as error:
            raise Rejected(f"« {snippet} » : refusé", where=self.host, why=str(error)) from error
        self.world.strike("after", machine, snippet, given)
        return answer


class World:
    """Two servers, a domain, and runs of Ansible on them, each with its own folder.

    `model` says whether they have the lab's model policy: Piste writes some properties only once it has read them
    there. `at` strikes a call by its number, counted from 1 in the world's life, before or after the server has done
    it.
    """

    def __init__(
        self,
        folder: Path,
        document: bytes | None = None,
        secrets: Mapping[str, str] = SECRETS,
        *,
        model: bool = True,
    ) -> None:
        self.folder, self.secrets = folder, dict(secrets)
        self.clock = Clock()
        content = nps_documents.fresh() if document is None else document
        self.machines = {name: self._machine(name, content, model) for name in SERVERS}
        self.called: list[tuple[str, str]] = []
        self.at: dict[tuple[int, str], Callable[[Machine, str, Mapping[str, Any]], None]] = {}
        self._runs = 0

    def _machine(self, name: str, content: bytes, model: bool) -> Machine:
        store = machine_store(f"{name}.ad.ville.test", self.clock.now())
        document = nps_documents.with_model(content, serving(store)) if model else content
        state = {"services": {"IAS": True}, "certificates": store, "nps": document.decode()}
        return Machine(name, state, self.clock, list)

    @property
    def imports(self) -> list[str]:
        """Servers that were given a configuration, in order."""
        return [server for server, snippet in self.called if snippet == "nps_import"]

    def exported(self, server: str = SERVERS[0]) -> bytes:
        return self.machines[server].configuration

    def document(self, server: str = SERVERS[0]) -> Document:
        return Document(self.exported(server))

    def edit(self, server: str, change: Callable[[Document], None]) -> None:
        """Change a server behind Piste's back, as a person at the console does."""
        document = self.document(server)
        change(document)
        self.machines[server].state["nps"] = document.to_bytes().decode().partition("?>")[2]

    def strike(self, when: str, machine: Machine, snippet: str, given: Mapping[str, Any]) -> None:
        if blow := self.at.pop((len(self.called), when), None):
            blow(machine, snippet, given)

    @contextmanager
    def run(self) -> Iterator[Run]:
        self._runs += 1
        run = self.folder / f"run-{self._runs}"
        run.mkdir()
        environment = {
            VARIABLE: str(run),
            "PISTE_LOCK_DIR": str(self.folder / "locks"),
            "PISTE_PENDING_DIR": str(self.folder / "pending"),
        }
        with ExitStack() as stack:
            stack.enter_context(patch.object(server, "Session", lambda access, name: Host(self, name)))
            stack.enter_context(patch.object(server.time, "sleep", lambda seconds: self.clock.advance(seconds)))
            for place in (pair, checks):
                stack.enter_context(patch.object(place, "Directory", lambda domain: Directory(run)))
            stack.enter_context(patch.dict("os.environ", environment))
            yield Run(self, run)

    def once(self, name: str, config: list[dict[str, Any]], **options: Any) -> dict[str, Any]:
        """Run a task in a run of its own."""
        with self.run() as run:
            return run.module(name, config, **options)


class Run:
    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.folder = world, folder

    def module(self, name: str, config: list[dict[str, Any]], check: bool = False, **options: Any) -> dict[str, Any]:
        params: dict[str, Any] = {
            "winrm": {"username": "VILLE\\svc", "password": "mot-de-passe"},
            "domain": {"controller": "dc.ad.ville.test", "username": "svc", "password": "mot-de-passe"},
            "servers": list(SERVERS),
            "config": config,
            "state": "merged",
            "owner": "hdv",
            "absent": [],
            "confirm": [],
            "max_removals": 5,
            "secrets": self.world.secrets,
            **options,
        }
        return MODULES[name].run(params, check)


def killed(*_: Any) -> None:
    """Die here."""
    raise Killed


def torn(machine: Machine, snippet: str, given: Mapping[str, Any]) -> None:
    """Have the server do half of its work, and lose the answer."""
    machine.tear(snippet, given)
    raise AnswerLost("la réponse s’est perdue", where=machine.name)


def raising(error: PisteError) -> Callable[..., None]:
    def blow(*_: Any) -> None:
        raise error

    return blow


def operations(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Action and key of each operation, in order."""
    return [(operation["action"], operation["key"]) for operation in result["operations"]]


def foreign(content: bytes, *names: str) -> bytes:
    """C14N of a configuration without the items of these names: what nobody may change."""
    root = etree.fromstring(content, etree.XMLParser(remove_blank_text=True))
    for element in list(root.iter("*")):
        parent = element.getparent()
        if element.get("name") in names and parent is not None and parent.tag == "Children":
            parent.remove(element)
    return etree.tostring(root, method="c14n")
