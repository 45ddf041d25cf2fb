"""The replacement of a device in the declaration: its line, its as found values, its limits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from piste.engine.converge.errors import Misused
from piste.engine.repository import ENVIRONMENTS, ROOT
from piste.engine.words import agreed
from piste.sites.declaring import TOWN, foreseen
from piste.town import declared
from piste.town.model import values
from piste.town.model.faults import Faults
from piste.town.model.source import read
from piste.town.model.wording import closest

if TYPE_CHECKING:
    from piste.town.model import Town
    from piste.town.model.devices import Device
    from piste.town.model.site import Site

_LISTS = {"switch": "switches", "access_point": "access_points"}
_VALUE = r"(?P<quote>[\"']?){}(?P=quote)(?=\s*(?:[,}}#]|$))"


class NotReplaceable(Misused):
    """The new device cannot take the place of the old; nothing was written."""

    code = "PISTE-E073"


@dataclass(frozen=True, slots=True)
class Replacement:
    """A device that takes the place of another; `files` are those to write, none once declared."""

    site: str
    name: str
    old: str
    new: str
    model: str
    files: Mapping[Path, str] = field(default_factory=dict)


def replacement(town: Town, named: str, new: str, model: str | None = None, root: Path = ROOT) -> Replacement:
    """Prepare the replacement of a device, known by its serial number or its name.

    Raises `NotReplaceable`.
    """
    try:
        new = values.serial(new.upper())
    except ValueError:
        raise NotReplaceable(
            f"« {new} » n’est pas un numéro de série de la forme XXXX-XXXX-XXXX",
            todo="Recopiez-le de l’étiquette de l’appareil, ou du Dashboard.",
        ) from None
    if model is not None and model not in town.hardware:
        raise NotReplaceable(
            f"le modèle « {model} » est inconnu au catalogue (hardware)", todo=closest(model, town.hardware)
        )
    devices = {device["serial"]: (site, device) for site, device in _devices(town)}
    if new in devices:
        site, device = devices[new]
        if device["replaces"] and named in (device["replaces"], device["replaces"].lower(), device["name"]):
            return Replacement(site["id"], device["name"], device["replaces"], new, device["model"])
        raise NotReplaceable(f"{new} est déjà déclaré : {device['name']}, à {site['id']}")
    wanted = named.upper()
    known = next((pair for pair in devices.values() if wanted in (pair[1]["serial"], pair[1]["name"].upper())), None)
    if known is None:
        names = [*devices, *(device["name"] for _, device in devices.values())]
        raise NotReplaceable(f"« {named} » n’est pas un équipement déclaré", todo=closest(named, names))
    site, device = known
    if site["lifecycle"] != "open":
        raise NotReplaceable(
            f"{site['id']} n’est pas ouvert (lifecycle: {site['lifecycle']})",
            todo="Changez son numéro de série dans le fichier du site : rien n’y est encore en service.",
        )
    made = Replacement(site["id"], device["name"], device["serial"], new, model or device["model"])
    return Replacement(made.site, made.name, made.old, made.new, made.model, _files(made, site, device, root))


def _devices(town: Town) -> Iterator[tuple[Site, Device]]:
    """List the devices in service last: of two sites that declare one, the closed gives way."""
    for site in sorted(town.sites.values(), key=lambda site: site["lifecycle"] == "open"):
        for device in site["devices"]:
            yield site, device


def _files(made: Replacement, site: Site, device: Device, root: Path) -> dict[Path, str]:
    """Write the files of the declaration that name the old device, by path in the repository."""
    path = TOWN / "host_vars" / f"{made.site}.yml"
    text = (root / path).read_text("utf-8")
    files = {path: _with_line(text, root / path, made, site, device)}
    for environment in ENVIRONMENTS:
        kept = declared.folder(environment) / f"{made.site}.yml"
        if kept.exists() and (changed := _renamed(kept.read_text("utf-8"), made)) is not None:
            files[kept.relative_to(root) if kept.is_relative_to(root) else kept] = changed
    return files


def _with_line(text: str, path: Path, made: Replacement, site: Site, device: Device) -> str:
    """Change the line of a device, or its lines; comments and order stay."""
    document = read(path, str(path), Faults({}))
    position = [other for other in site["devices"] if other["kind"] == device["kind"]].index(device)
    where = (_LISTS[device["kind"]], position)
    lines = text.split("\n")

    def edit(name: str, value: str, to: str, after: Callable[[str], str] = str) -> None:
        number = document.mark((*where, name)).line - 1
        pattern = re.compile(rf"(?P<key>[\"']?{name}[\"']?\s*:\s*){_VALUE.format(re.escape(value))}")
        if (*where, name) not in document.marks or not pattern.search(lines[number]):
            raise NotReplaceable(
                f"la ligne de {made.name} n’a pas la forme attendue, rien n’a été écrit",
                where=f"{path}:{number + 1}",
                todo=f"Écrivez-y vous-même : serial: {made.new}, replaces: {made.old}. Puis relancez.",
            )
        lines[number] = after(pattern.sub(lambda known: known["key"] + to, lines[number], count=1))

    # From the last field to the first, since a line may be added.
    if made.model != device["model"]:
        edit("model", device["model"], made.model)
    if device["replaces"]:
        edit("replaces", device["replaces"], made.old)
        edit("serial", made.old, made.new)
    else:
        edit("serial", made.old, made.new, lambda line: _with_replaces(line, made))
    return "\n".join(lines)


def _with_replaces(line: str, made: Replacement) -> str:
    before, serial, rest = line.partition(made.new)
    if "{" in before or re.match(r"\s*[,}]", rest):
        return f"{before}{serial}, replaces: {made.old}{rest}"
    # In block style each key has its line, under the first.
    margin = len(before) - len(before.lstrip(" -"))
    return f"{line}\n{' ' * margin}replaces: {made.old}"


def _renamed(text: str, made: Replacement) -> str | None:
    """Give the as found values of the old device to the new; None where there are none."""
    token = re.compile(rf"(?<![\w-]){made.old}(?![\w-])")
    lines = [line if line.lstrip().startswith("#") else token.sub(made.new, line) for line in text.split("\n")]
    changed = "\n".join(lines)
    return changed if changed != text else None


@contextmanager
def planned(
    made: Replacement, town: Town, environment: str, root: Path = ROOT
) -> Iterator[tuple[Town, dict[str, str]]]:
    """Validate the town with a replacement; give it, and the variables that plan it beforehand.

    Raises `InvalidDeclaration`, or `NotReplaceable` with all that the new device lacks.
    """
    if not made.files:
        yield town, {}
        return
    kept = declared.folder(environment)
    own = {path: text for path, text in made.files.items() if path.is_relative_to(TOWN)}
    as_found = {path.name: text for path, text in made.files.items() if (root / path).parent == kept}
    with foreseen(own, root, as_found, kept) as (after, given):
        _check(made, town, after)
        yield after, given


def _check(made: Replacement, before: Town, after: Town) -> None:
    """Refuse a new device that lacks what is declared of the old."""
    old, new = (
        next(device for _, device in _devices(town) if device["serial"] == serial)
        for town, serial in ((before, made.old), (after, made.new))
    )
    faults = [*_lacking(old, new)]
    first, second = (town.hardware.get(device["model"]) for town, device in ((before, old), (after, new)))
    if first and second and first["poe"] and not second["poe"]:
        faults.append(f"{new['model']} n’alimente pas ce qu’on y branche (poe)")
    if new["replaces"] != made.old or new["name"] != made.name:
        faults.append(f"la ligne changée n’est pas celle de {made.name}")
    if faults:
        raise NotReplaceable(
            f"un {new['model']} ne peut pas prendre la place de {made.name}, un {old['model']} ; rien n’a été écrit",
            why="\n" + "".join(f"  - {fault}\n" for fault in faults),
            todo="Donnez le modèle (--model), la disposition de ses ports (port_layouts), ou un autre équipement.",
        )


def _lacking(old: Device, new: Device) -> Iterator[str]:
    """List the declared ports of the old device that the new lacks, or has for something else."""
    there: dict[str, Any] = {port["port"]: port for port in new["ports"]}
    lost = [port["port"] for port in old["ports"] if port["port"] not in there]
    if lost:
        yield f"{agreed(len(lost), 'port(s) absent(s)')} du modèle ou de sa disposition : {', '.join(lost)}"
    for port in old["ports"]:
        other = there.get(port["port"])
        if other and other["profile"] != port["profile"]:
            yield f"port {port['port']} : {port['profile']} sur l’ancien, {other['profile']} sur le nouveau"


def routes_alone(town: Town, made: Replacement) -> list[str]:
    """Name the owners of what the old device routes alone; none for a member of a stack."""
    core = town.commune["core"] if town.commune else None
    if core is None or core["stack"] or not {made.old, made.new} & {*core["serials"]}:
        return []
    assert town.commune is not None
    carried = [name for name, site in town.sites.items() if any(g["carrier"] == "core" for g in site["gateways"])]
    return [town.commune["id"], *carried]
