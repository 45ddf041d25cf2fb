"""The contents of an export: the files of its playbooks, and the readings that failed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from piste.engine.converge.text import of_declaration
from piste.engine.finding import Finding
from piste.exports.bag.kinds import BESIDE, KINDS, PLACES, Kind
from piste.readings.accounts.judgment import System
from piste.readings.belief import Last
from piste.readings.certificates.facts import Facts
from piste.readings.computers.kept import NOTHING
from piste.readings.computers.kept import Kept as Measures
from piste.readings.logs.kept import Check
from piste.readings.protection.copies import Reading
from piste.sites.conformity import Judged
from piste.sobriety.printing.log import PrintLog
from piste.trials.restore.calendar import Row as Restored

if TYPE_CHECKING:
    from piste.sites.flows import Picture

Item = Mapping[str, Any]
NEXUS, DHCP, ZABBIX = "nexus", "dhcp", "zabbix"
"""Folders of what no kind has: texts of the Nexus switches, exports of the DHCP servers, hand-over of Zabbix."""


@dataclass(slots=True)
class Contents:
    """The objects of every kind; `unread` has the missing files of each domain, with reasons.

    `places` are the networks of the Dashboard with the model of each device. `remarks` are the messages of the
    systems on an incomplete reading. `beside` are the readings of what no kind has, by name; absent where unread.
    `certificates` gives the last reading of each certificate of the environment, `backups` that of each store,
    `logs` the last check of its logs. `restores` is the calendar of restore tests, `accounts` those of every
    system, `computers` the kept measures of computers, `printed` the kept log of the print server, `tenant` the
    parts that were read of Microsoft 365. `findings` are those of all readings that are no person's, `conformity`
    the judged clauses, `picture` the filters that were read, once a map has computed them.
    """

    folder: Path
    items: dict[tuple[str, str], list[tuple[str, Item]]] = field(default_factory=dict)
    places: list[Item] = field(default_factory=list)
    unread: dict[str, dict[str, str]] = field(default_factory=dict)
    remarks: dict[str, list[str]] = field(default_factory=dict)
    beside: dict[str, list[Item]] = field(default_factory=dict)
    certificates: Mapping[str, Facts] = field(default_factory=dict)
    backups: Mapping[str, Reading] = field(default_factory=dict)
    logs: Check | None = None
    restores: Sequence[Restored] = ()
    accounts: Sequence[System] = ()
    computers: Measures = NOTHING
    printed: PrintLog | None = None
    tenant: Mapping[str, Last[Any]] = field(default_factory=dict)
    findings: Sequence[Finding] = ()
    conformity: Mapping[str, Judged] = field(default_factory=dict)
    picture: Picture | None = None

    def of(self, domain: str, name: str) -> Iterator[tuple[str, Item]]:
        """List the objects of a kind, each with its file (`ecole-jaures` of a site's network)."""
        yield from self.items.get((domain, name), ())

    def state(self, kind: Kind) -> str:
        """Give the state of a kind: `exported`, or `unknown` where a part could not be read."""
        missing = self.unread.get(kind.domain, {})
        return "unknown" if missing and (kind.per_site or kind.name in missing) else "exported"

    def lacks(self, place: str, files: Iterable[str], why: str) -> None:
        """Note the files of a folder that no kind has, and that could not be read."""
        missing = {Path(name).stem: why for name in files if not (self.folder / place / name).is_file()}
        if missing:
            self.unread[place] = missing


def read(folder: Path, sites: Iterable[str], why: Mapping[str, str]) -> Contents:
    """Read an export of the open `sites`; `why` has the reason of a failed reading, by domain."""
    contents = Contents(folder)
    for domain in dict.fromkeys(kind.domain for kind in KINDS):
        of_domain = [kind for kind in KINDS if kind.domain == domain]
        files = [*sorted(sites), PLACES] if of_domain[0].per_site else [kind.name for kind in of_domain]
        reason = why.get(domain, "aucun fichier n’a été écrit")
        missing = {name: reason for name in files if not (folder / domain / f"{name}.yml").is_file()}
        if missing:
            contents.unread[domain] = missing
        for path in sorted((folder / domain).glob("*.yml")):
            content = of_declaration(path.read_text(encoding="utf-8"))
            if path.stem == PLACES and of_domain[0].per_site:
                contents.places = content[PLACES]
                continue
            if path.stem in BESIDE.get(domain, ()):
                contents.beside[path.stem] = content.get(path.stem, [])
                continue
            for kind in of_domain:
                items = [(path.stem, item) for item in content.get(kind.name, ())]
                contents.items.setdefault((domain, kind.name), []).extend(items)
    return contents
