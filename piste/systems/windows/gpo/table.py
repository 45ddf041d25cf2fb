"""Table of group policy objects."""

from __future__ import annotations

from dataclasses import replace

from piste.engine.converge.resource import Field, Resource
from piste.systems.windows.gpo.foreign import FOREIGN
from piste.systems.windows.gpo.side import Parts
from piste.systems.windows.intent import SHUTDOWN

EVERYBODY = "Authenticated Users"
_ADMISSION = ("windows.wired_profile", "windows.radius_authority", "windows.strong_mapping")
RESTS = (
    ("windows.gpo_firewall", "computer.firewall"),
    ("windows.firewall_networks", "computer.firewall"),
    *((id_, f"computer.{profile}") for id_ in _ADMISSION for profile in ("wired", "wireless")),
    ("windows.shutdown_spares_work", f"computer.preferences.scheduled_tasks.{SHUTDOWN}"),
)
"""The beliefs that a policy rests on, each with the part whose change does."""


def table(parts: Parts) -> Resource:
    """Table of GPOs whose sides have these parts."""
    return Resource(
        system="ad",
        name="gpo",
        doc="Stratégie de groupe",
        exclusive="exclusive",
        repairs="defects",
        fields=(
            Field("name", "Display name, the identity: two of one name are refused.", required=True, maximum=255),
            Field("comment", "Comment, as the console shows it.", default="", maximum=2047),
            Field(
                "computer",
                "What computers apply, whoever opens a session.",
                type="dict",
                of=parts.fields("computer"),
            ),
            Field("user", "What users apply, on whatever computer.", type="dict", of=parts.fields("user")),
            Field(
                "filtering",
                "Groups, users or computers that apply the GPO, by name. All may still read it: a computer reads what "
                "its users apply.",
                type="list",
                unordered=True,
                default=[EVERYBODY],
            ),
            Field(
                "exempt",
                "Groups, users or computers that never apply it, whatever else they belong to.",
                type="list",
                unordered=True,
                default=[],
            ),
            Field("wmi_filter", "Name of the WMI filter that a computer must pass.", nullable=True, default=None),
            replace(FOREIGN.field, doc="Files beside both sides that Piste does not know, by path, as base64."),
            Field(
                "exclusive",
                "Whether the declared sections hold what is declared and nothing else. Otherwise what they hold "
                "besides stays, and is reported.",
                type="bool",
            ),
        ),
    )
