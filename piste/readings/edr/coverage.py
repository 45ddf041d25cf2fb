"""Cover of computers by agents: covered, stale, absent, unknown; agents of no machine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from piste.engine.clock import DAY, in_town
from piste.engine.finding import State

STALE = 7
"""Days without a sign of the agent, or since its signatures, from which it covers no more."""
_AGAIN = "Donnez son tableau du jour (piste read edr --from FICHIER), ou relisez-la (piste read edr)."
_MEND = "Réparez l’agent depuis sa console, ou posez-le à nouveau."


class Agent(NamedTuple):
    """An agent as its console says it on a day; null: it does not say."""

    name: str
    last_seen: str | None
    version: str
    signatures_at: str | None
    state: str
    read_on: date


class Machine(NamedTuple):
    """A computer or a server in service; `site` is empty where the directory alone knows it."""

    name: str
    site: str
    server: bool


class Verdict(NamedTuple):
    state: State
    said: str
    todo: str = ""
    evidence: str = ""


def covered(
    machines: Iterable[Machine], agents: Sequence[Agent], silence: str = ""
) -> tuple[list[tuple[Machine, Verdict]], list[str]]:
    """Judge each machine by the agent of its short name; name the agents of no machine.

    `silence` says why a console is believed no more: what no other covers, it may cover.
    """
    known: dict[str, Agent] = {}
    for agent in sorted(agents, key=lambda agent: agent.last_seen or ""):
        known[_short(agent.name)] = agent
    every = {_short(machine.name): machine for machine in machines}
    judged = [(machine, _verdict(machine, known.get(short), silence)) for short, machine in every.items()]
    return judged, sorted(agent.name for short, agent in known.items() if short not in every)


def _short(name: str) -> str:
    return name.partition(".")[0].casefold()


def _verdict(machine: Machine, agent: Agent | None, silence: str) -> Verdict:
    place = "" if machine.site else ", que l’inventaire ne connaît pas"
    if agent is None and silence:
        return Verdict("unknown", f"aucun agent ailleurs{place} ; une console ne se croit plus : {silence}", _AGAIN)
    if agent is None:
        return Verdict("wrong", f"aucun agent{place}", "Posez l’agent, ou sortez la machine de l’inventaire.")
    seen = f"console, {in_town(agent.read_on.isoformat(), DAY)}, agent {agent.version}".removesuffix(", agent ")
    if agent.state in ("degraded", "off"):
        said = "agent arrêté" if agent.state == "off" else "agent dégradé"
        return Verdict("wrong", said + place, _MEND, seen)
    if agent.last_seen is None or agent.state == "unknown":
        return Verdict("unknown", f"la console ne dit pas l’état de son agent{place}", _MEND, seen)
    for at, said in ((agent.last_seen, "agent muet depuis le"), (agent.signatures_at, "signatures du")):
        days = (agent.read_on - date.fromisoformat(at)).days if at else 0
        if days < -1:
            return Verdict("unknown", f"{said} {in_town(str(at), DAY)}, dans l’avenir{place}", _MEND, seen)
        if days > STALE:
            return Verdict("wrong", f"{said} {in_town(str(at), DAY)}{place}", _MEND, seen)
    return Verdict("ok", f"couvert{place}", evidence=seen)
