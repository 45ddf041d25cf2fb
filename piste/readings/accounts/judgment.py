"""Accounts as they are against those that are declared, account by account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from piste.engine.clock import DAY, in_town
from piste.engine.finding import Gravity, State, worst
from piste.readings import store
from piste.readings.accounts import tenant
from piste.readings.accounts.kept import SUBJECT, Live
from piste.readings.accounts.systems import SOURCES, systems
from piste.readings.belief import Last, Reading
from piste.readings.table import SUBJECTS
from piste.systems.administrators import OF_THE_DOMAIN, matcher
from piste.town.model.accounts import Account
from piste.town.model.dates import today
from piste.town.model.derived import Derived
from piste.town.model.freshness import ages

UNUSED = 90
"""Days without a sign-in after which an account is one too many."""
RIGHTS: Mapping[str | None, str] = {
    "all": "tous les droits", "some": "une partie", "read": "lecture", None: "inconnus"
}  # fmt: skip
KINDS: Mapping[str | None, str] = {
    "nominative": "nominatif", "technical": "technique", "emergency": "secours", "third_party": "tiers",
    None: "non déclaré",
}  # fmt: skip
OF_THE_TOWN = ("nominative", "emergency")
"""The kinds of accounts that people of the town sign in with."""
_DECLARE = "retirez-le, ou décrivez-le dans group_vars/all/accounts.yml"


class Fault(NamedTuple):
    said: str
    todo: str
    state: State = "wrong"
    gravity: Gravity = "major"


class Row(NamedTuple):
    """An account of a system: as it is, as it is declared, what is wrong with it.

    `live` is None where its system does not have it, `declared` where nobody declares it.
    """

    system: str
    login: str
    live: Live | None
    declared: Account | None
    faults: Sequence[Fault]
    read_at: datetime

    @property
    def state(self) -> State:
        return worst(fault.state for fault in self.faults)

    @property
    def rights(self) -> str | None:
        """Give the rights that its system shows."""
        if self.live is None or (self.live["whole"] is None and not self.live["reads"]):
            return None
        return "all" if self.live["whole"] else "read" if self.live["reads"] else "some"

    @property
    def administers(self) -> bool:
        """Tell whether it is an account of administration, in use."""
        live = self.live
        return live is not None and live["active"] and self.rights != "read" and not _of_the_domain(live)

    @property
    def unclear(self) -> bool:
        """Tell whether all that is known of it is a name: it may be a user who administers nothing."""
        live = self.live
        return bool(live and live["active"] and not self.declared and not self.rights) and len(self.faults) == 1

    @property
    def of_the_town(self) -> bool:
        """Tell whether somebody of the town may sign in with it."""
        kind = self.declared["kind"] if self.declared else None
        return bool(self.live and self.live["person"]) and kind in OF_THE_TOWN

    @property
    def nominative(self) -> bool:
        return nominative(self.declared)


def nominative(declared: Account | None) -> bool:
    """Tell whether an account is that of a single person, who is known."""
    if declared is None or len(declared["persons"]) > 1:
        return False
    return declared["kind"] == "nominative" or (declared["kind"] == "third_party" and bool(declared["persons"]))


class System(NamedTuple):
    """The accounts of a system; `why` says why none is known."""

    name: str
    kind: str
    rows: Sequence[Row]
    read_at: datetime | None
    why: str = ""

    @property
    def label(self) -> str:
        label = SOURCES[self.kind].label
        return label if self.name == self.kind else f"{self.name} ({label})"


def judged(town: Derived, environment: str) -> list[System]:
    """Judge the accounts of every system; a system that was not read has none, and its reason."""
    known = {**store.last(SUBJECT, environment, ages(town)), "microsoft": tenant.accounts(town, environment)}
    return [of_system(town, name, kind, known.get(name)) for name, kind in systems(town).items()]


def again(kind: str) -> str:
    """Give the command that reads the accounts of a kind of system."""
    return SUBJECTS[SOURCES[kind].subject or SUBJECT.name].again


def of_system(town: Derived, name: str, kind: str, last: Last[Sequence[Live]] | None) -> System:
    if not isinstance(last, Reading):
        why = SOURCES[kind].why
        never = f"{why} ; piste accounts import {name} FICHIER.csv" if why else f"jamais lu : {again(kind)}"
        return System(name, kind, [], last.read_at if last else None, last.why if last else never)
    declared = [
        account
        for account in (town.commune["accounts"] if town.commune else ())
        if {name, kind} & {*account["systems"], *account["administers"]}
    ]
    rows, met = list[Row](), set[str]()
    for live in last.value:
        entry = _entry(live, declared, bare=kind == "server")
        met |= {entry["login"]} if entry else set()
        faults = [] if _of_the_domain(live) else [*_faults(live, entry)]
        rows.append(Row(name, live["name"], live, entry, faults, last.read_at))
    for entry in declared:
        if entry["login"] not in met and "*" not in entry["login"]:
            todo = "retirez-le de la déclaration, ou créez-le"
            absent = Fault("déclaré, et absent du système", todo, gravity="minor")
            rows.append(Row(name, entry["login"], None, entry, [absent], last.read_at))
    return System(name, kind, rows, last.read_at)


def _of_the_domain(live: Live) -> bool:
    return OF_THE_DOMAIN in live["roles"]


def _entry(live: Live, declared: Sequence[Account], *, bare: bool) -> Account | None:
    """Find what declares an account: the name that it signs in with decides alone.

    On a server, a name without its domain declares it too.
    """
    names = [live["name"], *([live["name"].rpartition("\\")[2]] if bare else [])]
    exact = {entry["login"].casefold(): entry for entry in declared}
    for name in names:
        if (entry := exact.get(name.casefold())) is not None:
            return entry
    return next((entry for entry in declared for name in names if matcher([entry["login"]])(name)), None)


def _faults(live: Live, entry: Account | None) -> Iterator[Fault]:
    ends = min(filter(None, (entry and entry["until"], live["ends"])), default="")
    if ends and ends < today().isoformat() and live["active"]:
        yield Fault(f"sa fin, le {date.fromisoformat(ends):{DAY}}, est passée", "retirez-le, ou prolongez-le")
    if not live["active"]:
        return
    if entry is None and live["whole"] is None and not live["reads"]:
        # A user of the system, perhaps, who administers nothing.
        yield Fault("personne ne le déclare, ses droits sont inconnus", _DECLARE, "unknown", "minor")
        return
    if entry is None:
        yield Fault("personne ne le déclare", _DECLARE)
    elif entry["holder"] is None:
        yield Fault("rien ne dit qui en répond", "décrivez-le dans group_vars/all/accounts.yml (holder)")
    if entry and entry["rights"] == "read" and not live["reads"]:
        state: State = "unknown" if live["whole"] is None else "wrong"
        said = "ses droits sont inconnus" if state == "unknown" else "il écrit"
        yield Fault(f"déclaré en lecture, {said}", "ne lui laissez que la lecture", state)
    if entry and len(entry["persons"]) > 1:
        yield Fault(f"partagé par {', '.join(entry['persons'])}", "donnez à chacun un compte à son nom")
    if entry and entry["kind"] == "third_party" and not entry["persons"]:
        yield Fault("il ne dit pas de qui il est", "nommez sa personne (persons), ou retirez-le")
    if not live["person"] or (entry and entry["kind"] == "technical"):
        return
    if live["mfa"] is False:
        yield Fault("pas de second facteur", "imposez-le dans la console du système")
    elif live["mfa"] is None:
        yield Fault("second facteur inconnu", "vérifiez-le dans la console du système", "unknown")
    yield from _use(live)


def _use(live: Live) -> Iterator[Fault]:
    if live["used_at"] is None:
        yield Fault("dernier usage inconnu", "vérifiez-le dans la console du système", "unknown", "minor")
    elif in_town(datetime.fromisoformat(live["used_at"]), "%Y-%m-%d") < (today() - timedelta(days=UNUSED)).isoformat():
        last = in_town(datetime.fromisoformat(live["used_at"]), DAY)
        yield Fault(f"pas employé depuis le {last}", "mettez-le hors service, ou dites à quoi il sert", gravity="minor")


class Mastery(NamedTuple):
    """The hold of the town on a system, by an account of its own with full rights."""

    state: State
    said: str


def mastery(system: System) -> Mastery:
    """Tell whether the town has an account with full rights on a system that was read."""
    live = [row for row in system.rows if row.administers]
    town = [row.login for row in live if row.of_the_town and row.rights == "all"]
    if town:
        return Mastery("ok", f"la Ville y a tous les droits ({', '.join(town)})")
    if any(row.rights is None for row in live if row.of_the_town):
        return Mastery("unknown", "on ne sait pas si un compte de la Ville y a tous les droits")
    others = [row.login for row in live if row.rights == "all"]
    return Mastery("wrong", f"aucun compte de la Ville n’y a tous les droits{_only(others)}")


def _only(logins: Sequence[str]) -> str:
    return f" ; {', '.join(logins)} les a" if len(logins) == 1 else f" ; les ont {', '.join(logins)}" if logins else ""
