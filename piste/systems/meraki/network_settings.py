"""Settings of a network: small documents, each once a network, in one module.

Source: Dashboard API, the operation of each part's path. Verbs of action batches follow the vendor's description;
where its SDK disagrees (switch settings, multicast) the document is written directly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from piste.engine.converge.normalise import Names, from_wire
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.progress import Progress
from piste.engine.converge.reading import listed, text
from piste.engine.converge.resource import Field, Resource, Shape
from piste.engine.converge.values import stable
from piste.systems.meraki.batches import Write
from piste.systems.meraki.dashboard import fill
from piste.systems.meraki.dhcp_policy import DHCP_SERVER_POLICY, silences
from piste.systems.meraki.driver import DIRECT, At, LazyNames
from piste.systems.meraki.switch_lists import SwitchLists
from piste.systems.meraki.switch_stacks import SwitchStacks
from piste.systems.meraki.traffic import (
    ACCESS_LISTS,
    ALTERNATE_MANAGEMENT,
    QUALITY,
    QUALITY_ORDER,
    first_priorities,
    in_order,
    quality_writes,
)

_N = "/networks/{network_id}"

PARTS = (
    Field(
        "general",
        "Local and remote status pages.",
        type="dict",
        part=At(f"{_N}/settings", initial={"localStatusPageEnabled": True, "remoteStatusPageEnabled": False}),
        of=(
            Field("local_status_page_enabled", "Whether devices serve their status page.", type="bool"),
            Field("remote_status_page_enabled", "Whether they serve it on their LAN address.", type="bool"),
        ),
    ),
    Field(
        "switch",
        "Switches of the network.",
        type="dict",
        guard="management",
        part=At(f"{_N}/switch/settings", verb=DIRECT, initial={"vlan": 1, "useCombinedPower": False}),
        of=(
            Field(
                "vlan", "Management VLAN. A mistake here cuts every switch off.", type="int", minimum=1, maximum=4094
            ),
            Field("use_combined_power", "Whether two power supplies add up.", type="bool"),
        ),
    ),
    Field(
        "stp",
        "Spanning tree.",
        type="dict",
        guard="stp",
        part=At(f"{_N}/switch/stp", initial={"rstpEnabled": True, "stpBridgePriority": []}),
        of=(
            Field("rstp_enabled", "Whether RSTP runs.", type="bool"),
            Field(
                "stp_bridge_priority",
                "Bridge priorities.",
                type="list",
                unordered=True,
                of=(
                    Field("switches", "Serial numbers.", type="list", unordered=True, default=[]),
                    Field("stacks", "Names of stacks.", type="list", unordered=True, ref="switch_stack", default=[]),
                    Field(
                        "stp_priority",
                        "Priority, a multiple of 4096.",
                        type="int",
                        required=True,
                        minimum=0,
                        maximum=61440,
                    ),
                ),
            ),
        ),
    ),
    Field(
        "mtu",
        "Frame size.",
        type="dict",
        guard="mtu",
        part=At(f"{_N}/switch/mtu", initial={"defaultMtuSize": 9578, "overrides": []}),
        of=(
            Field("default_mtu_size", "Bytes.", type="int", minimum=1500, maximum=9578),
            Field(
                "overrides",
                "Switches with another size.",
                type="list",
                of=(
                    Field("switches", "Serial numbers.", type="list", unordered=True),
                    Field("mtu_size", "Bytes.", type="int", required=True, minimum=1500, maximum=9578),
                ),
            ),
        ),
    ),
    Field(
        "storm_control",
        "Share of a port that each kind of flood may take, per cent; 100 for no limit.",
        type="dict",
        part=At(
            f"{_N}/switch/stormControl",
            initial={"broadcastThreshold": 100, "multicastThreshold": 100, "unknownUnicastThreshold": 100},
        ),
        of=tuple(
            Field(f"{kind}_threshold", f"Threshold of {words} frames.", type="int", minimum=1, maximum=100)
            for kind, words in (
                ("broadcast", "broadcast"),
                ("multicast", "multicast"),
                ("unknown_unicast", "unknown unicast"),
            )
        ),
    ),
    DHCP_SERVER_POLICY,
    Field(
        "multicast",
        "Multicast on switches.",
        type="dict",
        part=At(
            f"{_N}/switch/routing/multicast",
            verb=DIRECT,
            initial={"defaultSettings": {"igmpSnoopingEnabled": True, "floodUnknownMulticastTrafficEnabled": True}},
        ),
        of=(
            Field(
                "default_settings",
                "What applies to every switch.",
                type="dict",
                of=(
                    Field("igmp_snooping_enabled", "Whether groups are learnt.", type="bool"),
                    Field(
                        "flood_unknown_multicast_traffic_enabled", "Whether unknown groups are flooded.", type="bool"
                    ),
                ),
            ),
        ),
    ),
    Field(
        "wireless",
        "Access points of the network.",
        type="dict",
        part=At(
            f"{_N}/wireless/settings",
            initial={
                "meshingEnabled": False,
                "ipv6BridgeEnabled": False,
                "locationAnalyticsEnabled": False,
                "ledLightsOn": True,
                "upgradeStrategy": "minimizeUpgradeTime",
            },
        ),
        of=(
            Field("meshing_enabled", "Whether access points mesh.", type="bool"),
            Field("ipv6_bridge_enabled", "Whether IPv6 is bridged.", type="bool"),
            Field("location_analytics_enabled", "Whether positions of devices are kept.", type="bool"),
            Field("led_lights_on", "Whether the lights are on.", type="bool"),
            Field(
                "upgrade_strategy",
                "What firmware upgrades spare.",
                choices=("minimizeClientDowntime", "minimizeUpgradeTime"),
            ),
        ),
    ),
    Field(
        "syslog",
        "Where events are sent.",
        type="dict",
        part=At(
            "/organizations/{organization_id}/devices/syslog/servers/byNetwork",
            f"{_N}/devices/syslog/servers",
            verb="servers",
            initial={"servers": []},
        ),
        of=(
            Field(
                "servers",
                "Servers.",
                type="list",
                unordered=True,
                required=True,
                of=(
                    Field("host", "Address or name.", required=True),
                    Field("port", "Port.", type="int", default=514, minimum=1, maximum=65535),
                    Field("roles", "Kinds of events, camelCase codes.", type="list", unordered=True, required=True),
                    Field("transport_protocol", "Transport.", choices=("TCP", "UDP"), default="UDP"),
                ),
            ),
        ),
    ),
    Field(
        "snmp",
        "SNMP of the devices.",
        type="dict",
        part=At(f"{_N}/snmp", verb=DIRECT, initial={"access": "none"}),
        of=(
            Field(
                "access",
                "Version offered: none, v1/v2c, or v3.",
                choices=("community", "none", "users"),
                carries=("community_string",),
            ),
            Field("community_string", "Reference of the community.", secret="meraki/network/{network}/snmp"),
        ),
    ),
    Field(
        "traffic_analysis",
        "Traffic analysis.",
        type="dict",
        part=At(f"{_N}/trafficAnalysis", verb=DIRECT, initial={"mode": "disabled"}),
        of=(Field("mode", "How much is kept.", choices=("basic", "detailed", "disabled")),),
    ),
    Field(
        "netflow",
        "NetFlow export.",
        type="dict",
        part=At(f"{_N}/netflow", verb=DIRECT, initial={"reportingEnabled": False}),
        of=(
            Field("reporting_enabled", "Whether flows are exported.", type="bool"),
            Field("collector_ip", "Address of the collector."),
            Field("collector_port", "Port of the collector.", type="int", minimum=1, maximum=65535),
        ),
    ),
    ACCESS_LISTS,
    QUALITY,
    ALTERNATE_MANAGEMENT,
)

NETWORK_SETTINGS = Resource(
    system="meraki",
    name="network_settings",
    doc="Réglages du réseau",
    shape=Shape.FIXED,
    key=("network",),
    parents={"network": ""},
    endpoint=At(""),
    fields=(Field("network", "Name of the network.", required=True, path_only=True), *PARTS),
)


OUTWARD = ("syslog", "snmp", "netflow")
"""Documents that send data about the network elsewhere. They are empty in a new network, whatever the vendor's other
defaults: somebody has put their contents there."""


class NetworkSettings(SwitchLists):
    resource = NETWORK_SETTINGS
    rests = (("meraki.default_rule", ACCESS_LISTS.name),)
    states = ("merged", "replaced", "gathered")
    of_template = True

    def strays(self, desired: Sequence[Item]) -> Iterator[tuple[str, str]]:
        declared = {name for item in desired for name in item}
        parts = [part for part in PARTS if part.name in OUTWARD and part.name not in declared]
        asked = {"network": self.scope, **dict.fromkeys(part.name for part in parts)}
        live = self.gather([asked], whole=False, fresh=False)[self.scope]
        for part in parts:
            if stable(live[part.name]) != stable(from_wire(part.of, part.part.initial, self.vault, {}, {})):
                yield part.name, "qui parle du réseau à d’autres"

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        """Read the task's network, with the documents that it declares or all of them."""
        live: dict[str, Item] = {self.scope: {"network": self.scope}}
        by_key = {item["network"]: item for item in desired if item["network"] == self.scope}
        if not self.exists:
            for part in PARTS:
                if part.name in by_key.get(self.scope, {}):
                    live[self.scope][part.name] = from_wire(part.of, part.part.initial, self.vault, {}, {})
            return live
        self.read_parts(live, by_key, whole=whole, fresh=fresh)
        return live

    def read_part(self, key: str, part: Field, *, fresh: bool) -> Any:
        if part is QUALITY:
            return {"rules": self._quality()}
        if part.name != "syslog":
            return super().read_part(key, part, fresh=fresh)
        return {"servers": self._syslog(fresh=fresh)}

    def names(self) -> Names:
        """Stacks by id, read once and only where a priority of the spanning tree names one."""
        return LazyNames({"switch_stack": lambda: SwitchStacks.names_in(self.dashboard, self.scope, self.network_id)})

    def _quality(self) -> list[dict[str, Any]]:
        """Rules of the quality of service, in their order, which is another document."""
        ids = {"network_id": self.network_id}
        rules = {text(rule["id"]): rule for rule in self.dashboard.items(fill(QUALITY.part.read, ids))}
        # A rule alone has no order to ask for.
        order = listed(self.dashboard.get(fill(QUALITY_ORDER, ids))["ruleIds"]) if len(rules) > 1 else list(rules)
        return [rules[identifier] for identifier in map(text, order)]

    def part_writes(
        self, operation: Operation, part: Field, old: Item, new: Item, ids: Mapping[str, Any]
    ) -> Iterator[Write]:
        if part is QUALITY:
            path = fill(QUALITY.part.read, ids)
            live = self.raw[operation.place]["part:quality"]["rules"]
            yield from quality_writes(operation, (path, path + "/{id}"), live, old.get("rules", ()), new["rules"])
            return
        for write in super().part_writes(operation, part, old, new, ids):
            if part.name == "stp" and "stpBridgePriority" in write.body:
                entries = [{k: v for k, v in entry.items() if v != []} for entry in write.body["stpBridgePriority"]]
                write = replace(write, body={**write.body, "stpBridgePriority": entries})
            yield write

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        """Write the documents, then the order of the rules of quality, whose ids may be new."""
        silent = [operation for operation in operations if not list(self.writes(operation))]
        super().apply([operation for operation in operations if operation not in silent], progress)
        for operation in operations:
            before, after = (stable((content or {}).get("quality")) for content in (operation.before, operation.after))
            rules = ((operation.after or {}).get("quality") or {}).get("rules", ())
            if before != after and len(rules) > 1:
                with progress.sending(operation):
                    self._reorder(rules)
            if operation in silent:
                progress.done(operation)

    def _reorder(self, wanted: Sequence[Mapping[str, Any]]) -> None:
        live = self._quality()
        rules = from_wire(QUALITY.of, {"rules": live}, self.vault, {}, {})["rules"]
        order = in_order(live, rules, wanted)
        if order != [text(rule["id"]) for rule in live]:
            path = fill(QUALITY_ORDER, {"network_id": self.network_id})
            self.dashboard.request("PUT", path, body={"ruleIds": order})

    def _syslog(self, *, fresh: bool) -> Any:
        """Servers of the network, from the list that covers all networks."""
        organization = self.dashboard.organization
        path = fill(NETWORK_SETTINGS.field("syslog").part.read, {"organization_id": organization})

        def fetch() -> list[Any]:
            return self.dashboard.pages(path, 1000)

        if fresh:
            listing = self.dashboard.pages(path, 1000, {"networkIds[]": [self.network_id]})
            self.dashboard.shared.update("syslog", lambda known: self._updated(known, listing))
        else:
            listing = self.dashboard.shared.once("syslog", fetch)
        return next((entry["servers"] for entry in listing if text(entry["network"]["id"]) == self.network_id), [])

    def _updated(self, known: Any, listing: Sequence[Any]) -> Any:
        """List of the run, brought up to date with a new read of this network."""
        if known is None:
            return None
        return [*(entry for entry in known if entry["network"]["id"] != self.network_id), *listing]

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        reasons: Mapping[str, str] = {
            "management": "un mauvais VLAN d’administration rend tous les commutateurs injoignables",
            "stp": "changer l’arbre de recouvrement interrompt le réseau",
            "mtu": "changer la taille des trames interrompt le réseau",
        }
        needed = {
            f"{word}:{operation.key}": reasons[word]
            for operation in operations
            for word in self.guards_of(operation)
            # Another root makes traffic wait for a second, and cuts nobody off; windows say when it may.
            if word != "stp" or not first_priorities(operation)
        }
        deaf = "un serveur DHCP ou une adresse qui n’est pas connu ici est écarté : les postes perdent le réseau"
        needed |= {f"dhcp_servers:{operation.key}": deaf for operation in operations if silences(operation)}
        return needed | self.words_of_lists(operations)
