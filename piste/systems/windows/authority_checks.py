"""The judgment of the directory's authorities, for doctor and before 802.1X is imposed.

Sources: Microsoft, *Certificate requirements when you use EAP-TLS or PEAP with EAP-TLS* (NTAuth, revocation); KB5014754
(a certificate without the SID of its account is refused since 2025); MS-CRTD (flags of templates).
Believed: [belief windows.machine_template].
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from piste.engine.converge.errors import Missing, PisteError
from piste.engine.converge.module import Module
from piste.engine.converge.resource import Field
from piste.engine.finding import Finding
from piste.engine.transport import probe
from piste.engine.words import agreed
from piste.readings.certificates.facts import Facts
from piste.readings.certificates.judgment import weakness
from piste.readings.certificates.scan import DECLARED, result
from piste.systems.windows.authority import CLIENT, Published, Service, Template, published
from piste.systems.windows.checks import PATIENCE
from piste.systems.windows.directory import Directory
from piste.systems.windows.domain import DOMAIN, Domain
from piste.town.model.certificates import Authority, TownCertificates
from piste.town.model.dates import now

_ANYBODY = ("S-1-1-0", "S-1-5-11", "S-1-5-32-545", "S-1-5-32-554")
_DOMAIN = ("-513", "-515")
"""Ends of the SIDs of Domain Users and Domain Computers: anybody of the domain, or any computer."""
_ISSUE = "La procédure est celle de l’autorité (certificate_authorities, docs/certificats.md)."


def checks(town: TownCertificates, live: Published, servers: list[str], moment: datetime) -> Iterator[Finding]:
    """Yield the findings on each declared authority that the directory publishes.

    `servers` names the templates of the servers of RADIUS.
    """
    declared = [authority for authority in town["authorities"] if authority["directory"]]
    by_issuer = {issuer: authority for authority in declared for issuer in authority["issuers"]}
    for service in live.services:
        if service.name not in by_issuer:
            what = f"l’annuaire publie l’autorité « {service.name} » ({service.host}), que rien ne déclare"
            yield Finding("ca.undeclared", "wrong", what, "Déclarez-la (certificate_authorities), ou retirez-la.")
    for authority in declared:
        mine = [service for service in live.services if service.name in authority["issuers"]]
        if not mine:
            what = f"{authority['label']} : l’annuaire n’en publie aucune de ce nom ({', '.join(authority['issuers'])})"
            yield Finding("ca.published", "wrong", what, "Corrigez « issuers », ou voyez son service d’inscription.")
            continue
        for service in mine:
            yield from _service(authority, service, town, live, moment)
        offered = {name for service in mine for name in service.templates}
        templates = [template for template in live.templates if template.name in offered]
        yield from _templates(authority, templates, servers)


def _service(
    authority: Authority, service: Service, town: TownCertificates, live: Published, moment: datetime
) -> Iterator[Finding]:
    name, certificate = service.name, service.certificate
    server = authority["server"]
    if server and service.host.partition(".")[0] != server:
        what = f"{name} est sur {service.host}, et non sur {server}"
        yield Finding("ca.published", "wrong", what, "Corrigez « server », ou voyez qui a installé cette autorité.")
    else:
        yield Finding("ca.published", "ok", f"{name} est publiée, sur {service.host}")
    end = datetime.fromisoformat(certificate["not_after"])
    days = (end - moment).days
    what = f"{name} : certificat valable jusqu’au {end:%d/%m/%Y} ({agreed(max(days, 0), 'jour(s)')})"
    if days < authority["max_days"]:
        todo = "Renouvelez-le avec une nouvelle clé : ce qu’elle signe ne vit pas plus qu’elle. " + _ISSUE
        yield Finding("ca.certificate", "wrong", f"{what}, moins que ce qu’elle signe", todo)
    elif weak := weakness(certificate, town):
        yield Finding("ca.certificate", "wrong", f"{name} : {weak}", "Renouvelez-le avec une nouvelle clé. " + _ISSUE)
    else:
        yield Finding("ca.certificate", "ok", what)
    if certificate["fingerprint"] in live.trusted:
        yield Finding("ca.ntauth", "ok", f"{name} est dans NTAuth : ses certificats ouvrent le réseau et les sessions")
    else:
        todo = "Sur l’autorité : certutil -dspublish -f certificat.cer NTAuthCA, puis gpupdate sur les NPS."
        yield Finding("ca.ntauth", "wrong", f"{name} n’est pas dans NTAuth : NPS refuse ses certificats", todo)
    yield _revocation(name, live, moment)


def _revocation(name: str, live: Published, moment: datetime) -> Finding:
    """Check that a list of revocations holds: NPS refuses everybody once it has ended."""
    check, lists = "ca.revocation", [item for item in live.revocations if item.issuer.partition("(")[0] == name]
    ends = [item.until for item in lists if item.until]
    if not ends:
        what = f"{name} : l’annuaire ne publie aucune liste de révocation de cette autorité"
        return Finding(check, "unknown", what, "Vérifiez qu’elle se télécharge à son adresse (certutil -url).")
    until = max(ends)
    if until <= moment:
        todo = "Publiez-la (certutil -crl) et lisez le journal de l’autorité : sans elle, NPS refuse chaque certificat."
        return Finding(check, "wrong", f"{name} : liste de révocation périmée depuis le {until:%d/%m/%Y}", todo)
    return Finding(check, "ok", f"{name} : liste de révocation valable jusqu’au {until:%d/%m/%Y}")


def _templates(authority: Authority, templates: list[Template], servers: list[str]) -> Iterator[Finding]:
    label = authority["label"]
    known = {name.casefold() for template in templates for name in (template.name, template.label)}
    if missing := [name for name in servers if name.casefold() not in known]:
        what = f"{label} n’offre pas le modèle des serveurs RADIUS : {', '.join(missing)}"
        yield Finding("ca.templates", "wrong", what, "Publiez-le dans la console de l’autorité (Modèles).")
    else:
        yield Finding("ca.templates", "ok", f"{label} offre {agreed(len(templates), 'modèle(s)')} de certificats")
    opened = [template for template in templates if _anybody_signs_in(template)]
    if opened:
        listed = ", ".join(template.label for template in opened)
        todo = (
            "Quiconque y prend le nom d’un administrateur : retirez « Fournir dans la demande », ou demandez "
            "l’approbation du gestionnaire, ou réservez l’inscription à un groupe."
        )
        yield Finding("ca.subject", "wrong", f"{label} : tout compte écrit lui-même son nom dans {listed}", todo)
    else:
        yield Finding("ca.subject", "ok", f"{label} : nul n’écrit lui-même le nom de son certificat de connexion")
    machines = [template for template in templates if template.automatic and CLIENT in template.uses]
    if not machines:
        what = f"{label} n’offre aucun modèle qui donne aux postes, de lui-même, un certificat de client"
        todo = "Dupliquez « Computer », cochez l’inscription automatique pour un groupe de postes, publiez-le."
        yield Finding("ca.autoenrolment", "wrong", what, todo)
        return
    nobody = [template.label for template in machines if not template.autoenrolling]
    if nobody:
        todo = "Donnez à un groupe de postes les droits Lecture, Inscription et Inscription automatique."
        yield Finding("ca.autoenrolment", "wrong", f"{label} : nul n’a le droit de s’inscrire à {nobody[0]}", todo)
    else:
        names = ", ".join(template.label for template in machines)
        yield Finding("ca.autoenrolment", "ok", f"{label} : des postes s’inscrivent d’eux-mêmes à {names}")
    weak = [template.label for template in machines if template.without_sid or template.supplied]
    if weak:
        todo = "Retirez CT_FLAG_NO_SECURITY_EXTENSION, construisez le nom d’après l’annuaire, réinscrivez les postes."
        what = f"{label} : {', '.join(weak)} n’inscrit pas le SID du poste, que les contrôleurs exigent (KB5014754)"
        yield Finding("ca.strong_mapping", "wrong", what, todo)
    else:
        yield Finding("ca.strong_mapping", "ok", f"{label} : les certificats des postes portent leur SID (KB5014754)")


def _anybody_signs_in(template: Template) -> bool:
    """Tell whether anybody may have a certificate that signs in under a name of his choice."""
    anybody = any(sid in _ANYBODY or sid.endswith(_DOMAIN) for sid in template.enrolling)
    return template.signs_in and template.supplied and not template.approved and anybody


def _read(town: TownCertificates, live: Published) -> dict[str, Facts | PisteError]:
    """Give the certificate of each declared authority, by the name of its certificate."""
    read: dict[str, Facts | PisteError] = {}
    for entry in town["certificates"]:
        if entry["reader"] == "directory":
            mine = [service for service in live.services if service.name in entry["names"]]
            absent = Missing("l’annuaire ne publie pas cette autorité", where=", ".join(entry["names"]))
            read[entry["name"]] = mine[0].certificate if mine else absent
    return read


def _brief(findings: list[Finding]) -> list[Finding]:
    """Give what conforms in a line."""
    others = [finding for finding in findings if finding.state != "ok"]
    sound = len(findings) - len(others)
    what = f"autorité de l’annuaire : {agreed(sound, 'point(s) conforme(s)')}"
    return [*([Finding("ca.sound", "ok", what)] if sound else []), *others]


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    town: TownCertificates = params["declared"]
    if not any(authority["directory"] for authority in town["authorities"]):
        return {"changed": False, "findings": [], "unready": ""}
    entries = [entry["name"] for entry in town["certificates"] if entry["reader"] == "directory"]
    calls: dict[str, int] = {}
    read: dict[str, Facts | PisteError]
    try:
        domain = Domain.of(params["domain"])
        directory = Directory(replace(domain, timeout=min(domain.timeout, PATIENCE)))
        try:
            live = published(directory)
        finally:
            calls = dict(directory.calls)
            directory.close()
        findings, read = list(checks(town, live, params.get("templates") or [], now())), _read(town, live)
    except PisteError as error:
        findings, read = [probe.silence("ca", error)], dict.fromkeys(entries, error)
    blocking = [finding for finding in findings if finding.state == "wrong" or finding.id == "ca.reachable"]
    return {
        **result(town, read),
        "findings": [finding.to_json() for finding in (_brief(findings) if params.get("brief") else findings)],
        "unready": " ; ".join(finding.what for finding in blocking),
        "calls": calls,
    }


MODULES: Mapping[str, Module] = {
    "ad_authorities": Module(
        name="ad_authorities",
        options=(
            DOMAIN,
            DECLARED,
            Field("templates", "Names of the templates that servers of RADIUS need.", type="list"),
            Field("brief", "Give what conforms in a single finding.", type="bool", default=False),
        ),
        run=_run,
    ),
}
