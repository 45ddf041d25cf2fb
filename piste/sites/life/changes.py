"""A change of the life of assets: their tables and their history, together."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import unified_diff
from pathlib import Path

from piste.engine.converge.errors import Misused, PisteError
from piste.engine.words import agreed
from piste.sites.declaring import TOWN, text_at, validated
from piste.sites.life import racks
from piste.sites.life.tables import as_line, header_of, with_cells, with_columns
from piste.town.model import Town
from piste.town.model.assets.classes import CLASSES, STATES
from piste.town.model.assets.derived import Asset
from piste.town.model.assets.tables import FOLDER
from piste.town.model.assets.tables import HISTORY as FILE
from piste.town.model.life.actions import STEPS, Action, stores
from piste.town.model.life.history import COLUMNS, Event
from piste.town.model.life.rules import erased, since_erased
from piste.town.model.wording import choose

ASSETS = TOWN / FOLDER
HISTORY = ASSETS / FILE


class Refused(PisteError):
    """An asset cannot take this step of its life now."""

    code = "PISTE-E111"
    kind = "refused"


@dataclass(frozen=True, slots=True)
class Wanted:
    """An action for some assets, that `role` does on the day `date`.

    It sets `cells` of their tables; its events have the `proof`.
    """

    action: Action
    names: Sequence[str]
    role: str
    date: str
    cells: Mapping[str, str | None] = field(default_factory=dict)
    proof: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made:
    """The files to write, the history first; a line for each asset that changes; files before."""

    files: Mapping[Path, str]
    lines: Sequence[str]
    before: Mapping[Path, str | None] = field(default_factory=dict)


def make(wanted: Wanted, town: Town, root: Path) -> Made:
    """Make the files of a change, and validate the town with them on a copy.

    The history comes first: a change that was killed in between is finished by the same command. Raises `Missing`,
    `Misused`, `Refused` for the first asset that cannot; `InvalidDeclaration` with every fault.
    """
    history = text_at(root / HISTORY) or as_line(COLUMNS)
    tables: dict[Path, str] = {}
    lines = []
    for name in dict.fromkeys(wanted.names):
        if wanted.action == "check" and (rack := racks.named(town, name)):
            noted = {"date": wanted.date, "action": "check", "role": wanted.role, **wanted.proof}
            act = event_of({**noted, **racks.cells(rack, wanted.proof.get("method"))})
            # A check comes back: on another day, it is another act.
            if act not in town.history:
                history = with_event(history, act)
                lines.append(f"{act.asset} ({act.site}) : contrôle {act.method}")
            continue
        asset = named(town, name)
        events = of_asset(town, asset["name"])
        cells = _cells(wanted, asset)
        _check_port(wanted.proof.get("port"), cells.get("site") or asset["site"], town)
        event = _event(wanted, asset, cells)
        known = since_erased(events) if wanted.action == "check" else events[-1:]
        done = any(_same(last, event) for last in known)
        if not done:
            _refuse(wanted, asset, events)
        changed = {column: value for column, value in cells.items() if (asset[column] or None) != value}  # type: ignore[literal-required]
        if changed:
            path = table_of(asset)
            tables[path] = with_cells(tables.get(path) or text_at(root / path) or "", asset["name"], changed)
        if not done:
            history = with_event(history, event)
        if changed or not done:
            lines.append(f"{asset['name']} : {STEPS[wanted.action].label}{_said(changed, asset)}")
    return finished(history, tables, lines, root)


def finished(history: str, tables: Mapping[Path, str], lines: Sequence[str], root: Path) -> Made:
    """Keep the files that change, the history first, once the town is valid with them."""
    wanted = {HISTORY: history, **tables}
    before = {path: text_at(root / path) for path in wanted}
    files = {path: text for path, text in wanted.items() if before[path] != text}
    if not lines:
        return Made({}, [])
    validated(files, root)
    return Made(files, lines, before)


def named(town: Town, name: str) -> Asset:
    """Find an asset by its name, or by its serial number. Raises `Missing`."""
    for key in ("name", "serial"):
        for asset in town.assets:
            if (asset[key] or "").casefold() == name.casefold():
                return asset
    return choose(name, {asset["name"]: asset for asset in town.assets}, "n’est pas un équipement de l’inventaire")


def _check_port(port: str | None, site: str, town: Town) -> None:
    """Raise `Missing` where the site has no such port."""
    if not port:
        return
    devices = town.sites[site]["devices"] if site in town.sites else []
    known = {f"{device['name']}/{entry['port']}": entry for device in devices for entry in device["ports"]}
    choose(port, known, f"n’est pas un port déclaré de {site}")


def of_asset(town: Town, name: str) -> list[Event]:
    """List the events of an asset, the oldest first."""
    return [event for event in town.history if event.asset == name]


def digest_of(evidence: Path) -> str:
    """Compute the SHA-256 of a file. Raises `Misused` where it does not read."""
    try:
        with evidence.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise Misused(f"{evidence} ne se lit pas", why=error.strerror or "") from error


def in_table(asset: Asset) -> bool:
    """Tell whether the asset is a line of a table, and not derived from another declaration."""
    return asset["source"].rpartition(":")[0] == str(table_of(asset))


def table_of(asset: Asset) -> Path:
    return ASSETS / f"{asset['kind']}.csv"


def with_event(history: str, event: Event) -> str:
    """Add an event at the end of the history."""
    cells = event.model_dump()
    whole = history if history.endswith("\n") else history + "\n"
    return whole + as_line([str(cells[column] or "") for column in COLUMNS])


def _cells(wanted: Wanted, asset: Asset) -> dict[str, str | None]:
    """Give the cells that an action sets; none for an asset that another declaration gives."""
    if not in_table(asset):
        if wanted.action in ("erase", "switch_off", "check"):
            return {}
        raise _elsewhere(asset)
    to = STEPS[wanted.action].to
    return {**({"state": to} if to else {}), **wanted.cells}


def _elsewhere(asset: Asset) -> PisteError:
    label, source = CLASSES[asset["kind"]].label, asset["source"]
    todo = _CHANGE.get(asset["kind"], "Changez-le dans ce fichier.")
    return Misused(f"{asset['name']} ({label}) n’est pas une ligne de table : il vient de {source}", todo=todo)


_CHANGE = {
    "switch": "Un échange est l’affaire de « piste replace » ; un autre site, du fichier de chaque site.",
    "access_point": "Un échange est l’affaire de « piste replace » ; un autre site, du fichier de chaque site.",
    "virtual_machine": "Changez hosting_machines, ou inscrivez-la à hosting_retired.",
    "printer": "Changez la file d’impression dans le fichier du site.",
    "ups": "Changez premises.ups dans le fichier du site.",
}


def _event(wanted: Wanted, asset: Asset, cells: Mapping[str, str | None]) -> Event:
    """Make the event of an action; the asset after it is noted where its table decides."""
    after = {column: cells.get(column, asset[column]) for column in ("state", "site", "place", "assigned_to")}
    known = {"date": wanted.date, "action": wanted.action, "asset": asset["name"], "serial": asset["serial"]}
    noted = after if in_table(asset) else {"site": asset["site"]}
    return event_of({**known, "role": wanted.role, **noted, **wanted.proof})


def event_of(cells: Mapping[str, str | None]) -> Event:
    """Make an event from its cells. Raises `Misused` with every fault."""
    from pydantic import ValidationError

    from piste.town.model.wording import explain

    try:
        return Event.model_validate({column: value for column, value in cells.items() if value not in (None, "")})
    except ValidationError as error:
        faults = [
            f"{'.'.join(map(str, detail['loc'])) or 'action'} : {explain(detail, Event)[1]}"
            for detail in error.errors(include_url=False)
        ]
        raise Misused(" ; ".join(faults), todo="Corrigez l’option.") from error


def _same(last: Event, event: Event) -> bool:
    """True for the event of the same command, on any day."""
    return last.model_copy(update={"date": event.date}) == event


def _refuse(wanted: Wanted, asset: Asset, events: Sequence[Event]) -> None:
    """Raise `Refused` where the action does not start there, or data would leave with it."""
    step, name = STEPS[wanted.action], asset["name"]
    if asset["state"] not in step.of:
        allowed = ", ".join(STATES[state] for state in step.of)
        what = f"{name} est « {STATES[asset['state']]} » : {step.label} impossible"
        raise Refused(what, todo=f"Il faut : {allowed}.")
    data = stores(asset["kind"], asset["variant"])
    if _leaves(wanted, asset) and data and not erased(events, asset["serial"]):
        raise Refused(
            f"{name} garde des données ({data}) et rien n’atteste leur effacement depuis sa dernière affectation",
            todo=f"Effacez-le d’abord : piste asset erase {name} --method … --evidence …",
        )
    if wanted.action == "erase" and not asset["serial"]:
        raise Refused(f"{name} n’a pas de numéro de série", todo="Un certificat en demande un : inscrivez-le.")


def _leaves(wanted: Wanted, asset: Asset) -> bool:
    """True where an asset that was used leaves the town, or goes to other people."""
    if wanted.action == "exit":
        return asset["state"] != "awaited"
    other = wanted.cells.get("assigned_to") != asset["assigned_to"]
    return wanted.action == "assign" and (asset["state"] == "reuse" or (asset["state"] == "in_service" and other))


def _said(changed: Mapping[str, str | None], asset: Asset) -> str:
    parts = [f"{_WORDS.get(column, column)} {_word(column, asset[column])} → {_word(column, value)}"  # type: ignore[literal-required]
             for column, value in changed.items()]  # fmt: skip
    return f" ({', '.join(parts)})" if parts else ""


_WORDS = {"state": "statut", "site": "site", "place": "lieu", "assigned_to": "affectation", "contract": "marché"}


def _word(column: str, value: str | None) -> str:
    return STATES.get(value, value) if column == "state" and value else value or "–"


def shown(files: Mapping[Path, str], root: Path) -> Iterator[str]:
    """List the lines to write; a new column of a table is said once, not at each line."""
    for path, text in files.items():
        before = text_at(root / path)
        header = header_of(text)
        widened, known = with_columns(before, header) if before else ("", header)
        old = header_of(before or text)
        if more := known[len(old) :]:
            yield f"\n{path} : {agreed(len(more), 'colonne(s)')} de plus ({', '.join(more)})"
        if not before:
            yield from (f"\n--- {path}", *text.splitlines())
        elif widened != text:
            yield ""
            lines = (widened.splitlines(), text.splitlines())
            yield from unified_diff(*lines, str(path), str(path), n=1, lineterm="")
