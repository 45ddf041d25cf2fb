"""Static routes of switches and stacks, known by their destination.

Source: Dashboard API, `createDeviceSwitchRoutingStaticRoute` and the same of a stack. The system answers 200 to a
creation and 201 to an update. The default route follows the default gateway of an interface: its entry in the list, if
there is one, is left alone [belief meraki.default_route].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import ip_network
from typing import Any

from piste.engine.converge.errors import Fault
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.reading import text
from piste.engine.converge.resource import Field, Resource
from piste.systems.meraki.carried import PLACE, Carried
from piste.systems.meraki.carriers import ALONE, Carrier
from piste.systems.meraki.driver import At

DEFAULT = "0.0.0.0/0"


def prefix(value: str) -> str:
    """Spell a prefix: `10.1.2.0/255.255.255.0` → `10.1.2.0/24`. Raises ValueError."""
    return str(ip_network(value.strip()))


STATIC_ROUTES = Resource(
    system="meraki",
    name="static_route",
    doc="Route statique",
    key=("network", "carrier", "subnet"),
    parents={"network": "network"},
    endpoint=At(f"{ALONE}/staticRoutes", f"{ALONE}/staticRoutes/{{id}}"),
    known=frozenset({"staticRouteId", "managementNextHop", "vrf"}),
    initial={"advertise_via_ospf_enabled": False, "prefer_over_ospf_routes_enabled": False},
    fields=(
        *PLACE,
        Field(
            "subnet",
            "Destination, a prefix; with the switch or stack, the identity of the route.",
            required=True,
            create_only=True,
            normalise=prefix,
        ),
        Field("name", "Name of the route."),
        Field("next_hop", "Address of the next router, in the subnet of an interface.", wire="nextHopIp"),
        Field(
            "advertise_via_ospf_enabled",
            "Whether OSPF advertises the route.",
            type="bool",
            default=False,
        ),
        Field(
            "prefer_over_ospf_routes_enabled",
            "Whether the route wins over those of OSPF.",
            type="bool",
            default=False,
        ),
    ),
)


class StaticRoutes(Carried):
    resource = STATIC_ROUTES
    limit = "static_routes"
    id_wire = "staticRouteId"

    def check(self, desired: Sequence[Item]) -> list[Fault]:
        faults = super().check(desired)
        faults += [
            Fault(f"config[{item.get('carrier')}].subnet", "la route par défaut se donne par default_gateway")
            for item in desired
            if item.get("subnet") == DEFAULT
        ]
        return faults

    def key_in(self, carrier: Carrier, document: Mapping[str, Any]) -> str:
        subnet = prefix(text(document["subnet"]))
        return "" if subnet == DEFAULT else f"{carrier.key}/{subnet}"

    @classmethod
    def relies(cls, operation: Operation, waiting: Operation) -> bool:
        """Also let the routes of a switch or stack wait for its interfaces."""
        carrier = operation.key.rpartition("/")[0].rpartition("/")[0]  # a prefix has a slash of its own
        return super().relies(operation, waiting) or (
            waiting.kind == "routed_interface" and waiting.key.rpartition("/")[0] == carrier
        )

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        """Ask for a word where a route in service goes, or changes its next hop."""
        self.check_models(operations)
        return {
            f"route:{operation.key}": f"ce qui est derrière {operation.name} n’est plus joint si l’erreur est ici"
            for operation in operations
            if operation.action == "delete" or self._moves(operation)
        }

    def _moves(self, operation: Operation) -> bool:
        before, after = operation.before or {}, operation.after or {}
        return operation.action == "update" and before.get("next_hop") != after.get("next_hop")
