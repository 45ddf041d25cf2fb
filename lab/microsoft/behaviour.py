"""Switches of the simulated tenant: its licence, the rights of the application, its pages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from lab.switches import Switches

RIGHTS = (
    "AuditLog.Read.All", "GroupMember.Read.All", "Organization.Read.All", "Policy.Read.All",
    "RoleManagement.Read.Directory", "SecurityEvents.Read.All", "SecurityIncident.Read.All",
    "SharePointTenantSettings.Read.All", "User.Read.All",
)  # fmt: skip


@dataclass(slots=True)
class Behaviour(Switches):
    """Switches of one simulator; change them at any time.

    licence         of Entra ID: none, P1, P2
    rights          permissions of the application for Graph
    machine_rights  its permissions for Defender for Endpoint
    page_limit      items of a page at most, whatever is asked
    token_seconds   life of a token
    defaults        security defaults are on
    """

    choices: ClassVar[Mapping[str, Collection[str]]] = {"licence": ("none", "P1", "P2")}
    licence: str = "P1"
    rights: list[str] = field(default_factory=lambda: [*RIGHTS])
    machine_rights: list[str] = field(default_factory=lambda: ["Machine.Read.All"])
    page_limit: int = 999
    token_seconds: int = 3599
    defaults: bool = False
