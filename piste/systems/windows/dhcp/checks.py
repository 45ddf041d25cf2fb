"""Checks of DHCP servers for `piste doctor`: service, relation, addresses, authorisation.

A server of a domain lends nothing before the directory authorises it (`piste/systems/windows/ad_dhcp_servers.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from piste.engine.converge.errors import PisteError
from piste.engine.converge.module import Module
from piste.engine.converge.reading import reading
from piste.engine.converge.resource import Field
from piste.engine.finding import Finding
from piste.engine.transport import probe
from piste.engine.words import agreed
from piste.systems.windows.ad_dhcp_servers import authorised as live
from piste.systems.windows.dhcp import judged
from piste.systems.windows.dhcp.lent import is_scarce
from piste.systems.windows.dhcp.relations import NORMAL
from piste.systems.windows.dhcp.server import DhcpServer, Relation, Scope
from piste.systems.windows.directory import Directory
from piste.systems.windows.domain import DOMAIN, Domain
from piste.systems.windows.winrm import Session
from piste.systems.windows.winrm_access import WINRM, Access

PATIENCE = 30
"""Seconds. A person who waits for a diagnosis does not wait for an outage to end."""
COMMANDS = ("Get-DhcpServerv4Scope", "Invoke-DhcpServerv4FailoverReplication", "Set-DhcpServerv4OptionValue")
SERVICE = "DHCPServer"
_TERMS: Mapping[str, str] = {
    "mode": "mode",
    "share": "share",
    "client_lead": "client_lead_s",
    "switch_after": "switch_after_s",
}
"""Names in the declaration of the terms of a relation."""


def checks(sessions: Sequence[Session], failover: Mapping[str, Any], account: str = "") -> Iterator[Finding]:
    """Yield the findings of each server, then of the relation of the first two.

    `failover` has the declared terms of the relation, and is empty where there is none. `account` is the declared
    account of the DNS updates, empty for any.
    """
    listed: dict[str, dict[str, Scope]] = {}
    shared = bool(failover) and len(sessions) > 1
    for session in sessions:
        try:
            yield from _server(session, listed)
            if session.host in listed:
                yield from _settings(session, account, shared=shared)
        except PisteError as error:
            yield probe.silence("dhcp", error)
    if shared:
        names = [session.host for session in sessions[:2]]
        yield _relation(names, listed)
        if names[0] in listed:
            yield from _terms(names, DhcpServer(sessions[0]).relations(), failover)


def _settings(session: Session, account: str, *, shared: bool) -> Iterator[Finding]:
    """Yield what a person alone changes on a server."""
    host = session.host
    with reading(host):
        live = DhcpServer(session).settings(fresh=True)
        wrong = {part: (what, todo) for part, what, todo in judged.faults(live, account, shared=shared)}
        bound = [str(binding["address"]) for binding in live["bindings"] if binding["bound"]]
        said = {
            "update_account": f"inscrit les noms par {judged.named(live) or 'son propre compte'}",
            "bindings": f"répond sur {', '.join(bound)}",
        }
    for part, fine in said.items():
        what, todo = wrong.get(part, (fine, ""))
        yield Finding(f"dhcp.{part}", "wrong" if part in wrong else "ok", f"{host} {what}", todo)


def _server(session: Session, listed: dict[str, dict[str, Scope]]) -> Iterator[Finding]:
    host = session.host
    with reading(host):
        answer = session.run("host", services=[SERVICE], commands=list(COMMANDS))
        if missing := set(COMMANDS) - set(answer["commands"]):
            what = f"{host} n’a pas les commandes de DHCP ({', '.join(sorted(missing))})"
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
        what = f"{host} : presque plus d’adresses libres dans {', '.join(sorted(scarce))}"
        yield Finding("dhcp.free", "wrong", what, "Élargissez la plage du segment (dhcp), ou raccourcissez son bail.")
    else:
        yield Finding("dhcp.free", "ok", f"{host} : chaque étendue active a des adresses libres")


def _relation(names: Sequence[str], listed: Mapping[str, Mapping[str, Scope]]) -> Finding:
    check, both = "dhcp.relation", " et ".join(names)
    if not set(names) <= listed.keys():
        return Finding(check, "unknown", f"{both} ne se comparent pas : l’un au moins n’a pas été lu", "Relancez.")
    first, second = (listed[name] for name in names)
    alone = sorted({subnet for subnet in {*first, *second} if subnet not in first or subnet not in second})
    outside = sorted(subnet for subnet, scope in first.items() if scope["relation"] is None and subnet not in alone)
    if not alone and not outside:
        return Finding(check, "ok", f"{both} ont les mêmes étendues, et se les reprennent")
    parts = [f"sur un seul : {', '.join(alone)}"] if alone else []
    parts += [f"hors de toute relation : {', '.join(outside)}"] if outside else []
    return Finding(check, "wrong", f"{both} : étendues {' ; '.join(parts)}", "Convergez le domaine addressing.")


def _terms(names: Sequence[str], live: Mapping[str, Relation], failover: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what the relation does now, and what it was made with."""
    both = " et ".join(names)
    for name, terms in live.items():
        if terms["state"] != NORMAL:
            what = f"la relation {name} de {both} n’est pas en marche ({terms['state']})"
            todo = "Vérifiez que les deux se joignent (TCP 647) ; l’un seul prête encore."
            yield Finding("dhcp.partners", "wrong", what, todo)
        differing = [word for word, said in _TERMS.items() if said in failover and failover[said] != terms[word]]
        if differing:
            now = ", ".join(f"{word} {terms[word]} en place, {failover[_TERMS[word]]} déclaré" for word in differing)
            todo = "Convergez le domaine addressing, ou changez la déclaration (dhcp.failover)."
            yield Finding("dhcp.terms", "wrong", f"la relation {name} : {now}", todo)


def authorised(directory: Directory, names: Sequence[str]) -> Iterator[Finding]:
    """Yield what the directory says of our servers, and of those that nobody declares."""
    check = "dhcp.authorised"
    known = {name for name, _, _ in live(directory)}
    mine = {name.casefold() for name in names}
    if lacking := [name for name in names if not any(_same(text, name.casefold()) for text in known)]:
        todo = "Un administrateur de l’entreprise les autorise : playbooks/authorise_dhcp.yml, ou Add-DhcpServerInDC."
        yield Finding(check, "wrong", f"l’annuaire n’autorise pas {', '.join(lacking)} à prêter des adresses", todo)
    if strange := sorted(text for text in known if not any(_same(text, name) for name in mine)):
        what = f"l’annuaire autorise un serveur DHCP que personne ne déclare : {', '.join(strange)}"
        todo = "Déclarez-le (dhcp.servers), ou retirez-le (dhcp.retired, puis playbooks/authorise_dhcp.yml)."
        yield Finding(check, "wrong", what, todo)
    if not lacking and not strange:
        yield Finding(check, "ok", f"l’annuaire autorise {', '.join(names)}, et nul autre")


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
            findings += checks(sessions, params.get("failover") or {}, str(params.get("update_account") or ""))
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
        said = " : ".join(part for part in (error.what, error.why) if part)
        what = f"qui peut prêter des adresses n’a pas pu être lu : {said}"
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
            Field("update_account", "Declared account of the DNS updates of the servers; any by default."),
        ),
        run=_run,
    )
}
