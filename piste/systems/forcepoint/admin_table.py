"""Elements of the administration of an SMC: roles and administrators, their fields.

Sources: the 7.4.1 model (`Role`, `Administrator`, `AdminPermission`); the vendor's library 1.0.34
(`smc.administration.role`, `smc.elements.user`), which names the rights that the model lacks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from piste.engine.converge.reading import listed, mapped, text
from piste.engine.converge.resource import Field
from piste.systems.forcepoint.references import reference, split

TYPES: Mapping[str, tuple[str, ...]] = {
    "role": ("permissions",),
    "admin_user": ("grants", "auth_method", "password", "can_use_api", "shared_domain"),
}
ADMINISTRATION = frozenset(TYPES)
PASSWORD = "password"
"""Field that has a write of its own: no whole write has it, nor loses it."""
RIGHTS = "rights"
"""Name under which the rights of a role are read and written as one list."""
PERMISSIONS = (
    "admin_mgmt", "alert_mgmt", "auth_server_user_mgmt", "backup_mgmt", "bookmark_manage", "element_create",
    "element_delete", "element_edit", "element_view_content", "internal_user_mgmt", "license_mgmt", "log_mgmt",
    "log_pruning_mgmt", "overview_manage", "refresh_policy", "send_advanced_commands", "send_commands",
    "updates_and_upgrades_mgmt", "upload_policy", "view_audit", "view_edit_report", "view_logs", "view_system_alerts",
    "vpn_mgmt",
)  # fmt: skip
"""Rights of a role, each an attribute of its document [belief smc.roles]."""


def grant(words: str) -> str:
    """Check a role and its domain, `role/Viewer > admin_domain/x`. Raises `ValueError`."""
    role, domain = (reference(part.strip()) for part in words.split(" > "))
    if (split(role)[0], split(domain)[0]) != ("role", "admin_domain"):
        raise ValueError(words)
    return f"{role} > {domain}"


def granted(document: Mapping[str, Any]) -> list[str]:
    """Rights that the document of a role has on; an unknown right is one too."""
    return [name for name, on in document.items() if on is True and name not in _OF_ANY]


_OF_ANY = frozenset({"system", "read_only", "locked", "trashed"})


def _grants(value: Any) -> dict[str, Any]:
    """Grants of an administrator by the addresses of their role and domain."""
    entries = [mapped(entry) for entry in listed(mapped(value).get("permission"))]
    return {f"{text(entry['role_ref'])} > {text(entry['granted_domain_ref'])}":
            {"granted_elements": listed(entry.get("granted_elements"))} for entry in entries}  # fmt: skip


def _granting(grants: Mapping[str, Any]) -> dict[str, Any]:
    ends = {key: key.split(" > ") for key in grants}
    return {"permission": [{"role_ref": ends[key][0], "granted_domain_ref": ends[key][1], **entry}
                           for key, entry in grants.items()]}  # fmt: skip


SPELLED: Mapping[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {"permissions": (_grants, _granting)}
FIELDS = (
    Field(
        "permissions", "What it allows, by the names that the vendor's library gives; all else is refused", type="list",
        unordered=True, wire=RIGHTS, choices=PERMISSIONS,
    ),
    Field(
        "grants", "Roles that somebody has, C(role/name > admin_domain/name), and on what; null takes one away",
        type="map", wire="permissions", normalise_key=grant,
        of=(
            Field("elements", "Engines, policies and lists of them, C(type/name) each.", type="list",
                  wire="granted_elements", unordered=True, default=[], normalise=reference),
        ),
    ),
    Field(PASSWORD, "Reference of the password; written, never read", wire=PASSWORD, readable=False,
          secret="smc/{name}/password"),
    Field("can_use_api", "Whether it may use the API", type="bool", wire="can_use_api", default=False),
    Field("shared_domain", "Whether it may sign in to the shared domain", type="bool",
          wire="allowed_to_login_in_shared", default=True),
)
"""Their documentation ends with the types that have them (`element_table`)."""
