"""Intent of the town for the accesses from outside: the elements of the SMC that carry them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from piste.town.model.remote_access import Ciphers, Lookup, RemoteAccess, Server

_ENCRYPTION: Mapping[str, tuple[str, ...]] = {
    "des": ("des_for_ike", "des_for_ipsec"),
    "3des": ("triple_des_for_ike", "triple_des_for_ipsec"),
    "blowfish": ("blowfish_for_ike", "blowfish_for_ipsec"),
    "aes-128": ("aes128_for_ike", "aes128_for_ipsec"),
    "aes-256": ("aes256_for_ike", "aes256_for_ipsec"),
    "aes-gcm-128": ("aes_gcm_for_ipsec",),
    "aes-gcm-256": ("aes_gcm_256_for_ipsec",),
}
_INTEGRITY: Mapping[str, tuple[str, ...]] = {
    "md5": ("md5_for_ike", "md5_for_ipsec"),
    "sha1": ("sha1_for_ike", "sha1_for_ipsec"),
    **{
        f"sha2-{bits}": (
            "sha2_for_ike", "sha2_for_ipsec", f"sha2_ike_hash_length:{bits}", f"sha2_ipsec_hash_length:{bits}",
        )
        for bits in (256, 384, 512)
    },
}  # fmt: skip
_ALWAYS = (
    "esp_for_ipsec", "ike_v2", "pre_shared_key_for_ike", "rsa_signature_for_ike", "sa_per_net",
    "vpn_client_rsa_signature_for_ike", "vpn_client_sa_per_net",
)  # fmt: skip
_PORTS = {"ldap": 389, "ldaps": 636, "ldap_tls": 389}


def access_elements(access: RemoteAccess | None, policy: str, engines: list[str]) -> Iterator[dict[str, Any]]:
    """Yield the elements of what is open; none where nothing is."""
    if not access or not (access["entries"] or access["gateways"]):
        return
    profile = f"{policy}-vpn"
    capabilities = _capabilities(access["ciphers"])
    yield {
        "type": "vpn_profile", "name": profile, "capabilities": capabilities, "hybrid_clients": bool(access["entries"]),
        "certificate_clients": False, "preshared_clients": False, "trust_all_cas": False,
        "authorities": [f"vpn_certificate_authority/{name}" for name in access["ciphers"]["authorities"]],
    }  # fmt: skip
    yield from _entries(access, policy, engines, profile)
    yield from _gateways(access, policy, engines, profile, capabilities)


def _entries(access: RemoteAccess, policy: str, engines: list[str], profile: str) -> Iterator[dict[str, Any]]:
    for method in access["methods"]:
        for server in method["servers"]:
            name = f"{policy}-{method['id']}-{server['name']}"
            yield {
                "type": "radius_server", "name": name, "comment": method["label"], **_address(server),
                "port": method["port"], "shared_secret": {"secret": f"smc/{name}/shared_secret"},
            }  # fmt: skip
        servers = [f"radius_server/{policy}-{method['id']}-{server['name']}" for server in method["servers"]]
        name = f"{policy}-{method['id']}"
        yield {"type": "authentication_service", "name": name, "comment": method["label"], "method": "radius",
               "servers": servers}  # fmt: skip
    if access["directory"]:
        first = access["entries"][0]["method"]
        yield from _directory(access["directory"], policy, f"authentication_service/{policy}-{first}")
    for entry in access["entries"]:
        yield {
            "type": "vpn", "name": f"{policy}-{entry['id']}", "comment": entry["label"],
            "vpn_profile": f"vpn_profile/{profile}", "nat": False, "mobile_topology": "selected",
            "central": engines, "mobile": engines,
        }  # fmt: skip


def _directory(lookup: Lookup, policy: str, method: str) -> Iterator[dict[str, Any]]:
    base = ",".join(f"DC={part}" for part in lookup["domain"].split("."))
    for server in lookup["servers"]:
        name = f"{policy}-annuaire-{server['name']}"
        yield {
            "type": "active_directory_server", "name": name, "comment": f"Annuaire {lookup['domain']}",
            **_address(server), "port": _PORTS[lookup["protocol"]], "ldap_protocol": lookup["protocol"],
            "tls_profile": f"tls_profile/{lookup['tls_profile']}" if lookup["tls_profile"] else None,
            "base_dn": base, "bind_user": lookup["account"],
            "bind_password": {"secret": f"smc/{name}/bind_password"},
        }  # fmt: skip
    yield {
        "type": "external_ldap_user_domain", "name": lookup["domain"], "auth_method": method,
        "ldap_servers": [f"active_directory_server/{policy}-annuaire-{server['name']}" for server in lookup["servers"]],
    }  # fmt: skip


def _gateways(
    access: RemoteAccess, policy: str, engines: list[str], profile: str, capabilities: list[str]
) -> Iterator[dict[str, Any]]:
    if access["gateways"]:
        yield {"type": "gateway_profile", "name": profile, "capabilities": capabilities}
    for gateway in access["gateways"]:
        name = f"{policy}-{gateway['id']}"
        networks = {f"{name}-{number}": network for number, network in enumerate(gateway["networks"], 1)}
        for network, prefix in networks.items():
            yield {"type": "network", "name": network, "comment": gateway["label"],
                   f"ipv{6 if ':' in prefix else 4}_network": prefix}  # fmt: skip
        peer = f"external_gateway/{name}"
        yield {
            "type": "external_gateway", "name": name, "comment": gateway["label"],
            "gateway_profile": f"gateway_profile/{profile}", "trust_all_cas": False,
            "endpoints": {"acces": {"address": gateway["address"]}},
            "sites": {"locaux": {"elements": [f"network/{network}" for network in networks]}},
        }  # fmt: skip
        yield {
            "type": "vpn", "name": name, "comment": gateway["label"], "vpn_profile": f"vpn_profile/{profile}",
            "nat": False, "mobile_topology": "none", "central": engines, "satellites": [peer],
            "tunnels": {
                f"{peer} > {engine}": {"preshared_key": {"secret": f"smc/vpn/{name}"}} for engine in engines
            },
        }  # fmt: skip


def _capabilities(ciphers: Ciphers) -> list[str]:
    groups = ciphers["groups"]
    return sorted(
        {
            *_ALWAYS,
            *(name for word in ciphers["encryption"] for name in _ENCRYPTION[word]),
            *(name for word in ciphers["integrity"] for name in _INTEGRITY[word]),
            *(f"dh_group_{group}_for_ike" for group in groups),
            *(f"pfs_dh_group_{group}_for_ipsec" for group in groups),
        }
    )


def _address(server: Server) -> dict[str, str]:
    return {"ipv6_address" if ":" in server["address"] else "address": server["address"]}
