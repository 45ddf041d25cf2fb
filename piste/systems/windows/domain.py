"""The `domain` option of the modules of the directory: address and account of a domain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from piste.engine.converge.errors import Unreachable
from piste.engine.converge.resource import Field
from piste.engine.converge.secrets import refuse_none
from piste.systems.windows.kerberos import NAME, OPTIONS, Kerberos, of_option

DOMAIN = Field(
    "domain",
    "Address of the Active Directory domain, and the account that connects.",
    type="dict",
    required=True,
    of=(
        Field(
            "controller",
            "Full name of a domain controller, as in its certificate. It names the PDC emulator, where all calls go.",
            required=True,
        ),
        Field("address", "Address of C(controller), where its name does not resolve."),
        Field("username", "Account that connects: C(name@domain), or a distinguished name.", required=True),
        Field("password", "Password, secret.", default="", no_log=True),
        Field(
            "authentication",
            "Authentication of the account. C(ntlm): a simple bind over LDAPS, NTLM for SMB. C(kerberos): Kerberos for "
            "both, bound to the TLS channel for LDAPS.",
            choices=("ntlm", NAME),
            default="ntlm",
        ),
        *OPTIONS,
        Field("ca_file", "Certificate authority of the controllers, where the machine does not trust it.", type="path"),
        Field("timeout", "Seconds to wait for an answer.", type="int", default=60),
    ),
)


@dataclass(frozen=True, slots=True)
class Domain:
    """The value of the `domain` option."""

    controller: str
    username: str
    password: str = field(repr=False)
    address: str = ""
    ca_file: str = ""
    timeout: int = 60
    kerberos: Kerberos | None = None
    """The account, where it authenticates by Kerberos."""

    @classmethod
    def of(cls, option: Mapping[str, Any]) -> Domain:
        if not option["controller"]:
            raise Unreachable(
                "aucun contrôleur de domaine n’est donné",
                todo="Au laboratoire, démarrez-le (piste lab up) ; ailleurs, renseignez piste_ad.controller.",
            )
        controller, address = str(option["controller"]).rstrip(".").lower(), str(option.get("address") or "")
        refuse_none(controller, option.get("password"), option.get("keytab"))
        return cls(
            controller=controller,
            username=str(option["username"]),
            password=str(option.get("password") or ""),
            address=address,
            ca_file=str(option.get("ca_file") or ""),
            timeout=int(option.get("timeout") or 60),
            kerberos=of_option(option, kdc=address or controller),
        )
