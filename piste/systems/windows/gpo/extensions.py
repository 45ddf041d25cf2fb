"""Client-side extensions (CSE): code on the machine that handles a content.

`gPCMachineExtensionNames` and `gPCUserExtensionNames` (MS-GPOL 2.2.4) are blocks `[{extension}{tool}…]` sorted by
GUID. They announce the extensions. Windows runs only the announced extensions, however right the files.
Believed: [belief windows.gpo_ran].
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from piste.systems.windows.gpo.part import Content, Pair, Side
from piste.systems.windows.gpo.registry_pol import Entry

REGISTRY: Final = "35378EAC-683F-11D2-A89A-00C04FBBCFA2"
TEMPLATES: Final[Mapping[Side, str]] = {
    "computer": "D02B1F72-3407-48AE-BA88-E8213C6761F1",
    "user": "D02B1F73-3407-48AE-BA88-E8213C6761F1",
}
APPLOCKER: Final = Pair(REGISTRY, "62C1845D-C4A6-4ACB-BBB0-C895FD090385")
AUDIT: Final = Pair("F3CCC681-B74C-4060-9F26-CD84525DCA2A", "0F3F3735-573D-9804-99E4-AB2A69BA5FD4")
FIREWALL: Final = Pair(REGISTRY, "B05566AC-FE9C-4368-BE01-7A4CBB6CBA11")
PUBLIC_KEY: Final = frozenset(
    Pair(extension, "53D6AB1D-2488-11D1-A28C-00C04FB94F17")
    for extension in (REGISTRY, "B1BE8D72-6EAC-11D2-A4EA-00C04F79F83A")
)
SCRIPTS: Final[Mapping[Side, Pair]] = {
    "computer": Pair("42B5FAAE-6536-11D2-AE5A-0000F87571E3", "40B6664F-4972-11D1-A7CA-0000F87571E3"),
    "user": Pair("42B5FAAE-6536-11D2-AE5A-0000F87571E3", "40B66650-4972-11D1-A7CA-0000F87571E3"),
}
SECURITY: Final = Pair("827D319E-6EAC-11D2-A4EA-00C04F79F83A", "803E14A0-B4FB-11D0-A0D0-00A0C90F574B")

_APP = "Software\\Policies\\Microsoft"
_NT = f"{_APP}\\Windows NT"
_WINDOWS = f"{_APP}\\Windows"
_CODE_INTEGRITY = ("ConfigCIPolicyFilePath", "DeployConfigCIPolicy")
_VIRTUALIZATION = (
    "ConfigureSystemGuardLaunch",
    "EnableVirtualizationBasedSecurity",
    "HVCIMATRequired",
    "HypervisorEnforcedCodeIntegrity",
    "LsaCfgFlags",
    "RequirePlatformSecurityFeatures",
)
BESIDE: Final[tuple[tuple[str, tuple[str, ...], str], ...]] = (
    # key, and the keys below it; values (none: all); the extension that reads them beside the registry's own
    (f"{_APP} Services\\AdmPwd", (), "D76B9641-3288-4F75-942D-087DE603E3EA"),
    (f"{_APP}\\AppHVSI", ("AllowAppHVSI_ProviderSet",), "9650FDBC-053A-4715-AD14-FC2DC65E8330"),
    (f"{_APP}\\AppV\\Client", ("Enabled",), "2BFCC077-22D2-48DE-BDE1-2F618D9B476D"),
    (f"{_APP}\\PeerDist\\Service", ("Enable",), "C631DF4C-088F-4156-B058-4375F0853CD8"),
    (f"{_APP}\\UEV\\Agent", ("Enabled", "RegisterInboxTemplates"), "169EBF44-942F-4C43-87CE-13C93996EBBE"),
    (f"{_NT}\\DiskQuota", (), "3610EDA5-77EF-11D2-8DC5-00C04FA31A66"),
    (f"{_NT}\\MitigationOptions", ("MitigationOptions_FontBocking",), "2A8FDC61-2347-4C87-92F6-B05EB91A201A"),
    (f"{_NT}\\MitigationOptions\\ProcessMitigationOptions", (), "4B7C3B0F-E993-4E06-A241-3FBE06943684"),
    (f"{_NT}\\Terminal Services\\Client", ("fUsbRedirectionEnableMode",), "4BCD6CDE-777B-48B6-9804-43568E23545D"),
    (f"{_WINDOWS}\\CurrentVersion\\MDM", ("AutoEnrollMDM",), "7909AD9E-09EE-4247-BAB9-7029D5F0A278"),
    (f"{_WINDOWS}\\DeviceGuard", _CODE_INTEGRITY, "FC491EF1-C4AA-4CE1-B329-414B101DB823"),
    (f"{_WINDOWS}\\DeviceGuard", _VIRTUALIZATION, "F312195E-3D9D-447A-A3F5-08DFFA24735E"),
    (f"{_WINDOWS}\\Explorer", ("LockedStartLayout", "StartLayoutFile"), "8472C2C4-6B70-4301-A20D-A6CEA5F82B7E"),
    (f"{_WINDOWS}\\NetCache", ("CacheQuotaLimit", "Enabled", "EncryptCache"), "C631DF4C-088F-4156-B058-4375F0853CD8"),
    (f"{_WINDOWS}\\NetCache\\AssignedOfflineFolders", (), "C631DF4C-088F-4156-B058-4375F0853CD8"),
    (f"{_WINDOWS}\\TCPIP\\v6Transition", (), "CDEAFC3D-948D-49DD-AB12-E578BA4AF7AA"),
    (f"{_WINDOWS}\\Windows Search", (), "7933F41E-56F8-41D6-A31C-4148A711EE93"),
    (f"{_WINDOWS}\\WorkFolders", (), "4D968B55-CAC2-4FF5-983F-0A54603781A3"),
)
"""Attribute `clientExtension` of Microsoft's policies, by the keys and values that they write."""

