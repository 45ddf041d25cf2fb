"""One lab: its folder, its clock, its simulators, its directory and its listeners."""

from __future__ import annotations

import secrets
import ssl
import tempfile
import threading
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from lab.calls import Calls
from lab.clock import Clock
from lab.control import PREFIX, Control
from lab.declared import declared_inventory, declared_town, keep_secrets
from lab.faults import Faults
from lab.glpi.system import Glpi
from lab.http import Simulator
from lab.meraki import MerakiSimulator
from lab.meraki.system import Meraki
from lab.prism.system import Prism
from lab.seeds import SEEDS, Inventory, Seed
from lab.server import Listener
from lab.smc.system import Smc
from lab.state import private_folder, read_json, write_json
from lab.system import Setting, System
from lab.veeam.system import Veeam
from lab.winrm.system import Winrm

if TYPE_CHECKING:
    from lab.ad import Controller
    from lab.backups import Backups
    from lab.endpoints import Endpoints
    from lab.nexus.server import Nexus
    from lab.polled.programs import Polled
    from lab.radius.server import Radius
    from lab.rsyslog.server import Collector
    from lab.shares import Shares
    from lab.supplies import Supplies

SAVE_EVERY = 1.0
"""Seconds between two looks at what has changed."""
TOWN = "town"
# The systems with ports of their own; their form and life: `lab/system.py`.
OTHERS: Mapping[str, Callable[[Setting], System]] = {
    "winrm": Winrm,
    "smc": Smc,
    "prism": Prism,
    "glpi": Glpi,
    "veeam": Veeam,
}


