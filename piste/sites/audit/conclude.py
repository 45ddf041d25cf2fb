"""The conclusion of the first audit, from findings, kept readings and the declaration.

It asks no system. What nobody read is named, never counted as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, time
from fnmatch import fnmatchcase
from typing import Any

from piste.engine.clock import TOWN
from piste.engine.converge.moments import zoned
from piste.engine.finding import GRAVITIES, Finding
from piste.papers.dossier.drawn.town import network_map
from piste.readings import findings as readings
from piste.readings import history, store
from piste.readings.accounts.systems import SOURCES
from piste.readings.belief import FAILED, Reading
from piste.readings.effort import rank, rule_of, table
from piste.readings.subject import Subject
from piste.readings.table import SUBJECTS
from piste.readings.tenant import kept as tenant
from piste.sites.adoption import ALIKE, DIFFERS, UNDECLARED
from piste.sites.audit.form import OWN, Advice, Audit, Debt, Hidden, Item, Judged, Licence, Said, Stranger, Survey
from piste.sites.decisions import debt
from piste.sites.living import kept as living
from piste.systems.beliefs.kept import versions_of
from piste.town.model.assets.classes import CLASSES
from piste.town.model.dates import today
from piste.town.model.derived import Derived

LOGINS = frozenset({"accounts"})
"""Subjects whose findings have the logins of administrators: the town keeps them, a paper that circulates does not."""


def every(town: Derived, environment: str) -> list[Finding]:
    """Give the findings of now, with the moment since when they are so."""
    return history.dated(environment, readings.findings(town, environment))


def conclude(
    town: Derived, name: str, environment: str, listed: Sequence[Finding], survey: Survey | None = None
) -> Audit:
    """Conclude from findings and a survey; the same readings and declaration give the same."""
    items, silent = inventory(town, environment)
    between = None if town.errors else readings.read_between(town, environment)
    moments = [*(between[1:] if between else ()), *([zoned(survey.at)] if survey else ())]
    read = max(moments, default=datetime.combine(today(), time(), TOWN))
    wrong, known = to_mend(written(listed)), things(town, environment)
    return Audit(
        environment=environment, town=name, read=read.isoformat(), subjects=judged(SUBJECTS.values(), listed, known),
        hidden=hidden(known), wrong=wrong, advice=advice(wrong), inventory=items, silent=silent,
        licences=[] if town.errors else [*licences(town, environment)],
        debt=[Debt(what=made.what, by=made.by, otherwise=made.otherwise) for made in debt(town)],
        map=network_map(town) if town.commune and town.sites and not town.errors else None, survey=survey,
    )  # fmt: skip


def surveyed(report: Mapping[str, Any], at: datetime, limit: str) -> Survey:
    """Take what an audit of what exists says of objects that nothing declares."""
    strangers = [Stranger(site="", kind="network", label=asked["network"]) for asked in report["questions"]]
    strangers += [Stranger(site="", kind=each["kind"], label=each["key"]) for each in report["strangers"]]
    every = [(name, each) for name, site in report["sites"].items() for each in site["deviations"]]
    strangers += [
        Stranger(site=name, kind=each["kind"], label=each["label"])
        for name, each in every if each["what"] in (UNDECLARED, ALIKE)
    ]  # fmt: skip
    return Survey(
        at=at.isoformat(), limit=limit, unread=[trouble["host"] for trouble in report["troubles"]],
        strangers=sorted(strangers, key=lambda each: (each.site, each.kind, each.label)),
        differing=sum(each["what"] == DIFFERS for _, each in every),
    )  # fmt: skip


def _personal() -> frozenset[str]:
    return LOGINS | {subject.name for subject in SUBJECTS.values() if subject.personal}


def written(listed: Iterable[Finding]) -> list[Finding]:
    """Leave out findings of persons, of administrators and of audits."""
    left = {*_personal(), OWN}
    return [finding for finding in listed if finding.id.partition(".")[0] not in left]


def judged(subjects: Iterable[Subject], listed: Iterable[Finding], known: Iterable[str] = ()) -> list[Judged]:
    """Count the findings of the subjects that are judged; `known` are the things that were read."""
    read = {thing.partition("/")[0] for thing in known}
    counts = Counter((finding.id.partition(".")[0], finding.state) for finding in listed)
    return [
        Judged(
            name=subject.name, label=subject.label, wrong=counts[subject.name, "wrong"],
            unknown=counts[subject.name, "unknown"], ok=counts[subject.name, "ok"], again=subject.again,
            personal=subject.name in _personal(), read=subject.name in read,
        )
        for subject in subjects if subject.judge and subject.name != OWN
    ]  # fmt: skip


def to_mend(listed: Iterable[Finding]) -> list[Said]:
    """Give what is wrong, the gravest first, then what costs least."""
    made = []
    for seen in listed:
        if seen.state == "wrong":
            rule = rule_of(seen.id)
            made.append(
                Said(id=seen.id, gravity=seen.gravity, effort=rule.effort if rule else "", site=seen.site,
                     what=seen.what, todo=seen.todo, who=seen.who, code=seen.code)
            )  # fmt: skip
    return sorted(made, key=lambda said: (GRAVITIES.index(said.gravity), rank(said.effort), said.id))


def advice(wrong: Sequence[Said]) -> list[Advice]:
    """Recommend what mends, the least effort first, then the gravest."""
    made: dict[str, list[Said]] = {}
    for said in wrong:
        if rule := rule_of(said.id):
            made.setdefault(rule.says, []).append(said)
    every = [
        Advice(says=says, effort=mine[0].effort, gravity=min((said.gravity for said in mine), key=GRAVITIES.index),
               count=len(mine))
        for says, mine in made.items()
    ]  # fmt: skip
    return sorted(every, key=lambda each: (rank(each.effort), GRAVITIES.index(each.gravity), each.says))


def things(town: Derived, environment: str) -> set[str]:
    """Name the things that something is believed of; a store of copies by its reader."""
    known = set[str]()
    stores = town.commune["protection"]["stores"] if town.commune else ()
    readers = {f"copies/{store['name']}": f"copies/{store['reader']}" for store in stores}
    for subject in SUBJECTS.values():
        if subject.dated and not town.errors:
            with suppress(*FAILED):
                standing = store.standing(subject, town, environment)
                known |= {f"{subject.name}/{thing}" for thing, last in standing.items() if isinstance(last, Reading)}
    return {readers.get(thing, thing) for thing in known}


def hidden(known: Iterable[str]) -> list[Hidden]:
    """Name the systems from which nothing is known, and what that hides."""
    read = [*known]
    return [
        Hidden(system=system.name, hides=system.hides)
        for system in table().systems
        if not any(fnmatchcase(thing, pattern) for thing in read for pattern in system.read)
    ]


def inventory(town: Derived, environment: str) -> tuple[list[Item], dict[str, str]]:
    """Count what is declared, and what was read with its version; name what nobody read."""
    if town.errors:
        return [], {"déclaration": "elle a des erreurs (piste validate)"}
    counted = Counter(("déclaration", CLASSES[asset["kind"]].plural, "") for asset in town.assets)
    silent: dict[str, str] = {}
    try:
        known: Mapping[str, Mapping[str, Any]] = living.known(town, environment)
    except FAILED as error:
        known, silent = {}, {"ce qui vit": str(error) or type(error).__name__}
    for system, parts in known.items():
        for thing in living.things(system, town):
            last = parts.get(thing)
            if system == "nexus" or thing in _KINDS:
                if isinstance(last, Reading):
                    counted.update((SOURCES[system].label, *each) for each in _read(system, thing, last.value))
                else:
                    part = thing if system != "nexus" else f"{living.NEXUS_PORTS}/{thing}"
                    silent[living.label(part)] = last.why if last else living.NEVER
    with suppress(*FAILED):
        for system, version in versions_of(environment).items():
            label = SOURCES[system].label if system in SOURCES else system
            counted[label, "logiciel du système", version] += 1
    made = [Item(source=source, what=what, version=version, count=n) for (source, what, version), n in counted.items()]
    return sorted(made, key=lambda item: (item.source, item.what, item.version)), silent


_KINDS: Mapping[str, str] = {
    "devices": "", "machines": "machines virtuelles", "nodes": "nœuds d’hébergement", "hosts": "hôtes supervisés",
}  # fmt: skip
"""The parts that an inventory counts; a device is named by its model."""


def _read(system: str, thing: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield what each thing of a part is, and its version."""
    if system == "nexus":
        yield "Nexus", value["version"] or ""
        return
    for entry in value[thing].values():
        if thing == "devices":
            yield entry.get("model") or "équipement de modèle inconnu", entry.get("firmware") or ""
        else:
            yield _KINDS[thing], (entry["version"] or "") if thing == "nodes" else ""


def licences(town: Derived, environment: str) -> Iterator[Licence]:
    """Yield the declared licences, then those that the tenant has."""
    for entry in town.commune["licences"] if town.commune else ():
        yield Licence(
            source="déclaration", label=entry["label"], bought=entry["seats"], used=None, end=entry["end"] or "",
            endless=entry["endless"],
        )  # fmt: skip
    with suppress(*FAILED):
        part = tenant.last(town, environment).get("licences")
        if isinstance(part, Reading):
            for row in part.value:
                bought, used = (row[name] if isinstance(row[name], int) else None for name in ("bought", "used"))
                label = str(row["sku"] or "sans nom")
                yield Licence(source="Microsoft 365", label=label, bought=bought, used=used, end="", endless=False)
