"""The findings on accounts, by system and account; F19 with names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from piste.engine.clock import in_town
from piste.engine.figure import Figure
from piste.engine.finding import GRAVITIES, Finding
from piste.engine.words import agreed, some
from piste.readings.accounts.judgment import KINDS, Row, System, again, judged, mastery
from piste.readings.accounts.kept import SUBJECT
from piste.readings.accounts.systems import SOURCES
from piste.readings.store import last
from piste.town.model.accounts import Account
from piste.town.model.dates import today
from piste.town.model.derived import Derived

QUARTER = 92
"""Days after which the review of an account is due again."""


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Yield a finding for each system, each account with a fault, the bastion, the review.

    A laboratory where nothing was ever read says nothing.
    """
    if town.commune is None or (environment == "lab" and not last(SUBJECT, environment, None)):
        return
    every = judged(town, environment)
    for system in every:
        yield of_system(system)
        evidence = f"{system.label}, lu le {in_town(system.read_at)}" if system.read_at else ""
        for row in system.rows:
            if row.faults and not row.unclear:
                yield _of_account(system, row, evidence)
        if unclear := [row.login for row in system.rows if row.unclear]:
            yield _of_unclear(system, unclear, evidence)
    # What is declared is judged beside what was read: alone, it says nothing of the accounts.
    for finding in (_bastion(town.commune["bastion"]), _review(town.commune["accounts"])):
        yield finding if any(not system.why for system in every) else replace(finding, state="unknown")


def of_system(system: System) -> Finding:
    id_ = f"{SUBJECT.name}.{system.name}"
    if system.why:
        todo = f"piste accounts import {system.name} FICHIER.csv" if SOURCES[system.kind].why else again(system.kind)
        return Finding(id_, "unknown", f"{system.label} : {system.why}", todo)
    count = agreed(len(system.rows), "compte(s)")
    evidence = f"{system.label}, lu le {in_town(system.read_at)}" if system.read_at else ""
    if not SOURCES[system.kind].administers:
        return Finding(id_, "ok", f"{system.label} : {count}", evidence=evidence)
    state, said = mastery(system)
    todo = "" if state == "ok" else "donnez les pleins droits à un compte de la Ville, à son nom"
    return Finding(id_, state, f"{system.label} : {count}, {said}", todo, evidence=evidence)


def _of_account(system: System, row: Row, evidence: str) -> Finding:
    wrong = [fault for fault in row.faults if fault.state == row.state]
    todo = " ; ".join(dict.fromkeys(fault.todo for fault in row.faults))
    return Finding(
        f"{SUBJECT.name}.{system.name}/{row.login}", row.state,
        f"{row.login}, {system.label} : {' ; '.join(fault.said for fault in row.faults)}", todo,
        gravity=min((fault.gravity for fault in wrong), key=GRAVITIES.index), evidence=evidence,
    )  # fmt: skip


def _of_unclear(system: System, logins: Sequence[str], evidence: str) -> Finding:
    """Judge at once the accounts that nobody declares and whose rights are not read."""
    count = agreed(len(logins), "compte(s) que personne ne déclare, aux droits inconnus")
    said = f"{system.label} : {count}, car {SOURCES[system.kind].hides}"
    todo = f"piste accounts {system.name} les nomme : décrivez dans group_vars/all/accounts.yml ceux qui administrent"
    return Finding(f"{SUBJECT.name}.{system.name}.unclear", "unknown", said, todo, gravity="minor", evidence=evidence)


def _bastion(bastion: Sequence[str]) -> Finding:
    """Judge the bastion: without it, rights that were read are exercised directly."""
    if bastion:
        return Finding(f"{SUBJECT.name}.bastion", "ok", f"bastion : {', '.join(bastion)}")
    said = "bastion : aucun n’est déclaré, les droits élevés s’exercent sans lui (CCTP 3.2.5)"
    todo = "déclarez-le (administration.bastion), ou reportez ce constat avec sa raison"
    return Finding(f"{SUBJECT.name}.bastion", "wrong", said, todo, gravity="minor")


