"""What ``piste doctor`` asks where an NPS server runs, holds the right policies, and would yet admit nobody.

Sources: Microsoft's pages on NPS with Windows Server 2019 (the firewall's rules are for a service whose SID the service
does not bear: ``sc sidtype IAS unrestricted``); KB5014754 (a certificate of AD CS names its account by a SID, object
identifier 1.3.6.1.4.1.311.25.2); MS-ADTS 3.1.1.3.4.4.3 (groups in groups).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from piste.converge.errors import PisteError
from piste.converge.finding import Finding
from piste.windows import dn as dns
from piste.windows.directory import Directory
from piste.windows.names import Names
from piste.windows.nps import conditions, eap
from piste.windows.nps.certificates import Certificate
from piste.windows.nps.document import NETWORK_POLICIES, NETWORK_PROFILES, Document
from piste.windows.nps.driver import flag

_SERVER_2019 = "10.0.17763"
_IN = "memberOf:1.2.840.113556.1.4.1941:"
_COMPUTERS, _USERS = "-515", "-513"
"""Ends of the SIDs of Domain Computers and Domain Users, whose members the directory does not list."""


def serving(document: Document) -> list[str]:
    """The network policies that are switched on: the others admit nobody."""
    return [
        name
        for name in document.names(NETWORK_POLICIES)
        if flag(next(iter(document.values(NETWORK_POLICIES, name, "Policy_Enabled")), "1"))
    ]


def by_certificate(document: Document) -> list[str]:
    """Those of them that admit by the certificate of who asks."""
    return [
        name
        for name in serving(document)
        if eap.kind(eap.TLS) in map(str.lower, document.values(NETWORK_PROFILES, name, "msNPAllowedEapType"))
    ]


def firewall(name: str, service: Mapping[str, Any], version: str) -> Finding:
    """Whether requests reach the service through the firewall of its own system."""
    check, bears = "nps.firewall", service.get("sid_type")
    if version != _SERVER_2019:
        return Finding(check, "ok", f"{name} : Windows {version}, dont le pare-feu n'a pas le défaut de Server 2019")
    if bears:
        return Finding(check, "ok", f"{name} (Windows Server 2019) : son pare-feu connaît le service NPS")
    if bears is None:
        what = f"{name} (Windows Server 2019) ne dit pas si son pare-feu laisse entrer les demandes RADIUS"
        return Finding(check, "unknown", what, "Lisez-le sur le serveur : sc.exe qsidtype IAS.")
    what = f"{name} (Windows Server 2019) : son pare-feu écarte les demandes RADIUS, sans un mot au journal"
    return Finding(check, "wrong", what, "Sur le serveur : sc.exe sidtype IAS unrestricted, puis redémarrez-le.")


def mapping(name: str, certificates: Sequence[Certificate]) -> Finding:
    """Whether the authority writes the SID of the account into the certificates of machines (KB5014754).

    The certificates of PCs cannot be read from here; those that the server has as a machine come from the same place.
    """
    check, now = "nps.strong_mapping", time.time()
    own = [one for one in certificates if one.authenticates and one.template and one.start <= now < one.end]
    if any(one.names_account for one in own):
        return Finding(check, "ok", f"{name} : l'autorité inscrit le SID des machines dans leurs certificats")
    todo = "Sur un poste : certutil -dump de son certificat doit montrer 1.3.6.1.4.1.311.25.2 (recette-windows.md)."
    if any(not one.serves for one in own):
        what = f"{name} : son certificat de machine ne porte pas le SID du compte ; un tel certificat est refusé (6273)"
        return Finding(check, "wrong", what, todo)
    what = f"{name} : rien ici ne dit si les certificats des postes portent le SID du compte (KB5014754)"
    return Finding(check, "unknown", what, todo)


def machines(document: Document, directory: Directory) -> Iterator[Finding]:
    """Groups of people where policies admit by certificate: the profile of the PCs authenticates the machine."""
    check = "nps.machines"
    asked: dict[str, str] = {}
    for policy in by_certificate(document):
        texts = document.values(NETWORK_POLICIES, policy, "msNPConstraint")
        for sid in conditions.sids(text for text in texts if not text.startswith("USERNTGROUPS")):
            asked.setdefault(sid, policy)
    try:
        names = Names(directory)
        names.learn(sids=asked)
        wrong = [(names.name(sid), policy) for sid, policy in asked.items() if _people_only(sid, names, directory)]
    except PisteError as error:
        yield Finding(check, "unknown", f"groupes des stratégies réseau : {error.what}", error.todo or "Relancez.")
        return
    for group, policy in wrong:
        what = f"« {policy} » admet par certificat les membres de {group}, où il n'y a aucun ordinateur"
        todo = "Le profil livré authentifie le poste : mettez les ordinateurs dans ce groupe, ou retirez tls de l'eap."
        yield Finding(check, "wrong", what, todo)
    if asked and not wrong:
        yield Finding(check, "ok", "les groupes des stratégies par certificat tiennent des ordinateurs, ou personne")


def _people_only(sid: str, names: Names, directory: Directory) -> bool:
    if sid.endswith((_COMPUTERS, _USERS)):
        return sid.endswith(_USERS)
    known = names.known(sid)
    if known is None:
        return False  # a group that is gone, or another domain's
    inside = f"({_IN}={dns.literal(known.dn)})"
    if directory.search(directory.base, f"(&(objectCategory=computer){inside})", ("cn",)):
        return False
    return bool(directory.search(directory.base, f"(&(objectCategory=person){inside})", ("cn",)))
