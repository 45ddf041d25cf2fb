"""Checks of DHCP servers for `piste doctor`: service, relation, addresses, authorisation.

A server of a domain lends nothing before the directory authorises it. Authorised servers are the objects `dHCPClass` of
`CN=NetServices`, named after each server [memory: `Add-DhcpServerInDC`, which an enterprise administrator runs].
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from piste.converge.errors import PisteError
from piste.converge.module import Module
from piste.converge.reading import reading
from piste.converge.resource import Field
from piste.finding import Finding
from piste.transport import probe
from piste.windows.dhcp.server import DhcpServer, Scope, is_scarce
from piste.windows.directory import Directory
from piste.windows.domain import DOMAIN, Domain
from piste.windows.winrm import Session
from piste.windows.winrm_access import WINRM, Access
from piste.words import agreed

PATIENCE = 30
"""Seconds. A person who waits for a diagnosis does not wait for an outage to end."""
COMMANDS = ("Get-DhcpServerv4Scope", "Invoke-DhcpServerv4FailoverReplication", "Set-DhcpServerv4OptionValue")
SERVICE = "DHCPServer"
PLACE = "CN=NetServices,CN=Services"
_NORMAL = "Normal"
_TERMS = ("mode", "share", "client_lead_s")


def checks(sessions: Sequence[Session], failover: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield the findings of each server, then of the relation of the first two.

    `failover` has the declared terms of the relation, and is empty where there is none.
    """
    listed: dict[str, dict[str, Scope]] = {}
    for session in sessions:
        try:
            yield from _server(session, listed)
        except PisteError as error:
            yield probe.silence("dhcp", error)
    if failover and len(sessions) > 1:
        names = [session.host for session in sessions[:2]]
        yield _relation(names, listed)
        yield from _terms(names, listed.get(names[0], {}), failover)


def _server(session: Session, listed: dict[str, dict[str, Scope]]) -> Iterator[Finding]:
    host = session.host
    with reading(host):
        answer = session.run("host", services=[SERVICE], commands=list(COMMANDS))
        if missing := set(COMMANDS) - set(answer["commands"]):
            what = f"{host} n'a pas les commandes de DHCP ({', '.join(sorted(missing))})"
            todo = "Installez le rôle (Install-WindowsFeature DHCP -IncludeManagementTools), puis relancez."
            yield Finding("dhcp.role", "wrong", what, todo)
            return
        if not any(service["running"] for service in answer["services"]):
            what = f"{host} : le service DHCP ({SERVICE}) est arrêté, il ne prête aucune adresse"
            yield Finding("dhcp.service", "wrong", what, "Démarrez-le (Start-Service DHCPServer) et lisez son journal.")
            return
        listed[host] = scopes = DhcpServer(session).listed(fresh=True)
    yield Finding("dhcp.service", "ok", f"{host} prête des adresses dans {agreed(len(scopes), 'étendue(s)')}")
    scarce = [subnet for subnet, scope in scopes.items() if is_scarce(scope)]
    if scarce:
        what = f"{host} : presque plus d'adresses libres dans {', '.join(sorted(scarce))}"
        yield Finding("dhcp.free", "wrong", what, "Élargissez la plage du segment (dhcp), ou raccourcissez son bail.")
    else:
        yield Finding("dhcp.free", "ok", f"{host} : chaque étendue active a des adresses libres")


def _relation(names: Sequence[str], listed: Mapping[str, Mapping[str, Scope]]) -> Finding:
    check, both = "dhcp.relation", " et ".join(names)
    if not set(names) <= listed.keys():
        return Finding(check, "unknown", f"{both} ne se comparent pas : l'un au moins n'a pas été lu", "Relancez.")
    first, second = (listed[name] for name in names)
    alone = sorted({subnet for subnet in {*first, *second} if subnet not in first or subnet not in second})
    outside = sorted(subnet for subnet, scope in first.items() if scope["relation"] is None and subnet not in alone)
    if not alone and not outside:
        return Finding(check, "ok", f"{both} ont les mêmes étendues, et se les reprennent")
    parts = [f"sur un seul : {', '.join(alone)}"] if alone else []
    parts += [f"hors de toute relation : {', '.join(outside)}"] if outside else []
    return Finding(check, "wrong", f"{both} : étendues {' ; '.join(parts)}", "Convergez le domaine addressing.")


