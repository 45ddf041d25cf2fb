"""The moment of a write, by freezes and change windows: allowed until when, or from when."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from piste.engine.clock import TOWN as ZONE
from piste.engine.converge.bounded import content, of_yaml
from piste.engine.repository import ROOT
from piste.engine.words import some
from piste.runs.plans.conditions import closing, in_words, refusals
from piste.town.declared import files


def hosts(environment: str, names: Iterable[str]) -> list[dict[str, Any]]:
    """Give what each owner declares of the moments of its writes. Raises `PisteError`."""
    tree, windows = files(environment), setting(environment, "piste_change_windows")
    result = []
    for name in names:
        variables = {key: variable.value for key, variable in tree.resolve(name).items()}
        given = {key: variables.get(key) for key in ("freezes", "change_windows")}
        result.append({"inventory_hostname": name, "piste_change_windows": windows, **given})
    return result


def forbidden(declared: Iterable[Mapping[str, Any]], now: datetime) -> Iterator[tuple[str, list[str], str]]:
    """Yield why some owners may not be written now, their names, and when they may."""
    for refusal in refusals(declared, now):
        yield refusal.what, refusal.where.split(", "), refusal.why.removesuffix("Rien n’a été écrit.").strip()


def lines(environment: str, names: Collection[str], now: datetime | None = None) -> Iterator[str]:
    """Yield who may be written now and until when, and when the others may."""
    moment, declared = now or datetime.now(ZONE).replace(tzinfo=None), hosts(environment, names)
    refused = [*forbidden(declared, moment)]
    closed = {name for _, names, _ in refused for name in names}
    ends: dict[datetime, list[str]] = {}
    for variables in declared:
        name, end = variables["inventory_hostname"], closing(variables, moment)
        if end and name not in closed:
            ends.setdefault(end, []).append(name)
    for end, open_ in sorted(ends.items()):
        yield f"Écriture permise maintenant, jusqu’à {in_words(end)} ({some(open_)})."
    for what, names, following in refused:
        yield f"Pas d’écriture maintenant : {what} ({some(names)}). {following}".strip()


def setting(environment: str, name: str) -> Any:
    """Read a variable of an environment, without its vault. Raises `Unreadable`."""
    place = ROOT / "inventories" / environment / "group_vars"
    every = [place / "all.yml", *sorted((place / "all").glob("*.yml"))]
    value = None
    for file in every:
        if not file.is_file() or file.name.startswith("vault"):
            continue
        loaded = of_yaml(content(file))
        value = loaded.get(name, value) if isinstance(loaded, Mapping) else value
    return value
