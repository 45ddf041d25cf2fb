"""Works on a whole town, measured on the town and on a town of ten times as many sites.

Each is in a process of its own, which has imported everything and loaded the town.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from lab.zabbix.host import obstacle
from piste.engine.converge.text import as_declaration
from piste.engine.transport.shared import VARIABLE
from piste.exports.bag import make
from piste.exports.bag.contents import read
from piste.exports.bag.documents import Documents
from piste.exports.bag.kinds import KINDS
from piste.exports.portal.known import known
from piste.exports.portal.page import Audience
from piste.exports.portal.write import contents, write
from piste.runs.domains.supervision import MODULES
from piste.runs.records.journal import verify
from piste.runs.records.record import compose
from piste.systems.glpi.intent import glpi_intent
from piste.systems.kinds import of_domain
from piste.systems.meraki.intent import meraki_intent
from piste.town.derived import compute, keep
from piste.town.model import Town, load
from tests.bench.measure import alone, peak
from tests.support.bags import repository
from tests.support.glpi import GlpiWorld
from tests.support.large_town import large_town
from tests.support.town import secret_values
from tests.support.zabbix import watched
from tests.unit.records.made import chain_of, header, operation, task

TIMES = (1, 10)
RUNS = 500
"""Records of the journal for a town."""
OPERATIONS = 20
"""Operations of a record of the journal."""
RULES = ("ipv4_access", "ipv6_access", "ipv4_nat")
AIM = 1.2
"""Most times the straight line."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of a work: CPU seconds of its thread, MB more than before it, its requests."""

    cpu: float
    memory: float
    calls: int | None = None


@dataclass(frozen=True, slots=True)
class Tenfold:
    """A work, for the town and for ten times as many sites."""

    label: str
    once: Cost
    tenfold: Cost

    @property
    def cpu(self) -> float:
        return self.tenfold.cpu

    @property
    def floor(self) -> float:
        """CPU of ten on the straight line."""
        return TIMES[-1] * self.once.cpu

    @property
    def most(self) -> float:
        return AIM * self.floor


class Asked(NamedTuple):
    """The requests of a work, and the CPU seconds that answering them took in its thread."""

    calls: int | None = None
    answering: float = 0.0


Work = Callable[[Town, int, Path], Asked | None]
"""A work on a town so many times as large, in a folder."""


def tenfold_measures() -> Iterator[Tenfold]:
    """Measure each work. Raises RunFailed with its name."""
    with tempfile.TemporaryDirectory(prefix="piste-bench-") as name:
        towns = {copies: load(large_town(Path(name) / f"town-{copies}", copies)) for copies in TIMES}
        for label, work in WORKS.items():
            if work is _supervise and (reason := obstacle()):
                print(f"  {label} : {reason}", file=sys.stderr)
                continue
            once, ten = (
                _alone(label, work, town, copies, Path(name) / f"{work.__name__}-{copies}")
                for copies, town in towns.items()
            )
            yield Tenfold(label, once, ten)


def _alone(label: str, work: Work, town: Town, copies: int, folder: Path) -> Cost:
    """Fork a process for a work: it starts with the town, and ends with what the work took."""
    return Cost(**alone(lambda: asdict(_cost(work, town, copies, folder)), f"{label}, {copies} fois la ville"))


def _cost(work: Work, town: Town, copies: int, folder: Path) -> Cost:
    folder.mkdir()
    os.environ.update({f"PISTE_{name}_DIR": str(folder / name.lower()) for name in ("JOURNAL", "STATE", "PLANS")})
    before, started = peak(), time.thread_time()
    asked = work(town, copies, folder) or Asked()
    return Cost(time.thread_time() - started - asked.answering, peak() - before, asked.calls)


def _portal(town: Town, copies: int, folder: Path) -> None:
    facts = known(town, "lab", "2026-11-28T06:00:00+00:00", "", True)
    audience: Audience = "engineer"
    write(folder / "portail", contents(facts, audience))


