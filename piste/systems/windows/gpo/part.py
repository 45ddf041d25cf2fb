"""Contract of a part of a group policy object (GPO): one declared section of one side.

Several parts share one document: administrative templates, firewall and certificates are all in `Registry.pol`. A part
never owns a file. A side is read into `Content`, its parsed documents. Each part in turn *takes* from it what it
recognises; the rest is foreign: kept and shown. To write, each changed part *puts* its value into the content as read.
Only documents whose bytes differ are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from piste.engine.converge.errors import Fault
from piste.engine.converge.resource import Field
from piste.systems.windows.gpo.registry_pol import Entry

if TYPE_CHECKING:
    from lxml.etree import _Element

Side = Literal["computer", "user"]
FOLDERS: Mapping[Side, str] = {"computer": "Machine", "user": "User"}


class Pair(NamedTuple):
    """A client-side extension and the tool that edits its content; `tool` may be empty.

    GUIDs are in upper case without braces (MS-GPOL 2.2.4, `gPCMachineExtensionNames`).
    """

    extension: str
    tool: str


class Principals(Protocol):
    """Names of users and groups, and their SIDs, which GPOs store.

    The name of a principal of the domain is its bare `sAMAccountName`; of a well-known principal, its English name
    (`Authenticated Users`, `BUILTIN\\Administrators`); of an unknown principal, its SID.
    """

    def name(self, sid: str) -> str:
        """Name of a SID; the SID itself where it is unknown."""

    def sid(self, name: str) -> str:
        """SID of a name. Raises KeyError where the directory has no such name."""

    def unit(self, dn: str) -> str:
        """Path of an organizational unit from the domain's root. Raises KeyError for another domain."""

    def unit_dn(self, path: str) -> str:
        """DN of an organizational unit. Raises KeyError where the directory has none."""


@dataclass(slots=True)
class Content:
    """One side of one GPO, parsed.

    Paths are relative to the side's folder, with `/`, in the vendor's case.

    - `registry`: entries of `Registry.pol`, in order.
    - `security`, `audit`, `scripts`, `powershell_scripts`: text of `GptTmpl.inf`, `audit.csv`,
      `scripts.ini` and `psscripts.ini` by section, in order; empty where there is no file.
    - `preferences`: root element of each preferences document, by its path under `Preferences/`.
    - `objects`: attributes of each 802.1X policy object of the directory, by its DN relative to the side's container.
    - `files`: everything else, as bytes.
    - `pairs`: the extension pairs as read.
    """

    side: Side
    gpo: str
    registry: list[Entry] = field(default_factory=list)
    security: dict[str, list[str]] = field(default_factory=dict)
    audit: list[dict[str, str]] = field(default_factory=list)
    scripts: dict[str, list[str]] = field(default_factory=dict)
    powershell_scripts: dict[str, list[str]] = field(default_factory=dict)
    preferences: dict[str, _Element] = field(default_factory=dict)
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    pairs: frozenset[Pair] = frozenset()


class Part(Protocol):
    """One section of a side: `policies`, `firewall`, `preferences` …

    `field` is its entry in the module's table: its name is the YAML key under `computer` or `user`. Its type is `map`
    where entries have a natural identity: each is then declared, changed and removed (null) on its own, and undeclared
    entries are left alone.
    """

    field: Field
    sides: frozenset[Side]

    def take(self, content: Content, principals: Principals) -> Any:
        """Remove from `content` what the part recognises, and return its normal form or None.

        What the part cannot express stays in `content`.
        """

    def put(self, content: Content, before: Any, after: Any, principals: Principals) -> None:
        """Change `content` from `before` to `after` (None: nothing).

        Everything else stays as it is, in order. New entries go after the others of their kind.
        """

    def pairs(self, content: Content) -> frozenset[Pair]:
        """Extension pairs that the content needs for what this part handles."""

    def check(self, value: Any, path: str, principals: Principals) -> list[Fault]:
        """All faults of a declared value that the type of its field cannot see."""
