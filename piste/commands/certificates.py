"""The verbs `piste certificates …`: the inventory, its reading, and what must be renewed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

from piste.commands.french import Verbs
from piste.commands.options import environment_option, text_or_json
from piste.commands.output import EXIT, said, say_json, say_troubles
from piste.commands.verify import show
from piste.engine.clock import in_town
from piste.engine.words import agreed, safe

if TYPE_CHECKING:
    from piste.engine.finding import Finding
    from piste.readings.certificates.judgment import Figure, Judged
    from piste.town.model.certificates import TownCertificates


@click.group(cls=Verbs)
def certificates() -> None:
    """Les certificats de la ville : qui les émet, où ils servent, quand ils finissent, ce qu'il faut renouveler.

    \b
    Exemples :
      piste certificates list
      piste certificates scan --environment production
      piste certificates due
      piste certificates request site-de-la-ville

    Une clé privée n'est jamais lue, ni déclarée : seul l'endroit où elle vit l'est (docs/certificats.md).
    """


@certificates.command("list")
@environment_option
@text_or_json
def list_certificates(environment: str, form: str) -> None:
    """Lister les certificats déclarés, avec ce que la dernière lecture en dit, sans rien demander à aucun système.

    \b
    piste certificates list
    piste certificates list --format json
    """
    judged, _, read_at, silent = _last(environment)
    if form == "json":
        say_json([_as_data(item) for item in judged])
        return
    for item in judged:
        entry = item.certificate
        where = f"{entry['host']}:{entry['port']}" if entry["host"] else entry["store"] or "—"
        end = item.facts["not_after"][:10] if item.facts else entry["not_after"] or "fin inconnue"
        click.echo(f"{entry['name']:<22} {entry['type']:<15} {end:<13} {entry['authority']:<14} {where}")
    read = f"lus le {in_town(read_at)}" if read_at else "jamais lus (piste certificates scan)"
    click.echo(f"\n{agreed(len(judged), 'certificat(s)')}, {read}.")
    for finding in silent:
        show(finding)


@certificates.command()
@environment_option
@text_or_json
def scan(environment: str, form: str) -> None:
    """Lire chaque certificat là où il est servi ou gardé, et le juger ; rien n'est envoyé au service.

    \b
    piste certificates scan
    piste certificates scan --environment production --format json

    Une chaîne que rien n'atteste est lue quand même : c'est un constat. Ce qui ne répond pas est dit, et garde sa
    lecture d'avant jusqu'à son âge ; jamais lu, ou trop ancien, il est inconnu.
    Codes de sortie : 0 conforme, 1 non conforme, 3 quelque chose n'a pas répondu.
    """
    from piste.readings.table import READERS
    from piste.runs.plans.reading import read as read_by
    from piste.town import declared

    read, played = read_by(READERS["certificates"], declared.derived(environment), environment, said(form))
    if form == "text":
        say_troubles(played)
    judged, town, _, silent = _last(environment)
    _conclude(judged, town, form, silent, failed=not read or bool(silent))


@certificates.command()
@environment_option
@text_or_json
def due(environment: str, form: str) -> None:
    """Dire ce qui est expiré, ou finit bientôt sans ticket de renouvellement, d'après la dernière lecture (F16).

    \b
    piste certificates due
    piste certificates due --environment production

    Codes de sortie : 0 rien à renouveler, 1 quelque chose l'est, 3 une fin est inconnue.
    """
    judged, town, _, silent = _last(environment)
    concerned = [item for item in judged if item.asked or {"expired", "due", "unread"} & item.faults.keys()]
    _conclude(concerned, town, form, silent, every=judged)


def _complete_name(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    judged, *_ = _last(ctx.params.get("environment") or "lab")
    return [item.certificate["name"] for item in judged if item.certificate["name"].startswith(begun)]


@certificates.command()
@click.argument("name", metavar="CERTIFICAT", shell_complete=_complete_name)
@environment_option
def request(name: str, environment: str) -> None:
    """Écrire la demande de renouvellement d'un certificat : le texte du ticket, et les cases à cocher.

    \b
    piste certificates request site-de-la-ville > demande.md

    Pour une autorité sans interface (Certinomis) : la demande se fait dans son espace client, au nom de la Ville.
    """
    from piste.readings.certificates.request import request as written
    from piste.town.model.wording import choose

    judged, town, *_ = _last(environment)
    by_name = {item.certificate["name"]: item for item in judged}
    for line in written(choose(name, by_name, "n’est pas un certificat de la déclaration"), town):
        click.echo(safe(line))


def _last(environment: str) -> tuple[list[Judged], TownCertificates, datetime | None, list[Finding]]:
    """Judge the declared certificates by their last readings; say what was asked in vain since."""
    from piste.readings.certificates import kept
    from piste.readings.findings import silent
    from piste.readings.table import SUBJECTS
    from piste.town import declared
    from piste.town.model.freshness import ages

    town = declared.sound(environment)
    assert town.commune
    readings = kept.last(environment, ages(town))
    certificates = kept.with_tickets(town.commune["certificates"], readings)
    subjects = (SUBJECTS["certificates"], SUBJECTS["tickets"])
    silences = [finding for subject in subjects for finding in silent(subject, town, environment)]
    return kept.judged(certificates, readings), certificates, readings.read_at, silences


def _as_data(item: Judged) -> dict[str, object]:
    return {**item.certificate, "state": item.state, "days": item.days, "faults": dict(item.faults), "read": item.facts}


def _conclude(
    shown: Sequence[Judged],
    town: TownCertificates,
    form: str,
    silent: Sequence[Finding],
    *,
    every: Sequence[Judged] | None = None,
    failed: bool = False,
) -> None:
    """Print certificates and F16, and leave with the code of the whole."""
    from piste.engine.finding import Finding
    from piste.readings.certificates.judgment import NEVER, figure, written

    f16: Figure = figure(shown if every is None else every)
    states = {f16["state"]} if every is not None else {item.state for item in shown}
    outcome = "error" if "wrong" in states else "unknown" if "unknown" in states or failed else "ok"
    if form == "json":
        data, silences = [_as_data(item) for item in shown], [finding.to_json() for finding in silent]
        say_json({"outcome": outcome, "figure": f16, "certificates": data, "silences": silences})
    else:
        never = [item for item in shown if item.faults.get("unread") == NEVER and item.certificate["reader"]]
        for item in shown:
            if item not in never or len(never) == 1:
                show(Finding.from_json(item.trial(town)))
        if len(never) > 1:
            names = ", ".join(item.certificate["name"] for item in never)
            show(Finding("certificates", "unknown", f"{len(never)} certificats {NEVER}s : {names}", never[0].todo))
        for finding in silent:
            show(finding)
        click.echo(f"\n{written(f16)}.")
    sys.exit(EXIT[outcome])