def _review(declared: Sequence[Account]) -> Finding:
    """Judge the quarterly review: each described account has its day."""
    oldest = (today() - timedelta(days=QUARTER)).isoformat()
    described = [account for account in declared if account["kind"]]
    late = [account["login"] for account in described if (account["reviewed_on"] or "") < oldest]
    if not late:
        count = agreed(len(described), "compte(s)")
        return Finding(f"{SUBJECT.name}.review", "ok", f"revue des comptes : {count}, ce trimestre")
    said = f"revue des comptes : {len(late)} des {len(described)} pas revus ce trimestre ({some(late, 6)})"
    todo = "piste accounts review, puis le jour de la revue dans reviewed_on (group_vars/all/accounts.yml)"
    return Finding(f"{SUBJECT.name}.review", "wrong", said, todo, gravity="minor")


class Nominal(NamedTuple):
    """F19 of the systems that were read: what departs from it, with names."""

    accounts: int
    systems: int
    not_nominative: list[Row]
    no_factor: list[Row]
    foreign: list[System]
    unknown: list[str]

    @property
    def departs(self) -> int:
        return len({(row.system, row.login) for row in (*self.not_nominative, *self.no_factor)}) + len(self.foreign)


def nominal(every: Sequence[System]) -> Nominal:
    """Count F19: accounts not nominative or without second factor, systems the town lacks.

    Accounts are those of administration. What was not read is unknown: a system, a second factor, rights.
    """
    rows = [row for system in every for row in system.rows if row.administers]
    known = [system for system in every if not system.why and SOURCES[system.kind].administers]
    masteries = {system.name: mastery(system).state for system in known}
    sure = [row for row in rows if row.rights]
    doubtful = [
        f"{row.login} ({row.system})" for row in rows
        if row.live and not (row.nominative and row.live["mfa"])
        and (not row.rights or (row.nominative and row.live["mfa"] is None))
    ]  # fmt: skip
    return Nominal(
        accounts=len(rows),
        systems=len(known),
        not_nominative=[row for row in sure if not row.nominative],
        no_factor=[row for row in sure if row.live and row.live["mfa"] is False],
        foreign=[system for system in known if masteries[system.name] == "wrong"],
        unknown=[
            *(system.label for system in every if system.why),
            *(system.label for system in known if masteries[system.name] == "unknown"),
            *doubtful,
        ],
    )


def figures(town: Derived, environment: str) -> Iterator[Figure]:
    """Yield F19: the departures from nominative accounts with a second factor."""
    every = judged(town, environment)
    made = nominal(every)
    read = any(not system.why for system in every)
    yield Figure(
        "F19", made.departs if read else None, "", made.departs if read else None, made.accounts + made.systems,
        len(made.unknown), said=words(made),
    )  # fmt: skip


def words(made: Nominal) -> str:
    """Say F19 with the names of what departs."""
    if not made.systems:
        return "inconnu, aucun système n’a été lu"
    kinds = [KINDS[row.declared["kind"] if row.declared else None] for row in made.not_nominative]
    by_kind = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
    parts = (
        (f"pas nominatif(s) ({by_kind})", [_named(row) for row in made.not_nominative]),
        ("sans second facteur", [_named(row) for row in made.no_factor]),
        ("système(s) que la Ville ne tient pas", [system.label for system in made.foreign]),
        ("inconnu(s)", made.unknown),
    )
    said = [f"{agreed(len(names), title)} : {some(names, 12)}" for title, names in parts if names]
    whole = f"{agreed(made.accounts, 'compte(s)')} et {agreed(made.systems, 'système(s)')}"
    return " ; ".join([f"{agreed(made.departs, 'écart(s)')} sur {whole}", *said])


def _named(row: Row) -> str:
    return f"{row.login} ({row.system})"
