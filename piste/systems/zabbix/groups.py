"""Groups of hosts.

Source: Zabbix 7.0 manual, API, hostgroup.
"""

from __future__ import annotations

from piste.engine.converge.resource import Field, Resource
from piste.systems.zabbix.driver import At, ZabbixDriver

HOST_GROUPS = Resource(
    system="zabbix",
    name="host_group",
    doc="Groupe d’hôtes",
    endpoint=At("hostgroup", "groupid", read={"output": ["groupid", "name"]}),
    fields=(Field("name", "Name of the group; a slash puts it below another.", required=True, maximum=255),),
)


class HostGroups(ZabbixDriver):
    resource = HOST_GROUPS
    delivered = frozenset(
        {
            "Applications",
            "Databases",
            "Discovered hosts",
            "Hypervisors",
            "Linux servers",
            "Virtual machines",
            "Zabbix servers",
        }
    )
