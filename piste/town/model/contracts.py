"""Contracts with third parties, and licences of software: form, derivation, rules."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal, TypedDict

from pydantic import AfterValidator, Field, model_validator

from . import values
from .assets.classes import CLASSES
from .forms import Date, Form, Marked, NameIn, Title, data
from .spending import Euros
from .third_parties import ThirdPartyName, check_name
from .wording import closest

if TYPE_CHECKING:
    from .declaration import Declaration
    from .paths import KeyPath
    from .view import View

ContractId = Annotated[str, AfterValidator(values.label)]
ContractName = Annotated[str, NameIn("contracts")]
ApplicationName = Annotated[str, NameIn("applications")]
LicenceId = Annotated[str, AfterValidator(values.label)]
Months = Annotated[int, Field(ge=0, le=120)]
Seats = Annotated[int, Field(ge=0, le=1_000_000)]
Renewal = Literal["none", "tacit", "express"]


class Lasting(Marked):
    """Something that begins and ends; no end: it is not given yet.

    `yearly_excl_tax` is its price of a year, in euros.
    """

    start: Date | None = None
    end: Date | None = None
    yearly_excl_tax: Euros | None = None

    @model_validator(mode="after")
    def _ends_after_its_start(self) -> Lasting:
        if self.start and self.end and self.end < self.start:
            raise values.refuse(f"la fin ({self.end}) précède le début ({self.start})")
        return self


class Covered(Form):
    """The extent of a contract; `classes` are classes of assets, or variants (`printer/copier`).

    With `links`, every link whose operator is the supplier.
    """

    classes: list[str] = Field(default_factory=list)
    assets: list[str] = Field(default_factory=list)
    applications: list[ApplicationName] = Field(default_factory=list)
    links: bool = False


class DeclaredContract(Lasting):
    """A contract: `vehicle` is the market or purchasing body that it was signed through.

    `notice_months` is the notice of its end.
    """

    label: Title
    supplier: ThirdPartyName
    vehicle: str
    purchasing_body: ThirdPartyName | None = None
    reference: Title | None = None
    scope: str
    renewal: Renewal | None = None
    notice_months: Months | None = None
    covers: Covered = Field(default_factory=Covered)
    cctp: str | None = None


class DeclaredLicence(Lasting):
    """A licence (CCTP 4.2.4): its type, its term, its publisher, what it covers.

    `metric` is what a seat is; a perpetual or free licence has no end.
    """

    label: Title
    type: Literal["subscription", "perpetual", "maintenance", "open_source"]
    publisher: ThirdPartyName
    scope: str
    metric: Literal["user", "device", "node", "core", "server", "concurrent", "site"] | None = None
    seats: Seats | None = None
    applications: list[ApplicationName] = Field(default_factory=list)
    contract: ContractName | None = None
    renewal: Renewal | None = None
    cctp: str | None = None


class Coverage(TypedDict):
    classes: list[str]
    assets: list[str]
    applications: list[str]
    links: bool


class Contract(TypedDict):
    id: str
    label: str
    supplier: str
    vehicle: str
    purchasing_body: str | None
    reference: str | None
    scope: str
    start: str | None
    end: str | None
    yearly_excl_tax: float | None
    renewal: Renewal | None
    notice_months: int | None
    covers: Coverage
    cctp: str | None
    status: str | None


class Licence(TypedDict):
    """A licence; `endless`: it has no end to give."""

    id: str
    label: str
    type: str
    publisher: str
    scope: str
    metric: str | None
    seats: int | None
    applications: list[str]
    contract: str | None
    start: str | None
    end: str | None
    yearly_excl_tax: float | None
    renewal: Renewal | None
    endless: bool
    cctp: str | None
    status: str | None


_ENDLESS = ("perpetual", "open_source")


def derive_contracts(declaration: Declaration) -> list[Contract]:
    """Derive the contracts, in the order of their declaration."""
    return [data(entry, id=name) for name, entry in declaration.town.variables.contracts.items()]


def derive_licences(declaration: Declaration) -> list[Licence]:
    """Derive the licences, in the order of their declaration."""
    licences = declaration.town.variables.licences
    return [data(entry, id=name, endless=entry.type in _ENDLESS) for name, entry in licences.items()]


def check_contracts(view: View) -> None:
    """M270: contracts and licences refer to what is declared; assets name declared contracts."""
    for where, what, name, known in _references(view):
        check_name(view, where, what, name, known)
    contracts = view.declared.town.variables.contracts
    for line in view.declared.assets.lines:
        if line.cells.contract and line.cells.contract not in contracts:
            message = f"{line.cells.name} : le contrat « {line.cells.contract} » ne désigne rien de déclaré"
            advice = closest(line.cells.contract, contracts)
            view.faults.add("PISTE-M270", f"{line.path}.contract", line.mark, message, advice)


def check_terms(view: View) -> None:
    """M272, M279: no contract and no licence is over, no notice of a contract has begun."""
    variables, today = view.declared.town.variables, view.today.isoformat()
    terms: list[tuple[str, str, str, Lasting]] = []
    terms += [("contracts", "le contrat", name, entry) for name, entry in variables.contracts.items()]
    terms += [("licences", "la licence", name, entry) for name, entry in variables.licences.items()]
    for variable, what, name, entry in terms:
        if entry.end is not None and entry.end < today:
            mark = view.declared.town.where((variable, name, "end"))
            message = f"{name} : {what} a pris fin le {entry.end}"
            view.faults.add("PISTE-M272", f"{variable}[{name}].end", mark, message)
        elif isinstance(entry, DeclaredContract) and entry.end and entry.notice_months:
            begins = _months_before(date.fromisoformat(entry.end), entry.notice_months)
            if begins <= view.today:
                mark = view.declared.town.where((variable, name, "end"))
                message = f"{name} finit le {entry.end} : son préavis court depuis le {begins.isoformat()}"
                view.faults.add("PISTE-M279", f"{variable}[{name}].end", mark, message)


def _months_before(day: date, months: int) -> date:
    """Give the same day some months before, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _references(view: View) -> Iterator[tuple[KeyPath, str, str, list[str]]]:
    variables = view.declared.town.variables
    parties, contracts = [*variables.third_parties], [*variables.contracts]
    applications = [*variables.applications]
    classes = [name for kind in CLASSES.values() for name in (kind.name, *(f"{kind.name}/{v}" for v in kind.variants))]
    assets = [asset["name"] for asset in view.assets.all]
    for name, contract in variables.contracts.items():
        at: KeyPath = ("contracts", name)
        yield (*at, "supplier"), f"{name} : le tiers", contract.supplier, parties
        if contract.purchasing_body:
            yield (*at, "purchasing_body"), f"{name} : le tiers", contract.purchasing_body, parties
        covered = contract.covers
        for field, what, names, known in (
            ("classes", "la classe", covered.classes, classes),
            ("assets", "l’équipement", covered.assets, assets),
            ("applications", "l’application", covered.applications, applications),
        ):
            for rank, covers in enumerate(names if field != "assets" or view.declared.complete else ()):
                yield (*at, "covers", field, rank), f"{name} : {what}", covers, known
    for name, licence in variables.licences.items():
        at = ("licences", name)
        yield (*at, "publisher"), f"{name} : le tiers", licence.publisher, parties
        if licence.contract:
            yield (*at, "contract"), f"{name} : le contrat", licence.contract, contracts
        for rank, application in enumerate(licence.applications):
            yield (*at, "applications", rank), f"{name} : l’application", application, applications
