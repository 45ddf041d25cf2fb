"""From the matrix of flows to the town's policy: elements, sections, rules with lasting ids.

The matrix only allows, so that the order of its rules decides nothing; a last rule refuses and logs the rest. What a
charter refuses of a flow comes just before the rule of that flow. A rule whose source is a segment of a site is in the
section of that site and belongs to it; any other belongs to the town. A flow whose end has passed is no longer derived.
Derivation judges nothing: the checks do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from ..addressing.plan import AddressingRule
from .administration import needed_flows, needed_services
from .declared import declared_flows
from .ends import EVERY, GROUPS, HERE, TOWN, End, Ends, reference, tidy
from .firewall import (
    FirewallEngine,
    FirewallInspection,
    FirewallRule,
    FirewallSection,
    FirewallTranslation,
    SiteFirewall,
    TownFirewall,
)
from .logs import log_flows, log_services
from .number_ranges import Ranges
from .services import ANY, Services
from .traffic import IPV4, IPV6

if TYPE_CHECKING:
    from ..addressing.derived import Segment
    from ..declaration import Declaration
    from ..wifi.form import TermsOfUse, WebSites
    from .declared import DeclaredFlow
    from .firewall import FirewallElement
    from .form import Flow, Inspected, Inspection, Translation

CLOSING = "fin"
REST = "Tout le reste"
CLOSING_RULE = "refus-journalise"
_CELLS: tuple[Literal["sources", "destinations", "services"], ...] = ("sources", "destinations", "services")
_VERSIONS = ((4, IPV4), (6, IPV6))


@dataclass(frozen=True, slots=True)
class Matrix:
    """The derived matrix: the town's policy, and each site's share."""

    town: TownFirewall
    sites: dict[str, SiteFirewall]


def derive_matrix(
    declaration: Declaration,
    segments: Mapping[str, Mapping[str, Segment]],
    servers: Mapping[str, str],
    today: date,
) -> Matrix:
    """Derive the town's policy for a day.

    `segments` has those of each site, `servers` the address of each reservation by name.
    """
    firewall = declaration.town.variables.firewall
    ends = Ends(declaration, segments, servers, firewall.prefix)
    variables = declaration.town.variables
    catalogue = {**variables.service_catalogue, **needed_services(variables), **log_services(variables)}
    services = Services(catalogue, firewall.prefix)
    maker = _Rules(ends, services, variables.terms_of_use, firewall.inspection)
    needed = list(needed_flows(declaration))
    declared = [flow for flow in declared_flows(declaration) if not flow.over(today)]
    flows = [*needed, *declared, *log_flows(declaration, declared)]
    keep = {*firewall.keep, *(flow.id for flow in needed)}
    owner = declaration.shared.id if declaration.shared else ""
    usual = [flow for flow in flows if not flow.form.wide]
    sections = [_section(TOWN, "Ville", owner, maker.of_town(usual))]
    sections += [_section(site, f"Site {site}", site, maker.of_site(flows, site)) for site in ends.sites]
    # Flows open to all come last: before, they would hide every other rule.
    wide = maker.of_town([flow for flow in flows if flow.form.wide])
    sections.append(_section(CLOSING, REST, owner, [*wide, _closing_rule()]))
    translations = [maker.translation(name, entry) for name, entry in declaration.town.variables.translations.items()]
    town = TownFirewall(
        policy=firewall.policy,
        template=firewall.template,
        engines=[FirewallEngine(name=engine.name, kind=engine.kind) for engine in firewall.engines],
        keep=[rule["id"] for section in sections for rule in section["rules"] if rule["flow"] in keep],
        log=firewall.log,
        elements=[],
        sections=sections,
        translations=[translation for translation in translations if translation is not None],
        prefixes=[str(prefix) for prefix in AddressingRule(declaration.town.variables.addressing).prefixes],
        shared=_shared(declaration),
        inspection=_inspection(firewall.inspection),
    )
    town["elements"] = _named(town, [*ends.made.values(), *services.made.values()])
    return Matrix(town, {site.id: _share(town, site.id) for site in declaration.sites})


def _share(town: TownFirewall, site: str) -> SiteFirewall:
    """Give a site its section; an empty section where it is not in service."""
    empty = _section(site, f"Site {site}", site, [])
    section = next((section for section in town["sections"] if section["id"] == site), empty)
    keep = [rule["id"] for rule in section["rules"] if rule["id"] in town["keep"]]
    return SiteFirewall(policy=town["policy"], section=section, before=REST, log=town["log"], keep=keep)


def _shared(declaration: Declaration) -> dict[str, str]:
    if declaration.shared is None:
        return {}
    rule = AddressingRule(declaration.town.variables.addressing)
    entries = declaration.shared.variables.shared_segments
    return {name: str(rule.shared(entry)) for name, entry in entries.items()}


def _inspection(declared: Inspection | None) -> FirewallInspection | None:
    if declared is None:
        return None
    authority = declared.tls.authority if declared.tls else None
    return FirewallInspection(policy=declared.policy, files=declared.files, authority=authority)


def _section(name: str, title: str, owner: str, rules: Sequence[FirewallRule]) -> FirewallSection:
    return FirewallSection(id=name, title=title, owner=owner, rules=list(rules))


def _closing_rule() -> FirewallRule:
    return FirewallRule(
        id=CLOSING_RULE,
        flow="",
        action="deny",
        sources=[ANY],
        destinations=[ANY],
        services=[ANY],
        versions=[4, 6],
        exception=None,
        inspection=None,
        comment="Ce que la matrice n’autorise pas est refusé et journalisé",
    )


@dataclass(frozen=True, slots=True)
class _Rules:
    """Turn flows into rules."""

    ends: Ends
    services: Services
    charters: Mapping[str, TermsOfUse]
    inspection: Inspection | None

    def of_town(self, flows: Sequence[DeclaredFlow]) -> list[FirewallRule]:
        """Give the rules of the town's own section."""
        rules = ((flow, self._rule(flow.id, flow, self._town_sources(flow), flow.destinations)) for flow in flows)
        return [filtered for flow, rule in rules if rule for filtered in self._filtered(flow.form, rule)]

    def of_site(self, flows: Sequence[DeclaredFlow], site: str) -> list[FirewallRule]:
        """Give the rules of the section of a site."""
        here = (flow for flow in flows if site in flow.sites)
        rules = (
            (flow, self._rule(f"{flow.id}.{site}", flow, self._site_sources(flow, site), flow.destinations, site))
            for flow in here
        )
        return [filtered for flow, rule in rules if rule for filtered in self._filtered(flow.form, rule)]

    def _filtered(self, flow: Flow, rule: FirewallRule) -> Iterator[FirewallRule]:
        """Yield the rules that a charter and an inspection add to a flow, then its own.

        The vendor advises to allow before denying; what is never decrypted comes right before the flow. Sites that a
        charter allows come first, and may be among the exempted: they are not decrypted either.
        """
        asked = rule["inspection"]
        clear: list[Inspected] | None = None if asked is None else [what for what in asked if what != "tls"]
        charter = self.charters.get(flow.charter or "")
        web = charter.web if charter else None
        if charter and web:
            sides: tuple[tuple[Literal["allow", "deny"], str, str, WebSites | None], ...] = (
                ("allow", "ok", "permis quand même", web.allowed), ("deny", "no", "refusé", web.denied),
            )  # fmt: skip
            for action, suffix, said, sites in sides:
                if sites:
                    comment = f"{charter.title} : {said}"
                    services = self.services.of_the_web(f"{flow.charter}-{suffix}", sites, comment)
                    yield {**rule, "id": f"{rule['id']}_{suffix}", "action": action, "services": services,
                           "inspection": clear, "comment": comment}  # fmt: skip
        tls = self.inspection.tls if self.inspection and "tls" in (asked or ()) else None
        if tls:
            services = [
                name
                for subject, sites in tls.exempt.items()
                for name in self.services.of_the_web(f"clair-{subject}", sites, "Jamais déchiffré")
            ]
            yield {**rule, "id": f"{rule['id']}_tls", "services": list(dict.fromkeys(services)), "inspection": clear,
                   "comment": "Jamais déchiffré"}  # fmt: skip
        yield rule

    def _per_site(self, end: End) -> bool:
        """Tell whether an end of a flow of the town is a segment, different at each site."""
        return "segment" in self.ends.kinds_of(end.name)

    def _town_sources(self, flow: DeclaredFlow) -> list[End]:
        if flow.level != "town" or HERE in [end.where for end in flow.destinations]:
            return []
        return [end for end in flow.sources if not self._per_site(end)]

    def _site_sources(self, flow: DeclaredFlow, site: str) -> list[End]:
        if flow.level != "town":
            return flow.sources
        seen = ("", EVERY, HERE, site)
        own = [End(end.name, HERE) for end in flow.sources if self._per_site(end) and end.where in seen]
        others = [end for end in flow.sources if not self._per_site(end)]
        return [*own, *others] if HERE in [end.where for end in flow.destinations] else own

    def _rule(
        self, name: str, flow: DeclaredFlow, sources: Sequence[End], targets: Sequence[End], site: str | None = None
    ) -> FirewallRule | None:
        """Make a rule; None where one of its cells would be empty.

        The destinations of a flow of the town are those that the town sees, except an end that is `here`.
        """
        seen = site if flow.level != "town" else None
        leads = [name for end in targets for name in self.ends.at(end, site if end.where == HERE else seen)]
        cells = (
            self.ends.distinct(name for end in sources for name in self.ends.at(end, site)),
            self.ends.distinct(leads),
            self.services.named(flow.form.services),
        )
        if not all(cells):
            return None
        reach = [self._meaning(cell) for cell in cells[:2]]
        return FirewallRule(
            id=name,
            flow=flow.id,
            action="allow",
            sources=cells[0],
            destinations=cells[1],
            services=cells[2],
            versions=[version for version, whole in _VERSIONS if all(side & whole for side in reach)],
            exception=flow.form.exception,
            inspection=flow.form.inspection,
            comment=_comment(flow.form),
        )

    def translation(self, name: str, entry: Translation) -> FirewallTranslation | None:
        """Make a translation; None where it would match nothing or lead nowhere."""
        sources, destinations = (
            self.ends.distinct(name for text in side for name in self.ends.at(End.read(text)))
            for side in (entry.origin, entry.to)
        )
        server = self.ends.at(End.read(entry.server)) if entry.server else []
        if not sources or not destinations or (entry.server and not server):
            return None
        return FirewallTranslation(
            id=name,
            sources=sources,
            destinations=destinations,
            services=self.services.named(entry.services) or [ANY],
            source=entry.source,
            server=next(iter(server), None),
            comment=entry.why + (f" (CCTP {entry.cctp})" if entry.cctp else ""),
        )

    def _meaning(self, names: Sequence[str]) -> Ranges:
        return Ranges.union(self.ends.meaning[name] for name in names)


def _comment(flow: Flow) -> str:
    section = f" (CCTP {flow.cctp})" if flow.cctp else ""
    return f"{flow.why}{section}" + (f", jusqu’au {flow.until}" if flow.until else "")


def _named(town: TownFirewall, made: Sequence[FirewallElement]) -> list[FirewallElement]:
    """Keep the elements that a rule or a translation names, and their members."""
    known = {reference(element): element for element in made}
    rules = [rule for section in town["sections"] for rule in section["rules"]]
    cells = [rule[cell] for rule in rules for cell in _CELLS]
    cells += [translation[cell] for translation in town["translations"] for cell in _CELLS]
    wanted = [name for cell in cells for name in cell]
    wanted += [translation["server"] for translation in town["translations"] if translation["server"]]
    kept: dict[str, FirewallElement] = {}
    while wanted:
        name = wanted.pop()
        if name in known and name not in kept:
            kept[name] = known[name]
            wanted += known[name]["values"] if known[name]["kind"] in GROUPS else []
    return tidy(kept.values())
