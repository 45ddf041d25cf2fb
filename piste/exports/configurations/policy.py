"""A group policy made again from the kept export of the directory, compared, removed.

It has another name, no link and no WMI filter: it reaches nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from piste.engine.converge.errors import PisteError
from piste.engine.converge.plan import digest
from piste.engine.words import agreed
from piste.exports.configurations.exported import Kept, of_folder, of_home
from piste.exports.configurations.home import home
from piste.systems.windows.connection import Connection
from piste.systems.windows.gpo_trials import PREFIX, Trials
from piste.trials.restore.method import Answer, Context, Isolation, Steps, Thing

_KIND = "policy"


class Policy(Steps):
    """The method: `own.export` is a folder of an export, in the place of the repositories."""

    def prepare(self, context: Context) -> Isolation:
        name = context.test["object"] or ""
        how = f"l’annuaire, sous le nom « {PREFIX}{name} », sans lien ni filtre WMI : elle n’atteint personne"
        try:
            kept = _kept(context)
        except PisteError as error:
            return Isolation(how, faults=[error.sentence()])
        copies = [item for item in kept.content["gpos"] if item["name"] == name]
        if len(copies) != 1:
            count = agreed(len(copies), "stratégie(s)")
            return Isolation(how, kept.copy, faults=[f"{count} « {name} » dans cet export"])
        try:
            with _trials(context) as trials:
                item = trials.prepared(copies[0])
        except PisteError as error:
            if error.kind == "unknown":
                raise
            return Isolation(how, kept.copy, faults=[error.sentence()])
        context.kept.update(kept=copies[0], item=item)
        return Isolation(how, kept.copy)

    def restore(self, context: Context) -> None:
        item: Mapping[str, Any] = context.kept["item"]

        def note(guid: str) -> str:
            return context.expect(Thing(_KIND, guid, {"name": item["name"]})).id

        with _trials(context) as trials:
            context.kept["guid"] = trials.make(dict(item), note)

    def probe(self, context: Context) -> Iterator[Answer]:
        item, kept, guid = (context.kept[name] for name in ("item", "kept", "guid"))
        with _trials(context) as trials:
            back, defects = trials.read(item["name"])
            living, _ = trials.read(kept["name"])
            links = trials.links(guid)
            differing = ["absente"] if back is None else trials.differences(item, back)
            since = None if living is None else trials.differences(kept, living)
        yield Answer(
            "Contenu relu", "celui de la copie, nom et filtre WMI mis à part", _listed(differing, "le même"),
            "wrong" if differing else "conform", {"guid": guid, "copy": digest(item), "differences": differing},
        )  # fmt: skip
        yield Answer("Annuaire et SYSVOL", "d’accord", ", ".join(defects) or "d’accord",
                     "wrong" if defects else "conform", defects)  # fmt: skip
        yield Answer("Liens", "aucun", ", ".join(links) or "aucun", "wrong" if links else "conform", links)
        yield Answer(
            "Stratégie en service", "ce qui a changé depuis la copie, nommé",
            "absente de l’annuaire" if since is None else _listed(since, "la même que la copie"), "conform", since,
        )  # fmt: skip

    def teardown(self, things: Sequence[Thing], context: Context) -> None:
        if things:
            with _trials(context) as trials:
                for thing in things:
                    trials.remove(thing.id)

    def left(self, things: Sequence[Thing], context: Context) -> Iterator[str]:
        if things:
            with _trials(context) as trials:
                for thing in things:
                    yield from trials.left(thing.id)


def _kept(context: Context) -> Kept:
    given, protected = (context.options.get("own") or {}).get("export"), context.test["set"] or ""
    if given:
        return of_folder(Path(given), "directory", "gpos", protected)
    return of_home(home(context.environment), "directory", protected)


@contextmanager
def _trials(context: Context) -> Iterator[Trials]:
    connection = Connection(context.options.get("domain") or {"controller": ""})
    try:
        yield Trials(connection, context.options.get("admx"))
    finally:
        connection.close()


def _listed(names: Sequence[str], none: str) -> str:
    shown = ", ".join(names[:10])
    return f"{agreed(len(names), 'différence(s)')} : {shown}{' …' if len(names) > 10 else ''}" if names else none
