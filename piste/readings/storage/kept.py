"""The readings of shares that an environment keeps: before and after."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypedDict

from piste.engine.converge.errors import PisteError
from piste.engine.converge.private import private_folder, write_private
from piste.engine.converge.untrusted import read_plain
from piste.engine.repository import ROOT
from piste.readings.storage.reading import ShareReading

LAB = "lab"


class Kept(TypedDict):
    """The readings of a share: the first whole, the last whole, the last attempt."""

    share: str
    before: ShareReading | None
    after: ShareReading | None
    last: ShareReading


class UnreadableReading(PisteError):
    """The file of a share's readings is not what was written there."""

    code = "PISTE-E144"


def folder(environment: str) -> Path:
    """Locate the readings of an environment: lab state, or inventory, to version."""
    if environment == LAB:
        return Path(os.environ.get("PISTE_LAB_DIR") or ROOT / ".lab") / "storage"
    return ROOT / "inventories" / environment / "storage"


def last(environment: str, names: Iterable[str]) -> dict[str, Kept]:
    """Load the readings of the shares that have some. Raises `UnreadableReading`."""
    kept = {}
    for name in names:
        path = folder(environment) / f"{name}.json"
        if path.is_file():
            kept[name] = parsed(read_plain(path), str(path), name)
    return kept


def parsed(content: bytes, where: str, name: str) -> Kept:
    """Parse the readings of a share. Raises `UnreadableReading`."""
    from pydantic import TypeAdapter, ValidationError

    try:
        kept = TypeAdapter(Kept).validate_json(content, strict=True)
    except ValidationError as error:
        why = str(error.errors(include_url=False)[0]["msg"])
    else:
        readings = [reading for reading in (kept["before"], kept["after"], kept["last"]) if reading]
        whole = all(reading["state"] == "complete" for reading in readings[:-1])
        if whole and {kept["share"], *(reading["share"] for reading in readings)} == {name}:
            return kept
        why = "elle n’est pas celle de ce partage, ou pas entière"
    raise UnreadableReading(
        "la lecture gardée d’un partage est illisible",
        where=where,
        why=why,
        todo="Rendez-lui son contenu (git), ou écartez le fichier : le prochain relevé sera la référence.",
    )


def added(before: Kept | None, made: ShareReading) -> Kept:
    """Add a reading to those that are kept; only a whole reading replaces a whole reading."""
    if made["state"] != "complete":
        return Kept(
            share=made["share"], before=before["before"] if before else None,
            after=before["after"] if before else None, last=made,
        )  # fmt: skip
    return Kept(share=made["share"], before=(before and before["before"]) or made, after=made, last=made)


def keep(environment: str, kept: Mapping[str, Kept]) -> None:
    """Replace the readings of shares, each file whole."""
    from pydantic import TypeAdapter

    place = folder(environment)
    private_folder(place)
    for name, readings in kept.items():
        write_private(place / f"{name}.json", TypeAdapter(Kept).dump_json(readings, indent=1) + b"\n")
