"""Third parties: who they are, and the interface plan that the town agrees with each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Literal, TypedDict

from pydantic import AfterValidator, Field, model_validator

from . import values
from .forms import Date, Marked, NameIn, Title, data
from .premises import Contact, DeclaredContact
from .wording import closest

if TYPE_CHECKING:
    from .declaration import Declaration
    from .paths import KeyPath
    from .view import View

ThirdPartyId = Annotated[str, AfterValidator(values.label)]
ThirdPartyName = Annotated[str, NameIn("third_parties")]
Kind = Literal["operator", "supplier", "publisher", "purchasing_body", "incumbent", "authority"]
PLANNED: tuple[Kind, ...] = ("operator", "supplier", "incumbent")
"""Kinds that act on the town's information system: an interface plan is due with each (CCTP 3.6, 4.1.4)."""


class DeclaredPlanContact(DeclaredContact):
    """A point of contact: a function, never a person alone; `hours` are those when it answers."""

    hours: str | None = None


class DeclaredDelay(Marked):
    """A delay: `event` is what it counts from or what is due, `within` how long it may take."""

    event: str
    within: str


class DeclaredEscalation(Marked):
    """A step of the escalation: who is called, and after how long without an answer."""

    to: str
    after: str


class DeclaredInterfacePlan(Marked):
    """An interface plan (CCTP 3.3.2, 4.1.4).

    `shared` lists what both sides touch; `incidents` says how a common incident is led, `reviews` how often the service
    is reviewed, `recorded_in` where each exchange is written down, `category` the category of its tickets in GLPI. The
    DSI approves it, on a day.
    """

    shared: list[str] = Field(default_factory=list)
    contacts: list[DeclaredPlanContact] = Field(default_factory=list)
    delays: list[DeclaredDelay] = Field(default_factory=list)
    escalation: list[DeclaredEscalation] = Field(default_factory=list)
    incidents: str | None = None
    reviews: str | None = None
    recorded_in: str | None = None
    category: Title | None = None
    approved_by: str | None = None
    approved_on: Date | None = None

    @model_validator(mode="after")
    def _is_approved_by_somebody_on_a_day(self) -> DeclaredInterfacePlan:
        if (self.approved_by is None) != (self.approved_on is None):
            raise values.refuse("une approbation dit qui (approved_by) et quand (approved_on)")
        return self


class DeclaredThirdParty(Marked):
    label: Title
    kind: Kind
    scope: str | None = None
    cctp: str | None = None
    website: Annotated[str, AfterValidator(values.https)] | None = None
    interface: DeclaredInterfacePlan | None = None


class PlanContact(Contact):
    hours: str | None


class Delay(TypedDict):
    event: str
    within: str
    status: str | None


class Escalation(TypedDict):
    to: str
    after: str
    status: str | None


class InterfacePlan(TypedDict):
    shared: list[str]
    contacts: list[PlanContact]
    delays: list[Delay]
    escalation: list[Escalation]
    incidents: str | None
    reviews: str | None
    recorded_in: str | None
    category: str | None
    approved_by: str | None
    approved_on: str | None
    status: str | None


class ThirdParty(TypedDict):
    """A third party; `plan_due` says that an interface plan is due with it."""

    id: str
    label: str
    kind: Kind
    scope: str | None
    cctp: str | None
    website: str | None
    plan_due: bool
    interface: InterfacePlan | None
    status: str | None


def derive_third_parties(declaration: Declaration) -> list[ThirdParty]:
    """Derive the third parties, in the order of their declaration."""
    parties = declaration.town.variables.third_parties
    return [data(entry, id=name, plan_due=entry.kind in PLANNED) for name, entry in parties.items()]


_PARTS: Mapping[str, str] = {"contacts": "point de contact", "delays": "délai", "escalation": "escalade"}


def check_third_parties(view: View) -> None:
    """M270, M271: no third party is named like a site; an interface plan has all its parts."""
    owners = {*view.sites, *((view.declared.shared.id,) if view.declared.shared else ())}
    for name, entry in view.declared.town.variables.third_parties.items():
        path, where = f"third_parties[{name}]", ("third_parties", name)
        if name in owners:
            message = f"« {name} » est déjà le nom d’un site : ses documents iraient dans le même dossier"
            view.faults.add("PISTE-M270", path, view.declared.town.where(where), message, "Donnez-lui un autre nom.")
        missing = [words for part, words in _PARTS.items() if not getattr(entry.interface, part, None)]
        if missing and (entry.interface or entry.kind in PLANNED):
            mark = view.declared.town.where((*where, "interface"), where)
            message = f"{entry.label} : plan d’interface sans {', sans '.join(missing)}"
            view.faults.add("PISTE-M271", path, mark, message)


def check_name(
    view: View, where: KeyPath, what: str, name: str, known: Iterable[str], rule: str = "PISTE-M270"
) -> None:
    """M270, or another `rule`: report a name that nothing declares, at its line.

    A dotted text names the place.
    """
    names = list(known)
    if name not in names:
        variable, key, *rest = map(str, where)
        path = ".".join((f"{variable}[{key}]", *(part for part in rest if not part.isdigit())))
        mark = view.declared.town.where(where)
        view.faults.add(rule, path, mark, f"{what} « {name} » ne désigne rien de déclaré", closest(name, names))
