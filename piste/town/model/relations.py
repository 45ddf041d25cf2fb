"""Relations between the things of the town, derived from what is declared of each.

Only what the declaration says: the port of a computer, or the switch at the end of a cable that nothing names, is in no
relation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

from .assets.classes import CLASSES

if TYPE_CHECKING:
    from .applications import Application
    from .assets.derived import Asset
    from .contracts import Contract
    from .derived import Derived
    from .site import Commune, Site

Kind = Literal["hosted_on", "connected_to", "depends_on", "watched_by", "covered_by"]


class End(NamedTuple):
    """An end, by its kind and its name.

    Kinds are the classes of assets, `application`, `licence`, `contract`, `certificate`, `flow`, `link`, `site`. The
    target of `watched_by` is `supervision`, by what watches: `server` or `collector`.
    """

    kind: str
    name: str


class Relation(NamedTuple):
    kind: Kind
    source: End
    target: End


def relations(town: Derived) -> list[Relation]:
    """Derive the relations of a town, each once."""
    if town.commune is None:
        return []
    assets = {asset["name"]: asset for asset in town.assets}
    ends = {name: End(asset["kind"], name) for name, asset in assets.items()}
    every = [
        *_hosting(town.commune, ends),
        *_applications(town.commune, ends),
        *_connections(town, ends),
        *_needs(town, ends),
        *_watched(town, ends),
        *_covered(town, assets, ends),
    ]
    return list(dict.fromkeys(every))


def _hosting(town: Commune, ends: Mapping[str, End]) -> Iterator[Relation]:
    """Yield what carries each application, machine, cluster and certificate."""
    hosting = town["hosting"]
    if hosting and (cluster := ends.get(hosting["cluster"])):
        for machine in hosting["machines"]:
            if machine["name"] in ends:
                yield Relation("hosted_on", ends[machine["name"]], cluster)
        for node in hosting["nodes"]:
            if node["name"] in ends:
                yield Relation("hosted_on", cluster, ends[node["name"]])
    for application in town["applications"]:
        for name in application["machines"]:
            if name in ends:
                yield Relation("hosted_on", End("application", application["id"]), ends[name])
    for certificate in town["certificates"]["certificates"]:
        for host in (certificate["host"], certificate["store"]):
            if host and host in ends:
                yield Relation("hosted_on", End("certificate", certificate["name"]), ends[host])


def _applications(town: Commune, ends: Mapping[str, End]) -> Iterator[Relation]:
    """Yield what each application needs: machines, applications, flows, certificates."""
    known = {application["id"] for application in town["applications"]}
    for application in town["applications"]:
        source = End("application", application["id"])
        for name in application["needs"]:
            if name in ends or name in known:
                yield Relation("depends_on", source, ends.get(name) or End("application", name))
        for name in application["flows"]:
            yield Relation("depends_on", source, End("flow", name))
        for name in application["certificates"]:
            yield Relation("depends_on", source, End("certificate", name))


def _connections(town: Derived, ends: Mapping[str, End]) -> Iterator[Relation]:
    """Yield the cables whose two ends are known, each in the order of the names of its ends."""
    stacks = {
        stack["name"]: [member["name"] for member in stack["members"]]
        for site in town.sites.values()
        for stack in site["stacks"]
    }
    firewalls = [name for name, end in ends.items() if end.kind == "firewall"]
    links = {link["far_port"]: link["name"] for site in town.sites.values() for link in site["premises"]["links"]}

    def joined(name: str, far: str) -> Iterator[Relation]:
        for other in firewalls if far == "ngfw" else stacks.get(far, [far]):
            if name in ends and other in ends and name != other:
                first, last = sorted((name, other))
                yield Relation("connected_to", ends[first], ends[last])

    for site in town.sites.values():
        for device in site["devices"]:
            for port in device["ports"]:
                if port["far_end"]:
                    yield from joined(device["name"], port["far_end"])
                if (link := links.get(f"{device['name']}/{port['port']}")) and device["name"] in ends:
                    yield Relation("connected_to", End("link", link), ends[device["name"]])
        for own in own_links(site):
            yield Relation("connected_to", End("site", site["id"]), End("link", own))
    for switch in town.commune["nexus"]["switches"] if town.commune else ():
        for trunk in switch["links"]:
            yield from joined(switch["name"], trunk["to"])


def own_links(site: Site) -> list[str]:
    """Name the links of a site; a link that arrives from another site ends at a port of it."""
    names = {device["name"] for device in site["devices"]}
    links = site["premises"]["links"]
    return [link["name"] for link in links if (link["far_port"] or "").partition("/")[0] not in names]


def _needs(town: Derived, ends: Mapping[str, End]) -> Iterator[Relation]:
    """Yield the servers that each site in service needs, and the supply of each rack."""
    for site in town.sites.values():
        if site["lifecycle"] not in ("open", "closing"):
            continue
        for name in site["relies_on"]:
            if name in ends:
                yield Relation("depends_on", End("site", site["id"]), ends[name])
        supplies = {ups["rack"]: ups["name"] for ups in site["premises"]["ups"]}
        for rack in site["premises"]["racks"]:
            supply = ends.get(supplies.get(rack["name"], ""))
            for name in rack["equipment"] if supply else ():
                if supply and name in ends and ends[name] != supply:
                    yield Relation("depends_on", ends[name], supply)


def _watched(town: Derived, ends: Mapping[str, End]) -> Iterator[Relation]:
    """Yield what watches each asset: the server that has it as a host, or a collector.

    Without a declared supervision, the class alone says what should.
    """
    shares = [share for owner in town.owners.values() if (share := owner["supervision"])]
    hosts = {host["name"] for share in shares for host in share["hosts"]}
    for asset in town.assets:
        watch = CLASSES[asset["kind"]].watch.by
        by = "server" if asset["name"] in hosts else "none" if shares and watch == "server" else watch
        if by != "none" and asset["state"] in ("in_service", "leaving"):
            yield Relation("watched_by", ends[asset["name"]], End("supervision", by))


def _covered(town: Derived, assets: Mapping[str, Asset], ends: Mapping[str, End]) -> Iterator[Relation]:
    """Yield the contracts of assets, applications, licences, links; licences of applications.

    The contract that an asset names comes before those that cover its class.
    """
    assert town.commune is not None
    contracts, applications = town.commune["contracts"], town.commune["applications"]
    labels = {party["id"]: party["label"].casefold() for party in town.commune["third_parties"]}
    for name, asset in assets.items():
        for covering in [asset["contract"]] if asset["contract"] else _covering(contracts, asset):
            yield Relation("covered_by", ends[name], End("contract", covering))
    for contract in contracts:
        target = End("contract", contract["id"])
        for covered in contract["covers"]["applications"]:
            yield Relation("covered_by", End("application", covered), target)
        for link in _links(town) if contract["covers"]["links"] else ():
            if link[1] in (contract["supplier"], labels.get(contract["supplier"])):
                yield Relation("covered_by", End("link", link[0]), target)
    for licence in town.commune["licences"]:
        source = End("licence", licence["id"])
        if licence["contract"]:
            yield Relation("covered_by", source, End("contract", licence["contract"]))
        for covered in _known(licence["applications"], applications):
            yield Relation("covered_by", End("application", covered), source)


def _known(names: Iterable[str], applications: Iterable[Application]) -> list[str]:
    known = {application["id"] for application in applications}
    return [name for name in names if name in known]


def _links(town: Derived) -> list[tuple[str, str]]:
    """List each link of the town, with its operator in small letters."""
    every = (link for site in town.sites.values() for link in site["premises"]["links"])
    return list(dict.fromkeys((link["name"], (link["operator"] or "").casefold()) for link in every))


def _covering(contracts: Iterable[Contract], asset: Asset) -> list[str]:
    """Name the contracts that cover an asset: by its name, its class, or `class/variant`."""
    classes = {asset["kind"], f"{asset['kind']}/{asset['variant']}"}
    return [
        contract["id"]
        for contract in contracts
        if asset["name"] in contract["covers"]["assets"] or classes & set(contract["covers"]["classes"])
    ]
