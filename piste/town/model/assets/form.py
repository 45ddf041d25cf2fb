"""Form of a line of a table of assets."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from .. import values
from ..forms import Date, Form, Short, SiteName, Status
from .classes import State

_SIGN = r"[^\s\x00-\x1f\x7f-\x9f,;\x22]"
Name = Annotated[
    str, AfterValidator(values.matching(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", "un nom court (lettres, chiffres, - _ .)"))
]
Serial = Annotated[
    str, AfterValidator(values.matching(rf"{_SIGN}((?:{_SIGN}| ){{0,62}}{_SIGN})?", "un numéro de série"))
]
Words = Annotated[str, Field(max_length=120)]
Group = Annotated[
    str, AfterValidator(values.matching(r"[^@]{1,120}", "un service ou un rôle (une personne n’est jamais nommée)"))
]
Mac = Annotated[str, AfterValidator(values.mac)]


class AssetLine(Form):
    """A line of `assets/<class>.csv`: an asset, or what completes a derived asset.

    An empty cell is not given.
    """

    name: Name
    variant: str | None = None
    serial: Serial | None = None
    maker: Short | None = None
    model: Short | None = None
    site: SiteName | None = None
    place: Words | None = None
    assigned_to: Group | None = None
    state: State | None = None
    warranty_until: Date | None = None
    end_of_life: Date | None = None
    contract: Short | None = None
    mac: Mac | None = None
    status: Status | None = None


COLUMNS: tuple[str, ...] = tuple(AssetLine.model_fields)
"""The columns of a table of assets, in their order."""