def _bag(town: Town, copies: int, folder: Path) -> None:
    bag = folder / "sac"
    for place, content in _exported(town):
        file = bag / "data/systems" / f"{place}.yml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(as_declaration(content), "utf-8")
    head = repository(folder / "depot")
    # A repository of a file, and no document: neither grows with the town.
    make.ROOT = folder / "depot"  # type: ignore[attr-defined]
    make.commit = lambda: (head, True)  # type: ignore[attr-defined]
    make.put = lambda *given: Documents(made=0, unverified=(), joined=0, reading="")  # type: ignore[attr-defined]
    make.assemble(bag, read(bag / "data/systems", _open(town), {}), town, make.Wish("lab"))


def _open(town: Town) -> list[str]:
    return [name for name, site in town.sites.items() if site["lifecycle"] == "open"]


def _exported(town: Town) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the files of an export, with what is declared in the place of what was read."""
    objects: dict[str, Any] = {f"{kind.domain}/{kind.name}": {kind.name: []} for kind in KINDS if not kind.per_site}
    firewall = [compute("firewall", owner) for owner in town.owners.values()]
    objects["firewall/elements"]["elements"] = [item for part in firewall for item in part["elements"]]
    objects["firewall/policies"]["policies"] = [_policy(part for intent in firewall for part in intent["policies"])]
    yield from objects.items()
    parts = {kind.name: kind.part for kind in of_domain("network")}
    for name in _open(town):
        intent: Mapping[str, Any] = meraki_intent(town.sites[name])
        objects = {kind.name: _listed(intent.get(parts[kind.name], ())) for kind in KINDS if kind.per_site}
        yield f"network/{name}", {"network": f"VLB {name}", **objects}
    yield "network/places", {"places": []}


def _policy(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """A policy whole, as it is read, made of its sections as they are declared."""
    whole: dict[str, Any] = {}
    for part in parts:
        kind, _, section = part["scope"].partition(":")
        if not section:
            whole = {**part, "scope": kind, **{rules: [] for rules in RULES}}
        for rules in RULES:
            if section and part.get(rules):
                whole[rules] += [{"section": section}, *part[rules]]
    return whole


def _listed(part: Any) -> list[Any]:
    return [part] if isinstance(part, Mapping) else list(part)


def _journal(town: Town, copies: int, folder: Path) -> None:
    """Seal records, then verify their chain: the reading of the whole journal."""
    chain = chain_of(folder / "journal")
    chain.folder.mkdir(parents=True)
    tasks = [task(operations=[operation(f"imp-{rank}") for rank in range(OPERATIONS)])]
    for number in range(RUNS * copies):
        chain.append(compose(header(number), tasks, "d" * 64, "2026-11-24T10:01:00Z"))
    assert not verify(folder / "journal")


def _inventory(town: Town, copies: int, folder: Path) -> Asked:
    """Converge GLPI from nothing, then find nothing left to do; the simulator is in the process."""
    world = GlpiWorld(folder)
    world.secrets |= secret_values(town)
    for left in (True, False):
        with world.run() as run:
            for owner, declared in town.owners.items():
                intent = glpi_intent(declared)
                for kind in of_domain("inventory"):
                    if intent[kind.part]:
                        done = run.module(kind.module, intent[kind.part], owner=owner)
                        assert left or not done["operations"], done["operations"]
    return Asked(len(world.requests), world.answering)


def _supervise(town: Town, copies: int, folder: Path) -> Asked:
    """Converge a real Zabbix from nothing, then find nothing left to do."""
    module = MODULES["piste_supervision"]
    with watched(folder) as zabbix:
        # A password that has the name of its account is refused.
        zabbix.secrets |= {path: sha256(path.encode()).hexdigest() for path in town.secret_paths()}
        given = {**module.defaults, "zabbix": zabbix.connection, "secrets": zabbix.secrets}
        for left in (True, False):
            os.environ[VARIABLE] = str(run := folder / f"run-{left}")
            run.mkdir()
            for owner, declared in town.owners.items():
                keep(owner, declared)
                done = module.run({**given, "secrets_lock": str(zabbix.lock), "site": owner}, False)
                assert left or not done["operations"], done["operations"]
        calls = zabbix.lab.calls.of("zabbix")
    return Asked(calls["reads"] + calls["writes"])


WORKS: Mapping[str, Work] = {
    "portail": _portal,
    "sac": _bag,
    "journal": _journal,
    "GLPI": _inventory,
    "Zabbix": _supervise,
}
