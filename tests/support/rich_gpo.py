"""A policy with content in every section, as far from the defaults as can be."""

from __future__ import annotations

import base64
from functools import cache
from ssl import PEM_cert_to_DER_cert
from typing import Any

import trustme

from piste.systems.windows.gpo.certificates import subject_of

KEY = "Software\\Policies\\Ville"


@cache
def certificate() -> str:
    return trustme.CA(organization_name="Ville d’essai").cert_pem.bytes().decode()


def rich(name: str = "Complète") -> dict[str, Any]:
    return {
        "name": name,
        "comment": "Tout\nà la fois",
        "computer": {
            "enabled": True,
            "firewall": {
                "profiles": {"domain.enabled": True},
                "rules": {
                    "Bureau à distance": {
                        "action": "allow",
                        "direction": "in",
                        "protocol": "tcp",
                        "local_ports": ["3389"],
                        "profiles": ["domain"],
                    }
                },
            },
            "auto_enrolment": {"mode": "renew_and_update"},
            "trusted_roots": {subject_of(PEM_cert_to_DER_cert(certificate())): certificate()},
            "policies": {"power.sleep_after_ac": 600},
            "security": {
                "accounts": {"password_length": 14},
                "rights": {
                    "SeBackupPrivilege": ["BUILTIN\\Administrators", "GG-Essai"],
                    "SeSystemtimePrivilege": [
                        "BUILTIN\\Administrators",
                        "NT SERVICE\\autotimesvc",
                        "S-1-5-83-0",
                    ],
                },
                "services": {"dot3svc": {"startup": "automatic"}},
                "registry_values": {"MACHINE\\Software\\Ville\\Delai": {"type": "dword", "data": 600}},
                "restricted_groups": {"BUILTIN\\Administrators": {"members": ["GG-Essai"]}},
            },
            "audit": {"logon.logon": "success_and_failure"},
            "scripts": {"startup": [{"name": "essai.cmd", "parameters": "/un", "content": "echo été\n"}]},
            "preferences": {"services": {"Spooler": {"startup": "automatic", "service_action": "start"}}},
            "wired": {
                "name": "Filaire",
                "enforced": False,
                "auth_mode": "machine",
                "eap": "tls",
                "server_names": ["nps1.ville.example"],
                "trusted_roots": ["0102030405060708090a0b0c0d0e0f1011121314"],
            },
            "registry": {f"{KEY}!Un": {"type": "dword", "data": 1}, f"{KEY}!Plus": {"state": "deleted"}},
            "foreign": {"Applications/x.aas": base64.b64encode(b"installeur").decode()},
        },
        "user": {
            "enabled": False,
            "registry": {f"{KEY}!Texte": {"type": "multi_sz", "data": ["a", "é"]}},
            "preferences": {"drive_maps": {"P:": {"path": "\\\\srv\\commun", "label": "Commun"}}},
        },
        "filtering": ["Domain Computers", "GG-Essai"],
        "exempt": ["Domain Admins"],
        "foreign": {"Adm/vieux.adm": base64.b64encode(b"CLASS MACHINE").decode()},
    }
