"""The kinds of Zabbix, in the order of converging."""

from __future__ import annotations

from piste.kind import Kind

_RIGHTS = "un jeton d’API d’un compte du rôle « Super admin role », le seul qui écrive comptes, groupes et actions"

SUPERVISION = (
    Kind(
        "supervision",
        "zabbix_host_groups",
        "piste.zabbix.groups:HostGroups",
        "host_groups",
        closed="deleted",
        renewed="refait sous un autre identifiant : les droits que d’autres groupes d’utilisateurs y avaient sont perdus",
        rights=_RIGHTS,
        surveyed=False,
    ),
    Kind(
        "supervision",
        "zabbix_hosts",
        "piste.zabbix.hosts:Hosts",
        "hosts",
        closed="deleted",
        renewed="refait sans ses mesures, son historique ni ses problèmes",
        rights=_RIGHTS,
        surveyed=False,
    ),
)