def _terms(names: Sequence[str], scopes: Mapping[str, Scope], failover: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what the relation does now, and what it was made with."""
    both, live = " et ".join(names), {scope["relation"]: scope["terms"] for scope in scopes.values() if scope["terms"]}
    for name, terms in live.items():
        if terms["state"] != _NORMAL:
            what = f"la relation {name} de {both} n'est pas en marche ({terms['state']})"
            todo = "Vérifiez que les deux se joignent (TCP 647) ; l'un seul prête encore."
            yield Finding("dhcp.partners", "wrong", what, todo)
        differing = [word for word in _TERMS if word in failover and failover[word] != terms[word]]
        if differing:
            now = ", ".join(f"{word} {terms[word]} en place, {failover[word]} déclaré" for word in differing)
            todo = f"Changez-la sur {names[0]} (Set-DhcpServerv4Failover), ou la déclaration (dhcp.failover)."
            yield Finding("dhcp.terms", "wrong", f"la relation {name} : {now}", todo)


def authorised(directory: Directory, names: Sequence[str]) -> Iterator[Finding]:
    """Yield what the directory says of our servers, and of those that nobody declares."""
    check = "dhcp.authorised"
    place = f"{PLACE},{directory.configuration}"
    entries = directory.search(place, "(objectClass=dHCPClass)", ("cn", "dhcpServers"), "one")
    known = {text.casefold() for entry in entries if entry.raw("dhcpServers") for text in entry.texts("cn")}
    mine = {name.casefold() for name in names}
    if lacking := [name for name in names if not any(_same(text, name.casefold()) for text in known)]:
        todo = "Un administrateur de l'entreprise les autorise : Add-DhcpServerInDC -DnsName NOM -IPAddress ADRESSE."
        yield Finding(check, "wrong", f"l'annuaire n'autorise pas {', '.join(lacking)} à prêter des adresses", todo)
    if strange := sorted(text for text in known if not any(_same(text, name) for name in mine)):
        what = f"l'annuaire autorise un serveur DHCP que personne ne déclare : {', '.join(strange)}"
        yield Finding(check, "wrong", what, "Déclarez-le (dhcp.servers), ou retirez-le : Remove-DhcpServerInDC.")
    if not lacking and not strange:
        yield Finding(check, "ok", f"l'annuaire autorise {', '.join(names)}, et nul autre")


def _same(text: str, name: str) -> bool:
    return text == name or text.partition(".")[0] == name


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    findings: list[Finding] = []
    calls = {"reads": 0, "writes": 0}
    try:
        access = Access.of(params["winrm"])
        access = replace(access, timeout=min(access.timeout, PATIENCE))
        sessions = [Session(access, str(name)) for name in params["servers"]]
        try:
            findings += checks(sessions, params.get("failover") or {})
        finally:
            for session in sessions:
                session.close()
                calls = {kind: count + session.calls[kind] for kind, count in calls.items()}
    except PisteError as error:
        findings.append(probe.silence("dhcp", error))
    try:
        directory = Directory(Domain.of(params["domain"]))
        try:
            findings += authorised(directory, [str(name) for name in params["servers"]])
        finally:
            directory.close()
            calls["reads"] += directory.calls["reads"]
    except PisteError as error:
        what = f"qui peut prêter des adresses n'a pas pu être lu : {error.what}"
        findings.append(Finding("dhcp.authorised", "unknown", what, error.todo or "Relancez."))
    return {"changed": False, "findings": [finding.to_json() for finding in findings], "calls": calls}


MODULES: Mapping[str, Module] = {
    "dhcp_checks": Module(
        name="dhcp_checks",
        options=(
            WINRM,
            DOMAIN,
            Field("servers", "Names of the DHCP servers, the first of a relation first.", type="list", required=True),
            Field("failover", "Declared terms of the relation of the first two; none by default.", type="dict"),
        ),
        run=_run,
    )
}
