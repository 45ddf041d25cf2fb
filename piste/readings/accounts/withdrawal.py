"""The withdrawal of those who leave: their accounts, what a person must do, what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypedDict

from piste.engine.converge.errors import Misused
from piste.engine.finding import State
from piste.readings.accounts.judgment import System
from piste.readings.accounts.systems import SOURCES
from piste.runs.plans.play import Played
from piste.systems.administrators import KIND, matcher
from piste.town.model.accounts import Account
from piste.town.model.derived import Derived

PLAYBOOK = "playbooks/withdraw.yml"


class Leaver(NamedTuple):
    """A person or a third party that leaves: account names, accounts whose secret it knows."""

    who: str
    names: tuple[str, ...]
    known: tuple[Account, ...]

    def leaves(self, login: str) -> bool:
        return matcher(self.names)(login)


def leaver(town: Derived, who: str, every: Sequence[System]) -> Leaver:
    """Find the accounts of a person, of a third party, or of a name, `*` for any text.

    Raises `Misused`. An account that others use too, a program's or that of an emergency stays: its secret changes by
    hand.
    """
    declared = town.commune["accounts"] if town.commune else []
    names, known = dict[str, None](), list[Account]()
    for account in declared:
        named = who.casefold() in {account["login"].casefold(), *(name.casefold() for name in account["persons"])}
        if named or (account["kind"] == "third_party" and account["holder"] == who):
            alone = len(account["persons"]) <= 1 and account["kind"] in ("nominative", "third_party", None)
            if alone:
                names[account["login"]] = None
            else:
                known.append(account)
    shown = [name for system in every for row in system.rows if row.live
             for name in (row.login, *row.live["other_names"]) if row.live["active"]]  # fmt: skip
    if not names and not known and any(map(matcher([who]), shown)):
        names[who] = None
    if not names and not known:
        raise Misused(
            f"« {who} » n’est ni un compte, ni une personne (persons), ni un tiers de la déclaration",
            todo="Nommez l’un d’eux, ou un compte que montre « piste accounts » ; * vaut tout texte.",
        )
    return Leaver(who, tuple(names), tuple(known))


def variables(town: Derived, leaving: Leaver) -> dict[str, Any]:
    """Give the variables of the order: who leaves, and the accounts that programs use."""
    declared = town.commune["accounts"] if town.commune else []
    serving = [account["login"] for account in declared if account["kind"] == "technical"]
    return {"outgoing": [*leaving.names], "kept": serving, "confirm": True}


def by_hand(leaving: Leaver, every: Sequence[System], declared: Iterable[Account]) -> list[str]:
    """List what a person does: systems that Piste does not write, secrets that the leaver knows."""
    steps = list[str]()
    listed = [*declared]
    for system in every:
        if not (hand := SOURCES[system.kind].hand):
            continue
        seen = [row.login for row in system.rows if row.live and leaving.leaves(row.login)]
        here = [entry["login"] for entry in listed if {system.name, system.kind} & {*entry["systems"]}]
        seen += filter(leaving.leaves, here)
        if seen:
            steps.append(f"{system.label}, {', '.join(dict.fromkeys(seen))} : {hand}")
        elif system.why:
            steps.append(f"{system.label}, pas lu ({system.why}) : vérifiez qu’aucun compte ne reste ; {hand}")
    steps += [
        f"Changez le secret de {account['login']} ({', '.join(account['systems'])}), que {leaving.who} connaît"
        for account in leaving.known
    ]
    return [*steps, "Changez les clés que le sortant a connues, et scellez un coffre neuf (piste vault seal)"]


class Line(TypedDict):
    """The outcome on a system: the accounts that were withdrawn there, its state, in words."""

    system: str
    label: str
    withdrawn: list[str]
    state: State
    said: str


def outcome(every: Sequence[System], played: Played) -> Iterator[Line]:
    """Say what came of each system that Piste writes; what said nothing is unknown."""
    known = {finding["id"].removesuffix(".outgoing"): finding for finding in played.findings}
    for system in every:
        if SOURCES[system.kind].hand:
            continue
        mine = [made for made in played.operations if (made["kind"], made["system"]) == (KIND, system.name)]
        finding = known.get(system.name)
        state: State = "unknown" if finding is None else "ok" if finding["state"] == "ok" else "wrong"
        label = SOURCES[system.kind].label
        why = next((trouble.message for trouble in played.troubles if label in trouble.task), "n’a pas répondu")
        said = finding["what"].partition(" : ")[2] if finding else why
        yield Line(
            system=system.name,
            label=system.label,
            withdrawn=[made["key"] for made in mine],
            state=state,
            said=said[:500],
        )


def whole(lines: Iterable[Line], hand: Sequence[str]) -> bool:
    """Tell whether nothing remains but what every departure asks: the keys and the vault."""
    return all(line["state"] == "ok" for line in lines) and len(hand) <= 1
