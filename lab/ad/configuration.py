"""The configuration files of a controller: smb.conf, krb5.conf."""

from __future__ import annotations

from collections.abc import Mapping

from lab.ad.forest import Forest
from lab.ad.host import TREE

LEVEL = "2016"
DNS_PORT = 1053
"""Not 53, which only root may open; the address is the controller's own."""

DH_PARAMETERS = """-----BEGIN DH PARAMETERS-----
MIIBCAKCAQEA//////////+t+FRYortKmq/cViAnPTzx2LnFg84tNpWp4TZBFGQz
+8yTnc4kmz75fS/jY2MMddj2gbICrsRhetPfHtXV/WVhJDP1H18GbtCFY2VVPe0a
87VXE15/V8k1mE8McODmi3fipona8+/och3xWKE2rec1MKzKT0g6eXq8CrGCsyT7
YdEIqUuyyOP7uWrat2DX9GgdT0Kj3jlN9K5W7edjcrsZCwenyO4KbXCeAvzhzffi
7MA0BM0oNC9hkXL+nOmFg/+OTxIy7vKBg8P+OxtMb61zO7X8vC7CIAXFjvGDfRaD
ssbzSibBsu/6iGtCOGEoXJf//////////wIBAg==
-----END DH PARAMETERS-----
"""
"""The group ffdhe2048 (RFC 7919, A.1): without a file, each start of Samba looks for a prime, half a second."""


def smb_conf(forest: Forest, address: str, changes: Mapping[str, str]) -> str:
    """Return smb.conf: no NetBIOS, no printers, signing and TLS as on a hardened Windows.

    `changes` are options that replace these. Strong authentication demands of SASL the binding to the TLS channel, as
    the default of a domain of 2025 does. SYSVOL is a DFS root, as on a Windows controller. `interfaces` needs the mask:
    without it smbd finds no interface. The socket of winbindd keeps its compiled-in path, since libwbclient reads no
    other.
    """
    options = {
        "netbios name": forest.host.upper(),
        "realm": forest.realm,
        "workgroup": forest.netbios,
        "server role": "active directory domain controller",
        "ad dc functional level": LEVEL,
        "interfaces": f"{address}/8",
        "bind interfaces only": "yes",
        "server services": "s3fs, rpc, ldap, cldap, kdc, winbindd, dns",
        # A few clients at a time: each service has a process that serves them all.
        "prefork children": "1",
        "dns port": str(DNS_PORT),
        "allow dns updates": "disabled",
        "dns forwarder": "",
        "disable netbios": "yes",
        "smb ports": "445",
        "private dir": f"{TREE}/private",
        "state directory": f"{TREE}/state",
        "lock directory": f"{TREE}/lock",
        "cache directory": f"{TREE}/cache",
        "ncalrpc dir": f"{TREE}/ncalrpc",
        "pid directory": f"{TREE}/lock",
        "binddns dir": f"{TREE}/bind-dns",
        "ntp signd socket directory": f"{TREE}/ntp_signd",
        "log file": f"{TREE}/log.%m",
        "load printers": "no",
        "printing": "bsd",
        "printcap name": "/dev/null",
        "tls enabled": "yes",
        "tls keyfile": f"{TREE}/etc/key.pem",
        "tls certfile": f"{TREE}/etc/cert.pem",
        "tls cafile": f"{TREE}/etc/ca.pem",
        "tls dh params file": f"{TREE}/etc/dh.pem",
        "ldap server require strong auth": "yes",
        "server signing": "mandatory",
        "server min protocol": "SMB2_10",
        # What a Windows controller grants to NPS alone: the exchange inside PEAP.
        "ntlm auth": "mschapv2-and-ntlmv2-only",
        **changes,
    }
    shares = {"sysvol": f"{TREE}/state/sysvol", "netlogon": f"{TREE}/state/sysvol/{forest.domain}/scripts"}
    lines = ["[global]", *(f"{name} = {value}" for name, value in options.items())]
    for share, path in shares.items():
        lines += [f"[{share}]", f"path = {path}", "read only = no", "msdfs root = yes"]
    return "\n".join([*lines, ""])


def krb5_conf(forest: Forest, address: str) -> str:
    """Return krb5.conf: this forest alone, its controller by address, no DNS."""
    return f"""[libdefaults]
default_realm = {forest.realm}
dns_lookup_kdc = false
dns_lookup_realm = false
dns_canonicalize_hostname = false
rdns = false
[realms]
{forest.realm} = {{
 kdc = {address}
 kpasswd_server = {address}
}}
[domain_realm]
.{forest.domain} = {forest.realm}
{forest.domain} = {forest.realm}
"""