class Lab:
    """A lab that listens while its `with` block lasts; several may run in a process.

    seed       name of a seed or a function (see `lab.seeds`), for a folder without a state
    tls        HTTPS with the authority of the folder, and plain HTTP (`http_url`); False: plain HTTP alone
    directory  with a real domain controller; where it cannot run, `info["absent"]` has the reason
    nexus      with the Nexus switches of the declared town, over SSH
    endpoints  with the declared certificates, served over TLS
    zabbix     with a real Zabbix: `whole`, or `api` without the process that reads the hosts; else `info["absent"]`
    supplies   with the declared supplies, on a real server of NUT, where it can run
    backups    with a share and its repository of restic, where it can run
    shares     with the declared shares, on a real file server, where it can run
    folder     of state, authority and `info.json`; a temporary folder by default
    inventory  hardware for the seeds; that of the declared town by default
    others     the systems beside Meraki; all of them by default
    """

    def __init__(
        self,
        seed: str | Seed = "empty",
        *,
        tls: bool = False,
        directory: bool = False,
        nexus: bool = False,
        endpoints: bool = False,
        zabbix: str = "",
        supplies: bool = False,
        backups: bool = False,
        shares: bool = False,
        collector: bool = False,
        folder: Path | None = None,
        inventory: Inventory | Callable[[], Inventory] | None = None,
        others: Collection[str] = tuple(OTHERS),
    ) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="piste-lab-") if folder is None else None
        self.folder = private_folder(folder or Path(self._temporary.name if self._temporary else ""))
        self._tls, self._inventory, self._seed = tls, inventory, seed
        self.directory: Controller | None = None
        self._radius: Radius | None = None
        self.nexus: Nexus | None = None
        self.endpoints: Endpoints | None = None
        self.supplies: Supplies | None = None
        self._polled: Polled | None = None
        self.shares: Shares | None = None
        self._wants_directory, self._wants_nexus = directory, nexus
        self._wants_endpoints, self._wants_supplies = endpoints, supplies
        self._wants_backups, self._wants_shares = backups, shares
        self.backups: Backups | None = None
        self.collector: Collector | None = None
        self._wants_collector = collector
        self.clock, self.calls = Clock(), Calls()
        self._keys: dict[str, str] = read_json(self.folder / "keys.json") or {}
        self.control_token = self._key("control")
        kept = read_json(self.folder / "state.json") or {}
        dashboard = Meraki(self._setting("meraki", kept), seed)
        self.meraki: MerakiSimulator = dashboard.simulator
        self.systems: dict[str, System] = {
            "meraki": dashboard,
            **{name: make(self._setting(name, kept)) for name, make in OTHERS.items() if name in others},
        }
        self.info: dict[str, Any] = {}
        if backups:
            self._key("restic")
        if zabbix:
            self._add_zabbix(kept, polling=zabbix == "whole")
        write_json(self.folder / "keys.json", self._keys)
        self._listeners: list[Listener] = []
        self._stopped = threading.Event()
        self.save_every = SAVE_EVERY
        self._saved: dict[str, bytes] = {}

    @property
    def faults(self) -> Faults:
        """The faults of Meraki; each other system has its own (`systems[name].faults`)."""
        return self.systems["meraki"].faults

    def __enter__(self) -> Self:
        context = None
        if self._tls:
            # Imported here: certificates cost 0.2 s, which tests without TLS need not spend.
            from lab.authority import server_context

            context = server_context(self.folder)
            self.info["ca_file"] = str(self.folder / "ca.pem")
        for name, system in self.systems.items():
            routes: dict[str, Simulator] = {"": system.simulator}
            if name == "meraki":
                routes = {PREFIX: Control(self, self.control_token), **routes}
            plain = self._listen(routes, None)
            self.info[name] = dict(system.describe(plain, self._listen(routes, context) if context else plain))
        if self._wants_directory:
            self._start_directory()
            self._start_radius()
        if self._wants_nexus:
            self._start_nexus()
        if self._wants_endpoints:
            self._start_endpoints()
        if self._wants_supplies:
            self._start_supplies()
        if self._wants_backups:
            self._start_backups()
        if self._wants_shares:
            self._start_shares()
        if self._wants_collector:
            self._start_collector()
        write_json(self.folder / "info.json", self.info)
        threading.Thread(target=self._save_regularly, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        for listener in self._listeners:
            listener.close()
        if self._polled is not None:
            self._polled.close()
        if self._radius is not None:
            self._radius.close()
        if self.nexus is not None:
            self.nexus.close()
        if self.endpoints is not None:
            self.endpoints.close()
        if self.supplies is not None:
            self.supplies.close()
        if self.shares is not None:
            self.shares.close()
        if self.collector is not None:
            self.collector.close()
        if self.directory is not None:
            self.directory.close()
        for system in self.systems.values():
            system.finish()
        self.save()
        (self.folder / "info.json").unlink(missing_ok=True)
        if self._temporary is not None:
            self._temporary.cleanup()

    def seeds(self) -> list[str]:
        return list(SEEDS)

    def reset(self, seed: str | Seed = "empty") -> None:
        """Start again from a seed; calls return to zero, faults and limits too. Raises ValueError."""
        if isinstance(seed, str) and seed not in (*SEEDS, TOWN):
            raise ValueError(f"état de départ inconnu : {seed} (choix : {', '.join((*SEEDS, TOWN))})")
        for system in self.systems.values():
            # A seed that is a function fills Meraki; the other systems are then empty.
            system.reset(seed if isinstance(system, Meraki) else _name(seed))  # type: ignore[arg-type]
            system.faults.clear()
        self.calls.clear()
        if self.nexus is not None:
            self.nexus.reset(self._switches(_name(seed)))
        if self.directory is not None:
            # The convergence that follows makes its state `town`, as that of the other systems.
            self.directory.restore("empty" if seed == TOWN else _name(seed))
        if self._radius is not None:
            keep_secrets(self.folder, self._radius.secrets)

    def deliver(self) -> None:
        """Deliver what the town has declared since: hardware on the shelf, print queues."""
        for system in self.systems.values():
            if isinstance(system, (Meraki, Winrm)):
                system.deliver()

    def poll(self, twin: Mapping[str, Any] | None) -> None:
        """Let Zabbix poll in a twin of that state, whose devices answer; else a loopback of its own.

        Raises RuntimeError.
        """
        from lab.polled.programs import Polled, obstacle
        from lab.zabbix.polling import Place
        from piste.twin.process import MARK, environment

        polling = getattr(self.systems.get("zabbix"), "polling", None)
        if polling is None:
            raise RuntimeError("le laboratoire est sans serveur Zabbix")
        if self._polled is not None:
            self._polled.close()
            self._polled = None
        if twin is None:
            polling.move(None)
            return
        if reason := obstacle():
            raise RuntimeError(reason)
        server = twin["supervision"]
        polling.move(Place(server["namespace"], {MARK: server["mark"]}, server["resolvers"]))
        secrets = read_json(self.folder / "secrets.json") or {}
        self._polled = Polled(self.folder / "polled", environment(server["mark"]))
        self._polled.start((server["address"], server["namespace"]), twin["watched"], secrets)

    def back_up(self) -> list[str]:
        """Copy what the lab backs up, as the jobs of a town do; list it. Raises RuntimeError."""
        made = []
        if self.backups is not None:
            self.backups.copy()
            made.append("partages (restic)")
        if self.directory is not None:
            made.append(f"annuaire ({self.directory.back_up(self.folder / 'sauvegardes' / 'annuaire').name})")
        return made

    def save(self) -> None:
        """Write the state where it has changed since the last write."""
        images = {name: system.image() for name, system in self.systems.items()}
        if images != self._saved:
            write_json(self.folder / "state.json", {name: system.state() for name, system in self.systems.items()})
            self._saved = images

    def _listen(self, routes: Mapping[str, Simulator], context: ssl.SSLContext | None) -> str:
        listener = Listener(routes, context)
        self._listeners.append(listener)
        return listener.url

    def _setting(self, name: str, kept: Mapping[str, Any]) -> Setting:
        return Setting(
            folder=self.folder,
            clock=self.clock,
            calls=self.calls,
            key=lambda key: self._key(f"{name}/{key}"),
            inventory=self._hardware,
            seed=_name(self._seed),
            kept=kept.get(name),
        )

    def _key(self, name: str) -> str:
        return self._keys.setdefault(name, secrets.token_hex(20))

    def _add_zabbix(self, kept: Mapping[str, Any], *, polling: bool) -> None:
        """Start Zabbix, or describe the obstacle."""
        # Imported here: a lab without Zabbix need not spend the time.
        from lab.zabbix.server import Zabbix

        zabbix = Zabbix(self._setting("zabbix", kept), polling=polling)
        try:
            zabbix.start()
        except RuntimeError as fault:
            self._without("zabbix", str(fault))
        else:
            self.systems["zabbix"] = zabbix

    def _start_directory(self) -> None:
        """Start the domain controller, or describe the obstacle."""
        # Imported here: tests without a directory need not spend the time of its client.
        from lab.ad import Controller
        from lab.authority import authority

        try:
            self.directory = Controller(self.folder / "ad", authority(self.folder), seed=_name(self._seed))
            self.directory.start()
        except RuntimeError as fault:
            self._without("ad", str(fault))
        else:
            self.info["ca_file"] = str(self.folder / "ca.pem")
            self.info["ad"] = self.directory.info

    def _start_radius(self) -> None:
        """Listen for RADIUS, or describe the obstacle; FreeRADIUS starts at the first request."""
        from lab.authority import authority
        from lab.radius.server import Radius, obstacle

        servers = self.systems.get("winrm")
        if self.directory is None or "ad" not in self.info or not isinstance(servers, Winrm):
            return
        if self._without("radius", obstacle()):
            return
        radius = Radius(self.folder / "radius", self.directory, authority(self.folder), servers.exports)
        self._radius = radius.start()
        keep_secrets(self.folder, radius.secrets)
        self.info["radius"] = radius.info

    def _start_nexus(self) -> None:
        """Listen for SSH, for each Nexus that the town declares."""
        # Imported here: a lab without Nexus need not spend the time of SSH.
        from lab.nexus.server import Nexus

        switches = self._switches(_name(self._seed))
        if not switches:
            return
        roles = {"svc-piste": "lecture", "admin": "network-admin", "svc-operateur": "network-operator"}
        accounts = {name: (self._key(f"nexus/{name}"), role) for name, role in roles.items()}
        self.nexus = Nexus(self.folder / "nexus", switches, accounts, clock=self.clock, calls=self.calls).start()
        self.info["nexus"] = {
            "username": "svc-piste",
            "password": accounts["svc-piste"][0],
            "host_keys": self.nexus.host_keys,
            "elsewhere": {name: {"address": "127.0.0.1", "port": port} for name, port in self.nexus.ports.items()},
        }

    def _start_endpoints(self) -> None:
        """Serve the certificates that the town declares."""
        # Imported here: a lab without them need not spend the time of their keys.
        from lab.authority import authority
        from lab.endpoints import Endpoints

        town = declared_town()
        if town.commune:
            self.endpoints = Endpoints(self.folder, authority(self.folder), town.commune["certificates"]).start()
            self.info["certificates"] = self.endpoints.info

    def _start_supplies(self) -> None:
        """Start the supplies that the town declares, or describe the obstacle."""
        from lab.supplies import SOUND, Supplies, obstacle

        if self._without("nut", obstacle()):
            return
        declared = [ups["name"] for site in declared_town().sites.values() for ups in site["premises"]["ups"]]
        self.supplies = Supplies(self.folder / "nut", dict.fromkeys(declared, SOUND)).start()
        self.info["nut"] = self.supplies.info

    def _start_backups(self) -> None:
        """Copy the sample share, or describe the obstacle."""
        from lab.backups import Backups, obstacle

        if self._without("restic", obstacle()):
            return
        self.backups = Backups(self.folder / "sauvegardes", self._key("restic")).start()
        keep_secrets(self.folder, self.backups.secrets)
        self.info["restic"] = dict(self.backups.info)

    def _start_shares(self) -> None:
        """Serve the shares that the town targets, or describe the obstacle."""
        from lab.shares import Shares, obstacle

        town = declared_town()
        storage = town.commune["storage"] if town.commune else None
        if storage is None:
            return
        if self._without("smb", obstacle()):
            return
        try:
            self.shares = Shares(self.folder / "shares", storage["shares"]).start()
        except RuntimeError as fault:
            self._without("smb", str(fault))
        else:
            self.info["smb"] = self.shares.info

    def _without(self, part: str, reason: str | None) -> bool:
        """Describe the obstacle to a part of the lab, if there is any."""
        if reason:
            self.info.setdefault("absent", {})[part] = reason
        return bool(reason)

    def _start_collector(self) -> None:
        """Start the collector of the declared logs, or describe the obstacle."""
        # Imported here: a lab without it need not spend the time.
        from lab.authority import authority
        from lab.rsyslog.server import Collector, obstacle

        commune = declared_town().commune
        if commune is None or commune["logs"] is None:
            return
        if self._without("rsyslog", obstacle()):
            return
        try:
            self.collector = Collector(self.folder / "rsyslog", authority(self.folder), commune["logs"]).start()
        except RuntimeError as fault:
            self._without("rsyslog", str(fault))
        else:
            self.info["rsyslog"] = self.collector.info

    def _switches(self, seed: str) -> dict[str, Any]:
        from lab.nexus.seeds import configurations

        town = declared_town()
        return configurations(town.commune["nexus"], seed) if town.commune else {}

    def _hardware(self) -> Inventory:
        if self._inventory is None:
            return declared_inventory(declared_town())
        return self._inventory() if callable(self._inventory) else self._inventory

    def _save_regularly(self) -> None:
        while not self._stopped.wait(self.save_every):
            self.save()


def _name(seed: str | Seed) -> str:
    """Name the seed of the directory: a seed that is a function fills the other systems only."""
    return seed if isinstance(seed, str) else "empty"
