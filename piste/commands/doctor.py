"""The verb `piste doctor`: reasons that would stop a run, and their mends, before a run."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import click

from piste.commands.french import Verb
from piste.commands.options import environment_option, text_or_json
from piste.commands.output import EXIT, say_json
from piste.engine.converge.errors import Misused, PisteError
from piste.engine.converge.untrusted import parse_json, read_plain
from piste.engine.finding import WORST, Finding, State, worst
from piste.engine.words import agreed, safe

SAID = {"ok": ("✓ conforme  ", "green"), "wrong": ("✗ à corriger", "red"), "unknown": ("? inconnu   ", "magenta")}
_UNDEFINED = re.compile(r"'(\w+)' is undefined")
PLAYBOOK = "playbooks/doctor.yml"


@click.command(cls=Verb)
@environment_option
@click.option("--against", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FICHIER",
              help="Comparer à une réponse gardée (--format json).")  # fmt: skip
@click.option("--interfaces", "flows", is_flag=True, help="Les interfaces du catalogue, une ligne chacune.")
@text_or_json
def doctor(environment: str, against: Path | None, flows: bool, form: str) -> None:
    """Examiner ce poste et l'environnement, sans rien écrire : une ligne par contrôle, et comment corriger.

    \b
    piste doctor
    piste doctor --environment production
    piste doctor --format json > avant.json
    piste doctor --against avant.json              après une bascule : ce qui ne répond plus de même
    piste doctor --interfaces --format json > avant.json    les interfaces du catalogue seules
    piste doctor --interfaces --against avant.json

    Versions, déclaration, coffre et secrets, âge des lectures, accès et droits, horloge, limites, verrous, journal.
    Codes de sortie : 0 tout est conforme, 1 quelque chose est à corriger, 3 quelque chose n'a pas répondu.
    Avec --against, seul ce qui va moins bien qu'avant compte.
    """
    before = _kept(against, environment) if against else None
    findings, said = [], interfaces(environment) if flows else examine(environment)
    for finding in said:
        findings.append(finding)
        if form == "text" and (not flows or finding.id.startswith(INTERFACE) or finding.state != "ok"):
            show(finding)
    changes = compared(before, findings) if before is not None else []
    states = {finding.state for finding in findings} if before is None else {each.now for each in changes if each.worse}
    outcome = "error" if "wrong" in states else "unknown" if "unknown" in states else "ok"
    if form == "json":
        answer = {"environment": environment, "outcome": outcome, "findings": [f.to_json() for f in findings]}
        say_json(answer if before is None else {**answer, "changes": [each._asdict() for each in changes]})
    else:
        click.echo(f"\n{counted(f for f in findings if not flows or f.id.startswith(INTERFACE))}")
        _say_compared(before, changes)
    sys.exit(EXIT[outcome])


class Change(NamedTuple):
    """A check whose state is another: `before` or `now` is *unknown* where it was not tried."""

    id: str
    before: State
    now: State
    what: str

    @property
    def worse(self) -> bool:
        return WORST.index(self.now) < WORST.index(self.before)


def compared(before: Mapping[str, State], findings: Sequence[Finding]) -> list[Change]:
    """List the checks of both answers whose state is another, those that got worse first.

    A check that was tried and is tried no more is *unknown* now.
    """
    now: dict[str, list[Finding]] = {}
    for finding in findings:
        now.setdefault(finding.id, []).append(finding)
    made = []
    for id_ in [*before, *(id_ for id_ in now if id_ not in before)]:
        worst_now = min(now.get(id_, [Finding(id_, "unknown", f"{id_} : n’est plus contrôlé")]), key=lambda f: f.rank)
        if (was := before.get(id_, "unknown")) != worst_now.state:
            made.append(Change(id_, was, worst_now.state, worst_now.what))
    return sorted(made, key=lambda each: not each.worse)


def _kept(path: Path, environment: str) -> dict[str, State]:
    """Read the state of each check of an answer that was kept. Raises `Misused`."""
    refusal = Misused(f"{safe(str(path))} n’est pas une réponse de piste doctor --format json pour « {environment} »",
                      todo="Donnez celle d’avant, du même environnement.")  # fmt: skip
    try:
        answer = parse_json(read_plain(path))
        states = [(each["id"], each["state"]) for each in answer["findings"]]
        of = answer["environment"]
    except (OSError, ValueError, TypeError, LookupError, PisteError):
        raise refusal from None
    if of != environment or not all(isinstance(id_, str) and state in WORST for id_, state in states):
        raise refusal
    return {id_: worst(state for known, state in states if known == id_) for id_, _ in states}


def _say_compared(before: Mapping[str, State] | None, changes: Sequence[Change]) -> None:
    if before is None:
        return
    words = {state: said[1:].strip() for state, (said, _) in SAID.items()}
    for each in changes:
        sign = "✗" if each.worse else "·"
        click.echo(f"{sign} {words[each.before]} → {words[each.now]} : {safe(each.what)}")
    worse = sum(each.worse for each in changes)
    click.echo(f"Comparé à avant : {agreed(worse, 'contrôle(s)')} moins bien, {len(changes) - worse} mieux ou autres.")


def examine(environment: str) -> Iterator[Finding]:
    """List the findings of this machine, of the inventories, then of the systems."""
    from piste.commands import doctor_checks as checks
    from piste.readings.findings import ages_of
    from piste.runs.plans import forgotten, hosts
    from piste.town import declared

    yield from checks.local(environment)
    try:
        variables = hosts.variables(environment)
    except hosts.Unreadable as error:
        yield checks.unreadable(error.said)
        return
    commune = variables.get("commune", {})
    yield from checks.environment(environment, commune)
    town = declared.derived(environment)
    yield from ages_of(town, environment)
    yield from forgotten.findings(environment)
    yield from checks.accounts(town, environment)
    yield from checks.beliefs(environment)
    yield from checks.vault_keys(environment, commune)
    yield from systems(environment, checks.lacking_keys(commune))


INTERFACE = "interface."


def interfaces(environment: str) -> Iterator[Finding]:
    """Yield a finding an interface of the catalogue that is tried here, then its checks."""
    from piste.papers.dossier.operations import CATALOGUE, operated

    said = [*systems(environment)]
    for each in operated()[CATALOGUE].interfaces:
        own = [finding for finding in said if finding.id.partition(".")[0] in each.checks]
        if each.checks:
            name = f"{each.name} (critique)" if each.critical else each.name
            counted = agreed(len(own), "contrôle(s) conforme(s)") if own else "aucun contrôle n’a répondu"
            good = f"{sum(finding.state == 'ok' for finding in own)} sur " if own else ""
            state = worst(finding.state for finding in own) if own else "unknown"
            todo = "" if own else "piste doctor dit pourquoi"
            yield Finding(f"{INTERFACE}{each.name}", state, f"{name} : {good}{counted}", todo)
            yield from own


def systems(environment: str, lacking: Collection[str] = (), tags: str = "") -> Iterator[Finding]:
    """List the findings of each system, or of some tags: a failed task is a finding too.

    A cause that several share is said once: `lacking` keys of the vault and names that do not resolve, first; what
    several checks meet alike, by the first of them.
    """
    from piste.engine.transport.faults import unresolved_name
    from piste.runs.plans.play import Order, play

    try:
        played = play(Order(PLAYBOOK, environment, tags=tags), check=True)
    except Misused as refused:
        yield Finding("systems", "unknown", f"rien n’a été demandé aux systèmes : {refused.what}", refused.todo)
        return
    findings = [Finding.from_json(content) for content in played.findings]
    if environment == "lab":
        findings = [_at_its_hour(finding) for finding in findings]
    waiting = []
    for trouble in played.troubles:
        undefined = _UNDEFINED.search(trouble.message)
        if undefined and undefined[1] in lacking:
            waiting.append(trouble.task)
            continue
        what = f"la variable {undefined[1]} n’est définie nulle part" if undefined else trouble.message.strip()
        state: State = "unknown" if trouble.kind == "unknown" else "wrong"
        todo = "Corrigez la variable ou le système nommé, puis relancez « piste doctor »."
        findings.append(Finding("systems", state, f"{trouble.task} : {what}", todo))
    yield from _unresolved(environment, [name for known in findings if (name := unresolved_name(known.what))])
    if waiting:
        what = f"{agreed(len(waiting), 'contrôle(s)')} sans réponse, faute des clés du coffre : {' ; '.join(waiting)}"
        yield Finding("systems.vault", "unknown", what, "Complétez le coffre, puis relancez « piste doctor ».")
    alike: set[tuple[str, str, str]] = set()
    for finding in findings:
        met = (finding.state, finding.what, finding.todo)
        if met not in alike and not unresolved_name(finding.what):
            alike.add(met)
            yield finding


def _at_its_hour(finding: Finding) -> Finding:
    """Say that a lab has an hour of its own, where that is all."""
    if finding.state != "wrong" or not finding.id.endswith(".clock"):
        return finding
    what = "le laboratoire n’a pas l’heure de ce poste : il a celle de sa capture, ou que « piste lab clock » lui donne"
    return replace(finding, state="ok", what=what, todo="")


def _unresolved(environment: str, stopped: Sequence[str]) -> Iterator[Finding]:
    """Say once the names that do not resolve, in place of each finding that stops there."""

    if stopped:
        names = ", ".join(dict.fromkeys(stopped))
        what = f"ce poste ne résout pas {names} : {agreed(len(stopped), 'contrôle(s)')} sans réponse"
        todo = (
            "Ce poste doit demander les noms aux serveurs DNS de la ville (dns.servers) : resolvectl status, ou "
            f"/etc/resolv.conf. Si un nom est faux, corrigez-le dans inventories/{environment}/group_vars/all/main.yml."
        )
        yield Finding("systems.names", "unknown", what, todo)


def show(finding: Finding) -> None:
    """Write a finding: the sign and the word before any colour, the mend below."""
    said, colour = SAID[finding.state]
    # Click leaves colour out without a terminal; NO_COLOR is ours to honour.
    click.echo(f"{said if os.environ.get('NO_COLOR') else click.style(said, fg=colour)}  {safe(finding.what, '\n')}")
    if finding.todo:
        click.echo(f"{' ' * len(said)}  → {safe(finding.todo, '\n')}")


def counted(findings: Iterable[Finding]) -> str:
    """Write the counts: `12 conformes, 1 à corriger, 0 inconnu`."""
    states: list[str] = [finding.state for finding in findings]
    conform, wrong, unknown = (states.count(state) for state in SAID)
    return f"{agreed(conform, 'conforme(s)')}, {wrong} à corriger, {agreed(unknown, 'inconnu(s)')}."
