"""Users, authentication and VPN of a firewall, as tests declare them."""

from __future__ import annotations

from typing import Any

from piste.engine.converge.secrets import FINGERPRINT_KEY

SECRETS = {
    FINGERPRINT_KEY: "clef-des-empreintes-du-test",
    "smc/nps1/shared_secret": "secret-radius-du-test",
    "smc/nps2/shared_secret": "autre-secret-radius",
    "smc/annuaire/bind_password": "mot-de-passe-de-lecture",
    "smc/autre/bind_password": "mot-de-passe-de-lecture-2",
    "smc/vpn/prestataire/psk": "clef-partagee-du-tunnel",
}
ENGINE = "fw_cluster/fw-hdv"
PEER = "external_gateway/mainteneur"
TUNNEL = f"{PEER} > {ENGINE}"
SECRET = {"preshared_key"}
STRONG = [
    "aes256_for_ike", "aes256_for_ipsec", "dh_group_19_for_ike", "esp_for_ipsec", "ike_v2", "main_mode",
    "pfs_dh_group_19_for_ipsec", "sha2_for_ike", "sha2_for_ipsec", "sha2_ike_hash_length:256",
    "sha2_ipsec_hash_length:256",
]  # fmt: skip
USERS: list[dict[str, Any]] = [
    {"type": "radius_server", "name": "nps1", "address": "10.93.2.13", "port": 1812, "timeout": 10, "retries": 2,
     "shared_secret": {"secret": "smc/nps1/shared_secret"}},
    {"type": "radius_server", "name": "nps2", "address": "10.93.2.14", "port": 1812, "timeout": 10, "retries": 2,
     "shared_secret": {"secret": "smc/nps2/shared_secret"}},
    {"type": "authentication_service", "name": "Second facteur", "method": "radius",
     "servers": ["radius_server/nps2", "radius_server/nps1"]},
    {"type": "active_directory_server", "name": "annuaire", "address": "10.93.2.11", "port": 636,
     "ldap_protocol": "ldaps", "tls_profile": "tls_profile/Default", "base_dn": "DC=ville,DC=test",
     "bind_user": "CN=lecture,DC=ville,DC=test",
     "bind_password": {"secret": "smc/annuaire/bind_password"},
     "methods": ["authentication_service/LDAP Authentication"]},
    {"type": "ldap_server", "name": "autre", "address": "10.93.2.12", "base_dn": "DC=autre,DC=test",
     "ldap_protocol": "ldaps", "tls_profile": "tls_profile/Default", "bind_user": "CN=lecture,DC=autre,DC=test",
     "bind_password": {"secret": "smc/autre/bind_password"}},
    {"type": "external_ldap_user_domain", "name": "ville.test", "default_domain": True,
     "ldap_servers": ["active_directory_server/annuaire"], "auth_method": "authentication_service/Second facteur",
     "browsed": False},
    {"type": "internal_user_group", "name": "Prestataires", "expires": "2027-06-30", "comment": "mainteneurs",
     "methods": ["authentication_service/Second facteur"]},
]  # fmt: skip
VPNS: list[dict[str, Any]] = [
    {"type": "network", "name": "chez le mainteneur", "ipv4_network": "198.51.100.0/28"},
    {"type": "gateway_profile", "name": "Solide", "capabilities": STRONG},
    {"type": "vpn_profile", "name": "Solide", "capabilities": STRONG, "sa_life_time": 86400, "tunnel_life_time": 28800,
     "tunnel_life_kbytes": 0, "hybrid_clients": True, "trust_all_cas": False},
    {"type": "external_gateway", "name": "mainteneur", "gateway_profile": "gateway_profile/Solide",
     "trust_all_cas": False,
     "endpoints": {"principal": {"address": "203.0.113.9"}, "secours": {"address": "203.0.113.10", "enabled": False}},
     "sites": {"locaux": {"elements": ["network/chez le mainteneur"]}}},
    {"type": "vpn", "name": "maintenance", "vpn_profile": "vpn_profile/Solide", "nat": False,
     "mobile_topology": "selected", "central": [ENGINE], "satellites": [PEER], "mobile": [ENGINE],
     "tunnels": {TUNNEL: {"enabled": True, "preshared_key": {"secret": "smc/vpn/prestataire/psk"}}}},
]  # fmt: skip
ALL = [*USERS, *VPNS]
