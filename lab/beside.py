"""Real servers that a lab starts beside its simulators, each where it can run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from lab.declared import declared_town, keep_secrets

# Their modules are imported where they start: a lab without a part need not spend the time.
if TYPE_CHECKING:
    from pathlib import Path

    from lab.backups import Backups
    from lab.calls import Calls
    from lab.clock import Clock
    from lab.endpoints import Endpoints
    from lab.nexus.server import Nexus
    from lab.rsyslog.server import Collector
    from lab.shares import Shares
    from lab.supplies import Supplies


class Beside:
    """Parts of a lab; `info` takes how each is reached, and in `absent` each obstacle.

    `key` gives the secret of a name, the same at each start.
    """

    def __init__(
        self, folder: Path, clock: Clock, calls: Calls, key: Callable[[str], str], info: dict[str, Any]
    ) -> None:
        self.folder, self.clock, self.calls, self.key, self.info = folder, clock, calls, key, info
        self.nexus: Nexus | None = None
        self.endpoints: Endpoints | None = None
        self.supplies: Supplies | None = None
        self.backups: Backups | None = None
        self.shares: Shares | None = None
        self.collector: Collector | None = None

    def make(self, part: str, seed: str) -> None:
        """Make a part that may become captured before it listens."""
        if part in _MAKES:
            _MAKES[part](self, seed)

    def start(self, part: str, seed: str) -> None:
        _STARTS[part](self, seed)

    def close(self) -> None:
        for part in (self.nexus, self.endpoints, self.supplies, self.shares, self.collector):
            if part is not None:
                part.close()

    def reset(self, seed: str) -> None:
        if self.nexus is not None:
            self.nexus.reset(_switches(seed))

    def without(self, part: str, reason: str | None) -> bool:
        """Describe the obstacle to a part of the lab, if there is any."""
        if reason:
            self.info.setdefault("absent", {})[part] = reason
        return bool(reason)

    def _make_nexus(self, seed: str) -> None:
        """Make each Nexus that the town declares."""
        from lab.nexus.server import Nexus

        switches = _switches(seed)
        if not switches:
            return
        roles = {"svc-piste": "lecture", "admin": "network-admin", "svc-operateur": "network-operator"}
        accounts = {name: (self.key(f"nexus/{name}"), role) for name, role in roles.items()}
        self.nexus = Nexus(self.folder / "nexus", switches, accounts, clock=self.clock, calls=self.calls)

    def _start_nexus(self, seed: str) -> None:
        """Listen for SSH, for each Nexus."""
        if self.nexus is None:
            return
        ports, accounts = self.nexus.start().ports, self.nexus.accounts
        self.info["nexus"] = {
            "username": "svc-piste",
            "password": accounts["svc-piste"][0],
            "host_keys": self.nexus.host_keys,
            "elsewhere": {name: {"address": "127.0.0.1", "port": port} for name, port in ports.items()},
        }
        self.info["nexus_accounts"] = {
            name: {"password": password, "role": role} for name, (password, role) in accounts.items()
        }

    def _start_endpoints(self, seed: str) -> None:
        """Serve the certificates that the town declares."""
        from lab.authority import authority
        from lab.endpoints import Endpoints

        if commune := declared_town().commune:
            self.endpoints = Endpoints(self.folder, authority(self.folder), commune["certificates"]).start()
            self.info["certificates"] = self.endpoints.info

    def _make_supplies(self, seed: str) -> None:
        """Make the supplies that the town declares."""
        from lab.supplies import SOUND, Supplies, obstacle

        if self.without("nut", obstacle()):
            return
        declared = [ups["name"] for site in declared_town().sites.values() for ups in site["premises"]["ups"]]
        self.supplies = Supplies(self.folder / "nut", dict.fromkeys(declared, SOUND))

    def _start_supplies(self, seed: str) -> None:
        if self.supplies is not None:
            self.info["nut"] = self.supplies.start().info

    def _start_backups(self, seed: str) -> None:
        """Copy the sample share."""
        from lab.backups import Backups, obstacle

        if self.without("restic", obstacle()):
            return
        self.backups = Backups(self.folder / "sauvegardes", self.key("restic")).start()
        keep_secrets(self.folder, self.backups.secrets)
        self.info["restic"] = dict(self.backups.info)

    def _start_shares(self, seed: str) -> None:
        """Serve the shares that the town targets, and that of the measures of a fleet."""
        from lab.fleet import write
        from lab.shares import Shares, append_only, obstacle
        from piste.town.model.dates import today

        town = declared_town()
        commune = town.commune
        targets = [*(commune["storage"]["shares"] if commune and commune["storage"] else ())]
        measures = commune["computer_measures"] if commune else None
        if not (targets or measures) or self.without("smb", obstacle()):
            return
        try:
            own = [{"server": measures["server"], "share": measures["share"], "empty": True}] if measures else []
            self.shares = Shares(self.folder / "shares", [*targets, *own]).start()
            if measures:
                append_only(self.shares.place(measures["share"]))
                write(self.shares.place(measures["share"]), town, today())
        except RuntimeError as fault:
            self.without("smb", str(fault))
        else:
            self.info["smb"] = self.shares.info

    def _start_publisher(self, seed: str) -> None:
        """Sign the program of the computers, where the town rolls it out."""
        from lab.signing import sign

        commune = declared_town().commune
        measures = commune and commune["computer_measures"]
        if measures and measures["state"] != "off" and not sign(self.folder):
            self.without("publisher", "osslsigncode manque : le programme des postes n’est pas signé, rien ne le pose")

    def _start_collector(self, seed: str) -> None:
        """Start the collector of the declared logs."""
        from lab.authority import authority
        from lab.rsyslog.server import Collector, obstacle

        commune = declared_town().commune
        if commune is None or commune["logs"] is None or self.without("rsyslog", obstacle()):
            return
        try:
            self.collector = Collector(self.folder / "rsyslog", authority(self.folder), commune["logs"]).start()
        except RuntimeError as fault:
            self.without("rsyslog", str(fault))
        else:
            self.info["rsyslog"] = self.collector.info


def _switches(seed: str) -> dict[str, Any]:
    from lab.nexus.seeds import configurations

    commune = declared_town().commune
    return configurations(commune["nexus"], seed) if commune else {}


_MAKES: Mapping[str, Callable[[Beside, str], None]] = {"nexus": Beside._make_nexus, "supplies": Beside._make_supplies}
_STARTS: Mapping[str, Callable[[Beside, str], None]] = {
    "nexus": Beside._start_nexus,
    "endpoints": Beside._start_endpoints,
    "supplies": Beside._start_supplies,
    "backups": Beside._start_backups,
    "shares": Beside._start_shares,
    "publisher": Beside._start_publisher,
    "collector": Beside._start_collector,
}
