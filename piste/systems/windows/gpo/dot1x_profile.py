"""802.1X profiles of a client: its authentication, and the servers that it trusts.

Source: MS-GPWL 6.5 to 6.9. A profile is written whole from its value. A profile that the fields cannot express exactly
keeps its own XML.
Believed: [belief windows.credential_guard].
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping
from hashlib import sha1
from typing import TYPE_CHECKING, Any

from lxml import etree

from piste.engine.converge.errors import Fault
from piste.engine.converge.resource import UNSET, Field
from piste.systems.windows.gpo.schema import violation
from piste.systems.windows.gpo.xml import elements, local, parse

if TYPE_CHECKING:
    from lxml.etree import _Element

LAN = "http://www.microsoft.com/networking/LAN/profile/v1"
WLAN = "http://www.microsoft.com/networking/WLAN/profile/v1"
ONEX = "http://www.microsoft.com/networking/OneX/v1"
_PROVISIONING = "http://www.microsoft.com/provisioning/"
_HOST, _COMMON = f"{_PROVISIONING}EapHostConfig", f"{_PROVISIONING}EapCommon"
_BASE = f"{_PROVISIONING}BaseEapConnectionPropertiesV1"
_TLS, _TLS2 = (f"{_PROVISIONING}EapTlsConnectionPropertiesV{version}" for version in (1, 2))
_PEAP, _PEAP2 = (f"{_PROVISIONING}MsPeapConnectionPropertiesV{version}" for version in (1, 2))
_CHAP = f"{_PROVISIONING}MsChapV2ConnectionPropertiesV1"

MODES = {"machine": "machine", "user": "user", "machine_or_user": "machineOrUser", "guest": "guest"}
_METHODS = {"tls": 13, "peap": 25}
_INNER = {"mschapv2": 26, "tls": 13}
_PERIODS = {
    "held_period": "heldPeriod",
    "auth_period": "authPeriod",
    "start_period": "startPeriod",
    "max_start": "maxStart",
    "max_failures": "maxAuthFailures",
}


def thumbprint(text: str) -> str:
    """SHA-1 of a certificate, from its PEM text or its thumbprint. Raises ValueError."""
    pem = re.search(r"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", text, re.DOTALL)
    if pem:
        return sha1(b64decode("".join(pem[1].split())), usedforsecurity=False).hexdigest()
    digits = re.sub(r"[\s:\u200e]", "", text).lower()
    if not re.fullmatch(r"[0-9a-f]{40}", digits):
        raise ValueError(text)
    return digits


FIELDS = (
    Field("auth_mode", "Whose identity is shown.", choices=tuple(MODES), default="machine"),
    Field(
        "eap",
        "Method; `other` is a profile that the fields cannot say exactly, given as `xml`.",
        choices=(*_METHODS, "other"),
        default="tls",
        carries=("xml",),
    ),
    Field("inner", "Method within peap.", choices=tuple(_INNER), default="mschapv2"),
    Field("server_names", "Names that the server's certificate must bear.", type="list", unordered=True),
    Field(
        "trusted_roots",
        "Authorities that may have signed it, by PEM text or SHA-1 thumbprint. They must reach the client otherwise.",
        type="list",
        unordered=True,
        normalise=thumbprint,
    ),
    Field("ask_user", "The user may accept another server.", type="bool", default=False),
    Field("different_user", "Another name than that of the certificate (tls).", type="bool", default=False),
    Field("fast_reconnect", "Resume a session (peap).", type="bool", default=True),
    Field("crypto_binding", "Require cryptographic binding (peap).", type="bool", default=False),
    Field("windows_logon", "Use the password of the session (peap with mschapv2).", type="bool", default=True),
    Field("held_period", "Seconds without a try after a failure.", type="int", minimum=1, maximum=3600),
    Field("auth_period", "Seconds to wait for an answer.", type="int", minimum=1, maximum=3600),
    Field("start_period", "Seconds between EAPOL-Start messages.", type="int", minimum=1, maximum=3600),
    Field("max_start", "EAPOL-Start messages without an answer.", type="int", minimum=1, maximum=100),
    Field("max_failures", "Failures before it is held.", type="int", minimum=1, maximum=100),
    Field("xml", "The profile's own XML."),
)


def shape(element: _Element) -> Any:
    """Content of an element without prefixes, blanks and the spelling of thumbprints."""
    text = "".join(element.xpath("text()")).strip()
    if local(element) == "TrustedRootCA":
        text = re.sub(r"\s", "", text).lower()
    return element.tag, sorted(element.attrib.items()), text, [shape(child) for child in elements(element)]


def add(parent: _Element, namespace: str, name: str, text: Any = None) -> _Element:
    """Append a child; its namespace is declared where it changes, as Windows does."""
    here = etree.QName(parent).namespace
    child = etree.SubElement(parent, f"{{{namespace}}}{name}", nsmap=None if namespace == here else {None: namespace})
    if text is not None:
        child.text = str(text).lower() if isinstance(text, bool) else str(text)
    return child


def write_onex(security: _Element, value: Mapping[str, Any]) -> None:
    """Append the `OneX` element of a value. The order of elements is the schema's."""
    onex = add(security, ONEX, "OneX")
    for name, wire in _PERIODS.items():
        if name in value:
            add(onex, ONEX, wire, value[name])
    add(onex, ONEX, "authMode", MODES[value["auth_mode"]])
    host = add(add(onex, ONEX, "EAPConfig"), _HOST, "EapHostConfig")
    method = add(host, _HOST, "EapMethod")
    for name, number in (("Type", _METHODS[value["eap"]]), ("VendorId", 0), ("VendorType", 0), ("AuthorId", 0)):
        add(method, _COMMON, name, number)
    config = add(host, _HOST, "Config")
    if value["eap"] == "tls":
        _write_tls(config, value)
        return
    peap = _eap(config, 25, _PEAP)
    _write_server(peap, _PEAP, value)
    add(peap, _PEAP, "FastReconnect", value["fast_reconnect"])
    add(peap, _PEAP, "InnerEapOptional", False)
    if value["inner"] == "tls":
        _write_tls(peap, value)
    else:
        add(_eap(peap, 26, _CHAP), _CHAP, "UseWinLogonCredentials", value["windows_logon"])
    add(peap, _PEAP, "EnableQuarantineChecks", False)
    add(peap, _PEAP, "RequireCryptoBinding", value["crypto_binding"])
    extensions = add(peap, _PEAP, "PeapExtensions")
    add(extensions, _PEAP2, "PerformServerValidation", True)
    add(extensions, _PEAP2, "AcceptServerName", bool(value.get("server_names")))


