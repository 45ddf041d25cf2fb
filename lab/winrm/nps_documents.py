"""Configurations of an NPS before Piste: a fresh server, and a server managed by hand.

The form is that of exports of Windows Server 2016 to 2022: fixed parts on lines of their own, items on one line, CRLF.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from lab.winrm import nps_rules
from lab.winrm.nps_rules import tag_of

DT = "urn:schemas-microsoft-com:datatypes"
NO_TEMPLATE = "{00000000-0000-0000-0000-000000000000}"
ALWAYS = 'TIMEOFDAY("' + "; ".join(f"{day} 00:00-24:00" for day in range(7)) + '")'
Properties = Iterable[tuple[str, str, str]]
"""Name, type and text of each property."""

_VENDORS: Mapping[str, int] = {
    "RADIUS Standard": 0,
    "3Com": 43,
    "ACC": 5,
    "ADC Kentrox": 181,
    "Ascend Communications Inc.": 529,
    "BBN": 14,
    "Cabletron Systems": 52,
    "Cisco": 9,
    "Livingston Enterprises, Inc.": 307,
    "Microsoft": 311,
    "Nortel Networks": 562,
    "RedBack Networks": 2352,
    "U.S. Robotics, Inc.": 429,
}
_HANDLERS: Mapping[str, tuple[str, int]] = {
    "Microsoft Network Access Policy Evaluator": ("IAS.PolicyEnforcer", 7),
    "Microsoft NT SAM Authentication": ("IAS.NTSamAuthentication", 1),
    "Microsoft Proxy Policy Evaluator": ("IAS.ProxyPolicyEnforcer", 5),
    "Microsoft RADIUS Proxy": ("IAS.RadiusProxy", 8),
    "Microsoft Accounting": ("IAS.Accounting", 9),
}


def item(name: str, properties: Properties) -> str:
    """Write an item as in an export: its tag from its name, each property with its type."""
    tag = tag_of(name)
    inner = "".join(f'<{key} xmlns:dt="{DT}" dt:dt="{kind}">{escape(text)}</{key}>' for key, kind, text in properties)
    return f"<{tag} name={quoteattr(name)}><Properties>{inner}</Properties></{tag}>"


def client(name: str, address: str, secret: str, *, enabled: bool = True, signed: bool = False) -> str:
    return item(
        name,
        (
            ("Client_Secret_Template_Guid", "string", NO_TEMPLATE),
            ("IP_Address", "string", address),
            ("NAS_Manufacturer", "int", "0"),
            ("Opaque_Data", "string", ""),
            ("Radius_Client_Enabled", "boolean", str(int(enabled))),
            ("Require_Signature", "boolean", str(int(signed))),
            ("Shared_Secret", "string", secret),
            ("Template_Guid", "string", NO_TEMPLATE),
        ),
    )


def policy(name: str, sequence: int, conditions: Iterable[str], *, enabled: bool = True, action: str = "") -> str:
    return item(
        name,
        (
            ("Opaque_Data", "string", ""),
            ("Policy_Enabled", "boolean", str(int(enabled))),
            ("Policy_SourceTag", "int", "0"),
            ("Template_Guid", "string", NO_TEMPLATE),
            ("msNPAction", "string", action or name),
            *(("msNPConstraint", "string", condition) for condition in conditions),
            ("msNPSequence", "int", str(sequence)),
        ),
    )


def profile(name: str, properties: Properties) -> str:
    common = (
        ("IP_Filter_Template_Guid", "string", NO_TEMPLATE),
        ("Opaque_Data", "string", ""),
        ("Template_Guid", "string", NO_TEMPLATE),
    )
    return item(name, (*common, *properties))


def _refusal(*kinds: int) -> Properties:
    return (
        ("msNPAllowDialin", "boolean", "0"),
        *(("msNPAuthenticationType2", "int", str(kind)) for kind in kinds),
        ("msRADIUSFramedProtocol", "int", "1"),
        ("msRADIUSServiceType", "int", "2"),
    )


def document(
    clients: Iterable[str],
    requests: Mapping[str, tuple[str, str]],
    policies: Mapping[str, tuple[str, str]],
    groups: Iterable[str] = (),
) -> bytes:
    """Return a configuration; `requests` and `policies`: name -> items of policy and profile."""
    names = "".join(
        f'\t\t<_locTag _loc="locNone" _locAttrData="name">{tag_of(name)}</_locTag>\n' for name in [*policies, *requests]
    )
    vendors = "".join(
        f'<{tag_of(name)} name={quoteattr(name)}><Properties><NAS_Vendor_Id dt:dt="int">{number}</NAS_Vendor_Id>'
        f"</Properties></{tag_of(name)}>\n"
        for name, number in _VENDORS.items()
    )
    handlers = "".join(
        f'<{tag_of(name)} name="{name}"><Properties><Component_Prog_Id dt:dt="string">{program}</Component_Prog_Id>'
        f'<Component_Id dt:dt="int">{number}</Component_Id></Properties></{tag_of(name)}>\n'
        for name, (program, number) in _HANDLERS.items()
    )
    text = f"""<?xml version="1.0"?>
