"""Checks of the domain's DNS by `piste doctor`: rights, creators, traps, aging, servers.

Sources: MS-DNSP 2.2.5.2.4.1 (settings of a zone), MS-ADTS 3.1.1.4.5.5 (allowedChildClassesEffective), 5.1.3.2 (rights);
MS-ADA1, class `dnsZone`: by default any authenticated account creates names. learn.microsoft.com, *Token-Groups
attribute*: all groups of an account, read of it alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from piste.engine.converge.errors import PisteError
from piste.engine.converge.module import Module
from piste.engine.converge.resource import Field
from piste.engine.finding import Finding
from piste.engine.transport import probe
from piste.systems.windows.checks import PATIENCE
from piste.systems.windows.directory import Directory
from piste.systems.windows.dn import sid_text
from piste.systems.windows.dns import properties, stored
from piste.systems.windows.dns.record_table import TRAPS
from piste.systems.windows.dns.servers import FORWARDERS, SERVERS, examined
from piste.systems.windows.dns.stored import Zone
from piste.systems.windows.dns.zones import CREATE_CHILD, NODE, account_name, anybody, settings
from piste.systems.windows.domain import DOMAIN, Domain
from piste.systems.windows.gpo.acl import ALLOW, ALLOW_OBJECT, AUTHENTICATED_USERS, INHERIT_ONLY, parse
from piste.systems.windows.names import Names
from piste.systems.windows.searches import DACL, DESCRIPTOR
from piste.systems.windows.well_known import WELL_KNOWN
from piste.systems.windows.winrm_access import WINRM

_HARMLESS = ("0.", "127.")
"""Beginnings of addresses to which an administrator sends a trap, to occupy its name."""
_CHILDREN = "allowedChildClassesEffective"
UPDATE_ACCOUNT = Field("update_account", "Declared account by which the DHCP servers register names; any by default.")


def checks(directory: Directory, registrar: str = "") -> Iterator[Finding]:
    """Yield the findings, in three searches and a read a zone.

    `registrar` is the account by which the DHCP servers register names, empty for any.
    """
    try:
        live = [zone for zone in stored.zones(directory) if not zone.name.startswith("_msdcs")]
        kinds = {zone.dn: zone.properties.number(properties.ZONE_TYPE) for zone in live}
    except PisteError as error:
        yield probe.silence("dns", error)
        return
    primary = [zone for zone in live if kinds[zone.dn] == properties.PRIMARY]
    yield _twice(primary)
    entries, silent = {}, []
    for zone in primary:
        try:
            if entry := directory.read(zone.dn, [_CHILDREN], descriptor=DACL):
                sids = entry.read(DESCRIPTOR, creators)
                entries[zone.name] = (sids, {name.lower() for name in entry.texts(_CHILDREN)})
                continue
            silent.append(zone.name)
        except PisteError as error:
            silent.append(f"{zone.name} ({error.what})")
    yield from _access(entries, silent, directory.sid, account_name(registrar))
    if registrar and entries:
        yield _registers(directory, account_name(registrar), {name: sids for name, (sids, _) in entries.items()})
    yield from _content(primary)
    forwarders = [zone for zone in live if kinds[zone.dn] == properties.FORWARDER]
    listed = ", ".join(f"{zone.name} → {' '.join(zone.properties.masters)}" for zone in forwarders) or "aucun"
    what = f"redirecteurs conditionnels de l’annuaire : {listed}"
    yield Finding("dns.conditional", "ok", what)


def creators(descriptor: bytes) -> set[str]:
    """Return the SIDs that may create names in a zone."""
    return {
        ace.sid
        for ace in parse(descriptor).dacl
        if ace.kind in (ALLOW, ALLOW_OBJECT)
        and not ace.flags & INHERIT_ONLY
        and ace.mask & CREATE_CHILD
        and ace.right in (None, NODE)
    }


def _registers(directory: Directory, account: str, zones: Mapping[str, set[str]]) -> Finding:
    """Judge whether the account of the DHCP servers may register names."""
    check, said = "dns.update_account", f"{account}, par qui les serveurs DHCP inscrivent,"
    known = Names(directory).known(account)
    if known is None:
        todo = "Créez-le, ou corrigez dhcp.settings.update_account : une zone que Piste crée l’attend."
        return Finding(check, "unknown", f"l’annuaire ne connaît pas {account}, compte des serveurs DHCP", todo)
    try:
        entry = directory.read(known.dn, ("tokenGroups",))
        groups = set(map(sid_text, entry.raw("tokenGroups") if entry else ()))
    except PisteError as error:
        return Finding(check, "unknown", f"les groupes de {account} ne se lisent pas : {error.what}", "Relancez.")
    token = {known.sid, "S-1-1-0", AUTHENTICATED_USERS} | groups
    closed = sorted(name for name, sids in zones.items() if not sids & token)
    if closed and not groups:  # every account has a primary group: no group is no answer
        what = f"les groupes de {account} ne se montrent pas : peut-il inscrire des noms dans {', '.join(closed)} ?"
        todo = f"Voyez-le dans la console DNS, ou laissez lire tokenGroups de {account}."
        return Finding(check, "unknown", what, todo)
    if closed:
        todo = f"Console DNS, propriétés de la zone, Sécurité, Avancé : « Créer des objets dnsNode », à {account}."
        what = f"{said} ne peut rien créer dans {', '.join(closed)} : aucun nom inverse de poste ne s’y inscrit"
        return Finding(check, "wrong", what, todo)
    return Finding(check, "ok", f"{said} peut créer des noms")


def _twice(zones: Sequence[Zone]) -> Finding:
    names = [zone.name for zone in zones]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        todo = "Gardez celle de DomainDnsZones : les serveurs n’en chargent qu’une, l’autre se perd."
        return Finding("dns.zones", "wrong", f"zones présentes dans deux partitions : {', '.join(twice)}", todo)
    return Finding("dns.zones", "ok", f"zones de l’annuaire : {', '.join(sorted(names)) or 'aucune'}")


def _access(
    entries: Mapping[str, tuple[set[str], set[str]]], silent: Sequence[str], domain: str, registrar: str
) -> Iterator[Finding]:
    if silent:
        todo = "Donnez au compte de Piste le droit de lire les zones et leurs autorisations."
        yield Finding("dns.rights", "unknown", f"zones qui ne se montrent pas : {', '.join(silent)}", todo)
    closed = sorted(name for name, (_, children) in entries.items() if "dnsnode" not in children)
    if closed:
        todo = "Donnez ce droit au compte de Piste (inventories/production/SECRETS.md) ; sans lui, un plan seul."
        yield Finding("dns.rights", "wrong", f"le compte ne peut pas créer de nom dans {', '.join(closed)}", todo)
    elif not silent:
        yield Finding("dns.rights", "ok", "le compte peut créer des noms dans toutes les zones")
    opened = {name: who for name, (sids, _) in sorted(entries.items()) if (who := sids & anybody(domain))}
    if opened:
        listed = " ; ".join(
            f"{name} : {', '.join(WELL_KNOWN.get(sid, 'Domain Users') for sid in sorted(who))}"
            for name, who in opened.items()
        )
        others = f", et à {registrar}, par qui les serveurs DHCP inscrivent" if registrar else ""
        todo = (
            "Tout compte peut y prendre le nom d’un serveur à venir. Console DNS, propriétés de la zone, Sécurité, "
            "Avancé : donnez « Créer des objets dnsNode » à Ordinateurs du domaine, qui s’y inscrivent"
            f"{others} ; puis retirez-leur « Créer tous les objets enfants »."
        )
        yield Finding("dns.creators", "wrong", f"n’importe qui peut créer des noms ({listed})", todo)
    elif not silent:
        yield Finding("dns.creators", "ok", "seuls des comptes choisis peuvent créer des noms")


def _content(zones: Sequence[Zone]) -> Iterator[Finding]:
    traps, unread = [], []
    for zone in zones:
        for name in TRAPS:
            try:
                records = zone.nodes[name].records if name in zone.nodes else []
            except PisteError as error:
                unread.append(f"{name}.{zone.name} ({error.what})")
                continue
            values = [entry.value for entry in records if entry.kind not in ("", "TXT")]
            if any(not value.startswith(_HARMLESS) for value in values):
                traps.append(f"{name}.{zone.name} → {', '.join(values)}")
    if traps:
        todo = "Retirez-les dans la console DNS, ou menez-les à 0.0.0.0 : qui les tient reçoit le trafic des postes."
        yield Finding("dns.traps", "wrong", f"noms que les postes cherchent d’eux-mêmes : {' ; '.join(traps)}", todo)
    elif unread:
        todo = "Voyez-les dans la console DNS."
        yield Finding("dns.traps", "unknown", f"noms illisibles : {', '.join(unread)}", todo)
    else:
        yield Finding("dns.traps", "ok", f"aucun nom {', '.join(TRAPS)} ne mène à un poste")
    loose = sorted(zone.name for zone in zones if zone.properties.updates == "any")
    if loose:
        todo = "Console DNS, propriétés de la zone : mises à jour dynamiques « Sécurisé uniquement »."
        yield Finding("dns.updates", "wrong", f"zones que n’importe quelle machine modifie : {', '.join(loose)}", todo)
    else:
        yield Finding("dns.updates", "ok", "aucune zone n’accepte de mise à jour sans compte")
    yield _aging(zones)


def _aging(zones: Sequence[Zone]) -> Finding:
    """Judge the aging of zones with dynamic records: without it, old names stay."""
    old = []
    for zone in zones:
        dynamic = sum(any(map(_dynamic, (node.raw if not node.removed else ()))) for node in zone.nodes.values())
        if dynamic and not settings(zone)["aging"]:
            old.append(f"{zone.name} ({dynamic})")
    if old:
        todo = (
            "Console DNS, propriétés de la zone, Vieillissement : sept jours sans actualisation, sept "
            "d’actualisation ; puis activez le nettoyage sur un serveur."
        )
        what = f"noms dynamiques qui ne vieillissent pas, et restent après leur machine : {', '.join(sorted(old))}"
        return Finding("dns.aging", "wrong", what, todo)
    days = {
        zone.name: (aging["no_refresh"] // 24, aging["refresh"] // 24)
        for zone in zones
        if (aging := settings(zone))["aging"]
    }
    listed = ", ".join(f"{name} ({first} j + {then} j)" for name, (first, then) in sorted(days.items()))
    what = f"zones dont les noms dynamiques vieillissent : {listed or 'aucune, ni de tels noms'}"
    return Finding("dns.aging", "ok", what)


def _dynamic(raw: bytes) -> bool:
    """Return True for a record with a timestamp (MS-DNSP 2.3.2.2, bytes 20 to 23)."""
    return any(raw[20:24])


def _some_age(directory: Directory) -> bool | None:
    """Return True where the names of a zone grow old; None where the zones do not read."""
    try:
        return any(settings(zone)["aging"] for zone in stored.zones(directory))
    except PisteError:
        return None


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    try:
        domain = Domain.of(params["domain"])
    except PisteError as error:
        return {"changed": False, "findings": [probe.silence("dns", error).to_json()]}
    directory = Directory(replace(domain, timeout=min(domain.timeout, PATIENCE)))
    try:
        findings = list(checks(directory, str(params.get("update_account") or "")))
        aging = _some_age(directory)
    finally:
        directory.close()
    calls = dict(directory.calls)
    findings += examined(params, PATIENCE, calls, aging=aging)
    return {"changed": False, "findings": [finding.to_json() for finding in findings], "calls": calls}


MODULES: Mapping[str, Module] = {
    "dns_checks": Module(
        name="dns_checks",
        options=(DOMAIN, replace(WINRM, required=False), SERVERS, FORWARDERS, UPDATE_ACCOUNT),
        run=_run,
    )
}
