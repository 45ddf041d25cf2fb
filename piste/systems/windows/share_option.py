"""The option `smb` of the modules that read shares, and the opening of a share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.engine.converge.errors import Unreachable
from piste.engine.converge.resource import Field
from piste.engine.converge.secrets import refuse_none
from piste.systems.windows.kerberos import OPTIONS as KERBEROS_OPTIONS
from piste.systems.windows.kerberos import of_option
from piste.systems.windows.shares import Share
from piste.systems.windows.smb import PORT

SMB = Field(
    "smb",
    "Account that reads the shares, and where they are.",
    type="dict",
    required=True,
    of=(
        Field("username", "Account, which reads and has no other right: C(DOMAINE\\\\nom), C(nom@domaine)."),
        Field("password", "Its password, secret.", default="", no_log=True),
        Field("authentication", "How it signs in.", choices=("ntlm", "kerberos"), default="ntlm"),
        *KERBEROS_OPTIONS,
        Field("domain", "DNS domain that completes the declared names of servers."),
        Field("encrypt", "Refuse a server that does not encrypt (SMB 3).", type="bool", default=True),
        Field("elsewhere", "By server, another C(address) and C(port) than the declared server.", type="dict"),
        Field(
            "only_elsewhere",
            "Read no server at its declared place: a laboratory must not reach the real servers.",
            type="bool",
            default=False,
        ),
        Field("timeout", "Seconds to wait for an answer.", type="float", default=60.0),
    ),
)


def opened(server: str, share: str, address: str | None, option: Mapping[str, Any]) -> Share:
    """Open a share with the account of the option `smb`. Raises `Unreachable`."""
    other = (option.get("elsewhere") or {}).get(server) or {}
    where = rf"\\{server}\{share}"
    if option.get("only_elsewhere") and not other:
        raise Unreachable(
            "cet environnement ne sert pas ce partage",
            where=where,
            todo="Au laboratoire, démarrez-le (piste lab up).",
        )
    if not option.get("username"):
        raise Unreachable("aucun compte de lecture n’est donné", todo="Renseignez piste_smb (docs/stockage.md).")
    refuse_none(f"{where}, {option['username']}", option.get("password"), option.get("keytab"))
    kerberos = of_option(option)
    domain = str(option.get("domain") or "")
    full = f"{server}.{domain}" if domain and "." not in server else server
    return Share(
        full,
        share,
        address=str(other.get("address") or address or ""),
        port=int(other.get("port") or PORT),
        username=str(option["username"]),
        password=str(option.get("password") or ""),
        kerberos=kerberos,
        encrypt=option.get("encrypt") is not False,
        patience=float(option.get("timeout") or 60),
    )
