"""The figures of the protection: F14 (3-2-1 of each set), age of the last copy; findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, TypedDict

from piste.engine.clock import DAY, in_town
from piste.engine.figure import Figure as Dated
from piste.engine.finding import Finding, State
from piste.engine.words import agreed
from piste.readings.protection import kept
from piste.readings.protection.copies import Reading
from piste.readings.protection.judgment import AGAIN, Judged, hours, judged, unread
from piste.town.model.dates import now
from piste.town.model.derived import Derived
from piste.town.model.freshness import ages
from piste.town.model.protection.derived import TownProtection

FigureId = Literal["F14", "RPO"]
LABELS: Mapping[FigureId, str] = {
    "F14": "ensembles en 3-2-1 (CCTP 3.2.4)",
    "RPO": "ensembles dont la dernière copie est dans le RPO (CCTP 3.2.4)",
}
METHODS: Mapping[FigureId, str] = {
    "F14": "Un ensemble est conforme quand il a au moins trois exemplaires, l’original compris, sur deux supports, "
    "dont un externalisé, et une copie immuable où sa famille le demande. Une copie portée par la grappe de l’original "
    "n’est ni un exemplaire, ni un support. Une copie compte si elle est complète et assez récente à la lecture de "
    "son endroit. Un ensemble inconnu est au dénominateur, jamais au numérateur.",
    "RPO": "Âge de la dernière copie complète à la lecture de son endroit, tous endroits compris, contre le RPO de la "
    "famille. Un ensemble inconnu est au dénominateur, jamais au numérateur.",
}


class Excluded(TypedDict):
    name: str
    why: str


class Source(TypedDict):
    """A store behind a figure; `unknown` says why it was not of use."""

    store: str
    reader: str
    read_at: str
    unknown: str | None


class Figure(TypedDict):
    """A figure of the protection.

    `value` is in percent, None where no set could be judged. A set whose stores could not say is in `unknown`, and in
    the denominator alone. `date` is that of the oldest reading of use.
    """

    id: FigureId
    value: float | None
    numerator: int
    denominator: int
    target: float
    reached: bool
    gaps: list[str]
    unknown: list[str]
    excluded: list[Excluded]
    source: list[Source]
    date: str
    method: str


def last(town: Derived, environment: str) -> tuple[list[Judged], list[Source]]:
    """Judge every set by the last readings of an environment, and name them.

    Raises `UnreadableReading`.
    """
    assert town.commune
    protection, limits = town.commune["protection"], ages(town)
    known = kept.last(environment, limits)
    return judged(protection, known, now(), limits["readings_hours"]["copies"]), sources(protection, known)


def sources(protection: TownProtection, known: Mapping[str, Reading]) -> list[Source]:
    """Name the stores that the figures come from, each with its reading."""
    return [
        Source(
            store=store["name"],
            reader=store["reader"],
            read_at=known[store["name"]]["read_at"] if store["name"] in known else "",
            unknown=unread(store, known.get(store["name"])) or None,
        )
        for store in protection["stores"]
    ]


def figure(id_: FigureId, every: Sequence[Judged], source: Sequence[Source]) -> Figure:
    """Compute a figure; what is exempt from 3-2-1 is excluded from F14, with its reason."""
    excluded = [
        Excluded(name=entry.item["name"], why=entry.item["requirement"]["exempt"] or "")
        for entry in every
        if id_ == "F14" and entry.item["requirement"]["exempt"]
    ]
    out = {entry["name"] for entry in excluded}
    states: dict[State, list[str]] = {"ok": [], "wrong": [], "unknown": []}
    for entry in every:
        if entry.item["name"] not in out:
            states[entry.scheme if id_ == "F14" else entry.rpo].append(entry.item["name"])
    numerator, denominator = len(states["ok"]), sum(map(len, states.values()))
    judged_ = bool(states["ok"] or states["wrong"])
    read = [entry["read_at"] for entry in source if not entry["unknown"]]
    return Figure(
        id=id_,
        value=round(100 * numerator / denominator, 2) if judged_ else None,
        numerator=numerator,
        denominator=denominator,
        target=100.0,
        reached=judged_ and numerator == denominator,
        gaps=states["wrong"],
        unknown=states["unknown"],
        excluded=excluded,
        source=[*source],
        date=min(read, default=""),
        method=METHODS[id_],
    )


def pending(protection: TownProtection) -> str:
    """Count what is declared `to_confirm`; empty where nothing is.

    A figure is worth what its declaration is.
    """
    statuses = {
        "endroit(s)": [store["status"] for store in protection["stores"]],
        "famille(s)": [family["status"] for family in protection["families"]],
        "ensemble(s)": [entry["status"] for entry in protection["sets"]],
    }
    counts = {label: every.count("to_confirm") for label, every in statuses.items()}
    return ", ".join(agreed(number, label) for label, number in counts.items() if number)


def written(made: Figure) -> str:
    """Write a figure in a line."""
    value = "inconnu" if made["value"] is None else f"{made['value']:g} %".replace(".", ",")
    parts = [f"{made['numerator']} sur {made['denominator']}"]
    if made["unknown"]:
        parts.append(agreed(len(made["unknown"]), "inconnu(s)"))
    if made["excluded"]:
        parts.append(agreed(len(made["excluded"]), "exempté(s)"))
    return f"{made['id']} : {value} ({', '.join(parts)}), {LABELS[made['id']]}"


def strangers(protection: TownProtection, known: Mapping[str, Reading]) -> list[tuple[str, str, int]]:
    """List the copies of what nothing declares: store, name that the store gives, count."""
    sets = {item["name"]: item["stores"] for item in protection["sets"]}
    count: dict[tuple[str, str], int] = {}
    for reading in known.values():
        for copy in reading["copies"]:
            if reading["store"] not in sets.get(copy["set"], ()):
                key = (reading["store"], copy["set"])
                count[key] = count.get(key, 0) + 1
    return [(*key, number) for key, number in sorted(count.items())]


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Yield a finding for each protected set, of the site of its original."""
    every, _ = last(town, environment) if town.commune else ((), ())
    for entry in every:
        name, age = entry.item["name"], entry.age
        silent = [f"{there.store['name']} : {there.words}" for there in entry.kept if there.fresh is None]
        said = " ; ".join((*entry.faults, *(silent if entry.state == "unknown" else ())))
        said = said or f"dernière copie il y a {hours(age or 0)}"
        read = [there.read_at for there in entry.kept if there.read_at]
        yield Finding(
            f"copies.{name}", entry.state, f"{name} : {said}", _TODO[entry.state],
            site=entry.item["site"] or "", gravity="critical" if entry.rpo == "wrong" else "major",
            evidence=f"lues depuis le {in_town(min(read))}" if read else "",
        )  # fmt: skip


_TODO: Mapping[State, str] = {
    "ok": "", "unknown": AGAIN, "wrong": "piste backups gaps dit ce qui manque, et où.",
}  # fmt: skip


def figures(town: Derived, environment: str) -> Iterator[Dated]:
    """Yield both figures by the last readings; none where no set is protected."""
    every, source = last(town, environment) if town.commune else ((), ())
    for id_ in LABELS if every else ():
        made = figure(id_, every, source)
        since = f", lues depuis le {in_town(made['date'], DAY)}" if id_ == "RPO" and made["date"] else ""
        counts = made["numerator"], made["denominator"], len(made["unknown"])
        yield Dated(id_, made["value"], "%", *counts, said=f"{_short(made)}{since}" if made["date"] else "")


def _short(made: Figure) -> str:
    unknown = f" ({agreed(len(made['unknown']), 'inconnu(s)')})" if made["unknown"] else ""
    return f"{made['id']} {made['numerator']} sur {made['denominator']}{unknown}"
