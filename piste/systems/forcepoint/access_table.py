"""Elements that let people and other gateways in: types, fields, children.

Sources: the 7.4.1 model (`Alias`, `RadiusServer`, `LdapServer`, `ActiveDirectoryServer`,
`ExternalAuthenticationMethod`, `ExternalLdapUserDomain`, `InternalUserGroup`, `InternalUserDomain`, `GatewayProfile`,
`VpnProfile`, `ExternalGateway`, `PolicyBasedVpn`); the vendor's library 1.0.34 (`smc.administration.user_auth`,
`smc.vpn`), which names the capabilities that the model lacks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from piste.engine.converge.reading import listed, mapped, text
from piste.engine.converge.resource import Field
from piste.systems.forcepoint import admin_table
from piste.systems.forcepoint.references import ENGINES, reference, split

_SERVER = ("address", "ipv6_address", "secondary", "location", "tools_profile", "port", "timeout")
_DIRECTORY = (
    *_SERVER, "ldap_protocol", "tls_profile", "tls_identity", "base_dn", "bind_user", "bind_password", "methods",
)  # fmt: skip

TYPES: Mapping[str, tuple[str, ...]] = {
    **admin_table.TYPES,
    "alias": ("default_values", "engine_values", "location"),
    "radius_server": (*_SERVER, "retries", "shared_secret"),
    "authentication_service": ("method", "servers"),
    "active_directory_server": _DIRECTORY,
    "ldap_server": _DIRECTORY,
    "external_ldap_user_domain": (
        "ldap_servers", "default_domain", "auth_method", "browsed", "resolved_by_engines", "suffixes",
    ),
    "internal_user_domain": ("default_domain",),
    "internal_user_group": ("methods", "users", "expires"),
    "gateway_profile": ("capabilities",),
    "vpn_profile": (
        "capabilities", "sa_life_time", "tunnel_life_time", "tunnel_life_kbytes", "keep_alive", "no_anti_replay",
        "no_path_discovery", "any_network", "hybrid_clients", "certificate_clients", "preshared_clients",
        "trust_all_cas", "authorities",
    ),
    "external_gateway": ("gateway_profile", "trust_all_cas", "authorities", "endpoints", "sites"),
    "vpn": (
        "vpn_profile", "nat", "link_usage_profile", "mobile_topology", "central", "satellites", "mobile", "tunnels",
    ),
}  # fmt: skip
"""Fields of each type besides `type`, `name` and `comment`; referenced types come first."""

WIRES: Mapping[str, Mapping[str, str]] = {
    "authentication_service": {"type": "method"},
    "active_directory_server": {"supported_method": "methods"},
    "ldap_server": {"supported_method": "methods"},
    "internal_user_group": {"authentication_method": "methods"},
    "vpn_profile": {"trusted_certificate_authority": "authorities"},
    "external_gateway": {"trusted_certificate_authorities": "authorities"},
}
"""Attributes of a type, with the name of their field where it is another."""

SECRETS: Mapping[str, tuple[str, ...]] = {
    "radius_server": ("shared_secret",),
    "active_directory_server": ("bind_password",),
    "ldap_server": ("bind_password",),
}
"""Fields of a type that a whole write without them would lose [belief smc.access_secrets]."""
UNREAD: Mapping[str, tuple[str, ...]] = {**SECRETS, "admin_user": (admin_table.PASSWORD,)}
"""Fields of a type that are written and never read."""
UNGIVEN: Mapping[str, tuple[str, ...]] = {
    "active_directory_server": ("domain_controller", "internet_auth_service_enabled"),
    "authentication_service": ("open_id_client_id",),
}
"""Attributes that mean secrets without a field: an element that has one is not written."""
_VPNS = ("gateway_profile", "vpn_profile", "external_gateway", "vpn")
RESTS: Mapping[str, tuple[str, ...]] = {"smc.vpn": _VPNS, "smc.access_secrets": tuple(UNREAD)}
"""Types whose writes rest on a belief."""
_ASKED = ("authentication", "des personnes ne pourraient plus prouver qui elles sont")
CUTS: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(
        (
            "radius_server", "authentication_service", "active_directory_server", "ldap_server",
            "external_ldap_user_domain", "internal_user_group",
        ),
        _ASKED,
    ),
    "role": ("administrators", "des administrateurs perdraient des droits"),
    "admin_user": ("administrators", "un administrateur perdrait des droits, ou le mot de passe qu’il a choisi"),
    **dict.fromkeys(
        _VPNS,
        ("vpn", "des tunnels tomberaient, à l’installation de la politique"),
    ),
}
"""Word that a change of a value of a type asks for, or its removal, with the reason."""
USERS_OF = "dc=stonegate,domain=InternalDomain"
"""Place of the users that the SMC itself keeps [read in vendor code]."""
NOT_PLAIN = re.compile(r'[,+"\\<>;=]|^#')
"""Characters that a distinguished name would read as its own."""
NOT_PLAIN_SAID = "ce nom entre dans un nom distinctif : ni , + \" \\ < > ; = ni # au début"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


NODES = {"central": "central", "satellites": "satellite", "mobile": "mobile"}
"""Fields that name the gateways of a VPN, with what the system calls their use."""
_TOPOLOGIES = {
    "none": "None",
    "selected": "Selected Gateways below",
    "central": "Only central Gateways from overall topology",
    "all": "All Gateways from overall topology",
}
_HASHES = tuple(f"sha2_{use}_hash_length:{bits}" for use in ("ike", "ipsec") for bits in (256, 384, 512))
_GROUPS = (1, 2, 5, *range(14, 22))
CAPABILITIES = (
    "aes128_for_ike", "aes128_for_ipsec", "aes256_for_ike", "aes256_for_ipsec", "aes_gcm_256_for_ipsec",
    "aes_gcm_256_for_ike", "aes_gcm_for_ipsec", "aes_xcbc_for_ipsec", "aggressive_mode", "ah_for_ipsec",
    "blowfish_for_ike", "blowfish_for_ipsec", "des_for_ike", "des_for_ipsec", "dss_signature_for_ike",
    "ecdsa_signature_for_ike", "esp_for_ipsec", "external_for_ipsec", "forward_client_vpn", "forward_gw_to_gw_vpn",
    "ike_v1", "ike_v2", "ipcomp_deflate_for_ipsec", "main_mode", "md5_for_ike", "md5_for_ipsec", "null_for_ipsec",
    "pre_shared_key_for_ike", "rsa_signature_for_ike", "sa_per_host", "sa_per_net", "sha1_for_ike", "sha1_for_ipsec",
    "sha2_for_ike", "sha2_for_ipsec", "triple_des_for_ike", "triple_des_for_ipsec",
    "vpn_client_dss_signature_for_ike", "vpn_client_ecdsa_signature_for_ike", "vpn_client_rsa_signature_for_ike",
    "vpn_client_sa_per_host", "vpn_client_sa_per_net",
    *(f"dh_group_{group}_for_ike" for group in _GROUPS),
    *(f"pfs_dh_group_{group}_for_ipsec" for group in _GROUPS),
)  # fmt: skip


WEAK = frozenset(
    name
    for name in CAPABILITIES
    if name.startswith(("des_", "triple_des_", "blowfish_", "null_", "md5_", "sha1_", "aggressive_mode"))
    or name.removeprefix("pfs_").startswith(("dh_group_1_", "dh_group_2_", "dh_group_5_"))
)
"""Capabilities that the town refuses: broken ciphers and hashes, groups below 2048 bits, identities in clear."""


DANGEROUS = ("capabilities", "ldap_protocol", "trust_all_cas", "preshared_clients")
"""The fields that let people or gateways in badly."""


def dangers(item: Mapping[str, Any]) -> list[str]:
    """Say in what an element lets people or gateways in badly."""
    said = [f"admet {', '.join(weak)}"] if (weak := sorted(WEAK & {*(item.get("capabilities") or ())})) else []
    if item.get("ldap_protocol") == "ldap":
        said.append("interroge l’annuaire en clair (LDAP)")
    if item.get("trust_all_cas"):
        said.append("admet le certificat de toute autorité")
    if item.get("preshared_clients"):
        said.append("laisse entrer des clients par une clé partagée")
    return said


def gateway(ref: str) -> str:
    """Check an engine or an external gateway, `type/name`. Raises `ValueError`."""
    if split(reference(ref))[0] not in (*ENGINES, "external_gateway"):
        raise ValueError(ref)
    return ref


def engine(ref: str) -> str:
    """Check an engine, `type/name`. Raises `ValueError`."""
    if split(reference(ref))[0] not in ENGINES:
        raise ValueError(ref)
    return ref


def pair(*ends: str) -> str:
    """Name a tunnel by its two gateways, in one order."""
    return " > ".join(sorted(ends))


def tunnel(words: str) -> str:
    """Normalise a tunnel, `fw_cluster/a > external_gateway/b`. Raises `ValueError`."""
    first, second = words.split(" > ")
    return pair(gateway(first.strip()), gateway(second.strip()))


def day(words: str) -> str:
    """Normalise a day, `2027-06-30`. Raises `ValueError`."""
    return date.fromisoformat(words.strip()).isoformat()


def _ranked(value: Any) -> list[str]:
    """Servers of an authentication method, in the order in which they are asked."""
    entries = listed(value)
    if all(isinstance(entry, str) for entry in entries):  # before API 7.3
        return [text(entry) for entry in entries]
    return [text(entry["auth_server_ref"]) for entry in sorted(map(mapped, entries), key=lambda entry: entry["rank"])]


def _suffixes(value: Any) -> list[str]:
    return [text(mapped(entry)["name"]) for entry in listed(value)]


def _day_of(value: Any) -> str:
    """Day of a moment in milliseconds, in universal time [read in vendor code]."""
    return (_EPOCH + timedelta(milliseconds=int(value))).date().isoformat()


def _milliseconds(said: str) -> int:
    return int((datetime.fromisoformat(f"{said}T00:00+00:00") - _EPOCH) / timedelta(milliseconds=1))


def _capable(value: Any) -> list[str]:
    """Capabilities that are on; a number is written behind its name."""
    capabilities = mapped(value)
    numbers = [f"{name}:{bits}" for name, bits in capabilities.items() if type(bits) is int]
    return [*(name for name, on in capabilities.items() if on is True), *numbers]


def _of_engines(value: Any) -> dict[str, Any]:
    """Values of an alias by the address of their engine."""
    values = map(mapped, listed(value))
    return {text(entry["cluster_ref"]): {"translated_element": listed(entry.get("translated_element"))}
            for entry in values if entry.get("cluster_ref")}  # fmt: skip


def _capabilities(names: list[str]) -> dict[str, bool | int]:
    numbers = dict(name.split(":") for name in names if ":" in name)
    return {name: name in names for name in CAPABILITIES} | {name: int(bits) for name, bits in numbers.items()}


SPELLED: Mapping[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "authentication_server": (
        _ranked,
        lambda refs: [{"auth_server_ref": ref, "rank": rank} for rank, ref in enumerate(refs, 1)],
    ),
    "additional_username_suffix": (_suffixes, lambda names: [{"name": name} for name in names]),
    "expiration_date": (_day_of, _milliseconds),
    "capabilities": (_capable, _capabilities),
    **admin_table.SPELLED,
    "alias_value": (
        _of_engines,
        lambda values: [{"cluster_ref": engine, **entry} for engine, entry in values.items()],
    ),
    "mobile_vpn_topology_mode": (
        lambda value: next((name for name, said in _TOPOLOGIES.items() if said == value), value),
        _TOPOLOGIES.__getitem__,
    ),
}
"""Attributes whose form on the wire differs: how to read each, and how to write it."""


def _ref(name: str, doc: str, wire: str = "") -> Field:
    return Field(name, f"{doc}, C(type/name)", wire=wire or name, nullable=True, default=None, normalise=reference)


def _refs(name: str, doc: str, wire: str = "", *, unordered: bool = True) -> Field:
    return Field(
        name, f"{doc}, C(type/name) each", type="list", wire=wire or name, unordered=unordered, default=[],
        normalise=reference,
    )  # fmt: skip


def _number(name: str, doc: str, maximum: int, wire: str = "") -> Field:
    return Field(name, doc, type="int", wire=wire or name, minimum=0, maximum=maximum)


def _text(name: str, doc: str, wire: str = "") -> Field:
    return Field(name, doc, wire=wire or name, nullable=True, default=None)


def _flag(name: str, doc: str, wire: str = "", *, default: bool = False) -> Field:
    return Field(name, doc, type="bool", wire=wire or name, default=default)


def _secret(name: str, doc: str) -> Field:
    return Field(name, f"{doc}; written, never read", wire=name, secret=f"smc/{{name}}/{name}", readable=False)


def _child(name: str, doc: str, part: str, normalise_key: Callable[[str], str] | None, *of: Field) -> Field:
    return Field(name, doc, type="map", part=part, normalise_key=normalise_key, of=of)


def _nodes(name: str, doc: str) -> Field:
    return Field(
        name, f"{doc}, C(type/name) of the engine or external gateway each", type="list", unordered=True,
        normalise=gateway, part=f"{NODES[name]}_gateway_node",
    )  # fmt: skip


FIELDS = (
    *admin_table.FIELDS,
    _refs("default_values", "What it stands for where an engine has no value of its own", "default_alias_value"),
    Field(
        "engine_values", "What it stands for on an engine, C(type/name); null takes it away", type="map",
        wire="alias_value", normalise_key=engine,
        of=(
            Field("elements", "What it stands for there, C(type/name) each.", type="list", wire="translated_element",
                  unordered=True, default=[], normalise=reference),
        ),
    ),
    _number("port", "Port on which it answers", 65535),
    _number("timeout", "Seconds for which an answer is awaited", 3600),
    _number("retries", "Times that it is asked again", 100),
    _secret("shared_secret", "Reference of the shared secret"),
    Field("ldap_protocol", "How it is spoken to", wire="protocol", choices=("ldap", "ldaps", "ldap_tls")),
    _ref("tls_profile", "Profile of an encrypted connection", "tls_profile_ref"),
    _text("tls_identity", "Identity that its certificate must have"),
    _text("base_dn", "Place of the directory under which people are looked for"),
    _text("bind_user", "Account that reads the directory, as a distinguished name", "bind_user_id"),
    _secret("bind_password", "Reference of that account's password"),
    _refs("methods", "Methods of authentication"),
    Field("method", "How people prove who they are", wire="method", choices=("radius", "tacacs", "saml", "openid")),
    _refs("servers", "Servers that are asked, in order", "authentication_server", unordered=False),
    _refs("ldap_servers", "Servers of its directory", "ldap_server", unordered=False),
    _flag("default_domain", "Whether people need not say this domain", "isdefault"),
    _ref("auth_method", "Method of those whose directory says none"),
    _flag("browsed", "Whether the SMC reads its people and groups", "browse_ldap_automatically", default=True),
    _flag("resolved_by_engines", "Whether engines ask its servers", "engine_can_connect", default=True),
    Field(
        "suffixes", "Other ends of names that mean it", type="list", wire="additional_username_suffix",
        unordered=True, default=[],
    ),
    _refs("users", "People and groups in it", "member"),
    Field(
        "expires", "Last day of the access of its people", wire="expiration_date", nullable=True, default=None,
        normalise=day,
    ),
    Field(
        "capabilities", "What it accepts, by the names that the vendor's library gives; all else is refused",
        type="list", wire="capabilities", unordered=True, choices=(*sorted(CAPABILITIES), *_HASHES),
    ),
    _number("sa_life_time", "Seconds after which IKE negotiates again", 1 << 31),
    _number("tunnel_life_time", "Seconds after which a tunnel negotiates again", 1 << 31, "tunnel_life_time_seconds"),
    _number("tunnel_life_kbytes", "Kilobytes after which it does; 0 for no limit", 1 << 31, "tunnel_life_time_kbytes"),
    _flag("keep_alive", "Whether tunnels stay up without traffic"),
    _flag("no_anti_replay", "Whether repeated packets are taken", "disable_anti_replay"),
    _flag("no_path_discovery", "Whether packets have no discovered size", "disable_path_discovery"),
    _flag("any_network", "Whether a tunnel may carry any network", "sa_to_any_network_allowed"),
    _flag("hybrid_clients", "Whether clients prove themselves by a method behind a certificate of the gateway",
          "hybrid_authentication_for_mobile_vpn"),
    _flag("certificate_clients", "Whether the name in a certificate is enough for a client",
          "cn_authentication_for_mobile_vpn"),
    _flag("preshared_clients", "Whether clients may use a shared key", "preshared_key_authentication_for_mobile_vpn"),
    _flag("trust_all_cas", "Whether a certificate of any known authority is taken"),
    _refs("authorities", "Authorities whose certificates are taken"),
    _ref("gateway_profile", "What the other side is capable of"),
    _child(
        "endpoints", "Its addresses, by name; null takes one away", "external_endpoint", None,
        Field("address", "Address; none for one that changes.", wire="address", nullable=True, default=None),
        Field("dynamic", "Whether its address changes.", type="bool", wire="dynamic", default=False),
        Field("enabled", "Whether it serves.", type="bool", wire="enabled", default=True),
        Field("ipsec_vpn", "Whether it takes tunnels.", type="bool", wire="ipsec_vpn", default=True),
        Field("nat_t", "Whether translation on the way is allowed for.", type="bool", wire="nat_t", default=False),
        Field("force_nat_t", "Whether it always is.", type="bool", wire="force_nat_t", default=False),
        Field("id_type", "Kind of the identity that it shows; C(0) name, C(1) mail, C(2) certificate, C(3) address.",
              wire="ike_phase1_id_type", nullable=True, default=None, choices=("0", "1", "2", "3")),
        Field("id_value", "That identity.", wire="ike_phase1_id_value", nullable=True, default=None),
        Field("connection_type", "Whether it is active, C(connection_type/name).", wire="connection_type_ref",
              default="connection_type/Active", normalise=reference),
    ),
    _child(
        "sites", "What is behind it, by name; null takes one away", "vpn_site", None,
        Field("elements", "Networks and hosts, C(type/name) each.", type="list", wire="site_element", unordered=True,
              default=[], normalise=reference),
    ),
    _ref("vpn_profile", "How its tunnels are made"),
    _flag("nat", "Whether addresses are translated in its tunnels"),
    _ref("link_usage_profile", "How its links share the traffic"),
    Field("mobile_topology", "Gateways at which clients come in", wire="mobile_vpn_topology_mode",
          choices=tuple(_TOPOLOGIES), default="none"),
    _nodes("central", "Gateways in the middle"),
    _nodes("satellites", "Gateways that speak to the central ones alone"),
    _nodes("mobile", "Gateways at which clients come in, where C(mobile_topology) is C(selected)"),
    _child(
        "tunnels", "Tunnels that its gateways make, C(type/name > type/name); the others stay as they are",
        "gateway_tunnel", tunnel,
        Field("enabled", "Whether it serves.", type="bool", wire="enabled", default=True),
        Field("preshared_key", "Reference of the shared key; written, never read.", wire="preshared_key",
              secret="smc/vpn/{name}/{word}", readable=False),
    ),
)  # fmt: skip
"""Their documentation ends with the types that have them (`element_table`)."""
