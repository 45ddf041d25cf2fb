"""The last reading of the agents, and of the computers of the directory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from pydantic import Field

from piste.engine import tables
from piste.engine.clock import in_town
from piste.engine.converge.moments import zoned
from piste.engine.figure import Figure, share
from piste.engine.finding import Finding
from piste.engine.tables import Column, Fault, Form
from piste.engine.words import some
from piste.readings import store
from piste.readings.belief import Doubted, Last, Reading, Tried, Unread
from piste.readings.edr.coverage import Agent, Machine, covered
from piste.readings.table import SUBJECTS, Answer
from piste.town.model.dates import now
from piste.town.model.derived import Derived
from piste.town.model.freshness import ages

SUBJECT = SUBJECTS["edr"]
CONSOLE, DEFENDER, DIRECTORY = "console", "defender", "directory"
"""The things: a table that a console gives, the machines of Defender, the computers of the directory."""
ASLEEP = timedelta(days=90)
"""A computer that did not sign in for so long is no more in service; the directory notes it 9 to 14 days late."""
_NEVER = f"jamais lu : {SUBJECT.again}, ou piste read edr --from FICHIER"
_SILENT = "cet environnement ne dit pas comment le joindre, ou il n’a pas répondu"
Text = Annotated[str, Field(max_length=300)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class Seen(TypedDict):
    """An agent, or a computer of the directory, whose `version` is that of its system.

    A computer has a `place`, the path of its unit, and a `recovery_key`; null: keys do not show to the account.
    """

    name: Text
    last_seen: Day | None
    version: Text
    signatures_at: Day | None
    state: Literal["healthy", "degraded", "off", "unknown"]
    place: NotRequired[Text]
    recovery_key: NotRequired[bool | None]


Rows = Annotated[list[Seen], Field(max_length=50_000)]
_STATES: Mapping[str, str] = {
    **dict.fromkeys(("healthy", "active", "actif", "ok", "sain", "protégé", "protected"), "healthy"),
    **dict.fromkeys(("degraded", "dégradé", "impaired", "warning", "error", "erreur", "à risque"), "degraded"),
    **dict.fromkeys(("off", "inactive", "inactif", "désactivé", "disabled", "arrêté", "offline"), "off"),
    **dict.fromkeys(("", "unknown", "inconnu"), "unknown"),
}


def _state(said: str) -> str:
    if said.casefold() not in _STATES:
        raise ValueError(f"« {said[:40]} » n’est pas un état (healthy, degraded, off, unknown)")
    return _STATES[said.casefold()]


def name(said: str) -> str:
    if not said:
        raise ValueError("vide")
    return said


FORM = Form(
    (
        Column("name", required=True, form=name, titles=("machine", "computer", "hostname", "nom", "device name")),
        Column("last_seen", required=True, form=tables.moment_day, titles=("last seen", "dernière connexion", "vu le")),
        Column("state", required=True, form=_state, titles=("état", "health", "statut", "status")),
        Column("version", titles=("agent version", "version de l’agent")),
        Column("signatures_at", form=tables.moment_day, titles=("signatures", "définitions", "signatures du")),
    ),
    leaves=True,
)


def imported(town: Derived, source: Path) -> tuple[Mapping[str, Any], list[Fault]]:
    """Read the table of a console, and its faults."""
    table = tables.read(source, FORM)
    return {CONSOLE: [dict(row.values) for row in table.rows]}, table.faults


def own(town: Derived) -> list[str]:
    """Name what the reader reads; the table of a console is given."""
    return [DEFENDER, DIRECTORY]


def take(town: Derived, environment: str, answer: Answer) -> bool:
    """Keep what Defender and the directory gave; tell whether something came."""
    silence = store.unanswered(answer, _SILENT)
    tried: dict[str, Tried[Any]] = dict.fromkeys(own(town), silence)
    given = answer.content or {}
    if given.get(DEFENDER):
        tried[DEFENDER] = Reading(given[DEFENDER]["agents"], zoned(given[DEFENDER]["read_at"]))
    if given.get(DIRECTORY):
        rows = [_computer(computer) for computer in given[DIRECTORY]["computers"]]
        tried[DIRECTORY] = Reading(rows, zoned(given[DIRECTORY]["read_at"]))
    store.keep(SUBJECT, environment, tried, only=(CONSOLE,))
    return any(isinstance(outcome, Reading) for outcome in tried.values())


def _computer(computer: Mapping[str, Any]) -> Seen:
    return {
        "name": computer["name"], "last_seen": computer["last_seen"], "version": computer["system"] or "",
        "signatures_at": None, "state": "healthy" if computer["enabled"] else "off",
        "place": computer["place"], "recovery_key": computer["recovery_key"],
    }  # fmt: skip


def last_known(town: Derived, environment: str) -> Mapping[str, Last[Any]]:
    return store.last(SUBJECT, environment, ages(town))


def last_agents(known: Mapping[str, Last[Any]]) -> list[Agent] | None:
    """Give the agents of every source that may be believed; None where there is none.

    A town without Defender has no agent there.
    """
    sources = [last for thing in (CONSOLE, DEFENDER) if isinstance(last := known.get(thing), Reading)]
    if not any(last.value or last is known.get(CONSOLE) for last in sources):
        return None
    return [Agent(**row, read_on=last.read_at.date()) for last in sources for row in last.value]


def doubt(known: Mapping[str, Last[Any]]) -> str:
    """Say why a console that was read is believed no more; empty where each is."""
    return next((last.why for thing in (CONSOLE, DEFENDER) if isinstance(last := known.get(thing), Doubted)), "")


def _computers(town: Derived, known: Mapping[str, Last[Any]]) -> Iterator[Machine]:
    """Yield what must have an agent, then what only the directory knows.

    A thin client has none, nor has a node of the cluster.
    """
    commune = town.commune
    nodes = {node["name"] for node in commune["hosting"]["nodes"]} if commune and commune["hosting"] else set()
    declared = set[str]()
    for asset in town.assets:
        machine = asset["kind"] in ("computer", "server", "virtual_machine")
        if machine and asset["state"] == "in_service":
            declared.add(asset["name"].casefold())
            if asset["variant"] != "thin_client" and asset["name"] not in nodes:
                yield Machine(asset["name"], asset["site"], asset["kind"] != "computer")
    directory = known.get(DIRECTORY)
    for row in directory.value if isinstance(directory, Reading) else ():
        fresh = row["last_seen"] and date.fromisoformat(row["last_seen"]) >= now().date() - ASLEEP
        if row["state"] == "healthy" and fresh and row["name"].casefold() not in declared:
            yield Machine(row["name"], "", "server" in row["version"].casefold())


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Yield a finding for each computer and server, then for the agents that nothing knows."""
    known = last_known(town, environment)
    if environment == "lab" and all(isinstance(last, Unread) for last in known.values()):
        return
    agents = last_agents(known)
    if agents is None:
        why = " ; ".join(last.why for last in known.values() if not isinstance(last, Reading)) or _NEVER
        yield Finding(f"{SUBJECT.name}.agents", "unknown", f"les agents : {why}", SUBJECT.again)
        return
    verdicts, strangers = covered(_computers(town, known), agents, doubt(known))
    for machine, verdict in verdicts:
        yield Finding(
            f"{SUBJECT.name}.{machine.name}", verdict.state, f"{machine.name} : {verdict.said}", verdict.todo,
            site=machine.site, gravity="critical" if machine.server else "major", evidence=verdict.evidence,
        )  # fmt: skip
    if strangers:
        yield Finding(
            f"{SUBJECT.name}.strangers", "wrong", f"agents que rien ne connaît : {some(strangers, 12)}",
            "Dites à l’inventaire ces machines, ou retirez leur agent de la console.", gravity="minor",
        )  # fmt: skip
    if not isinstance(last := known.get(DIRECTORY), Reading):
        why = last.why if last else "jamais lu"
        what = f"les ordinateurs de l’annuaire : {why} ; seuls ceux de l’inventaire sont comptés"
        yield Finding(f"{SUBJECT.name}.directory", "unknown", what, SUBJECT.again, gravity="minor")


def figures(town: Derived, environment: str) -> Iterator[Figure]:
    """Yield F17: computers and servers in service that a healthy agent covers."""
    known = last_known(town, environment)
    if not known:
        return
    agents = last_agents(known)
    verdicts, _ = covered(_computers(town, known), agents or [], doubt(known))
    states = [verdict.state for _, verdict in verdicts]
    if agents is None:
        yield Figure("F17", None, "%", None, len(states), len(states))
        return
    moments = [last.read_at for thing in (CONSOLE, DEFENDER) if isinstance(last := known.get(thing), Reading)]
    right, unknown = states.count("ok"), states.count("unknown")
    said = f"agents lus le {in_town(min(moments))}"
    yield Figure("F17", share(right, len(states)), "%", right, len(states), unknown, said=said)
