"""The steps of each computer, from its master to its exit, each with what proves it.

What no reading says is unknown. A step that lacks is late past its day; a computer that was there before the history
has no such day, and is late at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from piste.engine.clock import DAY, in_town
from piste.engine.finding import Finding, State, worst
from piste.engine.words import agreed
from piste.readings import store
from piste.readings.belief import Last, Reading
from piste.readings.computers import findings as measured
from piste.readings.computers import kept, software, updates
from piste.readings.computers.kept import Kept
from piste.readings.computers.report import Report, plain
from piste.readings.edr.coverage import Machine, covered
from piste.readings.edr.kept import DIRECTORY, doubt, last_agents, last_known
from piste.readings.table import SUBJECTS
from piste.systems.windows.dn import inside
from piste.town.model.assets.derived import Asset
from piste.town.model.computer_steps import DerivedStep, Lived, Proof
from piste.town.model.dates import today
from piste.town.model.derived import Derived
from piste.town.model.freshness import ages

STEPS = "computers.steps"
PHASES = {"in_service": "entry", "stock": "entry", "leaving": "exit", "retired": "exit"}
"""The phase of a computer by its state; one that waits for others, or for its delivery, is in none."""
_BEFORE = "rien n’en est inscrit, et il était là avant l’histoire"
_NOTHING = Lived(received=None, left=None, erased=None, labelled=None, acts={})


class Proven(NamedTuple):
    """A step of a computer: whether it is done, what says so, and when it was read.

    `by` is the day after which it is late; empty where nothing gives it. `read_at` is empty for the history.
    """

    step: DerivedStep
    state: State
    said: str
    read_at: str = ""
    by: str = ""
    late: bool = False


class Stepped(NamedTuple):
    """A computer and its steps."""

    asset: Asset
    steps: Sequence[Proven]

    @property
    def late(self) -> list[Proven]:
        return [proven for proven in self.steps if proven.late]


class Evidence:
    """All that is known of the computers in an environment."""

    def __init__(self, town: Derived, environment: str, made: Kept | None = None) -> None:
        self.lives = town.commune["computer_lives"] if town.commune else {}
        self.sites = town.sites
        self.declared = town.commune["computer_measures"] if town.commune else None
        known = last_known(town, environment)
        self.directory = known.get(DIRECTORY)
        rows = self.directory.value if isinstance(self.directory, Reading) else ()
        self.accounts = {row["name"].casefold(): row for row in rows}
        names = [asset for asset in town.assets if asset["kind"] == "computer"]
        machines = [Machine(asset["name"], asset["site"], False) for asset in names]
        agents = last_agents(known)
        judged = covered(machines, agents, doubt(known))[0] if agents is not None else ()
        self.agents = {machine.name: verdict for machine, verdict in judged}
        measures = made or kept.last(environment)
        self.collected = measures.collection is not None
        self.reports, self.oldest = updates.reports_of(measures), updates.oldest_of(town)
        devices = store.last(SUBJECTS["tablets"], environment, ages(town)).get("devices")
        self.devices = devices if isinstance(devices, Reading) else None
        self.any = bool(known or self.reports or self.devices or self.lives)

    def report(self, asset: Asset) -> tuple[Report | None, str]:
        """Give the recent report of a computer, or why there is none."""
        report = self.reports.get(asset["name"].casefold())
        if report is None:
            return None, "aucune mesure de lui"
        if report.taken_at.date() < self.oldest:
            return None, f"muet depuis le {_day(report.taken_at)}"
        return report, ""


def steps(town: Derived, environment: str, site: str | None = None) -> list[Stepped]:
    """List the computers that have steps now, with what proves each; those of `site` alone."""
    return stepped(town, Evidence(town, environment), site)


def stepped(town: Derived, evidence: Evidence, site: str | None = None) -> list[Stepped]:
    declared = town.commune["computer_steps"] if town.commune else []
    return [
        Stepped(asset, made)
        for asset in sorted(town.assets, key=lambda asset: asset["name"].casefold())
        if asset["kind"] == "computer" and site in (None, asset["site"])
        if (made := list(_proven(asset, declared, evidence)))
    ]


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Yield the findings of the measures, of the updates, of the programs, of the steps."""
    made = kept.last(environment)
    for judge in (measured.findings, updates.findings, software.findings, late_steps):
        yield from judge(town, environment, made)