def _eap(parent: _Element, number: int, namespace: str) -> _Element:
    eap = add(parent, _BASE, "Eap")
    add(eap, _BASE, "Type", number)
    return add(eap, namespace, "EapType")


def _write_tls(parent: _Element, value: Mapping[str, Any]) -> None:
    tls = _eap(parent, 13, _TLS)
    store = add(add(tls, _TLS, "CredentialsSource"), _TLS, "CertificateStore")
    add(store, _TLS, "SimpleCertSelection", True)
    _write_server(tls, _TLS, value)
    add(tls, _TLS, "DifferentUsername", value["different_user"])
    add(tls, _TLS2, "PerformServerValidation", True)
    add(tls, _TLS2, "AcceptServerName", bool(value.get("server_names")))


def _write_server(parent: _Element, namespace: str, value: Mapping[str, Any]) -> None:
    server = add(parent, namespace, "ServerValidation")
    add(server, namespace, "DisableUserPromptForServerValidation", not value["ask_user"])
    add(server, namespace, "ServerNames", ";".join(value.get("server_names") or ()))
    for root in value.get("trusted_roots") or ():
        add(server, namespace, "TrustedRootCA", bytes.fromhex(root).hex(" "))


def read_onex(security: _Element) -> dict[str, Any]:
    """Fields of the `OneX` element; the caller writes them again to see whether they say all."""
    value: dict[str, Any] = {field.name: field.default for field in FIELDS if field.default is not UNSET}

    def content(name: str, within: str = "") -> str | None:
        element = security.find(f".//{within}/{{*}}{name}" if within else f".//{{*}}{name}")
        return None if element is None else (element.text or "").strip()

    for name, wire in _PERIODS.items():
        if (text := content(wire)) and text.isdecimal():
            value[name] = int(text)
    value["auth_mode"] = _named(MODES, content("authMode"), "machine_or_user")
    methods = {name: str(number) for name, number in _METHODS.items()}
    value["eap"] = _named(methods, content("Type", "{*}EapMethod"), "tls")
    if security.find(f".//{{{_PEAP}}}EapType/{{*}}Eap/{{{_TLS}}}EapType") is not None:
        value["inner"] = "tls"
    value["server_names"] = sorted({name for name in (content("ServerNames") or "").split(";") if name})
    roots = {re.sub(r"\s", "", root.text or "").lower() for root in security.iter("{*}TrustedRootCA")}
    value["trusted_roots"] = sorted(root for root in roots if root)
    for name, wire, sense in (
        ("ask_user", "DisableUserPromptForServerValidation", "false"),
        ("different_user", "DifferentUsername", "true"),
        ("fast_reconnect", "FastReconnect", "true"),
        ("crypto_binding", "RequireCryptoBinding", "true"),
        ("windows_logon", "UseWinLogonCredentials", "true"),
    ):
        text = content(wire)
        if text is not None:
            value[name] = text == sense
    return value


def _named(words: Mapping[str, str], text: str | None, default: str) -> str:
    return next((name for name, wire in words.items() if wire == text), default)


def check(value: Mapping[str, Any], root: str, path: str) -> list[Fault]:
    """Faults that the types of the fields cannot see; trust is always declared."""
    if (value.get("eap") == "other") != ("xml" in value):
        return [Fault(path, "eap: other et xml vont ensemble")]
    if "xml" in value:
        return _check_xml(value["xml"], root, f"{path}.xml")
    faults = [
        Fault(f"{path}.{name}", f"{what} est attendu : sans lui, le poste se fie à n’importe qui ([] pour l’accepter)")
        for name, what in (
            ("server_names", "le nom du serveur RADIUS"),
            ("trusted_roots", "l’autorité qui le certifie"),
        )
        if name not in value
    ]
    return faults + [
        Fault(f"{path}.server_names", f"« {name} » n’est pas un nom de serveur")
        for name in value.get("server_names") or ()
        if not name.strip() or ";" in name or not name.isprintable()
    ]


def _check_xml(text: str, root: str, path: str) -> list[Fault]:
    try:
        profile = parse(text)
    except ValueError as error:
        return [Fault(path, f"ce n’est pas du XML ({error})")]
    if local(profile) != root:
        return [Fault(path, f"un élément {root} est attendu, reçu {local(profile)}")]
    broken = violation(root, profile)
    return [Fault(path, f"le profil ne respecte pas son schéma ({broken})")] if broken else []
