"""The kinds of Zabbix, in the order of converging."""

from __future__ import annotations

from functools import partial

from piste.engine.kind import OF_THE_TOWN, Kind

_RIGHTS = "un jeton d’API d’un compte du rôle « Super admin role », le seul qui écrive comptes, groupes et actions"

_supervision = partial(Kind, "supervision", rights=_RIGHTS, late=True, surveyed=False)
SUPERVISION = (
    _supervision(
        "zabbix_host_groups",
        "piste.systems.zabbix.groups:HostGroups",
        closed="deleted",
        renewed="refait sous un autre identifiant : les droits donnés à d’autres groupes d’utilisateurs sont perdus",
    ),
    _supervision(
        "zabbix_templates",
        "piste.systems.zabbix.templates:Templates",
        unclosed=OF_THE_TOWN,
        renewed="refait sans les mesures des hôtes qui l’avaient",
        if_declared=True,
    ),
    _supervision(
        "zabbix_media_types",
        "piste.systems.zabbix.messages:MediaTypes",
        unclosed=OF_THE_TOWN,
        renewed="refait avec les messages de Piste",
    ),
    _supervision(
        "zabbix_user_groups",
        "piste.systems.zabbix.accounts:UserGroups",
        unclosed=OF_THE_TOWN,
        renewed="refait sous un autre identifiant",
    ),
    _supervision(
        "zabbix_users",
        "piste.systems.zabbix.accounts:Users",
        unclosed=OF_THE_TOWN,
        renewed="refait avec le mot de passe du coffre ; ses préférences et ses jetons sont perdus",
    ),
    _supervision(
        "zabbix_actions",
        "piste.systems.zabbix.messages:Actions",
        unclosed=OF_THE_TOWN,
        renewed="refaite sous un autre identifiant",
    ),
    _supervision(
        "zabbix_hosts",
        "piste.systems.zabbix.hosts:Hosts",
        closed="overridden",
        renewed="refait sans ses mesures, son historique ni ses problèmes",
    ),
    _supervision(
        "zabbix_dependencies",
        "piste.systems.zabbix.dependencies:Dependencies",
        within=("zabbix_hosts",),
        closed="deleted",
    ),
    _supervision(
        "zabbix_maintenances",
        "piste.systems.zabbix.maintenances:Maintenances",
        closed="deleted",
        renewed="refaite sous un autre identifiant",
    ),
    _supervision(
        "zabbix_services",
        "piste.systems.zabbix.services:Services",
        unclosed=OF_THE_TOWN,
        renewed="refait sans l’historique de sa disponibilité",
    ),
    _supervision(
        "zabbix_objectives",
        "piste.systems.zabbix.services:Objectives",
        unclosed=OF_THE_TOWN,
        renewed="refait sous un autre identifiant",
    ),
    _supervision(
        "zabbix_maps",
        "piste.systems.zabbix.views:Maps",
        closed="deleted",
        renewed="refaite sous un autre identifiant",
    ),
    _supervision(
        "zabbix_dashboards",
        "piste.systems.zabbix.views:Dashboards",
        closed="deleted",
        renewed="refait sous un autre identifiant",
    ),
)
