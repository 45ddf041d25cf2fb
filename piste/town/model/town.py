"""The town: read, validated, derived. The only entry to the model."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from . import dates
from .accounts import derive_accounts
from .acts import derive_acts
from .addressing.derived import derive_segments
from .admission import derive_town_access
from .applications import derive_applications
from .as_found import Found, read_found
from .assets.tables import read_tables
from .certificates import derive_certificates
from .checks import CHECKS
from .committees import derive_bonuses, derive_committees
from .computer_measures import derive_computer_measures
from .computer_steps import derive_lived, derive_steps
from .computer_updates import derive_updates
from .configurations import derive_configurations
from .contracts import derive_contracts, derive_licences
from .decisions import derive_decisions
from .declaration import read_declaration
from .derive import derive_site
from .derived import Derived
from .devices import Model
from .dhcp.derived import derive_town_dhcp
from .directory.derived import derive_town_directory
from .faults import Faults, InvalidDeclaration
from .firmware import derive_firmware
from .flows.matrix import derive_matrix
from .flows.segmentation import derive_access_lists, derive_permits, derive_withdrawn
from .forms import data
from .freshness import derive_freshness
from .glpi import links_of, part_of
from .incidents import derive_incidents
from .inventory import read_inventory
from .layer2.carried import far_ports, link_ports, open_links
from .life.history import read_history
from .logs.derived import derive_logs
from .lots.derived import derive_lots
from .lots.scenario import levers_of
from .names.derived import (
    derive_ad_sites,
    derive_ad_subnets,
    derive_name_servers,
    derive_town_ad_subnets,
    derive_town_records,
    derive_zones,
)
from .nexus.derived import derive_nexus
from .parity import derive_mac_profile, derive_parity
from .print_accounting import derive_print_accounting
from .proof import read_proofs
from .put_off import derive_put_off
from .rehearsal import rehearse
from .remote_access import derive_remote_access
from .restores import derive_restore_tests
from .routing.load import derive_load
from .site import Commune
from .sobriety.reporting import SobrietyAlerts
from .spending import derive_spending
from .storage import derive_storage
from .supervision.derived import derive_site_supervision, derive_town_supervision
from .third_parties import derive_third_parties
from .upgrades import derive_upgrades, upgrading
from .view import View
from .wifi.derived import derive_terms

if TYPE_CHECKING:
    from .accessibility import Accessibility
    from .as_found import FoundFile
    from .assets.tables import Tables
    from .declaration import Declaration, DeclaredSite
    from .documents import Documents
    from .energy_factors import Energy
    from .faults import Fault, Mark
    from .flows.matrix import Matrix
    from .legal import LegalNotice
    from .life.history import Event
    from .lots.scenario import ThinClientScenario
    from .site import Site
    from .sobriety.form import Lever, RolloutStep, SobrietyException, SobrietyTarget
    from .sobriety.reporting import EnergyPrice
    from .tree import Inventory
    from .variables import TownLevel


@dataclass(frozen=True, slots=True)
class TownSobriety:
    """Digital sobriety of the town.

    The levers by name, the inscribed steps, the targets of the figures, the factors of energy, the exceptions of each
    site that has some, the address for agents. `closing_delay_min`: how long after closing computers stop; `holidays`
    gives the name of each public holiday by its day; `prices` are those of energy, the oldest first; `substitution` is
    the scenario of thin clients.
    """

    levers: Mapping[str, Lever] = field(default_factory=dict)
    rollout: Sequence[RolloutStep] = ()
    targets: Mapping[str, SobrietyTarget] = field(default_factory=dict)
    energy: Energy | None = None
    exceptions: Mapping[str, Sequence[SobrietyException]] = field(default_factory=dict)
    contact: str | None = None
    closing_delay_min: int = 0
    holidays: Mapping[str, str] = field(default_factory=dict)
    prices: Sequence[EnergyPrice] = ()
    alerts: SobrietyAlerts = field(default_factory=SobrietyAlerts)
    substitution: ThinClientScenario | None = None


@dataclass(frozen=True, slots=True)
class Town(Derived):
    """The whole town: the derived data, models, its name, its sobriety.

    `tree` has its files as they were read.
    `empty_classes` are the classes of assets whose table has no line: the town declares that it has none.
    `history` is the life of its assets; `documents` is the identity of the documents,
    `accessibility` the declaration of their pages, `legal_notice` who publishes them.
    """

    hardware: dict[str, Model] = field(default_factory=dict)
    name: str = ""
    sobriety: TownSobriety = field(default_factory=TownSobriety)
    empty_classes: frozenset[str] = frozenset()
    history: tuple[Event, ...] = ()
    documents: Documents | None = None
    accessibility: Accessibility | None = None
    legal_notice: LegalNotice | None = None
    tree: Inventory | None = None

    def require(self) -> Town:
        """Return the town itself. Raises InvalidDeclaration with all errors, if any."""
        if self.errors:
            raise InvalidDeclaration(self.errors)
        return self


class Pass(NamedTuple):
    """A key that each site gets from the whole town, and the keys of sites from which it comes."""

    gives: str
    needs: str
    derive: Callable[[View, DeclaredSite, Site], Any]

    def run(self, view: View) -> None:
        for declared, site in view.pairs():
            cast("dict[str, Any]", site)[self.gives] = self.derive(view, declared, site)


PASSES = (
    Pass("ad_subnets", "block name segments",
         lambda view, declared, site: derive_ad_subnets(view.declared, declared, view.sites)),
    Pass("far_ports", "devices lifecycle segments", lambda view, declared, site: far_ports(declared.id, view.sites)),
    Pass("upgrades", "network_name",
         lambda view, declared, site: derive_upgrades(view.declared, view.sites, declared)),
    Pass("access_lists", "id lifecycle segments", derive_access_lists),
    Pass("withdrawn_rules", "id lifecycle segments", derive_withdrawn),
    Pass("core", "devices network_name stacks", lambda view, declared, site: view.core),
    Pass("assets", "awaited devices gateways lifecycle network_name premises segments stacks",
         lambda view, declared, site: view.assets.owned[declared.id]),
    Pass("supervision", "assets devices id lifecycle name timezone",
         lambda view, declared, site: derive_site_supervision(declared, site)),
    Pass("glpi", "assets name", lambda view, declared, site: part_of(view.glpi, declared.id, site["assets"])),
)  # fmt: skip
"""The passes over the sites that are derived and linked, in their order; `derive_site` gives the other keys."""


def load(
    inventory: Path,
    as_found: Path | None = None,
    proofs: Path | None = None,
    today: date | None = None,
    rehearsed: Path | None = None,
    checks: Sequence[Callable[[View], None]] = (),
) -> Town:
    """Read an inventory folder, derive its sites, check them.

    The folder has `hosts.yml`, `group_vars/`, `host_vars/`. `as_found` is the folder of the values that the town and
    its sites keep as found in an environment; `proofs` the folder of its successful tests of 802.1X: without it no site
    needs a test; `rehearsed` the file of the steps of sobriety rehearsed there alone. An exception or a flow that ends
    before `today` is over. `checks` follow the model's own checks, for faults that other parts see.

    Never raises for a fault of the declaration: every fault is in `Town.faults`. `Town.require` raises.
    """
    faults = Faults()
    tree = read_inventory(inventory, faults)
    root = Path(os.path.realpath(inventory)).parent.parent
    tables = read_tables(inventory, root, faults)
    history = read_history(inventory, root, faults)
    town_digest = _digest(tree, tables, history, {})
    if rehearsed:
        rehearse(tree, rehearsed, faults)
    declaration = read_declaration(tree, faults)
    kept = read_found(as_found, tree.hosts, faults, root) if as_found else {}
    digest = _digest(tree, tables, history, kept) if rehearsed or kept else town_digest
    if declaration is None:
        return Town(_without_repeats(faults), digest, town_digest)
    declaration.assets, declaration.history = tables, history
    today = today or dates.today()
    sites, servers, matrix = _derive(declaration, today, kept)
    variables = declaration.town.variables
    proven = read_proofs(proofs, faults, root) if proofs else None
    view = View(declaration, sites, servers, matrix, today, faults, proven, kept)
    for step in PASSES:
        step.run(view)
    for check in (*CHECKS, *checks):
        check(view)
    return Town(
        _without_repeats(faults), digest, town_digest, sites, _commune(view), variables.journal.retention_months,
        hardware=_hardware(variables), firmware=derive_firmware(variables.firmware), name=variables.town.name,
        sobriety=_sobriety(declaration),
        empty_classes=frozenset(tables.kinds - {asset["kind"] for asset in view.assets.all}),
        history=tuple(event for event, _ in history),
        documents=variables.documents, accessibility=variables.accessibility,
        legal_notice=variables.legal_notice, tree=tree,
    )  # fmt: skip


def _hardware(variables: TownLevel) -> dict[str, Model]:
    return {
        name: cast("Model", {key: getattr(entry, key) for key in Model.__annotations__})
        for name, entry in variables.hardware.items()
    }


def _sobriety(declaration: Declaration) -> TownSobriety:
    variables = declaration.town.variables
    return TownSobriety(
        levers_of(variables),
        variables.sobriety_rollout,
        variables.sobriety_targets,
        variables.energy,
        {site.id: exceptions for site in declaration.sites if (exceptions := site.variables.sobriety_exceptions)},
        variables.sobriety_contact.mail if variables.sobriety_contact else None,
        variables.sobriety_shutdown.delay_min,
        {day.date: day.name for day in variables.calendar.public_holidays.days} if variables.calendar else {},
        variables.sobriety_energy_price,
        variables.sobriety_alerts,
        substitution=variables.thin_client_scenario,
    )


def _commune(view: View) -> Commune | None:
    declaration, sites, assets = view.declared, view.sites, view.assets
    if declaration.shared is None:
        return None
    name, directory = declaration.shared.id, derive_town_directory(declaration, view.today)
    records = derive_town_records(declaration)
    everything = [record for site in sites.values() for record in site["records"]]
    commune = Commune(
        id=name,
        lifecycle="open",
        directory=directory,
        access=derive_town_access(declaration, sites),
        firewall=view.matrix.town,
        hosting=view.hosting,
        thin_client_lots=derive_lots(declaration.town.variables.thin_client_lots),
        mac_parity=derive_parity(declaration.town.variables.mac_parity),
        computer_steps=derive_steps(declaration.town.variables.computer_steps),
        mac_profile=derive_mac_profile(declaration.town.variables.mac_profile, declaration.town.variables.town.name),
        computer_updates=derive_updates(declaration.town.variables.computer_updates),
        computer_lives=derive_lived(event for event, _ in declaration.history),
        core=view.routing["core"],
        open_links=open_links(declaration.town.variables, sites),
        upgrading=upgrading(declaration.town.variables, sites),
        firewall_engine=view.routing["engine"],
        firewall_load=derive_load(view),
        segmentation=derive_permits(view),
        dhcp=derive_town_dhcp(declaration, view.servers),
        nexus=derive_nexus(declaration, sites, view.servers),
        dns=derive_name_servers(declaration),
        zones=derive_zones(declaration, [*everything, *records]),
        records=records,
        ad_sites=derive_ad_sites(declaration, sites),
        ad_subnets=derive_town_ad_subnets(declaration),
        certificates=derive_certificates(declaration, view.servers, view.today),
        configurations=derive_configurations(declaration.town.variables.configurations),
        freshness=derive_freshness(declaration.town.variables.freshness, view.protection["stores"]),
        put_off=derive_put_off(declaration.town.variables.put_off),
        acts=derive_acts(declaration.town.variables.acts),
        decisions=derive_decisions(declaration.town.variables.decisions),
        spending=derive_spending(declaration.town.variables.spending),
        prices={
            name: entry.price_excl_tax for name, entry in declaration.town.variables.hardware.items()
            if entry.price_excl_tax is not None
        },
        transfer=data(declaration.town.variables.transfer),
        personal_data=data(declaration.town.variables.personal_data),
        incidents=derive_incidents(declaration.town.variables.incidents),
        committees=derive_committees(declaration.town.variables.committees),
        bonus_malus=derive_bonuses(declaration.town.variables.bonus_malus),
        print_accounting=derive_print_accounting(declaration),
        storage=derive_storage(declaration, view.servers),
        computer_measures=derive_computer_measures(declaration, view.servers, assets.all),
        logs=derive_logs(declaration, sites, view.servers),
        assets=assets.owned[name],
        third_parties=derive_third_parties(declaration),
        remote_access=derive_remote_access(declaration, view.servers, view.today),
        contracts=derive_contracts(declaration),
        licences=derive_licences(declaration),
        applications=derive_applications(declaration, view.hosting),
        protection=view.protection,
        accounts=derive_accounts(declaration),
        bastion=[*(declaration.town.variables.administration.bastion or ())],
        terms=derive_terms(declaration.town.variables),
        radio_plan=data(declaration.town.variables.radio_plan),
        restore_tests=derive_restore_tests(declaration, view.protection["sets"]),
        supervision=None,
        glpi=view.glpi,
        as_found=view.as_found[name].content.as_found if name in view.as_found else {},
    )  # fmt: skip
    commune["supervision"] = derive_town_supervision(declaration.town.variables, commune, sites)
    if view.glpi and view.glpi["legacy"]:
        view.glpi["links"] = links_of(Derived([], "", "", dict(sites), commune))
    return commune


def _derive(
    declaration: Declaration, today: date, kept: Mapping[str, FoundFile]
) -> tuple[dict[str, Site], dict[str, str], Matrix]:
    segments = {declared.id: derive_segments(declared.variables) for declared in declaration.sites}
    servers = {
        name: address
        for site in segments.values()
        for segment in site.values()
        for name, address in segment["reservations"].items()
    }
    matrix = derive_matrix(declaration, segments, servers, today)
    sites = {}
    for declared in declaration.sites:
        name = declared.id
        as_found = kept[name].content if name in kept else Found()
        sites[name] = derive_site(declared, segments[name], servers, declaration, today, matrix.sites[name], as_found)
    link_ports(declaration, sites)
    return sites, servers, matrix


def _without_repeats(faults: Faults) -> list[Fault]:
    """Drop the faults of form of a secret in clear: the literal itself is the fault."""

    def place(item: Fault) -> tuple[str, int, str]:
        return item.file, item.line, item.path.rpartition(".")[2]

    literal = {place(item) for item in faults if item.rule == "PISTE-M004"}
    return [item for item in faults if item.rule == "PISTE-M004" or place(item) not in literal]


def _digest(
    tree: Inventory, tables: Tables, history: Sequence[tuple[Event, Mark]], kept: Mapping[str, FoundFile]
) -> str:
    scopes = {
        "groups": {host: tree.groups_of(host) for host in tree.hosts},
        "group_vars": {name: {k: v.value for k, v in variables.items()} for name, variables in tree.group_vars.items()},
        "host_vars": {name: {k: v.value for k, v in variables.items()} for name, variables in tree.host_vars.items()},
        **({"assets": tables.content} if tables.kinds else {}),
        **({"history": [event.model_dump(exclude_none=True) for event, _ in history]} if history else {}),
        **({"as_found": {name: file.content.model_dump() for name, file in kept.items()}} if kept else {}),
    }
    text = json.dumps(scopes, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
