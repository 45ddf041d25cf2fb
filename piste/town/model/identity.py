"""Identity of sites and neighbours: form, rules of their codes and links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from netaddr import IPAddress, IPNetwork
from pydantic import AfterValidator, Field

from . import values
from .addressing.plan import host
from .forms import Form, Host, Marked, Number, SegmentName, SiteName
from .wording import closest

if TYPE_CHECKING:
    from .view import View

Lifecycle = Literal["planned", "open", "closing", "closed"]


class Naming(Marked):
    switch: str
    access_point: str
    max_length: int = Field(ge=1, le=63)


class NetworkIdentity(Marked):
    organization: str
    name_prefix: str
    timezone: str


class Category(Form):
    """A category of sites; `label` also names its unit in the directory.

    `continuous`: at work day and night.
    """

    label: Annotated[str, AfterValidator(values.unit)]
    cctp: str
    continuous: bool = False


class SitePlan(Marked):
    number: Number
    code: Annotated[str, AfterValidator(values.code)] | None = None


class SiteIdentity(Marked):
    prose: ClassVar[frozenset[str]] = frozenset({"remark"})

    name: Annotated[str, Field(min_length=1, max_length=58)]
    cctp: str
    lifecycle: Lifecycle
    plan: SitePlan
    postal_address: str | None = None
    remark: str | None = None


class Interconnection(Marked):
    site: SiteName
    segment: SegmentName
    local_host: Host
    remote_host: Host


class Neighbour(Marked):
    name: str
    cctp: str
    operator: str
    plan: SitePlan
    interconnection: Interconnection


def check_site_codes(view: View) -> None:
    """M023: a code names one site; a site that has devices has a code."""
    first: dict[str, str] = {}
    for declared, site in view.pairs():
        path = f"sites[{declared.id}].site.plan.code"
        mark = declared.where(("site", "plan", "code"), ("site", "plan"))
        code = site["code"]
        if code is None:
            if site["devices"] or site["lifecycle"] == "open":
                view.faults.add("PISTE-M023", path, mark, f"{declared.id} : le site n’a pas de code")
        elif code in first:
            message = f"{declared.id} : le code « {code} » est celui de {first[code]}"
            view.faults.add("PISTE-M023", path, mark, message)
        else:
            first[code] = declared.id


def check_site_names(view: View) -> None:
    """M036: a name names one site."""
    first: dict[str, str] = {}
    for declared, site in view.pairs():
        name = first.setdefault(site["name"].casefold(), declared.id)
        if name != declared.id:
            path, mark = f"sites[{declared.id}].site.name", declared.where(("site", "name"))
            message = f"{declared.id} : le nom « {site['name']} » est celui de {name}"
            view.faults.add("PISTE-M036", path, mark, message)


def check_interconnections(view: View) -> None:
    """M027: a neighbour is linked to a declared segment, each end at its own host address."""
    if not view.declared.complete:
        return
    for neighbour in view.declared.neighbours:
        link = neighbour.variables.neighbour.interconnection
        path = f"neighbours[{neighbour.id}].interconnection"
        mark = neighbour.where(("neighbour", "interconnection"))
        site = view.sites.get(link.site)
        segment = site["segments"].get(link.segment) if site else None
        if segment is None:
            known = site["segments"] if site else view.sites
            advice = closest(link.segment if site else link.site, known)
            message = f"{neighbour.id} : le segment {link.segment} de {link.site} n’est pas déclaré"
            view.faults.add("PISTE-M027", path, mark, message, advice)
            continue
        local = host(IPNetwork(segment["subnet"]), link.local_host)
        if local != IPAddress(segment["gateway"]):
            message = f"{neighbour.id} : {local} n’est pas la passerelle {segment['gateway']} du segment"
            view.faults.add("PISTE-M027", f"{path}.local_host", mark, message)
