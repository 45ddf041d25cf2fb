"""The accounts of production: their least rights, from the kinds in use, and their steps.

Sources: `inventories/production/SECRETS.md`; the delegation of the lab's own domain, with which Piste is proven; help
of SMC 6.9, *Create an API Client element*; Cisco's and Nutanix's pages on API keys. *Déduit* marks an inference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from piste.commands.production.questions import Answers, distinguished
from piste.engine.kind import Kind
from piste.systems.kinds import KINDS
from piste.town.derived import compute


@dataclass(frozen=True, slots=True)
class Account:
    """An account of Piste: the domains that it serves, and the steps that make it.

    Steps take the answers, `{who}` for `DOMAIN\\account`, `{dn}` for the domain, `{servers}` for the Windows servers in
    use and `{nexus}` for the Nexus; a step of servers is left out where none is. `reading` is the right of an account
    that converges nothing, so that no kind asks for it.
    """

    title: str
    variable: str
    domains: tuple[str, ...]
    steps: tuple[str, ...]
    reading: str = ""


_SITES = "CN=Sites,CN=Configuration"
_SUBNETS, _LINKS = f"CN=Subnets,{_SITES}", f"CN=IP,CN=Inter-Site Transports,{_SITES}"
_ZONES = "CN=MicrosoftDNS,DC=DomainDnsZones"

ACCOUNTS = (
    Account(
        "Dashboard Meraki",
        "vault_piste_meraki_api_key",
        ("network", "routing"),
        (
            "Organization > Configure > Settings > Dashboard API access : autoriser l’API.",
            "Organization > Configure > Administrators : un compte de la Ville, qui ne sert qu’à Piste, au droit "
            "« full » sur l’organisation, avec second facteur.",
            "Avec ce compte, My Profile > API access > Generate new API key : la clé n’est montrée qu’une fois.",
        ),
    ),
    Account(
        "Domaine {domain}, compte {account}",
        "vault_piste_ad_password",
        ("directory", "names", "addressing", "access", "printing"),
        (
            'New-ADUser {account} -Enabled $true -AccountPassword (Read-Host -AsSecureString "Mot de passe")',
            'Add-ADGroupMember "$((Get-ADDomain).DomainSID)-520" {account}   (Group Policy Creator Owners)',
            'dsacls "{dn}" /I:T /G "{who}:CCDC;organizationalUnit"',
            'dsacls "{dn}" /I:S /G "{who}:RPWPSDDTWD;;organizationalUnit"',
            'dsacls "{dn}" /I:S /G "{who}:CCDC;group;organizationalUnit"',
            'dsacls "{dn}" /I:S /G "S-1-3-0:RPWPSDWD;;group"   (créateur propriétaire)',
            'dsacls "{dn}" /G "{who}:RPWP;gPLink"',
            'dsacls "{dn}" /G "{who}:RPWP;gPOptions"',
            f'dsacls "{_SUBNETS},{{dn}}" /G "{{who}}:CCDC;subnet"',
            f'dsacls "{_SUBNETS},{{dn}}" /I:S /G "{{who}}:RPWPSD;;subnet"',
            f'dsacls "{_SITES},{{dn}}" /G "{{who}}:CC;site"',
            f'dsacls "{_SITES},{{dn}}" /I:S /G "S-1-3-0:CCDCRPWPSDDT;;site"   (créateur propriétaire)',
            f'dsacls "{_LINKS},{{dn}}" /G "{{who}}:CC;siteLink"',
            f'dsacls "{_LINKS},{{dn}}" /I:S /G "S-1-3-0:RPWPSD;;siteLink"   (créateur propriétaire)',
            f'dsacls "{_ZONES},{{dn}}" /G "{{who}}:CC;dnsZone"',
            f'dsacls "{_ZONES},{{dn}}" /I:S /G "{{who}}:CC;dnsNode;dnsZone"',
            f'dsacls "{_ZONES},{{dn}}" /I:S /G "{{who}}:RPWP;;dnsNode"',
            'Sur {servers} seulement : Add-LocalGroupMember -SID S-1-5-32-544 -Member "{who}"',
            'Pour DHCP : Add-ADGroupMember "Administrateurs DHCP" {account}, et S-1-5-32-580 pour WinRM (déduit)',
            "Sur {servers}, un certificat au nom du serveur, puis : winrm quickconfig -transport:https",
        ),
    ),
    Account(
        "SMC Forcepoint, client d’API",
        "vault_piste_smc_api_key",
        ("firewall",),
        (
            "Propriétés du Management Server > SMC API : l’activer, avec un certificat au nom du serveur.",
            "Administration > Access Rights > API Clients > New : Generate Authentication Key, montrée une fois.",
            "Permissions > Restricted Permissions : les rôles ci-dessus, sur les éléments, les politiques et le "
            "pare-feu de la Ville ; jamais Unrestricted Permissions (Superuser).",
            "Pour que piste drift juge aussi les administrateurs : un rôle qui les voit (docs/recette-systemes.md).",
        ),
    ),
    Account(
        "Prism Central, compte de service",
        "vault_piste_prism_api_key",
        ("hosting",),
        (
            "Admin Center > IAM : un compte de service, puis sa clé d’API, montrée une fois.",
            "Authorization Policies : une par rôle ci-dessus, sur la grappe de la Ville, pour ce seul compte.",
            "Remplacer le certificat d’usine par un certificat de l’autorité de la Ville.",
        ),
    ),
    Account(
        "Zabbix, jeton d’API",
        "vault_piste_zabbix_token",
        ("supervision",),
        (
            "Utilisateurs > Utilisateurs : un compte svc-piste du rôle « Super admin role », sans accès à l’interface.",
            "Utilisateurs > Jetons API : un jeton de ce compte, avec une date de fin, montré une fois.",
            "Retirer l’accès du compte Admin d’usine, ou changer son mot de passe.",
        ),
    ),
    Account(
        "GLPI, compte svc-piste",
        "vault_piste_glpi_password",
        ("inventory",),
        (
            "Configuration > Générale > API : activer l’API de haut niveau.",
            "Configuration > Clients OAuth : un client, portée « api », droits « mot de passe » ; son secret est "
            "vault_piste_glpi_client_secret.",
            "Administration > Profils : un profil sans suppression ni purge, aux droits ci-dessus, et Changements "
            "(lecture, création) ; Administration > Utilisateurs : svc-piste, ce seul profil, entité racine, récursif.",
        ),
    ),
    Account(
        "Nexus ({nexus}), compte {nexus_account}",
        "vault_piste_nexus_password",
        (),
        (
            "Sur chacun, en configuration : role name lecture-configuration ; rule 1 permit read ; "
            "rule 2 permit command show running-config ; rule 3 permit command terminal *",
            "username {nexus_account} password … role lecture-configuration   (network-operator ne lit pas la "
            "configuration : déduit)",
            "piste doctor montre la clé d’hôte de chacun : comparez-la à la console (show ssh key), puis écrivez-la "
            "dans piste_nexus.host_keys ; sans elle, rien ne lui est envoyé.",
        ),
        "lire la configuration, et rien d’autre : Piste n’écrit jamais sur un Nexus",
    ),
)


def in_use(owners: Iterable[Mapping[str, Any]]) -> list[Kind]:
    """List the kinds that the declaration uses: those of every town, and those with an object."""
    everybody = list(owners)

    def declared(kind: Kind) -> bool:
        owners = [owner for owner in everybody if kind.domain != "network" or "network_name" in owner]
        return any(compute(kind.domain, owner).get(kind.part) for owner in owners)

    return [kind for kind in KINDS if kind.declared and (not kind.if_declared or declared(kind))]


def lines(answers: Answers, kinds: Iterable[Kind], nexus: Sequence[str] = ()) -> Iterator[str]:
    """Write each account: its rights with the kinds that ask for them, then its steps.

    `nexus` names the declared Nexus switches.
    """
    domain = answers["domain"]
    netbios = answers["netbios"] or domain.partition(".")[0].upper()[:15]
    words = {**answers, "who": f"{netbios}\\{answers['account']}", "dn": distinguished(domain)}
    used = list(kinds)
    domains = {kind.domain for kind in used}
    entered = [answers[key] for key, served in (("nps", "access"), ("print_server", "printing")) if served in domains]
    words["servers"], words["nexus"] = ", ".join(entered), ", ".join(nexus)
    for account in ACCOUNTS:
        rights: dict[str, list[str]] = {}
        for kind in used:
            if kind.domain in account.domains:
                rights.setdefault(kind.rights, []).append(kind.module)
        if account.reading and nexus:
            rights[account.reading] = ["drift", "doctor", "verify", "export"]
        if not rights:
            continue
        yield f"\n{account.title.format(**words)} : {account.variable}"
        if "directory" in account.domains and not answers["netbios"]:
            yield f"  Nom NetBIOS déduit du domaine : {netbios}. S’il est autre : --set netbios=NOM"
        yield from (f"  - {right} [{', '.join(modules)}]" for right, modules in rights.items())
        steps = [step for step in account.steps if entered or "{servers}" not in step]
        yield from (f"  {number}. {step.format(**words)}" for number, step in enumerate(steps, start=1))