<Root xmlns:dt="{DT}">
\t<_locDefinition>
\t\t<_locDefault _loc="locNone"/>
\t\t<_locDefaultAttr _loc="locNone"/>
{names}\t</_locDefinition>
\t<Children>
\t\t<Version name="Version" dt:dt="int">257</Version>
\t\t<TemplatesTimestamp name="TemplatesTimestamp" xmlns:dt="{DT}" dt:dt="string"></TemplatesTimestamp>
\t\t<Microsoft_Internet_Authentication_Service name="Microsoft_Internet_Authentication_Service">
\t\t\t<Properties>
\t\t\t\t<Description>NPS</Description>
\t\t\t</Properties>
\t\t\t<Children>
\t\t\t\t{_container("RadiusProfiles", (pair[1] for pair in policies.values()))}
\t\t\t\t{_container("NetworkPolicy", (pair[0] for pair in policies.values()))}
\t\t\t\t{_container("Proxy_Policies", (pair[0] for pair in requests.values()))}
\t\t\t\t{_container("Proxy_Profiles", (pair[1] for pair in requests.values()))}
\t\t\t\t<Protocols name="Protocols">
\t\t\t\t\t<Children>
\t\t\t\t\t\t<Microsoft_Radius_Protocol name="Microsoft Radius Protocol">
\t\t\t\t\t\t\t<Properties>
\t\t\t\t\t\t\t\t<Component_Prog_Id dt:dt="string">IAS.RadiusProtocol</Component_Prog_Id>
\t\t\t\t\t\t\t\t<Component_Id dt:dt="int">262144</Component_Id>
\t\t\t\t\t\t\t\t<Authentication_Port dt:dt="string">1812,1645</Authentication_Port>
\t\t\t\t\t\t\t\t<Accounting_Port dt:dt="string">1813,1646</Accounting_Port>
\t\t\t\t\t\t\t</Properties>
\t\t\t\t\t\t\t<Children>
\t\t\t\t\t\t\t\t<Vendors name="Vendors">
\t\t\t\t\t\t\t\t\t<Children>
{vendors}\t\t\t\t\t\t\t\t\t</Children>
\t\t\t\t\t\t\t\t</Vendors>
\t\t\t\t\t\t\t\t{_container("Clients", clients)}
\t\t\t\t\t\t\t</Children>
\t\t\t\t\t\t</Microsoft_Radius_Protocol>
\t\t\t\t\t</Children>
\t\t\t\t</Protocols>
\t\t\t\t<RequestHandlers name="RequestHandlers">
\t\t\t\t\t<Children>
{handlers}\t\t\t\t\t</Children>
\t\t\t\t</RequestHandlers>
\t\t\t\t<Auditors name="Auditors"><Children/></Auditors>
\t\t\t\t{_container("RADIUS_Server_Groups", groups)}
\t\t\t</Children>
\t\t</Microsoft_Internet_Authentication_Service>
\t\t<SDO_Schema name="SDO_Schema">
\t\t\t<Children>
\t\t\t\t<SDO_Schema_Classes name="SDO_Schema_Classes"><Children/></SDO_Schema_Classes>
\t\t\t</Children>
\t\t</SDO_Schema>
\t</Children>
</Root>
"""
    return text.replace("\n", "\r\n").encode()


MODEL = "Modèle 802.1X (fait à la console)"


def with_model(content: bytes, thumbprint: str) -> bytes:
    """Add a disabled policy, as made at the console, after all others of a configuration.

    It has EAP-TLS and a condition on each attribute that names a device. The bytes around the thumbprint are inferred:
    Piste must copy the bytes of the server.
    """
    attributes = ("NAS-IP-Address", "NAS-Identifier", "Called-Station-Id")
    blob = f"0d{'0' * 30}48000000{'0' * 16}480000000000000014000000{thumbprint}{'0' * 64}"
    method = (
        ("msEAPConfiguration", "bin.hex", blob),
        ("msNPAllowDialin", "boolean", "1"),
        ("msNPAllowedEapType", "bin.hex", blob[:32]),
        ("msNPAuthenticationType2", "int", "5"),
    )
    conditions = [f'MATCH("{attribute}=^modele$")' for attribute in attributes]
    root = nps_rules.parse(content)
    ((policies, profiles), _) = nps_rules.PAIRS.items()
    for path, text in (
        (policies, policy(MODEL, 1_000_001, conditions, enabled=False)),
        (profiles, profile(MODEL, method)),
    ):
        root.find(f"{path}/Children").append(etree.fromstring(text))
    return nps_rules.written(root)


def _container(name: str, items: Iterable[str]) -> str:
    return f'<{name} name="{name}"><Children>{"".join(items)}</Children></{name}>'


def _builtin_request(name: str) -> tuple[str, str]:
    """Return the request policy of a new server, with fewer properties than those of people."""
    own = (("msNPAction", "string", name), ("msNPConstraint", "string", ALWAYS), ("msNPSequence", "int", "999999"))
    return item(name, own), item(name, (("msAuthProviderType", "int", "1"),))


def _builtin_policies(ras: str, others: str) -> dict[str, tuple[str, str]]:
    return {
        others: (policy(others, 1000000, [ALWAYS]), profile(others, _refusal(3, 4, 9, 10))),
        ras: (policy(ras, 999999, ['MATCH("MS-RAS-Vendor=^311$")']), profile(ras, _refusal(5, 4, 10, 3, 9))),
    }


def fresh() -> bytes:
    """Return the configuration of a new server."""
    request = "Use Windows authentication for all users"
    policies = _builtin_policies(
        "Connections to Microsoft Routing and Remote Access server", "Connections to other access servers"
    )
    return document([], {request: _builtin_request(request)}, policies)


def inherited() -> bytes:
    """Return the configuration of a server managed by hand, in French.

    It has names with accents and signs, a renamed policy and a disabled policy.
    """
    request = "Utiliser l'authentification Windows pour tous les utilisateurs"
    relay = "Réseau invité → opérateur"
    wifi, vpn, old = "Wi-Fi agents (ancien)", "VPN élus & DSI", "802.1x - test imprimantes"
    peap = "19" + "0" * 30
    admitted = (
        ("msNPAllowDialin", "boolean", "1"),
        ("msNPAllowedEapType", "bin.hex", peap),
        ("msNPAuthenticationType2", "int", "5"),
    )
    vlan = (
        ("msRADIUSTunnelMediumType", "int", "6"),
        ("msRADIUSTunnelPrivateGroupId", "string", "20"),
        ("msRADIUSTunnelType", "int", "13"),
    )
    dial_up = (("msRASBapLinednLimit", "int", "50"), ("msRASBapLinednTime", "int", "120"))
    policies = {
        **_builtin_policies(
            "Connexions au serveur de routage et d'accès à distance Microsoft",
            "Connexions à d'autres serveurs d'accès",
        ),
        wifi: (
            policy(wifi, 3, ['USERNTGROUPS("S-1-5-21-1-2-3-513")', 'MATCH("NAS-Port-Type=^19$")'], action="Wi-Fi"),
            profile(wifi, (*admitted, *vlan, *dial_up)),
        ),
        vpn: (
            policy(vpn, 4, ['MATCH("Client-Friendly-Name=^pare-feu$")']),
            profile(vpn, (("msCiscoAV", "string", "shell:priv-lvl=15"), *admitted)),
        ),
        old: (policy(old, 5, ['MATCH("Calling-Station-Id=^00-11-22-.*$")'], enabled=False), profile(old, admitted)),
    }
    requests = {
        relay: (
            policy(relay, 1, ['MATCH("Called-Station-Id=.*:Invites$")']),
            profile(
                relay, (("msAuthProviderType", "int", "2"), ("msRADIUSAnyVSA", "string", "0100000137010461626364"))
            ),
        ),
        request: _builtin_request(request),
    }
    clients = [
        client("Commutateur mairie 1", "10.93.0.11", "Mairie-1999"),
        client("Pare-feu", "pare-feu.ad.lebourget.example", "AncienSecret!&<>"),
        client("école Jaurès (borne n° 3)", "10.93.20.0/24", "bornes-ecoles", enabled=False),
    ]
    group = '<Op_rateur name="Opérateur"><Children></Children></Op_rateur>'
    return document(clients, requests, policies, [group])