def late_steps(town: Derived, environment: str, made: Kept | None = None) -> Iterator[Finding]:
    """Yield a finding for each site that has late computers, then for what nothing proves.

    A laboratory where nothing was read says nothing.
    """
    evidence = Evidence(town, environment, made)
    if environment == "lab" and not evidence.any:
        return
    every = stepped(town, evidence)
    for site in town.sites:
        late = [computer for computer in every if computer.late and computer.asset["site"] == site]
        if late:
            counted = Counter(proven.step["what"] for computer in late for proven in computer.late)
            said = " ; ".join(f"{what[0].lower()}{what[1:]}, {count}" for what, count in counted.most_common())
            who = Counter(proven.step["who"] for computer in late for proven in computer.late).most_common(1)[0][0]
            yield Finding(
                f"{STEPS}.{site}", "wrong", f"{site} : {agreed(len(late), 'poste(s)')} en retard d’une étape ({said})",
                f"Voyez lesquels : piste computers steps --site {site} --late.", site=site, gravity="minor", who=who,
            )  # fmt: skip
    if unknown := sum(any(proven.state == "unknown" for proven in computer.steps) for computer in every):
        what = f"{agreed(unknown, 'poste(s)')} sur {len(every)} dont une étape n’est prouvée par rien"
        yield Finding(STEPS, "unknown", what, "Voyez ce qui se lit : piste computers steps.", gravity="minor")
    elif every:
        yield Finding(STEPS, "ok", f"chaque étape de {agreed(len(every), 'poste(s)')} est lue ou inscrite")
    for proof, label in _PROTECTIONS.items():
        yield from _protection(proof, label, every)


_PROTECTIONS: Mapping[Proof, str] = {"encrypted": "disque chiffré", "firewall": "pare-feu actif"}
"""The proofs that have a finding of their own over the whole town, with their label."""
_LACKS: Mapping[State, str] = {"wrong": "sans", "unknown": "inconnus"}


def _protection(proof: Proof, label: str, every: Sequence[Stepped]) -> Iterator[Finding]:
    """Judge a protection of all computers in service, where a step asks it."""
    states = Counter(
        proven.state for computer in every if computer.asset["state"] == "in_service"
        for proven in computer.steps if proven.step["proof"] == proof
    )  # fmt: skip
    if states:
        state = worst(states)
        lacks = [f", {states[key]} {word}" for key, word in _LACKS.items() if states[key]]
        what = f"{label} : {states['ok']} sur {agreed(states.total(), 'poste(s)')}{''.join(lacks)}"
        yield Finding(f"computers.{proof}", state, what, "" if state == "ok" else "piste computers steps nomme chacun.")


def _proven(asset: Asset, declared: Sequence[DerivedStep], evidence: Evidence) -> Iterator[Proven]:
    lived = evidence.lives.get(asset["name"], _NOTHING)
    phase = PHASES.get(asset["state"])
    for step in declared:
        if step["phase"] == phase and asset["variant"] not in step["except_for"]:
            state, said, at = PROOFS[step["proof"]](asset, step, lived, evidence)
            since = lived["received"] if phase == "entry" else lived["left"]
            by = date.fromisoformat(since) + timedelta(days=step["within_days"]) if since else None
            # A computer that leaves has no day yet.
            late = state == "wrong" and (by < today() if by else asset["state"] != "leaving")
            yield Proven(step, state, said, at, by.isoformat() if by else "", late)


type Said = tuple[State, str, str]
"""The state of a step, what says so, and the moment at which it was read (ISO 8601), empty for the history."""


def _act(asset: Asset, step: DerivedStep, lived: Lived, evidence: Evidence) -> Said:
    if act := lived["acts"].get(step["id"]):
        return "ok", f"{act[1]}, {in_town(act[0], DAY)}", ""
    return _uninscribed(lived, f"aucun acte inscrit (piste asset check {asset['name']} --step {step['id']})")


def _labelled(asset: Asset, step: DerivedStep, lived: Lived, evidence: Evidence) -> Said:
    if day := lived["labelled"]:
        return "ok", f"étiquetage inscrit le {in_town(day, DAY)}", ""
    return _uninscribed(lived, "aucune étiquette inscrite")


def _erased(asset: Asset, step: DerivedStep, lived: Lived, evidence: Evidence) -> Said:
    if day := lived["erased"]:
        return "ok", f"effacement inscrit le {in_town(day, DAY)}", ""
    return "wrong", "aucun effacement inscrit", ""


def _uninscribed(lived: Lived, said: str) -> Said:
    return ("wrong", said, "") if lived["received"] or lived["left"] else ("unknown", _BEFORE, "")


def _account(asset: Asset, evidence: Evidence) -> tuple[Any, Said | None]:
    """Give the account of a computer, or what stands for it where the directory is not believed."""
    last = evidence.directory
    if not isinstance(last, Reading):
        return None, ("unknown", f"annuaire : {_why(last)}", "")
    return evidence.accounts.get(asset["name"].casefold()), None


