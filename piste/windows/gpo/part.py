"""The contract of a part of a group policy object (GPO): one section of what people declare for one side.

Several parts share one document (administrative templates, firewall and certificates all live in `Registry.pol`), so
a part never owns a file. A side is read into `Content`, parsed documents; each part in turn *takes* from it what
it recognises, and what no part takes is foreign: kept and shown. To write, each changed part *puts* its value into the
content as it was read, and only documents whose bytes differ are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from piste.converge.errors import Fault
from piste.converge.resource import Field
from piste.windows.gpo.registry_pol import Entry

if TYPE_CHECKING:
    from lxml.etree import _Element

Side = Literal["computer", "user"]
FOLDERS: Mapping[Side, str] = {"computer": "Machine", "user": "User"}


class Pair(NamedTuple):
    """A client-side extension and the tool that edits its content, GUIDs in upper case without braces (MS-GPOL 2.2.4,
    `gPCMachineExtensionNames`). `tool` may be empty."""

    extension: str
    tool: str


class Principals(Protocol):
    """Names of users and groups, and the SIDs that stand for them in the content of a GPO.

    A principal of the domain is called by its bare `sAMAccountName`, a well-known one by its English name
    (`Authenticated Users`, `BUILTIN\\Administrators`), an unknown one by its SID.
    """

    def name(self, sid: str) -> str:
        """What people call the principal; the SID itself where nobody knows it."""

    def sid(self, name: str) -> str:
        """SID of a name. Raises KeyError for one that the directory does not know."""

    def unit(self, dn: str) -> str:
        """Path of an organizational unit from the domain's root. Raises KeyError for one of another domain."""

    def unit_dn(self, path: str) -> str:
        """DN of an organizational unit. Raises KeyError for one that the directory does not know."""


@dataclass(slots=True)
class Content:
    """One side of one GPO, parsed. Paths are relative to the side's folder, with `/`, in the vendor's own case.

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

    `field` is its entry in the module's table: its name is the YAML key under `computer` or `user`, its type is
    what people write. Where entries have a natural identity the type is `map`, so that an entry is declared, changed
    and taken away (null) on its own, and an entry of somebody else is left alone.
    """

    field: Field
    sides: frozenset[Side]

    def take(self, content: Content, principals: Principals) -> Any:
        """Canonical value of what the part recognises, which it removes from `content`; None where there is
        nothing. What it cannot express stays in `content`."""

    def put(self, content: Content, before: Any, after: Any, principals: Principals) -> None:
        """Change `content` from `before` to `after` (None: nothing), leaving everything else as it is, in
        its order. New entries go after those of their kind."""

    def pairs(self, content: Content) -> frozenset[Pair]:
        """The extension pairs that the content needs for what this part handles."""

    def check(self, value: Any, path: str, principals: Principals) -> list[Fault]:
        """All faults of a declared value that its field's type cannot see, before anything is written."""
