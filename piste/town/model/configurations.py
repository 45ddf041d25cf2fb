"""The repository of configurations: the years that it keeps, and its copies elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, TypedDict

from pydantic import AfterValidator, Field, model_validator

from . import values
from .forms import Form, Marked
from .paths import dotted
from .protection.form import StoreName
from .wording import closest

if TYPE_CHECKING:
    from .view import View

_WAY = re.compile(r"(ssh|https)://(?P<user>[^/@:]+@)?[A-Za-z0-9][A-Za-z0-9.-]*(:\d+)?/[A-Za-z0-9._~/-]+")


def _remote(url: str) -> str:
    if not _WAY.fullmatch(url) or "/../" in f"{url}/" or (url.startswith("https:") and "@" in url):
        raise values.refuse(
            "il faut ssh://compte@machine/chemin ou https://machine/chemin, sans mot de passe ni compte dans https"
        )
    return url


def _absolute(folder: str) -> str:
    if not folder.startswith("/") or "/../" in f"{folder}/":
        raise values.refuse("il faut un chemin absolu")
    return folder


class ConfigurationCopy(Marked):
    """A copy elsewhere: `push` to a repository of Git, or `bundle`, a folder with a file a year."""

    push: Annotated[str, AfterValidator(_remote)] | None = None
    bundle: Annotated[str, AfterValidator(_absolute)] | None = None

    @model_validator(mode="after")
    def _goes_one_way(self) -> ConfigurationCopy:
        if (self.push is None) == (self.bundle is None):
            raise values.refuse("une copie va par « push » ou par « bundle », et par un seul des deux")
        return self


class AdmittedText(Form):
    """A text that looks like a password and is none: its file in an export, its digest, why."""

    file: Annotated[str, Field(min_length=1, max_length=200)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    reason: Annotated[str, Field(min_length=10, max_length=300)]


class Configurations(Form):
    """Years that are kept, the current year beside them; copies by the store that has them.

    `admitted` are texts of the systems that are no secrets, whatever they look like.
    """

    keep_years: Annotated[int, Field(ge=1, le=30)] = 5
    copies: dict[StoreName, ConfigurationCopy] = Field(default_factory=dict)
    admitted: list[AdmittedText] = Field(default_factory=list)


def check_configurations(view: View) -> None:
    """M330, M331: each copy is a store that Piste reads there, the repository the only other."""
    variables = view.declared.town.variables
    stores = [name for name, store in variables.protection.stores.items() if store.reader == "configurations"]
    for name in variables.configurations.copies:
        if name not in stores:
            where = ("configurations", "copies", name)
            message = f"« {name} » n’est pas un support lu par « configurations »"
            advice = closest(name, stores)
            view.faults.add("PISTE-M330", dotted(where), view.declared.town.where(where), message, advice)
    own = [name for name in stores if name not in variables.configurations.copies]
    for name in own[1:]:
        where = ("protection", "stores", name)
        message = f"« {name} » n’a pas de copie déclarée, et « {own[0]} » non plus"
        view.faults.add("PISTE-M331", dotted(where), view.declared.town.where(where), message)


class DerivedCopy(TypedDict):
    store: str
    push: str | None
    bundle: str | None
    status: str | None


class DerivedAdmission(TypedDict):
    file: str
    sha256: str
    reason: str


class TownConfigurations(TypedDict):
    """The retention, in whole years, the copies elsewhere, and the texts that are no secrets."""

    keep_years: int
    copies: list[DerivedCopy]
    admitted: list[DerivedAdmission]


def derive_configurations(declared: Configurations) -> TownConfigurations:
    return TownConfigurations(
        keep_years=declared.keep_years,
        copies=[
            DerivedCopy(store=name, push=copy.push, bundle=copy.bundle, status=copy.status)
            for name, copy in declared.copies.items()
        ],
        admitted=[
            DerivedAdmission(file=text.file, sha256=text.sha256, reason=text.reason) for text in declared.admitted
        ],
    )
