"""The Windows servers of the town as a system of the lab: NPS, print server, DHCP, DNS."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any

from lab.ad.forest import LE_BOURGET
from lab.beyond import Captured
from lab.declared import declared_queues, servers
from lab.faults import Faults
from lab.system import Setting
from lab.winrm import dhcp_scopes, nps_documents
from lab.winrm.authentication import Authentication
from lab.winrm.captured import states_of
from lab.winrm.certificates import machine_store, serving
from lab.winrm.machine import Json, Machine
from lab.winrm.print_server import queue
from lab.winrm.simulator import OWN_FAULTS, SYSTEM, WinrmSimulator

SPARE = "nps-essai"
"""A new NPS server that no device knows, for restore tests."""
ACCOUNT = f"{LE_BOURGET.netbios}\\svc-piste"


class Winrm:
    """The servers from a seed: `brownfield` is managed by hand, any other seed is fresh.

    Each NPS has a disabled policy, the model of the bytes that Piste must read before it writes them
    (`nps_documents.with_model`). The print server has the queues that the town declares, as their drivers make them:
    Piste creates no queue. The DHCP servers lend nothing yet; those of `brownfield` have the scopes of
    `lab/winrm/dhcp_scopes.py`. The DNS servers have forwarders: their zones are those of the domain controller.
    """

    name = SYSTEM

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self.faults = Faults(*OWN_FAULTS)
        self._password = setting.key("password")
        self._states: dict[str, Json] = setting.kept or self._seeded(setting.seed)
        self.simulator = WinrmSimulator(
            {name: self._machine(name) for name in self._states},
            Authentication(setting.folder, ACCOUNT, self._password),
            clock=setting.clock,
            faults=self.faults,
            calls=setting.calls,
        )
        self.behaviour = self.simulator.behaviour

    def describe(self, plain: str, secure: str) -> dict[str, Any]:
        hosts = {name: f"{secure}/{name}/wsman" for name in self.simulator.machines}
        return {"url": f"{secure}/wsman", "username": ACCOUNT, "password": self._password, "hosts": hosts}

    @property
    def exports(self) -> dict[str, Callable[[], str]]:
        """The functions that export each NPS, by its name."""
        named = [name for name, state in self._states.items() if "nps" in state and name != SPARE]
        return {name: lambda name=name: self._export(name) for name in named}  # type: ignore[misc]

    def _export(self, name: str) -> str:
        with self.simulator.lock:
            return self.simulator.machines[name].configuration.decode()

    def reset(self, seed: str) -> None:
        self.become(self._seeded(seed))

    def captured(self, answers: list[Captured], secrets: Mapping[str, str]) -> tuple[dict[str, Json], list[str]]:
        """Build the states of captured servers, the others new; list what was left."""
        new = self._seeded("empty")
        made, left = states_of(answers, new, secrets, self._among)
        return {**new, **made}, left

    def become(self, made: Mapping[str, Json]) -> list[str]:
        with self.simulator.lock:
            for name, state in made.items():
                self.simulator.machines[name].state = state
                self.simulator.shells[name].open.clear()
        return []

    def deliver(self) -> None:
        """Make the queues that the town has declared since, as the installation of a printer does."""
        with self.simulator.lock:
            for machine in self.simulator.machines.values():
                if (queues := machine.state.get("queues")) is not None:
                    names = {known["name"].casefold() for known in queues}
                    queues.extend(queue for queue in _queues() if queue["name"].casefold() not in names)

    def image(self) -> bytes:
        return json.dumps(self.state(), sort_keys=True).encode()

    def state(self) -> Any:
        with self.simulator.lock:
            # A copy to the bottom: a request may change it while it is written.
            return copy.deepcopy({name: machine.state for name, machine in self.simulator.machines.items()})

    def finish(self) -> None:
        self.simulator.closed.set()

    def _machine(self, name: str) -> Machine:
        return Machine(name, self._states[name], self._setting.clock, _queues, self._dhcp_of)

    def _among(self, name: str, states: Mapping[str, Json]) -> Machine:
        """Make a server among states that the lab does not have yet."""
        return Machine(name, copy.deepcopy(states[name]), self._setting.clock, _queues, lambda of: _lender(of, states))

    def _dhcp_of(self, name: str) -> Json | None:
        return _lender(name, {key: machine.state for key, machine in self.simulator.machines.items()})

    def _seeded(self, seed: str) -> dict[str, Json]:
        document = nps_documents.inherited() if seed == "brownfield" else nps_documents.fresh()
        states: dict[str, Json] = {}
        for name in dict.fromkeys((*servers().radius, *servers().printing, *servers().dhcp, *servers().dns, SPARE)):
            host = f"{name}.{LE_BOURGET.domain}"
            store = machine_store(host, self._setting.clock.now())
            states[name] = {"services": {}, "certificates": store, "administrators": _administrators(name)}
        for name in (*servers().radius, SPARE):
            begun = nps_documents.fresh() if name == SPARE else document
            configuration = nps_documents.with_model(begun, serving(states[name]["certificates"]))
            states[name]["nps"] = configuration.decode()
            states[name]["services"]["IAS"] = True
        for name in servers().printing:
            states[name]["queues"] = None
            states[name]["services"]["Spooler"] = True
            if seed == "brownfield":
                states[name]["others"] = [
                    queue("HP LaserJet 4000 (RDC)", comment="Ne plus utiliser", share_name="HPRDC"),
                    queue("imp-jau-couleur", location="École J. Jaurès", duplexing="TwoSidedShortEdge"),
                    queue("Microsoft Print to PDF", shared=False),
                ]
        for name, lent in dhcp_scopes.seeded(servers().dhcp, seed).items():
            states[name]["dhcp"] = lent
            states[name]["services"]["DHCPServer"] = True
        for name in servers().dns:
            states[name]["services"]["DNS"] = True
            states[name]["dns"] = _name_server(seed, first=name == servers().dns[0])
        return states


def _lender(name: str, states: Mapping[str, Json]) -> Json | None:
    """Return the scopes of a server, by its name or address; None where it lends nothing."""
    for short, state in states.items():
        if "dhcp" in state and state["services"].get("DHCPServer"):
            lent: Json = state["dhcp"]
            addresses = [binding["address"] for binding in lent.get("settings", {}).get("bindings", ())]
            if name.partition(".")[0] == short or name in addresses:
                return lent
    return None


def _name_server(seed: str, *, first: bool) -> Json:
    """Return the settings of a DNS server; in `brownfield`, a former provider's, never cleaned."""
    inherited = seed == "brownfield"
    forwarders = ["192.0.2.53"] if inherited else list(servers().forwarders)
    return {"forwarders": forwarders, "root_hints": True, "scavenging_h": 168 if first and not inherited else 0}


def _administrators(server: str) -> list[Json]:
    """List the local account, the administrators of the domain, Piste, and the contractor."""
    domain, machine = "S-1-5-21-1004336348-1177238915-682003330", "S-1-5-21-2127521184-1604012920-1887927527"
    known = (
        (f"{server.upper()}\\Administrateur", f"{machine}-500", "User"),
        (f"{LE_BOURGET.netbios}\\Admins du domaine", f"{domain}-512", "Group"),
        (ACCOUNT, f"{domain}-1103", "User"),
        (f"{LE_BOURGET.netbios}\\adm-prestataire", f"{domain}-1187", "User"),
    )
    return [{"name": name, "sid": sid, "kind": kind} for name, sid, kind in known]


def _queues() -> list[Json]:
    return [queue(name) for name in declared_queues()]
