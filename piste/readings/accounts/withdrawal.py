"""The withdrawal of those who leave: their accounts, what a person must do, what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypedDict

from piste.engine.converge.errors import Misused
from piste.engine.converge.text import is_template
from piste.engine.finding import State
from piste.engine.kind import ACCOUNT
from piste.readings.accounts.judgment import OF_THE_TOWN, System
from piste.readings.accounts.systems import SOURCES
from piste.runs.plans.play import Played
from piste.systems.administrators import matcher
from piste.town.model import values
from piste.town.model.accounts import Account
from piste.town.model.derived import Derived


class Leaver(NamedTuple):
    """A person or a third party that leaves: account names, accounts whose secret it knows.

    `persons` are the names that its other accounts may show; `sure` tells whether the declaration or a reading has it.
    """

    who: str
    names: tuple[str, ...]
    known: tuple[Account, ...]
    persons: tuple[str, ...] = ()
    sure: bool = True

    def leaves(self, login: str) -> bool:
        return matcher(self.names)(login)


def leaver(town: Derived, who: str, every: Sequence[System]) -> Leaver:
    """Find the accounts of a person, of a third party, or of a name, `*` for any text.

    A name that nothing shows may be that of a user of a system, whom only the systems know. Raises `Misused` where it
    would be everybody's. An account that others use too, a program's or that of an emergency stays: its secret changes
    by hand.
    """
    if is_template(who):
        raise Misused(f"« {who} » a les signes d’un modèle d’Ansible", todo="Mettez * à leur place.")
    declared = town.commune["accounts"] if town.commune else []
    names, known, persons = dict[str, None](), list[Account](), {who: None}
    for account in declared:
        named = who.casefold() in {account["login"].casefold(), *(name.casefold() for name in account["persons"])}
        if named or (account["kind"] == "third_party" and account["holder"] == who):
            if _alone(account):
                names[account["login"]] = None
                persons |= dict.fromkeys(account["persons"])
            else:
                known.append(account)
    shown = [name for system in every for row in system.rows if row.live
             for name in (row.login, *row.live["other_names"]) if row.live["active"]]  # fmt: skip
    sure = bool(names or known) or any(map(matcher([who]), shown))
    if not names and not known:
        names[account_name(who)] = None
    mine = matcher(names)
    persons |= {name: None for system in every for row in system.rows if row.live and mine(row.login)
                for name in row.live["other_names"]}  # fmt: skip
    return Leaver(who, tuple(names), tuple(known), tuple(persons), sure)


def account_name(text: str) -> str:
    """Give a name or a pattern back. Raises `Misused` where it would name every account."""
    try:
        return values.account(text)
    except ValueError as error:
        raise Misused(str(error)) from error


def nobody(who: str) -> Misused:
    """Say that neither the declaration nor a system knows a name."""
    return Misused(
        f"« {who} » n’est ni une personne (persons), ni un tiers de la déclaration, ni un compte en service",
        todo="Nommez l’un d’eux, ou un compte que montre « piste accounts » ; * vaut tout texte.",
    )


def _alone(account: Account) -> bool:
    return len(account["persons"]) <= 1 and account["kind"] in ("nominative", "third_party", None)


def variables(town: Derived, leaving: Leaver) -> dict[str, Any]:
    """Give the variables of the order: who leaves, what stays, the accounts of the town."""
    declared = town.commune["accounts"] if town.commune else []
    kept = [account["login"] for account in declared if not _alone(account)]
    ours = [account["login"] for account in declared if account["kind"] in OF_THE_TOWN]
    return {"leaver": [leaving.who], "outgoing": [*leaving.names], "kept": kept, "town_accounts": ours}


def by_hand(leaving: Leaver, every: Sequence[System], declared: Iterable[Account]) -> list[str]:
    """List what a person does: other names, systems that Piste does not write, known secrets."""
    steps = list[str]()
    listed = [*declared]
    persons = matcher(leaving.persons)
    for system in every:
        steps += [
            f"{system.label}, {row.login} montre le nom de {leaving.who} : est-ce le sien ? Retirez-le alors à part"
            for row in system.rows
            if row.live and row.live["active"] and not leaving.leaves(row.login) and row.declared not in leaving.known
            and not any(map(leaving.leaves, row.live["other_names"]))
            and any(map(persons, (row.login, *row.live["other_names"])))
        ]  # fmt: skip
        if not (hand := SOURCES[system.kind].hand):
            continue
        seen = [row.login for row in system.rows
                if row.live and leaving.leaves(row.login) and (not row.declared or _alone(row.declared))]  # fmt: skip
        here = [entry["login"] for entry in listed
                if _alone(entry) and {system.name, system.kind} & {*entry["systems"]}]  # fmt: skip
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
    for system in every:
        if SOURCES[system.kind].hand:
            continue
        state, said = _came_of(system, played)
        done = [made for made in played.operations if made["system"] == system.name]
        yield Line(
            system=system.name,
            label=system.label,
            withdrawn=[made["key"] if made["kind"] == ACCOUNT else f"groupe {made['key']}" for made in done],
            state=state,
            said=said[:500],
        )


def _came_of(system: System, played: Played) -> tuple[State, str]:
    """Say who is left on a system, or what of it was not read."""
    said = {finding["id"]: (finding["state"], finding["what"].partition(" : ")[2]) for finding in played.findings}
    state, left = said.get(f"{system.name}.outgoing", ("", ""))
    if state == "wrong":
        return "wrong", left
    if (unnamed := said.get(f"{system.name}.unnamed")) is not None:
        return "unknown", unnamed[1]
    label = SOURCES[system.kind].label
    why = next((trouble.message for trouble in played.troubles if label in trouble.task), "")
    # The trouble of another server is none of a server that answered.
    if state != "ok" or (why and system.kind != "server"):
        return "unknown", why or "n’a pas répondu"
    return "ok", left


def whole(lines: Iterable[Line], hand: Sequence[str]) -> bool:
    """Tell whether nothing remains but what every departure asks: the keys and the vault."""
    return all(line["state"] == "ok" for line in lines) and len(hand) <= 1
