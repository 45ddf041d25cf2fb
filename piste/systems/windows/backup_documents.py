"""A saved GPO, and the documents of its backup (see `windows.backup`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from lxml import etree

from piste.systems.windows.gpo.guid import derived
from piste.systems.windows.gpo.part import Side
from piste.systems.windows.gpo.stored import OFF, SIDES

if TYPE_CHECKING:
    from lxml.etree import _Element

OPERATIONS = "http://www.microsoft.com/GroupPolicy/GPOOperations"
MANIFEST = f"{OPERATIONS}/Manifest"
_SETTINGS, _TYPES = "http://www.microsoft.com/GroupPolicy/Settings", "http://www.microsoft.com/GroupPolicy/Types"
BKP = f"{{{OPERATIONS}}}"

_REGISTRY = ("{35378EAC-683F-11D2-A89A-00C04FBBCFA2}", "Registry")
_SECURITY = ("{827D319E-6EAC-11D2-A4EA-00C04F79F83A}", "Security")
_REST = ("{F15C46CD-82A0-4C2D-A210-5D0D3182A418}", "Unknown Extension")
_CLAIMED = {
    "machine/registry.pol": _REGISTRY,
    "user/registry.pol": _REGISTRY,
    "machine/comment.cmtx": _REGISTRY,
    "user/comment.cmtx": _REGISTRY,
    "machine/microsoft/windows nt/secedit/gpttmpl.inf": _SECURITY,
}
_VARIABLES = {"machine": "%GPO_MACH_FSPATH%", "user": "%GPO_USER_FSPATH%"}
NAMES: Mapping[Side, str] = {"computer": "Machine", "user": "User"}


class Trustee(NamedTuple):
    """A principal that the backup names, for a restoration in another domain.

    `kind` is the console's word: `User`, `Computer`, `LocalGroup`, `GlobalGroup`, `UniversalGroup`, `WellKnownGroup`,
    `Unknown`.
    """

    sid: str
    name: str
    kind: str = "Unknown"
    netbios: str = ""
    dns: str = ""
    from_acl: bool = True
    """True for a principal of the access list, false for a principal of a setting."""


class Version(NamedTuple):
    """Version of a side in the directory and in SYSVOL."""

    directory: int
    sysvol: int


@dataclass(frozen=True, slots=True)
class Saved:
    """One saved GPO.

    - `guid`, `domain_guid` in braces; `domain` its DNS name, `controller` the DC that was read.
    - `flags`: attribute `flags` (1 user side off, 2 computer side off); `extensions`: attribute
      `gPC…ExtensionNames` of each side, as text.
    - `descriptor`: bytes of `nTSecurityDescriptor` (owner, group and DACL).
    - `wmi_filter`: GUID and name of its WMI filter.
    - `files`: bytes by path within the GPO's folder, with `/` (`Machine/Registry.pol`), without `GPT.INI`.
    - `objects`: 802.1X objects of each side, attributes by DN relative to the side's container.
    """

    guid: str
    name: str
    domain: str
    domain_guid: str = ""
    controller: str = ""
    comment: str = ""
    flags: int = 0
    versions: Mapping[Side, Version] = field(default_factory=lambda: {"computer": Version(0, 0), "user": Version(0, 0)})
    extensions: Mapping[Side, str] = field(default_factory=dict)
    descriptor: bytes = b""
    trustees: tuple[Trustee, ...] = ()
    wmi_filter: tuple[str, str] | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    objects: Mapping[Side, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)

    @property
    def identifier(self) -> str:
        """ID of the backup; it follows from the GPO and its content."""
        digest = sha256()
        content = {
            "gpo": [self.guid, self.name, self.domain, self.comment, self.flags, self.descriptor.hex()],
            "versions": {side: list(self.versions[side]) for side in SIDES},
            "extensions": {side: self.extensions.get(side, "") for side in SIDES},
            "wmi": list(self.wmi_filter or ()),
            "objects": {side: self.objects.get(side, {}) for side in SIDES},
            "files": {path: sha256(raw).hexdigest() for path, raw in self.files.items()},
        }
        digest.update(json.dumps(content, sort_keys=True).encode())
        return derived(digest.hexdigest())


def info(saved: Saved, moment: str) -> _Element:
    info = etree.Element(f"{{{MANIFEST}}}BackupInst", nsmap={None: MANIFEST})
    for name, text in (
        ("GPOGuid", saved.guid),
        ("GPODomain", saved.domain),
        ("GPODomainGuid", saved.domain_guid),
        ("GPODomainController", saved.controller),
        ("BackupTime", moment),
        ("ID", saved.identifier),
        ("Comment", saved.comment),
        ("GPODisplayName", saved.name),
    ):
        data(info, name, text)
    return info


def scheme(saved: Saved) -> bytes:
    """Content of `Backup.xml`.

    Windows writes the elements in the default namespace, and the attributes in the same namespace by prefix. lxml
    cannot write both, so the default namespace is inserted in the bytes.
    """
    root = etree.Element("GroupPolicyBackupScheme", nsmap={"bkp": OPERATIONS})
    root.set(f"{BKP}version", "2.0")
    root.set(f"{BKP}type", "GroupPolicyBackupTemplate")
    gpo = add(root, "GroupPolicyObject")
    groups = add(gpo, "SecurityGroups")
    for trustee in saved.trustees:
        group = add(groups, "Group")
        if trustee.from_acl:
            group.set(f"{BKP}Source", "FromDACL")
        upn = f"{trustee.name}@{trustee.dns}" if trustee.dns else ""
        for name, text in (
            ("Sid", trustee.sid),
            ("SamAccountName", trustee.name),
            ("Type", trustee.kind),
            ("NetBIOSDomainName", trustee.netbios),
            ("DnsDomainName", trustee.dns),
            ("UPN", upn),
        ):
            data(group, name, text)
    add(gpo, "FilePaths")
    core = add(gpo, "GroupPolicyCoreSettings")
    data(core, "ID", saved.guid)
    data(core, "Domain", saved.domain)
    add(core, "SecurityDescriptor", saved.descriptor.hex(" "))
    data(core, "DisplayName", saved.name)
    data(core, "Options", str(saved.flags))
    for side in reversed(SIDES):
        version = saved.versions[side]
        data(core, f"{NAMES[side]}VersionNumber", str(version.directory << 16 | version.sysvol))
    for side in SIDES:
        data(core, f"{NAMES[side]}ExtensionGuids", saved.extensions.get(side, ""))
    if saved.wmi_filter:
        guid, name = saved.wmi_filter
        data(core, "WMIFilter", f'MSFT_SomFilter.ID="{guid}",Domain="{saved.domain}"')
        data(core, "WMIFilterName", name)
    else:
        data(core, "WMIFilter", "")
    _list_files(gpo, saved)
    return utf8(root).replace(
        b"<GroupPolicyBackupScheme ", b'<GroupPolicyBackupScheme xmlns="%s" ' % OPERATIONS.encode(), 1
    )


def _list_files(gpo: _Element, saved: Saved) -> None:
    """List the files by extension, as the console does, and the rest under another element."""
    blocks = {}
    for identifier, title in (_REGISTRY, _SECURITY, _REST):
        blocks[identifier] = etree.SubElement(
            gpo, "GroupPolicyExtension", {f"{BKP}ID": identifier, f"{BKP}DescName": title}
        )
    folders: set[str] = set()
    for path in sorted(saved.files):
        owner = _CLAIMED.get(path.casefold(), _REST)[0]
        steps = path.split("/")
        for depth in range(2, len(steps)):
            above = "/".join(steps[:depth])
            if above.casefold() not in folders:
                folders.add(above.casefold())
                _located(blocks[_REST[0]], "FSObjectDir", above, saved)
        element = _located(blocks[owner], "FSObjectFile", path, saved)
        if owner == _SECURITY[0]:
            element.set(f"{BKP}ReEvaluateFunction", "SecurityValidateSettings")
    for identifier in (_REGISTRY[0], _SECURITY[0]):
        if not len(blocks[identifier]):
            gpo.remove(blocks[identifier])


def _located(block: _Element, tag: str, path: str, saved: Saved) -> _Element:
    first, _, rest = path.partition("/")
    variable = _VARIABLES.get(first.casefold())
    within = path.replace("/", "\\")
    known = f"{variable}\\{rest}".replace("/", "\\") if variable and rest else f"%GPO_FSPATH%\\{within}"
    source = f"\\\\{saved.controller or saved.domain}\\sysvol\\{saved.domain}\\Policies\\{saved.guid}\\{within}"
    return etree.SubElement(
        block,
        tag,
        {
            f"{BKP}Path": known,
            f"{BKP}SourceExpandedPath": source,
            f"{BKP}Location": f"DomainSysvol\\GPO\\{within}",
        },
    )


def report(saved: Saved, moment: str) -> _Element:
    """Head of the console's report: identity and versions; the settings are in the files."""
    root = etree.Element(f"{{{_SETTINGS}}}GPO", nsmap={None: _SETTINGS})
    identifier = add(root, "Identifier")
    for name, text in (("Identifier", saved.guid), ("Domain", saved.domain)):
        etree.SubElement(identifier, f"{{{_TYPES}}}{name}", nsmap={None: _TYPES}).text = text
    add(root, "Name", saved.name)
    add(root, "ReadTime", f"{moment}Z")
    for side in SIDES:
        version = saved.versions[side]
        block = add(root, side.capitalize())
        add(block, "VersionDirectory", str(version.directory))
        add(block, "VersionSysvol", str(version.sysvol))
        add(block, "Enabled", "false" if saved.flags & OFF[side] else "true")
    return root


def add(parent: _Element, name: str, text: str | None = None) -> _Element:
    """Append a child in its parent's namespace."""
    child = etree.SubElement(parent, etree.QName(etree.QName(parent).namespace, name))
    child.text = text
    return child


def data(parent: _Element, name: str, text: str) -> None:
    """Append a child with its text in a CDATA section, as the console does."""
    add(parent, name).text = etree.CDATA(text) if text and "]]>" not in text else text or None


def utf8(root: _Element) -> bytes:
    return b'<?xml version="1.0" encoding="utf-8"?>\r\n' + etree.tostring(root, encoding="utf-8")


def utf16(root: _Element) -> bytes:
    text = '<?xml version="1.0" encoding="utf-16"?>\n' + etree.tostring(root, encoding="unicode") + "\n"
    return b"\xff\xfe" + text.replace("\n", "\r\n").encode("utf-16-le")