def _joined(asset: Asset, step: DerivedStep, lived: Lived, evidence: Evidence) -> Said:
    account, untold = _account(asset, evidence)
    if untold:
        return untold
    at = _at(evidence.directory)
    if account is None or account["state"] != "healthy":
        return "wrong", "compte désactivé à l’annuaire" if account else "aucun compte à l’annuaire", at
    unit = evidence.sites[asset["site"]]["directory"]["path"] if asset["site"] in evidence.sites else ""
    if (place := account.get("place")) is None:
        return "unknown", "l’annuaire a été lu sans les unités (piste read edr)", at
    if unit and not inside(place, unit):
        return "wrong", f"compte hors de l’unité de son site, dans {place}", at
    return "ok", f"compte dans {place}", at


def _account_off(asset: Asset, step: DerivedStep, lived: Lived, evidence: Evidence) -> Said:
    account, untold = _account(asset, evidence)
    if untold:
        return untold
    if account and account["state"] == "healthy":
        return "wrong", "compte encore actif à l’annuaire", _at(evidence.directory)
    return "ok", "compte désactivé" if account else "plus de compte", _at(evidence.directory)


def _recovery_key(asset: Asset, step: DerivedStep, lived: Lived, evidence: Evidence) -> Said:
    account, untold = _account(asset, evidence)
    if untold:
        return untold
    at = _at(evidence.directory)
    if account is None:
        return "wrong", "aucun compte à l’annuaire, donc aucune clé", at
    if (key := account.get("recovery_key")) is None:
        return "unknown", "l’annuaire ne montre aucune clé au compte qui lit", at
    return ("ok", "clé de secours à l’annuaire", at) if key else ("wrong", "aucune clé de secours à l’annuaire", at)


def _edr(asset: Asset, step: DerivedStep, lived: Lived, evidence: Evidence) -> Said:
    if (verdict := evidence.agents.get(asset["name"])) is None:
        return "unknown", f"aucune console n’est crue ({SUBJECTS['edr'].again})", ""
    return verdict.state, f"{verdict.said} ({verdict.evidence})" if verdict.evidence else verdict.said, ""


def _measured(asset: Asset, step: DerivedStep, lived: Lived, evidence: Evidence) -> Said:
    report, why = evidence.report(asset)
    if report:
        return "ok", f"mesuré le {_day(report.taken_at)}", report.taken_at.isoformat()
    enforced = evidence.declared is not None and evidence.declared["state"] == "enforced" and evidence.collected
    return "wrong" if enforced else "unknown", why, ""


def _policies(asset: Asset, step: DerivedStep, lived: Lived, evidence: Evidence) -> Said:
    report, why = evidence.report(asset)
    if report is None or report.policies is None:
        return "unknown", why or "son programme de mesure ne le dit pas", ""
    applied = {plain(name) for name in report.policies}
    lacking = [name for name in step["policies"] if plain(name) not in applied]
    said = f"n’applique pas {', '.join(lacking)}" if lacking else f"applique {', '.join(step['policies'])}"
    return "wrong" if lacking else "ok", said, report.taken_at.isoformat()


def _encrypted(asset: Asset, step: DerivedStep, lived: Lived, evidence: Evidence) -> Said:
    report, why = evidence.report(asset)
    if report is not None and report.encrypted is not None:
        said = "disque chiffré" if report.encrypted else "disque non chiffré, ou protection suspendue"
        return "ok" if report.encrypted else "wrong", said, report.taken_at.isoformat()
    rows = evidence.devices.value if evidence.devices else ()
    device = next((row for row in rows if row["name"].casefold() == asset["name"].casefold()), None)
    if device and device["encrypted"] is not None:
        said = "disque chiffré" if device["encrypted"] else "disque non chiffré"
        return "ok" if device["encrypted"] else "wrong", f"{said} (console des mobiles)", _at(evidence.devices)
    return "unknown", why or "son programme de mesure ne le dit pas", ""


def _firewall(asset: Asset, step: DerivedStep, lived: Lived, evidence: Evidence) -> Said:
    report, why = evidence.report(asset)
    if report is None or report.firewall is None:
        return "unknown", why or "son programme de mesure ne le dit pas", ""
    said = "pare-feu actif" if report.firewall else "pare-feu coupé, au moins d’un profil"
    return "ok" if report.firewall else "wrong", said, report.taken_at.isoformat()


PROOFS: Mapping[Proof, Callable[[Asset, DerivedStep, Lived, Evidence], Said]] = {
    "act": _act, "labelled": _labelled, "erased": _erased, "joined": _joined, "account_off": _account_off,
    "recovery_key": _recovery_key, "edr": _edr, "measured": _measured, "policies": _policies, "encrypted": _encrypted,
    "firewall": _firewall,
}  # fmt: skip


def _why(last: Last[Any] | None) -> str:
    return last.why if last is not None and not isinstance(last, Reading) else f"jamais lu ({SUBJECTS['edr'].again})"


def _at(last: Last[Any] | None) -> str:
    return last.read_at.isoformat() if last and last.read_at else ""


def _day(moment: datetime) -> str:
    return in_town(moment.isoformat(), DAY)
