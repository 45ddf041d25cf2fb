"""Installations of policies on engines, to their end: the only writes that reach a firewall.

A policy is installed only once its whole declaration is written: its plan is made again right before, and must be
empty. Changes made by people since the last installation are pending, and go with the next installation.
Source: SMC API guide, "Upload a policy", "Pending changes"; task and node status as the vendor's library reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from piste.engine.converge.as_found import lay_over
from piste.engine.converge.errors import Fault, Rejected, Unreachable, Unreadable
from piste.engine.converge.normalise import declared
from piste.engine.converge.plan import Item, Operation, plan
from piste.engine.converge.progress import Progress
from piste.engine.converge.reading import listed, mapped, optional, reading, text
from piste.engine.converge.request import Request
from piste.engine.converge.resource import Field, Resource, Shape
from piste.engine.words import agreed
from piste.systems.forcepoint import references, rights
from piste.systems.forcepoint.driver import Gathered, SmcDriver
from piste.systems.forcepoint.engines import KINDS
from piste.systems.forcepoint.policies import UNFINISHED, Policies
from piste.systems.forcepoint.policy_table import POLICIES, WHOLE
from piste.systems.forcepoint.references import reference
from piste.systems.forcepoint.refusals import way_out
from piste.systems.forcepoint.rule_base import Stand
from piste.systems.forcepoint.rules import window
from piste.systems.forcepoint.smc import Smc

ENGINES = ("single_fw", "fw_cluster", "virtual_fw")
PENDING = "pending"
CHANGES = "modifications en attente"
"""Value of `pending` for an engine with pending changes; their list is a remark, since they have no lasting names."""
_HEADINGS = frozenset({"section", "insert_point"})
WAITS = "en attente"
BLOCKED = "ne s’installera pas"
"""Words of check mode: what waits, and what would be refused."""
FIRST_LOOK, LAST_LOOK = 1.0, 10.0
"""Seconds between two reads of a task, at first and in the end."""

INSTALLATIONS = Resource(
    system="smc",
    name="installation",
    doc="Politique installée",
    shape=Shape.FIXED,
    key=("engine",),
    repairs=PENDING,
    fields=(
        Field("engine", "Engine, C(type/name): C(fw_cluster/FW-Bourget).", required=True, normalise=reference),
        Field("policy", "Policy that runs on it, C(fw_policy/name).", nullable=True, normalise=reference),
    ),
)
OPTIONS = (
    Field(
        "policies",
        "What the installed policies must be, as C(config) of M(smc_policies): an installation is refused as long as "
        "the SMC holds anything else, or rules of Piste's that none of it declares. Rules of others in it ask for a "
        "word.",
        type="list",
        elements="dict",
        default=[],
    ),
    Field("preserve_connections", "Whether what is open stays open.", type="bool", default=True),
    Field("snapshot", "Whether the SMC keeps what it installed.", type="bool", default=True),
    Field("time_limit", "Seconds after which an installation that has no end is aborted.", type="float", default=900),
)


@dataclass(slots=True)
class GatheredEngines(Gathered):
    """Result of a reading of engines.

    `waiting`: a sentence for each engine with pending changes. `unapproved`: by engine, the changes to approve.
    """

    waiting: list[str] = field(default_factory=list)
    unapproved: dict[str, list[str]] = field(default_factory=dict)


class Installations(SmcDriver):
    resource = INSTALLATIONS
    options = OPTIONS
    states = ("merged", "gathered")
    # While it installs, nothing of this machine writes rules or engines.
    locked = ("engines", "policies", "installations")
    finishes = True
    last: GatheredEngines

    def __init__(self, smc: Smc, request: Request, params: Mapping[str, Any]) -> None:
        super().__init__(smc, request)
        self.params = params
        self.last = GatheredEngines()
        self.foreign: dict[str, list[str]] = {}
        """By policy, the rules in it that nobody declares."""

    @classmethod
    def of(cls, connection: Smc, request: Request, params: Mapping[str, Any]) -> Self:
        return cls(connection, request, params)

    # reading

    def every(self) -> list[Item]:
        """Every engine of the SMC, by name alone."""
        return [{"engine": f"{kind}/{name}"} for kind in ENGINES for name in self.smc.listing(kind)]

    def read(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> GatheredEngines:
        asked = {item["engine"]: item for item in desired or (self.every() if whole else ())}
        kinds = dict.fromkeys(references.split(engine)[0] for engine in asked)
        listed = {
            f"{kind}/{name}": path for kind in kinds for name, path in self.smc.listing(kind, fresh=fresh).items()
        }
        todo = {engine: path for engine, path in sorted(listed.items()) if engine in asked}
        result = GatheredEngines()
        for (engine, path), document in zip(todo.items(), self.smc.documents(todo.values()), strict=True):
            if document is not None:
                result.documents[engine] = {**document, "path": path}
                with reading(engine):
                    item = self._item(result, engine, asked.get(engine, {}))
                result.items[engine] = {name: value for name, value in item.items() if not whole or name != PENDING}
        return result

    def _item(self, gathered: GatheredEngines, engine: str, desired: Item) -> Item:
        document = gathered.documents[engine]
        running = [self._running(node) for wrapped in listed(document.get("nodes")) for node in wrapped.values()]
        policy = running[0] if running else None
        records = [mapped(record) for record in listed(self.smc.results(f"{document['path']}/pending_changes"))]
        changes = sorted(set(map(self._changed, records)))
        uneven = len(set(running)) > 1
        if changes:
            waits = f"{engine} : {agreed(len(changes), 'modification(s)')} {WAITS} : {', '.join(changes)}"
            gathered.waiting.append(waits)
            if rights.approval(self.smc):
                refused = [record for record in records if not record.get("approved_on")]
                gathered.unapproved[engine] = sorted(set(map(self._changed, refused)))
        if uneven:
            waits = f"{engine} : ses nœuds n’ont pas tous la même politique ({', '.join(map(str, running))})"
            gathered.waiting.append(waits)
        planned = self.request.check and policy == desired.get("policy") and self._planned()
        pending = [CHANGES] if policy is not None and (changes or uneven or planned) else []
        return {"engine": engine, "policy": policy, PENDING: pending}

    def _changed(self, record: Mapping[str, Any]) -> str:
        """Name the object of a record of change; a record of a policy may have no name."""
        if name := str(record.get("element_name") or ""):
            return name
        kind, place = references.place_of(str(record.get("element", "")))
        listing = self.smc.listing(kind) if kind == "fw_policy" else {}
        return next((name for name, path in listing.items() if references.place_of(path)[1] == place), place)

    def _planned(self) -> bool:
        """True where, in check mode, an earlier task of the run would have changed something."""
        return any(self.smc.shared.planned(kind) for kind in ("policy", "element", *KINDS))

    def _running(self, node: Mapping[str, Any]) -> str | None:
        links = {link.get("rel"): link.get("href") for link in listed(node.get("link"))}
        status = mapped(self.smc.get(links.get("status") or f"{text(links.get('self', ''))}/status"))
        policy = optional(text, status.get("installed_policy"))
        text(status["configuration_status"])  # without it, an absent policy would not mean that nothing runs
        return f"fw_policy/{policy}" if policy else None

    def remarks(self) -> list[str]:
        waits = [f"{engine} : ce SMC demande une approbation ({', '.join(some)})" for engine, some in self._waiting()]
        return [*super().remarks(), *self.last.waiting, *waits]

    def _waiting(self) -> list[tuple[str, list[str]]]:
        """Engines with changes to approve, and the names of those changes."""
        return [(engine, names) for engine, names in self.last.unapproved.items() if names]

    # before the first write

    def check(self, desired: Sequence[Item]) -> Sequence[Fault]:
        """Faults of the names of policies.

        The SMC takes a name for a pattern: a star in it would install another policy.
        """
        return [
            Fault(f"config[{item.get('engine')}].policy", "une politique s’installe par fw_policy/nom, sans étoile")
            for item in desired
            if item.get("policy") and (not item["policy"].startswith("fw_policy/") or "*" in item["policy"])
        ]

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        changes = {operation.key: ((operation.before or {}).get("policy"), operation.after) for operation in operations}
        strangers = {
            f"foreign:{policy}": f"s’installeraient aussi des règles que personne ne déclare : {', '.join(rules)}"
            for policy, rules in self.foreign.items()
        }
        return strangers | {
            f"installation:{engine}": f"{before} y tourne, {(after or {})['policy']} la remplacerait tout entière"
            for engine, (before, after) in changes.items()
            if before and after and before != after.get("policy")
        }

    def refusals(self, operations: Sequence[Operation]) -> list[str]:
        """Refuse to install a policy that is not whole, or whose changes are not approved."""
        if self.request.check:
            # What an earlier task of the run has planned is not written yet: only the step alone can be foreseen.
            policies = set() if self._planned() else {str((entry.after or {}).get("policy")) for entry in operations}
            known = sorted(policy for policy in policies if self.smc.path(policy))
            self.foreseen = [f"{policy} {BLOCKED} : {why}" for policy in known for why in self._not_whole(policy)]
            return []
        if self.request.holding.unfinished or self.request.holding.waits:
            return []  # nothing is installed
        unfinished = self.smc.shared.get(UNFINISHED) or {}
        engines = {operation.key for operation in operations}
        reasons = [
            f"{engine} : ce SMC demande que soient approuvées d’abord les modifications de {', '.join(names)} "
            "(Management Client, moteur, Pending Changes, Approve All), par qui en a le droit"
            for engine, names in self._waiting()
            if engine in engines
        ]
        for policy in sorted({str((operation.after or {}).get("policy")) for operation in operations}):
            if not self.smc.path(policy):
                reasons.append(f"{policy} n’existe pas dans ce SMC")
            elif policy in unfinished:
                reasons.append(f"{policy} : l’exécution en cours n’en a pas écrit toutes les règles")
            else:
                reasons += [f"{policy} : {why}" for why in self._not_whole(policy)]
        return reasons

    def _not_whole(self, policy: str) -> list[str]:
        asked, as_found = Policies(self.smc, self.request, certain=True), self.request.as_found.get("smc") or {}
        laid, _, _ = lay_over(POLICIES, asked.asked(self.params.get("policies") or ()), (), as_found)
        items = declared(POLICIES, laid, self.vault, self.request.owner, asked.check)
        mine = [item for item in items if f"{item['type']}/{item['name']}" == policy]
        if not mine:
            return ["rien ne dit ce qu’elle doit être (policies) : une politique à moitié écrite s’installerait ainsi"]
        about = {(item["type"], item["name"]): item for item in items}
        entire = asked.read(
            [{"type": kind, "scope": WHOLE, "name": name} for kind, name in about], whole=True, fresh=True
        )
        planned = plan(POLICIES, items, asked.gather(items, whole=False, fresh=False), owner=self.request.owner)
        if planned:
            left = ", ".join(asked.label(operation.key, _both(operation)) for operation in planned.operations)
            return [f"le SMC tient autre chose que ce qui est déclaré ({left}) : convergez d’abord les règles"]
        orphans, strangers = _undeclared(entire.stands[policy], mine)
        if strangers:
            self.foreign[policy] = strangers
        if not orphans:
            return []
        return [f"des règles de Piste n’y sont déclarées par personne ici : {', '.join(orphans)}"]

    # writing

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        for operation in operations:
            with self.sending(progress, operation):
                self._install(operation.key, str((operation.after or {})["policy"]))
            progress.done(operation)

    def _install(self, engine: str, policy: str) -> None:
        query = {
            "filter": references.split(policy)[1],
            "preserve_connections": bool(self.params.get("preserve_connections", True)),
            "generate_snapshot": bool(self.params.get("snapshot", True)),
        }
        texts = {name: str(value) for name, value in query.items()}
        task = self.smc.post(f"{self.last.documents[engine]['path']}/upload", None, texts).mapping("follower")
        limit = float(self.params.get("time_limit") or 900)
        deadline, pause = self.smc.clock.monotonic() + limit, FIRST_LOOK
        while task.get("in_progress") is True:
            if self.smc.clock.monotonic() > deadline:
                raise self._endless(engine, policy, task, limit)
            self.smc.clock.sleep(pause)
            pause = min(LAST_LOOK, pause * 1.5)
            task = self._look(task["follower"])
        if task.get("success") is None:
            raise Unreachable(
                f"le SMC ne dit pas comment l’installation de {policy} sur {engine} a fini",
                where=self.smc.host,
                todo="Vérifiez dans le SMC ce que le moteur exécute, puis relancez.",
            )
        if task["success"] is not True:
            words = [str(task.get("last_message") or "sans explication"), *self._words(task)]
            raise Rejected(
                f"l’installation de {policy} sur {engine} a échoué",
                where=self.smc.host,
                why="Le moteur dit : " + " ; ".join(dict.fromkeys(words)),
                todo="La politique d’avant continue de s’appliquer. "
                + (way_out(0, " ".join(words)) or "Corrigez la cause, puis relancez."),
            )

    def _look(self, follower: str) -> dict[str, Any]:
        """Read a task of installation.

        An unreadable answer gives an empty task, so that the installation is not started again.
        """
        try:
            return {"follower": follower, **(self.smc.get(follower) or {})}
        except Unreadable:
            return {}

    def _endless(self, engine: str, policy: str, task: Mapping[str, Any], limit: float) -> Unreachable:
        abort = next((link["href"] for link in task.get("link", ()) if link.get("rel") == "abort"), task["follower"])
        self.smc.request("DELETE", abort, retry=False)
        return Unreachable(
            f"l’installation de {policy} sur {engine} n’est pas finie après {limit:g} s : elle est abandonnée",
            where=self.smc.host,
            why=f"Dernier message : {task.get('last_message') or 'aucun'}",
            todo="Vérifiez dans le SMC que le moteur est joignable, et ce qu’il exécute, puis relancez.",
        )

    def _words(self, task: Mapping[str, Any]) -> Iterable[str]:
        """Yield the last message of each failed part of a task, a part a node, if there is any."""
        for child in listed(task.get("children")):
            part = self._look(child)
            if part.get("success") is not True and part.get("last_message"):
                yield str(part["last_message"])


def _both(operation: Operation) -> Item:
    return {**(operation.before or {}), **(operation.after or {})}


def _undeclared(stand: Stand, items: Sequence[Item]) -> tuple[list[str], list[str]]:
    """Rules of the policy that no item covers: those with an id of Piste, and the others."""
    ours, others = list[str](), list[str]()
    for name, lives in stand.lists.items():
        rules = [live.brief for live in lives]
        covered = {at for item in items if name in item for at in window(rules, item["scope"])}
        for at, live in enumerate(lives):
            if at not in covered and _HEADINGS.isdisjoint(live.brief):
                (ours if "id" in live.brief and not live.made else others).append(live.key)
    return ours, others
