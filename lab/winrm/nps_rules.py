"""The refusals of `Import-NpsConfiguration`, and the form of the next export.

Sources: exports of real servers (tags, types, order of properties), the schema in them (required properties of clients
and policies), Microsoft's « Export an NPS configuration » (no import of a newer version). The other refusals are
inferred: the lab is as strict as the exports are regular.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

DT = "urn:schemas-microsoft-com:datatypes"
VERSION = 257
_IAS = "Children/Microsoft_Internet_Authentication_Service/Children/"
CLIENTS = f"{_IAS}Protocols/Children/Microsoft_Radius_Protocol/Children/Clients"
PAIRS: Mapping[str, str] = {
    f"{_IAS}NetworkPolicy": f"{_IAS}RadiusProfiles",
    f"{_IAS}Proxy_Policies": f"{_IAS}Proxy_Profiles",
}
"""Path of the policies -> path of their profiles."""
CONTAINERS = (CLIENTS, *PAIRS, *PAIRS.values())
_ALSO = (f"{_IAS}RADIUS_Server_Groups", f"{_IAS}RequestHandlers", "Children/SDO_Schema")
_NEEDED: Mapping[str, tuple[str, ...]] = {
    CLIENTS: ("IP_Address", "NAS_Manufacturer", "Radius_Client_Enabled", "Require_Signature", "Shared_Secret"),
    **dict.fromkeys(PAIRS, ("msNPAction", "msNPConstraint", "msNPSequence")),
}
_TYPES: Mapping[str, str] = {
    **dict.fromkeys(
        (
            *("Client_Secret_Template_Guid", "IP_Address", "IP_Filter_Template_Guid", "Opaque_Data", "Shared_Secret"),
            *("Template_Guid", "msNPAction", "msNPConstraint", "msRADIUSTunnelPrivateGroupId", "msRADIUSAnyVSA"),
        ),
        "string",
    ),
    **dict.fromkeys(
        (
            *("NAS_Manufacturer", "Policy_SourceTag", "msNPSequence", "msNPAuthenticationType2", "msAuthProviderType"),
            *("msRADIUSFramedProtocol", "msRADIUSServiceType", "msRADIUSTunnelType", "msRADIUSTunnelMediumType"),
            *("msRADIUSSessionTimeout", "msRASMPPEEncryptionPolicy", "msRASMPPEEncryptionType"),
        ),
        "int",
    ),
    **dict.fromkeys(
        (
            *("Policy_Enabled", "Radius_Client_Enabled", "Require_Signature", "msIgnoreUserDialinProperties"),
            *("msNPAllowDialin", "msOverrideRAPAuth"),
        ),
        "boolean",
    ),
    **dict.fromkeys(("msEAPConfiguration", "msNPAllowedEapType"), "bin.hex"),
}
_FORMS: Mapping[str, re.Pattern[str]] = {
    "string": re.compile(r".*", re.DOTALL),
    "int": re.compile(r"-?\d+"),
    "boolean": re.compile(r"[01]"),
    "bin.hex": re.compile(r"([0-9A-Fa-f]{2})*"),
}
_CONDITION = re.compile(r'[A-Z]+\(".*"\)', re.DOTALL)


def tag_of(name: str) -> str:
    """Return the tag of an item of a name."""
    tag = re.sub(r"[^A-Za-z0-9_]", "_", name)
    return f"_{tag[1:]}" if tag[:1].isdecimal() else tag


def parse(content: bytes) -> Any:
    """Return the root of a configuration. Raises ValueError where the text is no XML."""
    try:
        return etree.fromstring(content, etree.XMLParser(resolve_entities=False, remove_blank_text=False))
    except etree.XMLSyntaxError as fault:
        raise ValueError(f"the file is not well-formed: {fault}") from fault


def items(root: Any, path: str) -> list[Any]:
    children = root.find(f"{path}/Children")
    return [] if children is None else [child for child in children if isinstance(child.tag, str)]


def faults(root: Any, *, ordered: bool) -> Iterator[str]:
    """List the faults for which an import refuses a configuration."""
    version = root.findtext("Children/Version", "")
    if root.tag != "Root" or not version.strip().isdecimal():
        yield "the file is not an NPS configuration: no Root, or no Version"
        return
    if int(version) > VERSION:
        yield f"version {version.strip()} is newer than this server's ({VERSION})"
        return
    missing = [path for path in (*CONTAINERS, *_ALSO) if root.find(path) is None]
    yield from (f"{path.rpartition('/')[2]} is missing" for path in missing)
    for path in CONTAINERS:
        yield from _container_faults(path, items(root, path), ordered=ordered)
    for policies, profiles in PAIRS.items():
        known = {profile.get("name") for profile in items(root, profiles)}
        for policy in items(root, policies):
            if policy.get("name") not in known:
                yield f"policy {policy.get('name')}: no profile of that name"


def _container_faults(path: str, objects: list[Any], *, ordered: bool) -> Iterator[str]:
    seen: set[str] = set()
    for item in objects:
        name = item.get("name") or ""
        if not name:
            yield f"{item.tag}: no name"
        elif item.tag != tag_of(name):
            yield f"{name}: tag {item.tag} instead of {tag_of(name)}"
        if name.casefold() in seen:
            yield f"{name}: a second object of that name"
        seen.add(name.casefold())
        properties = list(item.find("Properties") if item.find("Properties") is not None else ())
        names = [entry.tag for entry in properties]
        yield from (f"{name}: {needed} is missing" for needed in _NEEDED.get(path, ()) if needed not in names)
        if ordered and names != sorted(names):
            yield f"{name}: properties are not in order"
        for entry in properties:
            yield from (f"{name}: {wrong}" for wrong in _property_faults(entry))


def _property_faults(entry: Any) -> Iterator[str]:
    kind, text = entry.get(f"{{{DT}}}dt", ""), entry.text or ""
    if kind not in _FORMS or kind != _TYPES.get(entry.tag, kind):
        yield f"{entry.tag} has the type « {kind} »"
    elif not _FORMS[kind].fullmatch(text.strip() if kind != "string" else text):
        yield f"{entry.tag} is not a {kind}"
    elif entry.tag == "msNPConstraint" and not _CONDITION.fullmatch(text):
        yield f"{entry.tag} is not a condition: {text}"


def written(root: Any) -> bytes:
    """Return the bytes of an export: items on one line, empty properties with both tags, CRLF."""
    for path in CONTAINERS:
        for item in items(root, path):
            for node in item.iter():
                node.tail = None
                if len(node):
                    node.text = None
                elif node.text is None:
                    node.text = ""
    text = etree.tostring(root, encoding="unicode").replace("\r\n", "\n").replace("\n", "\r\n")
    return f'<?xml version="1.0"?>\r\n{text}\r\n'.encode()
