"""Advanced audit of a computer, `audit.csv` (MS-GPAC 2.2.1): recorded events by subcategory.

Believed: [belief windows.audit].
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, Final

from piste.engine.converge.errors import Fault
from piste.engine.converge.resource import Field
from piste.systems.windows.gpo import extensions
from piste.systems.windows.gpo.edits import changes, put_in_place
from piste.systems.windows.gpo.part import Content, Pair, Principals, Side

COLUMNS: Final = (
    "Machine Name",
    "Policy Target",
    "Subcategory",
    "Subcategory GUID",
    "Inclusion Setting",
    "Exclusion Setting",
    "Setting Value",
)
_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "none": ("No Auditing", "0"),
    "success": ("Success", "1"),
    "failure": ("Failure", "2"),
    "success_and_failure": ("Success and Failure", "3"),
}
_GUID_END: Final = "-69ae-11d9-bed3-505054503030}"

# fmt: off
SUBCATEGORIES: Final[Mapping[str, tuple[str, str]]] = {
    # name: (name in the file, first group of the GUID), by category; MS-GPAC 2.2.1.2
    "account_logon.credential_validation":     ("Credential Validation", "0cce923f"),
    "account_logon.kerberos_authentication":   ("Kerberos Authentication Service", "0cce9242"),
    "account_logon.kerberos_tickets":          ("Kerberos Service Ticket Operations", "0cce9240"),
    "account_logon.other":                     ("Other Account Logon Events", "0cce9241"),
    "account_management.application_groups":   ("Application Group Management", "0cce9239"),
    "account_management.computers":            ("Computer Account Management", "0cce9236"),
    "account_management.distribution_groups":  ("Distribution Group Management", "0cce9238"),
    "account_management.other":                ("Other Account Management Events", "0cce923a"),
    "account_management.security_groups":      ("Security Group Management", "0cce9237"),
    "account_management.users":                ("User Account Management", "0cce9235"),
    "directory.access":                        ("Directory Service Access", "0cce923b"),
    "directory.changes":                       ("Directory Service Changes", "0cce923c"),
    "directory.detailed_replication":          ("Detailed Directory Service Replication", "0cce923e"),
    "directory.replication":                   ("Directory Service Replication", "0cce923d"),
    "logon.account_lockout":                   ("Account Lockout", "0cce9217"),
    "logon.claims":                            ("User / Device Claims", "0cce9247"),
    "logon.group_membership":                  ("Group Membership", "0cce9249"),
    "logon.ipsec_extended":                    ("IPsec Extended Mode", "0cce921a"),
    "logon.ipsec_main":                        ("IPsec Main Mode", "0cce9218"),
    "logon.ipsec_quick":                       ("IPsec Quick Mode", "0cce9219"),
    "logon.logoff":                            ("Logoff", "0cce9216"),
    "logon.logon":                             ("Logon", "0cce9215"),
    "logon.network_policy_server":             ("Network Policy Server", "0cce9243"),
    "logon.other":                             ("Other Logon/Logoff Events", "0cce921c"),
    "logon.special":                           ("Special Logon", "0cce921b"),
    "object_access.application_generated":     ("Application Generated", "0cce9222"),
    "object_access.certification":             ("Certification Services", "0cce9221"),
    "object_access.central_policy_staging":    ("Central Policy Staging", "0cce9246"),
    "object_access.detailed_file_share":       ("Detailed File Share", "0cce9244"),
    "object_access.file_share":                ("File Share", "0cce9224"),
    "object_access.file_system":               ("File System", "0cce921d"),
    "object_access.filtering_connection":      ("Filtering Platform Connection", "0cce9226"),
    "object_access.filtering_packet_drop":     ("Filtering Platform Packet Drop", "0cce9225"),
    "object_access.handles":                   ("Handle Manipulation", "0cce9223"),
    "object_access.kernel":                    ("Kernel Object", "0cce921f"),
    "object_access.other":                     ("Other Object Access Events", "0cce9227"),
    "object_access.registry":                  ("Registry", "0cce921e"),
    "object_access.removable_storage":         ("Removable Storage", "0cce9245"),
    "object_access.sam":                       ("SAM", "0cce9220"),
    "policy_change.audit":                     ("Audit Policy Change", "0cce922f"),
    "policy_change.authentication":            ("Authentication Policy Change", "0cce9230"),
    "policy_change.authorization":             ("Authorization Policy Change", "0cce9231"),
    "policy_change.filtering_platform":        ("Filtering Platform Policy Change", "0cce9233"),
    "policy_change.firewall_rules":            ("MPSSVC Rule-Level Policy Change", "0cce9232"),
    "policy_change.other":                     ("Other Policy Change Events", "0cce9234"),
    "privilege_use.non_sensitive":             ("Non Sensitive Privilege Use", "0cce9229"),
    "privilege_use.other":                     ("Other Privilege Use Events", "0cce922a"),
    "privilege_use.sensitive":                 ("Sensitive Privilege Use", "0cce9228"),
    "system.integrity":                        ("System Integrity", "0cce9212"),
    "system.ipsec_driver":                     ("IPsec Driver", "0cce9213"),
    "system.other":                            ("Other System Events", "0cce9214"),
    "system.security_extension":               ("Security System Extension", "0cce9211"),
    "system.state_change":                     ("Security State Change", "0cce9210"),
    "tracking.dpapi":                          ("DPAPI Activity", "0cce922d"),
    "tracking.plug_and_play":                  ("PNP Activity", "0cce9248"),
    "tracking.process_creation":               ("Process Creation", "0cce922b"),
    "tracking.process_termination":            ("Process Termination", "0cce922c"),
    "tracking.rpc":                            ("RPC Events", "0cce922e"),
    "tracking.token_rights":                   ("Token Right Adjusted Events", "0cce924a"),
}
# fmt: on
_BY_GUID: Final = {f"{{{start}{_GUID_END}": name for name, (_, start) in SUBCATEGORIES.items()}

FIELD = Field(
    "audit",
    f"Advanced audit, {', '.join(_STATES)} by subcategory. Names: {', '.join(f'C({name})' for name in SUBCATEGORIES)}.",
    type="map",
    choices=tuple(_STATES),
)


def _name(row: Mapping[str, str]) -> str:
    """Subcategory of a line about the whole system; empty for a line about a user or an option."""
    about_all = row.get("Policy Target", "").strip().casefold() == "system"
    return _BY_GUID.get(row.get("Subcategory GUID", "").strip().casefold(), "") if about_all else ""


class Audit:
    """The part `audit`. The GUID identifies a line: localised editors translate the names."""

    field = FIELD
    sides: frozenset[Side] = frozenset({"computer"})

    def take(self, content: Content, principals: Principals) -> dict[str, str] | None:
        states = {number: state for state, (_, number) in _STATES.items()}
        result: dict[str, str] = {}
        kept = []
        for row in content.audit:
            name, state = _name(row), states.get(row.get("Setting Value", "").strip())
            if name and state:
                result[name] = state
            else:
                kept.append(row)
        content.audit[:] = kept
        return result or None

    def put(self, content: Content, before: Any, after: Any, principals: Principals) -> None:
        columns = tuple(content.audit[0]) if content.audit else COLUMNS
        for name, _, state in changes(before, after):
            desired = [] if state is None else [_row(columns, name, state)]
            put_in_place(content.audit, lambda row, name=name: _name(row) == name, desired)  # type: ignore[misc]

    def pairs(self, content: Content) -> frozenset[Pair]:
        return frozenset({extensions.AUDIT}) if content.audit else frozenset()

    def check(self, value: Any, path: str, principals: Principals) -> list[Fault]:
        faults = []
        for name in value or {}:
            if name not in SUBCATEGORIES:
                near = difflib.get_close_matches(name, SUBCATEGORIES, n=1)
                hint = f", vouliez-vous dire « {near[0]} » ?" if near else ""
                faults.append(Fault(f"{path}[{name}]", f"sous-catégorie inconnue{hint}"))
        return faults


def _row(columns: tuple[str, ...], name: str, state: str) -> dict[str, str]:
    label, start = SUBCATEGORIES[name]
    inclusion, number = _STATES[state]
    filled = {
        "Policy Target": "System",
        "Subcategory": f"Audit {label}",
        "Subcategory GUID": f"{{{start}{_GUID_END}",
        "Inclusion Setting": inclusion,
        "Setting Value": number,
    }
    return {column: filled.get(column, "") for column in columns}
