"""The finding of `piste doctor` on the measures of computers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from piste.engine.finding import Finding
from piste.engine.words import agreed
from piste.readings import store
from piste.readings.belief import Doubted, Reading, tried_at
from piste.readings.computers import kept
from piste.readings.computers.kept import Kept
from piste.readings.table import SUBJECTS, Answer
from piste.town.model.dates import now
from piste.town.model.derived import Derived
from piste.town.model.freshness import ages

ID, RIGHTS, PROGRAM = "computers", "computers.share", "computers.program"
FILES, SILENT = "computers.files", "computers.silent"
READ = "Relevez-les : piste computers read."
SIGN = "Relisez le programme, puis signez-le : piste computers sign."
MOST_SILENT = 0.1
"""Share of the computers in service beyond which their silence is a finding."""


def stands(town: Derived, thing: str) -> bool:
    """Tell whether the measure is declared."""
    return bool(town.commune and town.commune["computer_measures"])


def take(town: Derived, environment: str, answer: Answer) -> bool:
    """Forget what is too old; tell whether all was collected that there is.

    The module keeps what it collects, or why it does not: where it never ran, that is noted here.
    """
    store.purge(town, environment)
    declared = town.commune["computer_measures"] if town.commune else None
    last = store.last(SUBJECTS["computers"], environment).get(kept.SHARE)
    at = tried_at(last) if last else None
    if declared is not None and answer.begun and (at is None or at < answer.begun.replace(microsecond=0)):
        store.keep(SUBJECTS["computers"], environment, {kept.SHARE: store.unanswered(answer)})
        return False
    whole = isinstance(last, Reading) and not last.silence and last.value.state == "complete"
    return declared is None or (not answer.troubles and whole)


def findings(town: Derived, environment: str, made: Kept | None = None) -> Iterator[Finding]:
    """Yield the findings by the last collection, while it is believed.

    `made` are the measures, where they are loaded already.
    """
    last = store.last(SUBJECTS["computers"], environment, ages(town)).get(kept.SHARE)
    if isinstance(last, Doubted):
        yield Finding(ID, "unknown", f"mesures des postes : {last.why}", READ)
    else:
        yield from collected(town, made or kept.last(environment), now())


def collected(town: Derived, kept: Kept, now: datetime) -> Iterator[Finding]:
    """Say if the share answers, if a file is refused, if computers keep silent.

    Nothing is said where the measure is not rolled out.
    """
    declared = town.commune["computer_measures"] if town.commune else None
    if declared is None or (declared["state"] == "off" and not (kept.collection or kept.silence)):
        return
    last = kept.collection
    if last is None:
        never = "les postes n’ont jamais été relevés"
        what = f"le partage des mesures n’a pas répondu : {kept.silence}" if kept.silence else never
        yield Finding(ID, "unknown", what, READ)
        return
    if last.rights:
        what = f"le partage des mesures laisse trop faire, ou pas assez : {' ; '.join(last.rights)}"
        yield Finding(RIGHTS, "wrong", what, "Rendez-lui ses droits (docs/mesure-des-postes.md).")
    elif last.rights is None:
        what = "les droits du partage des mesures ne se lisent pas"
        yield Finding(RIGHTS, "unknown", what, "Relisez-les sur le serveur (docs/mesure-des-postes.md).")
    if last.state == "partial":
        yield Finding(ID, "unknown", f"le partage des mesures n’a pas été lu en entier : {last.why}", READ)
    if refused := len(last.refused) + last.more:
        what = agreed(refused, "fichier(s) de mesure refusé(s)")
        yield Finding(FILES, "wrong", what, "Voyez le nom et la raison de chacun : piste computers silent.")
    computers = [
        asset["name"].upper() for site in town.sites.values() for asset in site["assets"]
        if asset["kind"] == "computer" and asset["state"] == "in_service"
    ]  # fmt: skip
    oldest = now - timedelta(days=declared["silent_days"])
    spoke = {name for name, measure in kept.measures.items() if measure.report.taken_at >= oldest}
    silent = sum(name not in spoke for name in computers)
    what = f"{len(computers) - silent} des {agreed(len(computers), 'poste(s)')} en service sont mesurés"
    if silent > MOST_SILENT * len(computers):
        yield Finding(SILENT, "unknown", f"{what}, {silent} ne disent rien", "Voyez lesquels : piste computers silent.")
    elif not refused and last.state == "complete":
        yield Finding(ID, "ok", what)


def program(town: Derived, folder: Path) -> Iterator[Finding]:
    """Say if the program of the computers is signed, and is that of this version.

    Nothing is said where the measure is not rolled out. An older program still runs: only a signature replaces it.
    """
    # Imported here: a town without the measure needs none of it.
    from piste.readings.computers.collector.signing import outdated
    from piste.systems.windows.signed import Waiting

    declared = town.commune["computer_measures"] if town.commune else None
    if declared is None or declared["state"] == "off":
        return
    try:
        old = outdated(folder)
    except Waiting as error:
        yield Finding(PROGRAM, "wrong", f"la mesure des postes ne se pose pas : {error}", SIGN)
        return
    if old:
        yield Finding(PROGRAM, "wrong", "le programme signé des postes n’est pas celui de cette version", SIGN)
    else:
        yield Finding(PROGRAM, "ok", "le programme des postes est signé, et celui de cette version")
