"""The verb `piste read`: read again what is due, in the order of the table, and keep it."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from piste.commands.french import Verb
from piste.commands.options import environment_option, forms_option
from piste.commands.output import EXIT, said, say_csv, say_json, say_table, say_troubles
from piste.engine.clock import in_town
from piste.engine.converge.errors import Misused
from piste.engine.words import agreed, safe, some

if TYPE_CHECKING:
    from piste.readings.table import Reader
    from piste.town.model.derived import Derived

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
COLUMNS = ("reader", "subject", "read", "known", "unknown", "read_at", "why")


def _complete(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.readings.table import READERS

    return [name for name in READERS if name.startswith(begun)]


@click.command(cls=Verb)
@click.argument("subjects", metavar="[SUJET]…", nargs=-1, shell_complete=_complete)
@click.option("--all", "everything", is_flag=True, help="Tout relire, dû ou non ; les partages la nuit seule.")
@click.option("--from", "table", type=_FILE, help="Garder ce que dit un tableau (CSV), pour le sujet nommé.")
@click.option("--send", "sent", type=click.Path(path_type=Path), help="Écrire ce que ce poste garde, pour un autre.")
@click.option("--receive", "received", type=click.Path(path_type=Path), help="Garder ce qu’un autre poste envoie.")
@environment_option
@forms_option("table", "json", "csv")
def read(
    subjects: tuple[str, ...],
    everything: bool,
    table: Path | None,
    sent: Path | None,
    received: Path | None,
    environment: str,
    form: str,
) -> None:
    """Relire ce qui est dû, ou les sujets nommés, et le garder ; rien n'est écrit sur aucun système.

    \b
    piste read
    piste read certificates links
    piste read --all --environment production --format json
    piste read edr --from agents.csv           ce que dit une console que rien ne lit
    piste read --send lectures.json            pour le poste qui garde celles de la ville : --receive lectures.json

    Dit d'abord à quels systèmes il va demander. Ce qui ne répond pas est inconnu, avec sa raison ; une lecture qui
    échoue n'empêche pas les autres. Une minuterie le lance chaque heure (docs/minuteries.md).
    Codes de sortie : 0 chaque lecture a donné quelque chose, 3 l'une n'a rien donné ; piste findings dit le reste.
    """
    from piste.readings.belief import FAILED
    from piste.runs.plans.reading import read as read_by
    from piste.town import declared
    from piste.town.town import refuse_faults

    if sent or received:
        _between(sent, received, environment)
        return
    if table:
        _given(subjects, table, environment)
        return
    given = declared.derived(environment)
    rows, failed = [], not _purged(given, environment)
    town = refuse_faults(given)
    readers = _wanted(subjects, everything, town, environment)
    if form == "table":
        _announce(readers)
    for reader in readers:
        try:
            something, played = read_by(reader, town, environment, said("text" if form == "table" else form))
            say_troubles(played)
            rows += _rows(reader, town, environment, something)
        except FAILED as error:  # the others are read all the same
            something, failed = False, True
            click.echo(f"{reader.name} : {safe(str(error))}", err=True)
        if form == "table":
            click.echo(f"✓ {reader.name}" if something else f"? {reader.name} : rien n’a été lu")
    if readers:
        _noted(town, environment)
    if form == "json":
        say_json({"environment": environment, "readings": rows})
    elif form == "csv":
        say_csv(COLUMNS, rows)
    elif rows:
        say_table([_line(row) for row in rows])
    sys.exit(EXIT["ok" if not failed and all(row["read"] for row in rows) else "unknown"])


def _noted(town: Derived, environment: str) -> None:
    """Note the findings and figures of now, those of clauses, sites and decisions too."""
    from piste.readings import findings, history
    from piste.sites import conformity, convergence, decisions

    every, figures = findings.findings(town, environment), findings.figures(town, environment)
    judged = conformity.judge(conformity.facts(town, environment, every, figures))
    waiting = decisions.figures(decisions.decisions(town, environment, judged))
    others = (*conformity.figures(judged), *convergence.figures(town, environment), *waiting)
    history.note(environment, every, [*figures, *others])


def _purged(town: Derived, environment: str) -> bool:
    """Forget what is past its days, whatever the declaration; tell whether that was done."""
    from piste.readings import store
    from piste.readings.belief import FAILED

    try:
        store.purge(town, environment)
    except FAILED as error:
        click.echo(f"l’effacement de ce qui a passé ses jours a échoué : {safe(str(error))}", err=True)
        return False
    return True


def _given(subjects: Sequence[str], table: Path, environment: str) -> None:
    """Keep what a table says of the only named subject.

    Raises `Misused`, with every fault of the table.
    """
    from piste.engine.tables import listing
    from piste.readings import store
    from piste.readings.belief import Reading
    from piste.readings.subject import named
    from piste.readings.table import SUBJECTS
    from piste.town import declared
    from piste.town.model.dates import now

    able = [name for name, subject in SUBJECTS.items() if subject.imported]
    if len(subjects) != 1 or subjects[0] not in able:
        raise Misused(f"--from ne vaut que pour un sujet : {', '.join(able)}", todo="Nommez ce sujet, et lui seul.")
    town, subject = declared.sound(environment), SUBJECTS[subjects[0]]
    values, faults = named(subject.imported)(town, table)
    if faults:
        what = f"le tableau a {agreed(len(faults), 'faute(s)')}, rien n’a été gardé"
        raise Misused(what, where=table.name, todo=f"Corrigez :\n{listing(faults, table.name)}")
    at = now()
    store.keep(subject, environment, {thing: Reading(value, at) for thing, value in values.items()})
    _noted(town, environment)
    click.echo(f"{subject.label} : {agreed(sum(map(len, values.values())), 'ligne(s) gardée(s)')}.")


def _between(sent: Path | None, received: Path | None, environment: str) -> None:
    """Send what this machine keeps, or receive what another keeps."""
    from piste.readings.sent import receive, send

    if sent:
        click.echo(f"{agreed(send(environment, sent), 'lecture(s) écrite(s)')} : {sent}")
    if received:
        kept, left = receive(environment, received)
        click.echo(f"{agreed(kept, 'lecture(s) gardée(s)')}, {agreed(len(left), 'laissée(s)')}.")
        if left:
            why = "Plus anciennes ou moins entières que ce qui est gardé, de l’avenir, ou d’une autre forme"
            click.echo(f"{why} : {safe(some(left, 8))}.")


def _wanted(subjects: Sequence[str], everything: bool, town: Derived, environment: str) -> list[Reader]:
    """List the readers of subjects, or those that are due.

    Raises `Misused` for a name that is no subject.
    """
    from piste.readings.due import due
    from piste.readings.table import READERS, SUBJECTS
    from piste.town.model.wording import closest

    if not subjects:
        every = READERS.values()
        return [reader for reader in every if (everything and not reader.at_night) or due(reader, town, environment)]
    by_subject = {name: reader for reader in READERS.values() for name in (*reader.subjects, reader.name)}
    if given := [name for name in subjects if name in SUBJECTS and SUBJECTS[name].imported and name not in by_subject]:
        raise Misused(f"« {given[0]} » se donne par un tableau", todo=f"Lancez : {SUBJECTS[given[0]].again}.")
    if unknown := [name for name in subjects if name not in by_subject]:
        raise Misused(f"« {', '.join(unknown)} » n’est pas un sujet qui se relit", todo=closest(unknown[0], by_subject))
    return list(dict.fromkeys(by_subject[name] for name in subjects))


def _announce(readers: Sequence[Reader]) -> None:
    """Say which systems will be asked, before any is."""
    if not readers:
        click.echo("Rien n’est dû : tout a été lu récemment (piste read --all relit tout).")
        return
    systems = dict.fromkeys(system for reader in readers for system in reader.asks)
    names = ", ".join(reader.name for reader in readers)
    click.echo(f"{agreed(len(readers), 'lecture(s)')} ({names}). Sera demandé à : {', '.join(systems)}.")


def _rows(reader: Reader, town: Derived, environment: str, something: bool) -> list[dict[str, Any]]:
    from piste.readings import store
    from piste.readings.belief import Reading
    from piste.readings.table import SUBJECTS
    from piste.town.model.freshness import ages

    rows = []
    for name in reader.subjects:
        every = store.last(SUBJECTS[name], environment, ages(town)).values()
        unread = [last for last in every if not isinstance(last, Reading)]
        moments = [last.read_at for last in every if last.read_at]
        whys = [last.silence.said for last in every if isinstance(last, Reading) and last.silence]
        cells = (
            reader.name, name, something, len(every) - len(unread), len(unread),
            max(moments).isoformat() if moments else "",
            " ; ".join(dict.fromkeys((*(last.why for last in unread), *whys))),
        )  # fmt: skip
        rows.append(dict(zip(COLUMNS, cells, strict=True)))
    return rows


def _line(row: Mapping[str, Any]) -> tuple[str, ...]:
    from piste.readings.table import SUBJECTS

    at = in_town(datetime.fromisoformat(row["read_at"])) if row["read_at"] else ""
    said = f"lu le {at}" if at else "jamais lu"
    counts = f"{agreed(row['known'], 'connu(s)')}, {agreed(row['unknown'], 'inconnu(s)')}"
    return (SUBJECTS[row["subject"]].label, counts, said, row["why"][:80])
