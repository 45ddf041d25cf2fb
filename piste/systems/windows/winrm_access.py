"""The `winrm` option of modules: addresses of Windows hosts, and the account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from piste.engine.converge.errors import Misused, Unreachable
from piste.engine.converge.resource import Field
from piste.engine.converge.secrets import refuse_none
from piste.systems.windows.kerberos import NAME, OPTIONS, Kerberos, of_option

PORT = 5986

WINRM = Field(
    "winrm",
    "Addresses of Windows hosts by WinRM, and the account that connects.",
    type="dict",
    required=True,
    of=(
        Field("domain", "DNS domain of the hosts, added to a name without a dot.", default=""),
        Field("urls", "Addresses, by name, of hosts that are not at C(https://NAME.DOMAIN:5986/wsman).", type="dict"),
        Field("username", "Account that connects: C(DOMAIN\\\\name) or C(name@domain).", required=True),
        Field("password", "Password, secret.", default="", no_log=True),
        Field("authentication", "Authentication of the account.", choices=("ntlm", "basic", NAME), default="ntlm"),
        *OPTIONS,
        Field("ca_file", "Certificate authority of the hosts, where the machine does not trust it.", type="path"),
        Field("timeout", "Seconds to wait for the end of a snippet.", type="int", default=300),
    ),
)


@dataclass(frozen=True, slots=True)
class Access:
    """The value of the `winrm` option."""

    username: str
    password: str = field(repr=False)
    domain: str = ""
    urls: Mapping[str, str] = field(default_factory=dict)
    authentication: str = "ntlm"
    ca_file: str = ""
    timeout: int = 300
    kerberos: Kerberos | None = None
    """The account, where it authenticates by Kerberos."""

    @classmethod
    def of(cls, option: Mapping[str, Any]) -> Access:
        if not option["username"]:
            raise Unreachable(
                "aucun accès WinRM n’est donné",
                todo="Au laboratoire, démarrez-le (piste lab up) ; ailleurs, renseignez piste_winrm.",
            )
        refuse_none(f"WinRM, {option['username']}", option.get("password"), option.get("keytab"))
        return cls(
            username=str(option["username"]),
            password=str(option.get("password") or ""),
            domain=str(option.get("domain") or ""),
            urls=dict(option.get("urls") or {}),
            authentication=str(option.get("authentication") or "ntlm"),
            ca_file=str(option.get("ca_file") or ""),
            timeout=int(option.get("timeout") or 300),
            kerberos=of_option(option),
        )

    def full(self, host: str) -> str:
        """Return the full name of a host, under which the domain knows its service."""
        domain = self.domain or (self.kerberos.realm.lower() if self.kerberos else "")
        return f"{host}.{domain}" if domain and "." not in host else host

    def url(self, host: str) -> str:
        """Return the address of a host, in HTTPS: otherwise passwords and secrets would go in clear."""
        url = self.urls.get(host) or f"https://{self.full(host)}:{PORT}/wsman"
        if urlsplit(url).scheme != "https":
            raise Misused("WinRM n’est joint qu’en HTTPS", where=host, why=url, todo="Corrigez piste_winrm.urls.")
        return url
