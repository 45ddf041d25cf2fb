"""Checks of NPS servers by `piste doctor`: service, registration, certificates, equality.

Source: Microsoft, *Register an NPS in an Active Directory Domain* (the group *RAS and IAS Servers*, without which a
server may not read whether accounts are admitted).
Believed: [belief windows.nps_firewall].
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from piste.engine.converge.errors import PisteError
from piste.engine.converge.module import Module
from piste.engine.converge.secrets import Vault
from piste.engine.finding import Finding
from piste.engine.transport import probe
from piste.engine.words import agreed, some
from piste.systems.windows import dn as dns
from piste.systems.windows.directory import Directory
from piste.systems.windows.domain import DOMAIN, Domain
from piste.systems.windows.names import Names
from piste.systems.windows.nps import admission_checks, eap
from piste.systems.windows.nps.certificates import Certificate
from piste.systems.windows.nps.document import (
    CLIENTS,
    NETWORK_POLICIES,
    NETWORK_PROFILES,
    REQUEST_POLICIES,
    REQUEST_PROFILES,
    SERVER_GROUPS,
    Document,
)
from piste.systems.windows.nps.server import Server, opened
from piste.systems.windows.nps.tables import SERVERS
from piste.systems.windows.winrm_access import WINRM

COMMANDS = ("Export-NpsConfiguration", "Import-NpsConfiguration")
SERVICE = "IAS"
REGISTERED = "RAS and IAS Servers"
_RUN_AGAIN = "Relancez."


def checks(servers: Sequence[Server], directory: Directory) -> Iterator[Finding]:
    """Yield the findings of each server, then of their comparison."""
    documents: dict[str, Document] = {}
    for server in servers:
        try:
            yield from _server(server, documents)
        except PisteError as error:
            yield probe.silence("nps", error)
            continue
        yield _registered(server, directory)
    # The second server has the same policies, or a finding says that it differs.
    for document in list(documents.values())[:1]:
        yield from admission_checks.machines(document, directory)
    if len(servers) > 1:
        yield _pair(servers, documents)


def _server(server: Server, documents: dict[str, Document]) -> Iterator[Finding]:
    name = server.name
    answer = server.host.run("host", services=[SERVICE], commands=list(COMMANDS))
    yield Finding("nps.reachable", "ok", f"{name} répond")
    if missing := set(COMMANDS) - set(answer["commands"]):
        what = f"{name} n’a pas le rôle NPS, ou pas ses commandes ({', '.join(sorted(missing))})"
        yield Finding("nps.role", "wrong", what, "Installez le rôle (Install-WindowsFeature NPAS), puis relancez.")
        return
    service: Mapping[str, Any] = next((entry for entry in answer["services"] if entry["name"] == SERVICE), {})
    yield admission_checks.firewall(name, service, str(answer["version"]))
    if service.get("running"):
        yield Finding("nps.service", "ok", f"{name} : le service NPS ({SERVICE}) tourne")
    else:
        what = f"{name} : le service NPS ({SERVICE}) est arrêté, personne n’y est authentifié"
        yield Finding("nps.service", "wrong", what, "Démarrez-le et lisez son journal (Start-Service IAS).")
    if server.pending.path.exists():
        what = f"{name} : un changement interrompu attend d’être repris"
        yield Finding(
            "nps.pending", "wrong", what, "Relancez le domaine access : il le finit, ou remet ce qui était là."
        )
    documents[name] = server.document(fresh=True)
    certificates = server.store(lambda key: ()).certificates
    yield _certificates(name, documents[name], certificates)
    if admission_checks.by_certificate(documents[name]):
        yield admission_checks.mapping(name, certificates)


def _certificates(name: str, document: Document, certificates: Sequence[Certificate]) -> Finding:
    """Check that the server has the certificates that its policies name, and their end."""
    check, store = "nps.certificate", {certificate.thumbprint: certificate for certificate in certificates}
    used: dict[str, str] = {}
    for policy in admission_checks.serving(document):
        for blob in document.values(NETWORK_PROFILES, policy, "msEAPConfiguration"):
            if configured := eap.read(blob):
                used.setdefault(configured.thumbprint, policy)
    if not used:
        return Finding(check, "ok", f"{name} : aucune stratégie ne désigne de certificat")
    for thumbprint, policy in used.items():
        if thumbprint not in store or not store[thumbprint].serves:
            what = f"{name} : « {policy} » désigne un certificat que le serveur n’a pas, ou sans sa clé"
            return Finding(check, "wrong", what, "Convergez les stratégies (domaine access), ou réinscrivez-le.")
    end, policy = min((store[thumbprint].end, policy) for thumbprint, policy in used.items())
    days = int((end - time.time()) // 86400)
    what = f"{name} : certificat de « {policy} » valable jusqu’au {datetime.fromtimestamp(end, UTC):%d/%m/%Y}"
    if days < probe.DAYS_BEFORE_EXPIRY:
        todo = "Faites-le renouveler, puis convergez les stratégies : après cette date, plus personne n’entre."
        return Finding(check, "wrong", f"{what} ({agreed(max(days, 0), 'jour(s)')})", todo)
    return Finding(check, "ok", f"{what} ({agreed(days, 'jour(s)')})")


def _registered(server: Server, directory: Directory) -> Finding:
    check, name = "nps.registered", server.name.partition(".")[0]
    try:
        group = Names(directory).dn_of(REGISTERED)
        desired = f"(&(sAMAccountName={dns.literal(name)}$)(memberOf:1.2.840.113556.1.4.1941:={dns.literal(group)}))"
        member = bool(directory.search(directory.base, desired, ("sAMAccountName",)))
    except KeyError:
        member = False
    except PisteError as error:
        return Finding(check, "unknown", f"{name} : {error.what}", error.todo or _RUN_AGAIN)
    if member:
        return Finding(check, "ok", f"{name} est inscrit dans l’annuaire ({REGISTERED})")
    todo = f"Inscrivez-le (netsh nps add registeredserver), ou ajoutez {name}$ au groupe « {REGISTERED} »."
    return Finding(check, "wrong", f"{name} n’est pas dans « {REGISTERED} »", todo)


def _pair(servers: Sequence[Server], documents: Mapping[str, Document]) -> Finding:
    check, names = "nps.pair", " et ".join(server.name for server in servers)
    if len(documents) < len(servers):
        return Finding(check, "unknown", f"{names} ne se comparent pas : l’un au moins n’a pas été lu", _RUN_AGAIN)
    first, *others = (_comparable(documents[server.name]) for server in servers)
    differing = sorted({path for other in others for path in (*first, *other) if first.get(path) != other.get(path)})
    if not differing:
        return Finding(check, "ok", f"{names} tiennent les mêmes clients et les mêmes stratégies")
    what = f"{names} diffèrent : {some([path.rpartition('/')[2] for path in differing], 5)}"
    return Finding(check, "wrong", what, "Convergez le domaine access ; ce que personne ne déclare, dans la console.")


def _comparable(document: Document) -> dict[str, tuple[str, ...]]:
    """Return clients, policies and server groups, without certificates: each server has its own."""
    copy = document.copy()
    for policy in copy.names(NETWORK_PROFILES):
        blobs = copy.values(NETWORK_PROFILES, policy, "msEAPConfiguration")
        bare = [
            eap.changed(blob, configured._replace(thumbprint="0" * 40)) if (configured := eap.read(blob)) else blob
            for blob in blobs
        ]
        copy.write(NETWORK_PROFILES, policy, {"msEAPConfiguration": ("bin.hex", bare)})
    places = (CLIENTS, NETWORK_POLICIES, NETWORK_PROFILES, REQUEST_POLICIES, REQUEST_PROFILES, SERVER_GROUPS)
    kept = [f"/{place[-1]}/" for place in places]
    return {path: lines for path, lines in copy.flat().items() if any(place in path for place in kept)}


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    try:
        domain = Domain.of(params["domain"])
        servers = opened(params["winrm"], params["servers"], Vault())
    except PisteError as error:
        return {"changed": False, "findings": [probe.silence("nps", error).to_json()]}
    directory = Directory(domain)
    try:
        findings = [finding.to_json() for finding in checks(servers, directory)]
    finally:
        for server in servers:
            server.close()
        directory.close()
    calls = dict(directory.calls)
    for server in servers:
        calls = {name: count + server.host.calls[name] for name, count in calls.items()}
    return {"changed": False, "findings": findings, "calls": calls}


MODULES: Mapping[str, Module] = {
    "nps_checks": Module(name="nps_checks", options=(WINRM, DOMAIN, SERVERS), run=_run),
}