FIREWALL_KEY: Final = f"{_APP}\\WindowsFirewall"
ROOTS_KEY: Final = f"{_APP}\\SystemCertificates\\Root\\Certificates"
PUBLISHERS_KEY: Final = f"{_APP}\\SystemCertificates\\TrustedPublisher\\Certificates"
ENROLLMENT_KEY: Final = f"{_APP}\\Cryptography\\AutoEnrollment"
APPLOCKER_KEY: Final = f"{_WINDOWS}\\SrpV2"
_OLD_FIREWALL_KEY: Final = f"{FIREWALL_KEY}\\StandardProfile"  # of the templates, before Windows Vista

_GUID = re.compile(r"\{([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\}")
_BLOCK = re.compile(rf"\[(?:{_GUID.pattern})+\]")


def parse(text: str) -> frozenset[Pair]:
    """Pairs that an attribute announces; none for a blank text. Raises ValueError."""
    pairs: set[Pair] = set()
    position = 0
    stripped = text.strip()
    while position < len(stripped):
        block = _BLOCK.match(stripped, position)
        if block is None:
            raise ValueError(f"caractère {position} : un bloc « [{{…}}{{…}}] » est attendu")
        extension, *tools = (guid.upper() for guid in _GUID.findall(block[0]))
        pairs |= {Pair(extension, tool) for tool in tools or ("",)}
        position = block.end()
    return frozenset(pairs)


def format_pairs(pairs: Iterable[Pair]) -> str:
    """Text of the attribute: blocks and their tools sorted; empty for no pair."""
    blocks: dict[str, list[str]] = {}
    for extension, tool in sorted(set(pairs)):
        blocks.setdefault(extension, []).append(tool)
    return "".join(
        f"[{{{extension}}}{''.join(f'{{{tool}}}' for tool in tools if tool)}]" for extension, tools in blocks.items()
    )


def under(entry: Entry, key: str) -> bool:
    """True for an entry in a key, or in a key below it."""
    mine, other = entry.key.casefold(), key.casefold()
    return mine == other or mine.startswith(f"{other}\\")


def administrative(content: Content) -> frozenset[Pair]:
    """Pairs for the entries of `Registry.pol` that no other part announces.

    They are those of the templates' editor, and of AppLocker's, which is only known raw.
    """
    elsewhere = (ROOTS_KEY, PUBLISHERS_KEY, ENROLLMENT_KEY, APPLOCKER_KEY)
    entries = [
        entry
        for entry in content.registry
        if not of_firewall(entry) and not any(under(entry, key) for key in elsewhere)
    ]
    tool = TEMPLATES[content.side]
    pairs = {Pair(REGISTRY, tool)} if entries else set()
    if edited(content, APPLOCKER_KEY):
        pairs.add(APPLOCKER)
    pairs |= {Pair(extension, tool) for key, names, extension in BESIDE if _read_beside(entries, key, names)}
    return frozenset(pairs)


def of_firewall(entry: Entry) -> bool:
    """True for an entry that the firewall's editor shows."""
    return under(entry, FIREWALL_KEY) and not under(entry, _OLD_FIREWALL_KEY)


def edited(content: Content, *keys: str) -> bool:
    """True where an entry of `Registry.pol` is in these keys or below them."""
    return any(under(entry, key) for entry in content.registry for key in keys)


def _read_beside(entries: Iterable[Entry], key: str, names: tuple[str, ...]) -> bool:
    desired = {name.casefold() for name in names}
    return any(
        under(entry, key) and (not desired or entry.name.casefold().removeprefix("**del.") in desired)
        for entry in entries
    )
