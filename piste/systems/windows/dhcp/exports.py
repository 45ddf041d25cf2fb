"""The export of a DHCP server by its own cmdlet.

Another server imports it (`Import-DhcpServer`). It has what Piste does not drive: definitions of classes and options,
policies, filters, superscopes, IPv6. Leases name people's computers: they are there only where asked. No page says
whether a secret is in it [belief windows.dhcp_export]; an element that is named so is emptied all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree

from piste.engine.converge.bounded import Unreadable, of_xml
from piste.engine.converge.errors import PisteError
from piste.engine.converge.errors import Unreadable as NotRead
from piste.engine.converge.module import Module
from piste.engine.converge.resource import Field
from piste.systems.windows.winrm import Session, unpack
from piste.systems.windows.winrm_access import WINRM, Access

ROOT = "DHCPServer"
"""Name of the root element, with or without a namespace [belief windows.dhcp_export]."""
_SECRET = ("secret", "password")


def exported(document: str, host: str) -> str:
    """Return the text of an export, without secrets. Raises `NotRead` for what is none."""
    try:
        root = of_xml(unpack(document))
    except (ValueError, Unreadable) as error:
        raise _not_an_export(host, str(error)) from error
    if etree.QName(root).localname != ROOT:
        raise _not_an_export(host, f"sa racine est {etree.QName(root).localname}")
    for element in list(root.iter(etree.Element)):
        if any(word in etree.QName(element).localname.lower() for word in _SECRET):
            element.text = None
            del element[:]
    return str(etree.tostring(root, xml_declaration=True, encoding="utf-8").decode())


def _not_an_export(host: str, why: str) -> NotRead:
    todo = "Lancez Export-DhcpServer sur ce serveur, et lisez son message."
    return NotRead("n’a pas rendu l’export d’un serveur DHCP", where=host, why=why, todo=todo)


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    access = Access.of(params["winrm"])
    texts: dict[str, str] = {}
    stopped: list[PisteError] = []
    calls = {"reads": 0, "writes": 0}
    for host in map(str, params["servers"]):
        with Session(access, host) as session:
            try:
                answer = session.run("dhcp_export", leases=bool(params.get("leases")))
                texts[host] = exported(answer["document"], host)
            except PisteError as error:
                stopped.append(error)
            calls = {kind: count + session.calls[kind] for kind, count in calls.items()}
    if stopped:
        stopped[0].calls, stopped[0].earlier = calls, {"exports": texts}
        raise stopped[0]
    return {"changed": False, "exports": texts, "calls": calls}


MODULES: Mapping[str, Module] = {
    "dhcp_exports": Module(
        name="dhcp_exports",
        options=(
            WINRM,
            Field("servers", "Names of the DHCP servers.", type="list", required=True),
            Field(
                "leases",
                "Also export the leases of clients, which name people's computers.",
                type="bool",
                default=False,
            ),
        ),
        run=_run,
    )
}
