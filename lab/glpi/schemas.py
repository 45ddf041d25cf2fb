"""The schemas of the High-Level API: fields, types, routes, versions.

Source: `src/Glpi/Api/HL/Controller` of GLPI (AdministrationController, AssetController, ManagementController,
DropdownController, ITILController, InventoryController, KnowbaseController), read in versions of
2024 to 2026, and the models that `glpi-python-client` 0.6.5
mirrors from the OpenAPI document of 2.3.0 (contracts, locations, computers, tickets). The dates of
licences and certificates are beliefs: `BELIEFS`.

Notation: `name:s, is_deleted:b, status:>State, group:[Group, level:i!, date_begin:d@2.3`; `!` is read-only, `@` the
version that introduced the field, `[` a list that a write does not keep.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

VERSIONS = ("2.0", "2.1", "2.2", "2.3")
"""Versions of the High-Level API of GLPI 11."""

_BASE = "id:i!, name:s, comment:s, date_creation:t!, date_mod:t!"
_LINKED = "entity:>Entity, is_recursive:b"
_DROPDOWN = f"{_BASE}"
_TREE = f"{_BASE}, completename:s!, level:i!, {_LINKED}"
_ASSIGNED = (
    "user:>User, user_tech:>User, group:[Group, group_tech:[Group, contact:s, contact_num:s, serial:s, otherserial:s, "
    "is_deleted:b"
)
_ASSET = (
    f"{_BASE}, {_LINKED}, status:>State, location:>Location, manufacturer:>Manufacturer, {_ASSIGNED}, uuid:s!, "
    "network:>Network, autoupdatesystem:>AutoUpdateSystem, is_dynamic:b!@2.3, last_inventory_update:t!@2.3"
)
_ITIL = (
    f"{_BASE}, content:s, is_deleted:b, category:>ITILCategory, location:>Location, urgency:i, impact:i, priority:i, "
    "actiontime:i!, date:t, status:status, entity:>Entity, team:[TeamMember"
)
_CERTIFICATE = "dns_name:s@2.3, dns_suffix:s@2.3, is_autosign:b@2.3, date_expiration:d@2.3"
_LICENSE = "completename:s!@2.1, level:i!@2.1, number:i@2.3, date_expiration:d@2.3"


def _asset(name: str) -> str:
    return f"{_ASSET}, type:>{name}Type, model:>{name}Model"


SCHEMAS: Mapping[str, tuple[str, str, str]] = {
    "Location": (
        "Dropdowns",
        "2.0",
        f"{_TREE}, code:s, alias:s, parent:>Location, room:s, building:s, address:s, town:s, postcode:s, state:s, "
        "country:s, latitude:s, longitude:s, altitude:s",
    ),
    "State": ("Dropdowns", "2.0", f"{_TREE}, parent:>State, is_visible_helpdesk:b"),
    "Manufacturer": ("Dropdowns", "2.0", _DROPDOWN),
    "AutoUpdateSystem": ("Dropdowns", "2.2", _DROPDOWN),
    "ITILCategory": ("Dropdowns", "2.2", _TREE),
    **{
        f"{name}{part}": ("Dropdowns", "2.3", _DROPDOWN + (", product_number:s" if part == "Model" else ""))
        for name in ("Computer", "NetworkEquipment", "Peripheral", "Phone", "Printer", "Monitor")
        for part in ("Model", "Type")
    },
    **dict.fromkeys(
        ("ContractType", "SupplierType", "CertificateType", "ApplianceType", "ClusterType", "LicenseType"),
        ("Dropdowns", "2.3", _DROPDOWN),
    ),
    **{
        name: ("Assets", "2.0", _asset(name))
        for name in ("Computer", "NetworkEquipment", "Peripheral", "Phone", "Printer", "Monitor")
    },
    "Unmanaged": ("Assets", "2.0", _ASSET),
    "Certificate": ("Assets", "2.0", f"{_ASSET}, type:>CertificateType, {_CERTIFICATE}"),
    "Appliance": ("Assets", "2.0", f"{_ASSET}, type:>ApplianceType, environment:>ApplianceEnvironment"),
    "Cluster": (
        "Management",
        "2.0",
        f"{_BASE}, entity:>Entity, status:>State, location:>Location, type:>ClusterType, user_tech:>User, "
        "group_tech:[Group, uuid:s!, autoupdatesystem:>AutoUpdateSystem, is_deleted:b",
    ),
    "Supplier": ("Management", "2.0", f"{_BASE}, entity:>Entity, type:>SupplierType, is_deleted:b"),
    "Contract": (
        "Management",
        "2.0",
        f"{_BASE}, entity:>Entity, status:>State, type:>ContractType, is_deleted:b, number:s@2.3, location:>Location, "
        "date_begin:d@2.3, duration:i@2.3, notice_period:i@2.3, renewal_period:i@2.3, invoice_period:i@2.3, "
        "accounting_number:s@2.3, max_links_allowed:i@2.3, alert:i@2.3, renewal_type:i@2.3",
    ),
    "License": (
        "Management",
        "2.0",
        f"{_BASE}, entity:>Entity, status:>State, location:>Location, manufacturer:>Manufacturer, type:>LicenseType, "
        f"{_ASSIGNED}, {_LICENSE}",
    ),
    "Ticket": (
        "Assistance",
        "2.0",
        f"{_ITIL}, type:i, external_id:s, request_type:>RequestType, date_solve:t@2.3, date_close:t@2.3, "
        "waiting_duration:i!@2.3, take_into_account_duration:i!@2.3, resolution_duration:i!@2.3, "
        "close_duration:i!@2.3",
    ),
    "Change": ("Assistance", "2.0", f"{_ITIL}, date_solve:t@2.3, date_close:t@2.3"),
    "Problem": ("Assistance", "2.0", _ITIL),
    "Article": (
        "Knowledgebase",
        "2.2",
        "id:i!, name:s, content:s, categories:[Category, is_faq:b, entity:>Entity, is_recursive:b, user:>User, "
        "views:i, show_in_service_catalog:b, description:s, is_pinned:b, date_creation:t, date_mod:t, "
        "date_begin:t, date_end:t",
    ),
    "Category": ("Knowledgebase", "2.2", f"{_TREE}, parent:>Category"),
    "User": (
        "Administration",
        "2.0",
        "id:i!, username:s, realname:s, firstname:s, is_active:b, is_deleted:b, last_login:t@2.1, "
        "date_password_change:t!@2.1, default_profile:>Profile@2.1, end_date:t@2.2",
    ),
    "Profile": ("Administration", "2.0", _BASE),
}
"""Schema of an itemtype: its part of the API, the version of its routes, its fields."""

BELIEFS: Mapping[str, frozenset[str]] = {
    "Certificate": frozenset({"dns_name", "dns_suffix", "is_autosign", "date_expiration"}),
    "License": frozenset({"number", "date_expiration"}),
}
"""Fields that no source read here proves."""
ELSEWHERE = frozenset({"Entity", "Group", "Network", "RequestType", "ApplianceEnvironment", "TeamMember"})
"""Itemtypes that others refer to, and that this simulator does not serve."""
TREES = frozenset({"Location", "State", "ITILCategory", "Category"})
_FIELD = re.compile(r"(\w+):(>\w+|\[\w+|[a-z]+)(!?)(?:@([\d.]+))?")


@dataclass(frozen=True, slots=True)
class Column:
    """A field.

    Its `kind` is `s`, `i`, `b`, `d` (day), `t` (moment), `status`, `>Itemtype` or `[Itemtype`.
    """

    name: str
    kind: str
    read_only: bool
    since: str

    @property
    def link(self) -> str:
        return self.kind[1:] if self.kind.startswith(">") else ""


@cache
def columns(itemtype: str, version: str) -> Mapping[str, Column]:
    """List the fields of an itemtype in a version of the API."""
    written = _FIELD.findall(SCHEMAS[itemtype][2])
    every = [Column(name, kind, bool(fixed), since or "2.0") for name, kind, fixed, since in written]
    return {column.name: column for column in every if known(column.since, version)}


def known(since: str, version: str) -> bool:
    """True where what a version introduced is in another version."""
    return VERSIONS.index(since) <= VERSIONS.index(version)


@cache
def routes(version: str) -> Mapping[str, str]:
    """Give the itemtype of each list, by its path in small letters."""
    return {f"{part}/{name}".lower(): name for name, (part, since, _) in SCHEMAS.items() if known(since, version)}
