"""The verbs `piste backups …`: protected sets, their copies, the figures, what is lacking."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from piste.commands.french import Verbs
from piste.commands.options import environment_option, text_or_json
from piste.commands.output import EXIT, said, say_json, say_table, say_troubles
from piste.commands.verify import show, signed
from piste.engine.clock import in_town
from piste.engine.converge.errors import Misused
from piste.engine.words import agreed, safe

if TYPE_CHECKING:
    from piste.engine.finding import Finding, State
    from piste.readings.protection.figures import Figure, Source
    from piste.readings.protection.judgment import Judged
    from piste.town.model.derived import Derived
    from piste.town.model.protection.derived import TownProtection

_WORDS: Mapping[State, str] = {"ok": "conforme", "wrong": "non conforme", "unknown": "inconnu"}
_OUTCOMES: Mapping[State, str] = {"ok": "ok", "wrong": "error", "unknown": "unknown"}


@click.group(cls=Verbs)
def backups() -> None:
    """Les sauvegardes : ce qui est protégé, où sont ses copies, de quand elles datent, ce qui manque au 3-2-1.

    \b
    Exemples :
      piste backups read --environment production
      piste backups list
      piste backups gaps
      piste backups import releve.csv --store hors-site

    Piste lit les copies et les juge ; il n'en fait ni n'en efface aucune (docs/sauvegardes.md).
    """


def _complete_set(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    protection = _protection(ctx.params.get("environment") or "lab")
    return [item["name"] for item in protection["sets"] if item["name"].startswith(begun)]


def _complete_store(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    protection = _protection(ctx.params.get("environment") or "lab")
    names = [store["name"] for store in protection["stores"] if store["reader"] == "report"]
    return [name for name in names if name.startswith(begun)]


@backups.command("list")
@click.argument("name", metavar="[ENSEMBLE]", required=False, shell_complete=_complete_set)
@environment_option
@text_or_json
def list_sets(name: str | None, environment: str, form: str) -> None:
    """Lister les ensembles protégés et leur dernière copie, d'après les dernières lectures ; un seul : ses copies.

    \b
    piste backups list
    piste backups list hdv-sql1
    piste backups list --format json
    """
    _, every, source = _last(environment)
    if name is not None:
        every = [_named(name, every)]
    if form == "json":
        say_json({"sets": [_as_data(entry) for entry in every], "stores": source})
        return
    if name is not None:
        _say_set(every[0])
        return
    rows = [("ensemble", "sorte", "famille", "RPO", "copie", "exemplaires", "état")]
    rows += [
        (
            entry.item["name"], _KINDS[entry.item["kind"]], entry.item["family"], f"{entry.item['rpo_hours']} h",
            _age(entry), f"{entry.copies} sur {entry.item['requirement']['copies']}", _WORDS[entry.state],
        )
        for entry in every
    ]  # fmt: skip
    say_table(rows)
    click.echo()
    _say_stores(source, environment)


@backups.command()
@environment_option
@text_or_json
def figures(environment: str, form: str) -> None:
    """Calculer F14 (ensembles en 3-2-1) et la part de ceux dont la dernière copie est dans le RPO.

    \b
    piste backups figures
    piste backups figures --environment production --format json

    Chaque indicateur a son numérateur, son dénominateur, sa date, ses sources, sa méthode et ce qu'il exclut. Un
    ensemble que nul endroit lu ne dit est inconnu : compté, jamais conforme.
    Codes de sortie : 0 tout est conforme, 1 un écart, 3 quelque chose est inconnu.
    """
    from piste.engine.finding import worst
    from piste.readings.protection.figures import figure, pending, written

    protection, every, source = _last(environment)
    made = [figure("F14", every, source), figure("RPO", every, source)]
    state = worst(entry.state for entry in every)
    if form == "json":
        say_json({"outcome": _OUTCOMES[state], "figures": made, "to_confirm": pending(protection)})
    else:
        for entry in made:
            click.echo(written(entry))
            _say_names(entry)
            click.echo(f"  {safe(entry['method'])}\n")
        _say_pending(protection)
        _say_stores(source, environment)
    _leave(state)


@backups.command()
@environment_option
@text_or_json
def gaps(environment: str, form: str) -> None:
    """Dire ce qui n'est pas sauvegardé comme sa famille le demande, et pourquoi ; ce qui est inconnu.

    \b
    piste backups gaps
    piste backups gaps --environment production --format json

    Codes de sortie : 0 rien ne manque, 1 un écart, 3 quelque chose est inconnu.
    """
    from piste.engine.finding import worst
    from piste.readings.protection import kept
    from piste.readings.protection.figures import strangers

    protection, every, source = _last(environment)
    lacking = [entry for entry in every if entry.state != "ok"]
    foreign = strangers(protection, kept.last(environment))
    state = worst(entry.state for entry in every)
    if form == "json":
        say_json(
            {
                "outcome": _OUTCOMES[state],
                "gaps": [_as_data(entry) for entry in lacking],
                "undeclared": [{"store": store, "set": name, "copies": number} for store, name, number in foreign],
            }
        )
    else:
        for entry in sorted(lacking, key=lambda entry: entry.state != "wrong"):
            _say_gap(entry)
        for store, name, number in foreign:
            line = f"- non déclaré   {name} : {agreed(number, 'copie(s)')} dans « {store} », que rien ne déclare là"
            click.echo(safe(line))
        click.echo()
        _say_figures(protection, every, source)
    _leave(state)


@backups.command()
@environment_option
@text_or_json
def read(environment: str, form: str) -> None:
    """Lire les copies de chaque endroit, et les juger ; rien n'est restauré, rien n'est effacé.

    \b
    piste backups read
    piste backups read --environment production

    Un endroit qui ne répond pas garde sa lecture d'avant jusqu'à son âge, et le dit ; jamais lu, ou trop ancien, il est
    inconnu. Un endroit que rien ne lit garde son dernier relevé (import).
    Codes de sortie : 0 conforme, 1 un écart, 3 quelque chose n'a pas répondu.
    """
    from piste.engine.finding import worst
    from piste.readings.table import READERS
    from piste.runs.plans import reading

    _, played = reading.read(READERS["copies"], _town(environment), environment, said(form))
    protection, every, source = _last(environment)
    silences = _silent(environment)
    state = worst([*(entry.state for entry in every), *(finding.state for finding in silences)])
    if form == "json":
        made = {"sets": [_as_data(entry) for entry in every], "silences": [finding.to_json() for finding in silences]}
        say_json({"outcome": _OUTCOMES[state], "stores": source, **made, "warnings": played.warnings})
    else:
        say_troubles(played)
        _say_stores(source, environment)
        for warning in dict.fromkeys(played.warnings):
            click.echo(f"À savoir : {safe(warning)}.")
        click.echo()
        _say_figures(protection, every, source)
    _leave(state)


@backups.command("import")
@click.argument("file", metavar="FICHIER", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--store", metavar="ENDROIT", required=True, shell_complete=_complete_store, help="D’où vient le relevé.")
@click.option("--read-at", metavar="MOMENT", help="Quand le relevé a été fait ; sinon, maintenant.")
@environment_option
def import_report(file: Path, store: str, read_at: str | None, environment: str) -> None:
    """Faire entrer le relevé d'un produit de sauvegarde que rien ne lit : un CSV, une ligne par copie.

    \b
    piste backups import releve.csv --store hors-site
    piste backups import releve.csv --store hors-site --read-at "27/11/2026 06:00" --environment production

    Colonnes : set, taken_at, state (complete, failed, unknown) ; et, si elles sont connues, size_bytes, id,
    immutable_until. Un moment sans fuseau est à l'heure de la ville. Le relevé remplace le précédent de cet endroit ;
    ses fautes sont dites toutes ensemble, par ligne, et rien n'est alors gardé.
    Codes de sortie : 0 gardé, 1 des fautes, 4 refusé.
    """
    from piste.engine.clock import TOWN
    from piste.readings.protection import kept, report
    from piste.readings.protection.copies import reading
    from piste.readings.protection.figures import strangers

    protection = _protection(environment)
    _reported(store, protection)
    at = report.instant(read_at, TOWN.key) if read_at else None
    if isinstance(at, str):
        raise Misused(f"--read-at : {at}")
    made = reading(store, report.parsed(file, file.name, store, TOWN.key), read_at=at)
    if kept.keep(environment, [made]):
        raise Misused(
            f"le relevé du {in_town(made['read_at'])} est de l’avenir, ou plus ancien que celui qui est gardé",
            todo="Rien n’a été gardé. Donnez le moment du relevé : --read-at.",
        )
    sets = {copy["set"] for copy in made["copies"]}
    lu = in_town(made["read_at"])
    click.echo(f"{agreed(len(made['copies']), 'copie(s)')} de {agreed(len(sets), 'ensemble(s)')}, relevé du {lu}.")
    for _, name, number in strangers(protection, {store: made}):
        click.echo(safe(f"! {name} : {agreed(number, 'copie(s)')}, que rien ne déclare dans « {store} »"))


def _reported(store: str, protection: TownProtection) -> None:
    from piste.town.model.wording import choose

    readers = {entry["name"]: entry["reader"] for entry in protection["stores"]}
    if (reader := choose(store, readers, "n’est pas un endroit de la déclaration")) != "report":
        raise Misused(
            f"« {store} » se lit ({reader}), il ne s’importe pas",
            todo="Lancez « piste backups read », ou déclarez reader: report (group_vars/all/protection.yml).",
        )


def _town(environment: str) -> Derived:
    from piste.town import declared

    return declared.sound(environment)


def _protection(environment: str) -> TownProtection:
    commune = _town(environment).commune
    assert commune
    return commune["protection"]


def _last(environment: str) -> tuple[TownProtection, list[Judged], list[Source]]:
    from piste.readings.protection.figures import last

    town = _town(environment)
    assert town.commune
    return town.commune["protection"], *last(town, environment)


def _named(name: str, every: Sequence[Judged]) -> Judged:
    from piste.town.model.wording import choose

    return choose(name, {entry.item["name"]: entry for entry in every}, "n’est pas un ensemble protégé")


_KINDS: Mapping[str, str] = {
    "machine": "machine",
    "share": "partage",
    "database": "base",
    "directory": "annuaire",
    "configurations": "réglages",
    "microsoft365": "Microsoft 365",
}


def _age(entry: Judged) -> str:
    from piste.readings.protection.judgment import hours

    return hours(entry.age) if entry.age is not None else "—"


def _as_data(entry: Judged) -> dict[str, Any]:
    return {
        **entry.item,
        "state": entry.state,
        "scheme": entry.scheme,
        "rpo": entry.rpo,
        "copies": entry.copies,
        "media": entry.media,
        "off_site": entry.off_site,
        "immutable": entry.immutable,
        "age_hours": None if entry.age is None else round(entry.age, 2),
        "faults": list(entry.faults),
        "kept": [{"store": kept.store["name"], "fresh": kept.fresh, "last": kept.last, "words": kept.words}
                 for kept in entry.kept],
    }  # fmt: skip


def _say_set(entry: Judged) -> None:
    item, wanted = entry.item, entry.item["requirement"]
    click.echo(f"{item['name']} ({item['label']}), famille {item['family']} : {_WORDS[entry.state]}")
    click.echo(f"  déclaré à     {item['source']}")
    immutable = ", immuable" if wanted["immutable"] else ""
    scheme = f"{wanted['copies']}-{wanted['media']}-{wanted['off_site']}{immutable}"
    click.echo(f"  demandé       {scheme}, RPO {item['rpo_hours']} h, RTO {item['rto_hours']} h")
    click.echo(f"  obtenu        {entry.copies}-{entry.media}-{entry.off_site}, dernière copie : {_age(entry)}")
    for kept in entry.kept:
        click.echo(safe(f"  {kept.store['name']:<13} {kept.words}"))
    for fault in entry.faults:
        click.echo(safe(f"  → {fault}"))


def _say_gap(entry: Judged) -> None:
    reason = entry.item["requirement"]["exempt"]
    exempt = f" (exempté de 3-2-1 : {reason})" if reason else ""
    click.echo(f"{signed(entry.state)}  {safe(entry.item['name'])} : {safe(' ; '.join(entry.faults) + exempt)}")
    for kept in entry.kept:
        if not kept.fresh:
            click.echo(safe(f"{' ' * 16}{kept.store['name']} : {kept.words}"))


def _silent(environment: str) -> list[Finding]:
    from piste.readings.findings import silent
    from piste.readings.table import SUBJECTS

    return [*silent(SUBJECTS["copies"], _town(environment), environment)]


def _say_stores(source: Sequence[Source], environment: str) -> None:
    for entry in source:
        lu = f"lu le {in_town(entry['read_at'])}" if entry["read_at"] else ""
        said = f"inconnu : {entry['unknown']}" if entry["unknown"] else lu
        click.echo(safe(f"{entry['store']:<16} {said}"))
    for finding in _silent(environment):
        show(finding)


def _say_names(made: Figure) -> None:
    if made["date"]:
        click.echo(f"  au {in_town(made['date'])}, la plus ancienne lecture")
    for title, names in (("écarts", made["gaps"]), ("inconnus", made["unknown"])):
        if names:
            click.echo(safe(f"  {title} : {', '.join(names)}"))
    for entry in made["excluded"]:
        click.echo(safe(f"  exclu : {entry['name']} ({entry['why']})"))


def _say_figures(protection: TownProtection, every: Sequence[Judged], source: Sequence[Source]) -> None:
    from piste.readings.protection.figures import figure, written

    for made in (figure("F14", every, source), figure("RPO", every, source)):
        click.echo(f"{written(made)}.")
    _say_pending(protection)


def _say_pending(protection: TownProtection) -> None:
    from piste.readings.protection.figures import pending

    if said := pending(protection):
        click.echo(f"À confirmer dans la déclaration : {said}. Ces chiffres valent ce qu’elle vaut.")


def _leave(state: State) -> None:
    sys.exit(EXIT[_OUTCOMES[state]])
