"""Checks of NPS by `piste doctor`: faults that refuse everybody in spite of right policies.

Sources: Microsoft's pages on NPS with Windows Server 2019 (the firewall's rules name the service's SID, which the
service lacks: `sc sidtype IAS unrestricted`); KB5014754 (a certificate of AD CS names its account by a SID, object
identifier 1.3.6.1.4.1.311.25.2); MS-ADTS 3.1.1.3.4.4.3 (groups in groups).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import PisteError
from piste.engine.finding import Finding
from piste.systems.windows import dn as dns
from piste.systems.windows.directory import Directory
from piste.systems.windows.names import Names
from piste.systems.windows.nps import conditions, eap
from piste.systems.windows.nps.certificates import Certificate
from piste.systems.windows.nps.document import NETWORK_POLICIES, NETWORK_PROFILES, Document
from piste.systems.windows.nps.driver import flag

_SERVER_2019 = "10.0.17763"
_IN = "memberOf:1.2.840.113556.1.4.1941:"
_PRIMARY = {"-515": "computer", "-513": "person"}
"""Ends of the SIDs of Domain Computers and Domain Users, whose members the directory does not list."""


def serving(document: Document) -> list[str]:
    """List the enabled network policies: the others admit nobody."""
    return [
        name
        for name in document.names(NETWORK_POLICIES)
        if flag(next(iter(document.values(NETWORK_POLICIES, name, "Policy_Enabled")), "1"))
    ]


def by_certificate(document: Document) -> list[str]:
    """List the enabled network policies that admit by certificate."""
    return [name for name in serving(document) if eap.TLS in _methods(document, name)]


def _methods(document: Document, name: str) -> set[int]:
    """Return the numbers of the EAP methods of a policy, among those that Piste knows."""
    kinds = set(map(str.lower, document.values(NETWORK_PROFILES, name, "msNPAllowedEapType")))
    return {number for number in (eap.TLS, eap.PEAP) if eap.kind(number) in kinds}


def firewall(name: str, service: Mapping[str, Any], version: str) -> Finding:
    """Check that requests reach the service through the firewall of its own system."""
    check, sid_type = "nps.firewall", service.get("sid_type")
    if version != _SERVER_2019:
        return Finding(check, "ok", f"{name} : Windows {version}, dont le pare-feu n’a pas le défaut de Server 2019")
    if sid_type:
        return Finding(check, "ok", f"{name} (Windows Server 2019) : son pare-feu connaît le service NPS")
    if sid_type is None:
        what = f"{name} (Windows Server 2019) ne dit pas si son pare-feu laisse entrer les demandes RADIUS"
        return Finding(check, "unknown", what, "Lisez-le sur le serveur : sc.exe qsidtype IAS.")
    what = f"{name} (Windows Server 2019) : son pare-feu écarte les demandes RADIUS, sans un mot au journal"
    return Finding(check, "wrong", what, "Sur le serveur : sc.exe sidtype IAS unrestricted, puis redémarrez-le.")


def mapping(name: str, certificates: Sequence[Certificate]) -> Finding:
    """Check that the authority writes the account's SID into machine certificates (KB5014754).

    The certificates of PCs cannot be read from here; the server's own machine certificates have the same origin.
    """
    check, now = "nps.strong_mapping", time.time()
    valid = [certificate for certificate in certificates if certificate.start <= now < certificate.end]
    own = [certificate for certificate in valid if certificate.authenticates and certificate.template]
    if any(certificate.names_account for certificate in own):
        return Finding(check, "ok", f"{name} : l’autorité inscrit le SID des machines dans leurs certificats")
    todo = "Sur un poste : certutil -dump de son certificat doit montrer 1.3.6.1.4.1.311.25.2 (recette-windows.md)."
    if any(not certificate.serves for certificate in own):
        what = f"{name} : son certificat de machine ne porte pas le SID du compte ; un tel certificat est refusé (6273)"
        return Finding(check, "wrong", what, todo)
    what = f"{name} : rien ici ne dit si les certificats des postes portent le SID du compte (KB5014754)"
    return Finding(check, "unknown", what, todo)


def machines(document: Document, directory: Directory) -> Iterator[Finding]:
    """Yield the policies that admit people by certificate, or computers by password only.

    The profile of the PCs authenticates the machine, and Credential Guard keeps its password from PEAP.
    """
    asked = {name: _groups(document, name) for name in serving(document) if _methods(document, name)}
    try:
        names = Names(directory)
        names.learn(sids={sid for sids in asked.values() for sid in sids})
        kinds = {sid: _kinds(sid, names, directory) for sid in sorted({sid for sids in asked.values() for sid in sids})}
        called = {sid: names.name(sid) for sid in kinds}
    except PisteError as error:
        what = f"groupes des stratégies réseau : {error.what}"
        yield Finding("nps.machines", "unknown", what, error.todo or "Relancez.")
        return
    wrong = []
    for policy, sids in asked.items():
        by_password = eap.TLS not in _methods(document, policy)
        for sid in sorted(sids):
            if by_password and "computer" in kinds[sid]:
                what = f"« {policy} » n’admet que par mot de passe (PEAP) les ordinateurs de {called[sid]}"
                todo = "Credential Guard (Windows 11) y fait échouer PEAP : donnez-leur un certificat (eap: tls)."
                wrong.append(Finding("nps.machines", "wrong", what, todo))
            elif not by_password and kinds[sid] == {"person"}:
                what = f"« {policy} » admet par certificat les membres de {called[sid]}, où il n’y a aucun ordinateur"
                todo = "Le profil livré authentifie le poste : mettez-y les ordinateurs, ou retirez-en tls (eap)."
                wrong.append(Finding("nps.machines", "wrong", what, todo))
    yield from wrong
    if kinds and not wrong:
        yield Finding("nps.machines", "ok", "les groupes des stratégies réseau vont avec leurs méthodes")


def _groups(document: Document, policy: str) -> set[str]:
    """Return the SIDs of the groups of a policy that may contain computers."""
    texts = document.values(NETWORK_POLICIES, policy, "msNPConstraint")
    return conditions.sids(text for text in texts if not text.startswith("USERNTGROUPS"))


def _kinds(sid: str, names: Names, directory: Directory) -> set[str]:
    """Return the kinds of members of a group, at any depth.

    The set is empty for a group that is deleted, or of another domain.
    """
    for end, kind in _PRIMARY.items():
        if sid.endswith(end):
            return {kind}
    known = names.known(sid)
    if known is None:
        return set()
    inside = f"({_IN}={dns.literal(known.dn)})"
    return {
        kind
        for kind in ("computer", "person")
        if directory.search(directory.base, f"(&(objectCategory={kind}){inside})", ("cn",))
    }
