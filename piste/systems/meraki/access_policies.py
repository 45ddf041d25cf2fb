"""Switch access policies: wired 802.1X and MAC bypass against RADIUS servers.

Source: Dashboard API, `createNetworkSwitchAccessPolicy` and `updateNetworkSwitchAccessPolicy`. The API never gives
back a RADIUS secret; a server keeps its secret as long as its `serverId` is sent again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import Guarded
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.resource import Field, Resource
from piste.engine.converge.secrets import has_missing
from piste.engine.converge.values import coerce
from piste.engine.words import agreed
from piste.systems.meraki.collection import Collection, in_list
from piste.systems.meraki.radius import radius_server, rotations


def _vlan(name: str, doc: str) -> Field:
    return Field(name, doc, type="int", nullable=True, minimum=1, maximum=4094)


BOUNCING = "guestPortBouncing"
"""Some organizations lack this field and refuse it, whatever its value [read in an issue of a vendor's client]."""

ACCESS_POLICIES = Resource(
    system="meraki",
    name="access_policy",
    doc="Politique d’accès 802.1X",
    parents={"network": ""},
    endpoint=in_list("/networks/{network_id}/switch/accessPolicies"),
    known=frozenset({"accessPolicyNumber", "counts", "enforceRadiusMonitoring"}),
    together=("radius_servers", "radius_accounting_servers"),
    needs_secret=("radius_servers", "radius_accounting_servers"),
    fields=(
        Field("name", "Name of the policy; its identity.", required=True, maximum=255),
        Field(
            "access_policy_type",
            "What admits a device.",
            choices=("802.1x", "Hybrid authentication", "MAC authentication bypass"),
            default="802.1x",
        ),
        Field(
            "host_mode",
            "How many devices a port admits. C(Multi-Domain) asks for the hybrid type.",
            choices=("Multi-Auth", "Multi-Domain", "Multi-Host", "Single-Host"),
            default="Single-Host",
        ),
        Field(
            "radius_servers",
            "Authentication servers, in order of use.",
            type="list",
            of=radius_server(1812),
            identity=("host", "port"),
            element_id="serverId",
        ),
        Field("radius_accounting_enabled", "Whether sessions are accounted.", type="bool", default=False),
        Field(
            "radius_accounting_servers",
            "Accounting servers, in order of use.",
            type="list",
            of=radius_server(1813),
            identity=("host", "port"),
            element_id="serverId",
        ),
        Field("radius_testing_enabled", "Whether the cloud probes the servers.", type="bool"),
        Field(
            "radius_coa_support_enabled", "Whether a server may change an admitted session.", type="bool", default=False
        ),
        Field("radius_group_attribute", "Attribute that names a group policy: empty, or C(11)."),
        Field("guest_port_bouncing", "Whether a port bounces when its guest is admitted.", type="bool", default=False),
        _vlan("guest_vlan_id", "VLAN of who does not authenticate; null for none."),
        Field("voice_vlan_clients", "Whether phones are let into the voice VLAN unauthenticated.", type="bool"),
        Field("increase_access_speed", "Whether 802.1X and MAC bypass are tried at once (hybrid only).", type="bool"),
        Field(
            "dot1x",
            "802.1X details.",
            type="dict",
            of=(
                Field("control_direction", "Directions that are blocked.", choices=("both", "inbound"), nullable=True),
            ),
        ),
        Field(
            "radius",
            "RADIUS details.",
            type="dict",
            of=(
                Field(
                    "critical_auth",
                    "What happens when no server answers.",
                    type="dict",
                    of=(
                        _vlan("data_vlan_id", "VLAN of data devices; null for none."),
                        _vlan("voice_vlan_id", "VLAN of phones; null for none."),
                        Field("suspend_port_bounce", "Whether ports bounce when a server is back.", type="bool"),
                    ),
                ),
                _vlan("failed_auth_vlan_id", "VLAN of who fails to authenticate; null for none."),
                Field(
                    "re_authentication_interval",
                    "Seconds between two authentications; null for never.",
                    type="int",
                    nullable=True,
                ),
                Field(
                    "cache",
                    "Answers kept for when no server answers.",
                    type="dict",
                    of=(
                        Field("enabled", "Whether answers are kept.", type="bool", uncertain=True),
                        Field("timeout", "Hours for which they are kept.", type="int", uncertain=True),
                    ),
                ),
            ),
        ),
        Field("url_redirect_walled_garden_enabled", "Whether some addresses are free before admission.", type="bool"),
        Field("url_redirect_walled_garden_ranges", "Those addresses.", type="list", unordered=True),
    ),
)


class AccessPolicies(Collection):
    resource = ACCESS_POLICIES
    id_wire = "accessPolicyNumber"

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        """Read the policies of the network.

        The system does not list those that use the vendor's own authentication.
        """
        policies = super().gather(desired, whole=whole, fresh=fresh)
        self._announce_withheld(
            [item["name"] for item in desired if item["name"] not in policies and has_missing(item)]
        )
        return policies

    def _announce_withheld(self, names: list[str]) -> None:
        """Announce to the ports of the network the policies that they will wait for."""
        if names:
            self.dashboard.plan_object("withheld_policy", self.scope, names)

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        """Refuse to remove a policy that ports still use; guard changes of secrets."""
        left = list(self.dashboard.planned("left_policy").get(self.scope, {}).values())
        in_use = {
            operation.key: int(coerce("int", policy["counts"]["ports"]["withThisPolicy"]))
            - left.count(str(policy["accessPolicyNumber"]))
            for operation in operations
            if operation.action == "delete"
            for policy in (self.raw[operation.key],)
        }
        used = [f"{key} ({agreed(count, 'port(s)')})" for key, count in in_use.items() if count]
        if used:
            raise Guarded(
                f"{agreed(len(used), 'politique(s)')} d’accès encore en usage : {', '.join(used)}",
                where=self.scope,
                todo="Changez d’abord ces ports.",
            )
        return rotations(operations)

    def body(self, operation: Operation) -> dict[str, Any]:
        return self._without_bouncing(super().body(operation), self.raw.get(operation.place, {}))

    def created(self, operation: Operation) -> dict[str, Any]:
        return self._without_bouncing({"radiusAccountingEnabled": False, **super().created(operation)}, {})

    @staticmethod
    def _without_bouncing(body: dict[str, Any], live: Mapping[str, Any]) -> dict[str, Any]:
        """Leave the bouncing out where it is not wanted and the system does not show the field."""
        if not body.get(BOUNCING) and BOUNCING not in live:
            body.pop(BOUNCING, None)
        return body
