"""The runbooks of incidents: their signs, first hour, notices with deadlines, evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

import yaml

from piste.engine.clock import in_town
from piste.engine.converge.moments import zoned
from piste.exports.runbooks.calls import answering, calls
from piste.exports.runbooks.step import DIAGNOSIS, Call, Command, RunbookStep, command
from piste.town.model.incidents import Incident

if TYPE_CHECKING:
    from piste.exports.runbooks.sources import Sources

NATURES = {"confidentiality": "confidentialité", "integrity": "intégrité", "availability": "disponibilité"}


class Duty(TypedDict):
    """A notice that the law or the contract asks; `due` is its last moment, where known."""

    to: str
    who: str
    delay: str
    when: str
    source: str
    doubt: NotRequired[str]
    due: str | None


class Frozen(TypedDict):
    """A thing that is kept as evidence, how, and with which commands."""

    what: str
    how: str
    commands: list[Command]


class Asked(TypedDict):
    """A field of the notice to the authority; `value` is that of the register."""

    label: str
    source: str
    value: str | None


class Response(TypedDict):
    """The runbook of a kind of incident, for an incident of the register or for any."""

    incident: str
    title: str
    register: str | None
    environment: str
    starts: list[str]
    calls: list[Call]
    hour: list[str]
    duties: list[Duty]
    steps: list[RunbookStep]
    freeze: list[Frozen]
    notice: list[Asked]
    letter: list[str]
    out: list[str]
    lessons: list[str]


@cache
def written() -> Mapping[str, Any]:
    """Read the runbooks as they are written."""
    return dict(yaml.safe_load((Path(__file__).with_name("templates") / "incidents.yml").read_text("utf-8")))


def words(environment: str, site: str = "SITE", thing: str = "APPAREIL", month: str = "AAAA-MM") -> dict[str, str]:
    """Give the words that the written runbooks name in braces."""
    return {**written()["roles"], "on": f" --environment {environment}", "site": site, "thing": thing, "month": month}


def roles(name: str) -> list[str]:
    """List the roles that act in a runbook, in the order of the table."""
    whole, kind = written(), written()["kinds"][name]
    acting = {step["who"] for step in kind["steps"]} | {whole["duties"][duty]["who"] for duty in kind["duties"]}
    said = [*whole["hour"], *kind["hour"], *whole["lessons"], *kind["out"], *kind["duties"]]
    named = {word for text in said for word in re.findall(r"\{(\w+)\}", text)} | {*kind["duties"]}
    return [label for role, label in whole["roles"].items() if role in acting | named]


def response(sources: Sources, name: str, entry: Incident | None = None, site: str | None = None) -> Response:
    """Make the runbook of a kind; with an incident or a site, what is known of it."""
    # Imported here: what judges the rehearsals makes no paper.
    from piste.exports.runbooks.recovery import written_step

    whole, kind = written(), written()["kinds"][name]
    said = words(sources.environment, **({"site": site} if site else {}))
    sites = [site] if site else entry["sites"] if entry else []

    def filled(texts: Sequence[str]) -> list[str]:
        return [text.format_map(said) for text in texts]

    def commands(entry: Mapping[str, Any]) -> list[Command]:
        reads = [command(line, DIAGNOSIS) for line in filled(entry.get("reads", ()))]
        # A rehearsal of a withdrawal leaves with 2 where there is something to withdraw.
        return [
            *reads,
            *(command(line, [0, 2] if "--dry-run" in line else None) for line in filled(entry.get("acts", ()))),
        ]

    steps = [
        {**written_step({**step, "who": f"{{{step['who']}}}"}, said), "commands": commands(step)}
        for step in kind["steps"]
    ]
    personal = "cnil" in kind["duties"]
    return Response(
        incident=name,
        register=entry["id"] if entry else None,
        environment=sources.environment,
        title=kind["title"],
        starts=kind["starts"],
        calls=calls(sources, roles(name), **_concerned(sources, kind, sites)),
        hour=filled([*whole["hour"], *kind["hour"]]),
        duties=[_duty(whole["duties"][duty], said, entry) for duty in kind["duties"]],
        steps=steps,  # type: ignore[typeddict-item]
        freeze=[Frozen(what=kept["what"], how=kept["how"], commands=commands(kept)) for kept in whole["freeze"]],
        notice=[*_notice(whole["notice"], entry)] if personal else [],
        letter=filled(whole["letter"]) if personal else [],
        out=filled(kind["out"]),
        lessons=filled(whole["lessons"]),
    )


def _concerned(sources: Sources, kind: Mapping[str, Any], sites: Sequence[str]) -> dict[str, set[str]]:
    """Find whom a kind concerns beside its roles; with `sites`, of those sites alone."""
    of = kind.get("concerns", {})
    hosting = sources.commune["hosting"]
    places = {
        "linked": {id_ for id_, site in sources.town.sites.items() if site["premises"]["links"]},
        "hosting": {hosting["site"]} if hosting else set(),
        "all": {*sources.town.sites},
    }.get(of.get("sites", ""), set())
    parties = answering(sources.town, classes=of.get("classes", ()), links=of.get("links", False))
    return {"parties": parties | {*of.get("parties", ())}, "sites": {*sites} or places}


def _duty(duty: Mapping[str, Any], said: Mapping[str, str], entry: Incident | None) -> Duty:
    known, hours = entry["known"] if entry else None, duty.get("hours")
    due = (zoned(known) + timedelta(hours=hours)).isoformat() if known and hours else None
    text = {key: duty[key] for key in ("to", "delay", "when", "source")}
    doubt = {"doubt": doubted(duty)} if "doubt" in duty else {}
    made: Duty = {"who": said[duty["who"]], "due": due, **text, **doubt}  # type: ignore[typeddict-item]
    return made


def doubts() -> list[str]:
    """List what nobody has verified yet of the notices, and who is to."""
    return [f"{duty['to']} : {doubted(duty)}" for duty in written()["duties"].values() if "doubt" in duty]


def doubted(duty: Mapping[str, Any]) -> str:
    """Say what of a notice nobody has verified yet, and who is to."""
    return f"{duty['doubt']['what']} (à vérifier par : {written()['roles'][duty['doubt']['who']]})"


def _notice(fields: Sequence[Mapping[str, str]], entry: Incident | None) -> Iterator[Asked]:
    """Yield the fields of the notice; what the register does not have is left to write."""
    known: dict[str, Any] = {**(entry or {}), **((entry and entry["breach"]) or {})}
    for field in fields:
        value = known.get(field["from"])
        if isinstance(value, list):
            value = ", ".join(NATURES.get(str(each), str(each)) for each in value)
        if field["from"] == "persons_informed" and value is None:
            value = known.get("persons_why_not")
        moment = field["from"] in ("started", "ended", "known", "persons_informed")
        said = None if value in (None, "") else in_town(value) if moment else str(value)
        yield Asked(label=field["label"], source=field["source"], value=said)
