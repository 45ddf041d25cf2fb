"""The ports and computers that an effect is about, counted in what was read and declared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from piste.engine.clock import in_town
from piste.engine.words import agreed, some
from piste.sites.consequences.followed import FOLLOWED, PORTS, following
from piste.systems.kinds import of_object
from piste.systems.kinds.labels import in_words
from piste.town.model.hosting.derived import SCHEDULE

if TYPE_CHECKING:
    from piste.sites.consequences.sides import Item, Side, Sides
    from piste.sites.living.kept import Part, Port
    from piste.town.model.derived import Derived

LIVE = "Connected"
_SIDES = ("before", "after")
GROUPS = ("windows_groups", "user_groups", "machine_groups")
"""The conditions of a policy of admission that name groups."""
_NAMED = 3
_ACCOUNTS = "comptes inconnus : aucun plan ne lit ceux d’une unité"
_MEMBERS = "membres inconnus : ce plan ne les lit pas"
_CARRIED = "entre ces réseaux, et vers ailleurs, tout passe par elle ; ce que cela devient : inconnu"
_NO_DHCP = "dhcpDisabled"
UNREAD = (_ACCOUNTS, _MEMBERS, _CARRIED)
"""Words of a count that nobody can give."""


class Counts:
    """Counts of whom operations are about; each is None where it is nobody."""

    def __init__(self, town: Derived, sides: Sides, seen: Part[dict[str, dict[str, Port]]] | None = None) -> None:
        self._town, self._sides, self._seen = town, sides, seen

    def followers(self, operations: Sequence[Item]) -> str | None:
        """Count the ports, or the radios, of a site that follow objects that name them."""
        module, unit = FOLLOWED[operations[0]["kind"]]
        names = {str(content["name"]) for content in _contents(operations)}
        keys = {key for side in _SIDES for key, name in following(self._sides, side, operations[0]).items()  # type: ignore[arg-type]
                if name in names}  # fmt: skip
        return agreed(len(keys), unit) + (self._live(keys) if module == PORTS else "") if keys else None

    def plugged(self, operations: Sequence[Item]) -> str:
        """Count the ports of operations with something plugged in; empty where nobody looked."""
        return self._live(str(operation["key"]) for operation in operations)

    def _live(self, ports: Iterable[str]) -> str:
        if self._seen is None:
            return ""
        known = [self._seen["values"].get(serial, {}).get(number) for serial, _, number in map(_parts, ports)]
        live = sum(port is not None and port["status"] == LIVE for port in known)
        unread = f", {agreed(known.count(None), 'inconnu(s)')}" if None in known else ""
        return f", {agreed(live, 'branché(s)')}{unread} au relevé du {in_town(self._seen['read_at'])}"

    def applying(self, operations: Sequence[Item]) -> str | None:
        """Count the computers of the inventory where group policies are linked, on a side."""
        users = any(operation["fields"] != ["computer"] for operation in operations)
        return self._computers({str(operation["label"]) for operation in operations}, users=users)

    def filtered(self, operations: Sequence[Item]) -> str | None:
        """Name the linked policies that WMI filters limit, and count the computers there."""
        return self._limited(operations, self._policies)

    def unfiltered(self, operations: Sequence[Item]) -> str | None:
        """Name the linked policies that still name WMI filters after; count the computers."""
        after = self._sides.objects("ad_gpos", "after").values()
        return self._limited(operations, [(str(policy["name"]), policy) for policy in after])

    def _limited(self, operations: Sequence[Item], policies: Iterable[tuple[str, Item]]) -> str | None:
        filters = {str(operation["label"]) for operation in operations}
        names = {name for name, policy in policies if policy.get("wmi_filter") in filters}
        linked = {name for unit in self._units for name, link in (unit.get("links") or {}).items() if _is_on(link)}
        computers = self._computers(names, filters)
        return computers and f"{some([f'« {name} »' for name in sorted(names & linked)], _NAMED)} : {computers}"

    def below(self, operations: Sequence[Item]) -> str:
        """Count the computers of the inventory in some units of the directory."""
        return self._inventory({(str(operation["key"]), False) for operation in operations})

    def moved(self, operations: Sequence[Item]) -> str:
        """Count the computers in some units that move; nobody reads their accounts."""
        return f"{self.below(operations)}, {_ACCOUNTS}"

    def linked(self, operations: Sequence[Item]) -> str:
        """Count the computers in the units whose links change; say so where accounts are reached."""
        names = {name for operation in operations for name in _turned(operation["content"])}
        return ", ".join(filter(None, [self.below(operations), self._accounts(names)]))

    def members(self, operations: Sequence[Item]) -> str:
        """Name the members of groups as the plan has read them."""
        known: list[Item] = [(operation["content"]["before"] or {}).get("members") or {} for operation in operations]
        if not all(known):
            return f"{_MEMBERS} tous"
        names = dict.fromkeys(name for members in known for name in members)
        return f"{agreed(len(names), 'membre(s)')} : {some([*names], _NAMED)}"

    def _accounts(self, names: set[str]) -> str:
        """Say that reached accounts are unknown; empty where policies have no user settings."""
        return _ACCOUNTS if any(name in names and policy.get("user") for name, policy in self._policies) else ""

    def admitted(self, operations: Sequence[Item]) -> str:
        """Name the groups that policies of admission are about; empty where they are about anybody."""
        groups = dict.fromkeys(str(name) for content in _contents(operations) for condition in GROUPS
                               for name in (content.get("conditions") or {}).get(condition) or ())  # fmt: skip
        return f", comptes et postes de {some([*groups], _NAMED)}" if groups else ""

    def regrouped(self, operations: Sequence[Item]) -> str:
        """Name the groups that a policy of admission admits no more, and those that it now does."""
        was, will = ((operations[0]["content"][side] or {}).get("conditions") or {} for side in _SIDES)
        turned = [name for name in {**was, **will} if was.get(name) != will.get(name)]
        if len(turned) != 1 or turned[0] not in GROUPS:
            return "elle peut en admettre d’autres ou en refuser"
        old, new = (side.get(turned[0]) or [] for side in (was, will))
        if not new:
            return f"elle admettra aussi qui n’est pas de {some(old, _NAMED)}"
        left, come = ([name for name in mine if name not in other] for mine, other in ((old, new), (new, old)))
        said = [f"elle n’admettra plus que {some(new, _NAMED)}"] if not old else []
        said += [f"elle n’admettra plus {some(left, _NAMED)}, sauf par un autre de ses groupes"] if left else []
        return " ; ".join([*said, *([f"elle admettra {some(come, _NAMED)}"] if old and come else [])])

    def overtaken(self, operations: Sequence[Item]) -> str | None:
        """Name the policies of the same server that come to stand on another side of these."""
        module = of_object(operations[0]["kind"]).module
        before, after = (self._sides.objects(module, side) for side in _SIDES)  # type: ignore[arg-type]
        known = before.keys() & after.keys()
        names = dict.fromkeys(
            f"« {before[place]['name']} »"
            for mine in known & {("", str(operation["key"])) for operation in operations}
            for place in sorted(known - {mine})
            if before[place]["server"] == before[mine]["server"]
            and _turn(before[mine], before[place]) != _turn(after[mine], after[place])
        )  # fmt: skip
        return some([*names], _NAMED) or None

    def answering(self, operations: Sequence[Item]) -> str | None:
        """Name the servers that still answer RADIUS clients, and the clients that none answers."""
        if not self._authenticates(operations[0]["owner"]):
            return None
        servers: dict[str, list[str]] = {str(content["name"]): [] for content in _contents(operations)}
        for client in self._sides.objects("nps_radius_clients", "after").values():
            if client["name"] in servers and client.get("enabled") is not False:
                servers[client["name"]].append(str(client["server"]))
        alone = [name for name, left in servers.items() if not left]
        others = [f"{name} ({', '.join(left)})" for name, left in servers.items() if left]
        return " ; ".join([
            *([f"aucun autre ne répond à {some(alone, _NAMED)} : plus rien n’y est authentifié"] if alone else []),
            *([f"un autre répond encore à {some(others, _NAMED)}"] if others else []),
        ])  # fmt: skip

    def _authenticates(self, owner: str) -> bool:
        """Tell whether an SSID or a port of a site asks a RADIUS server on a side."""
        site = self._town.sites.get(owner)
        devices = {device["serial"] for device in site["devices"]} if site else set()
        return any(
            (place[0] == owner and item.get("enabled") is not False and item.get("radius_servers"))
            or (item.get("serial") in devices and item.get("access_policy"))
            for side in _SIDES for module in ("meraki_ssids", PORTS)
            for place, item in self._sides.objects(module, side).items()  # type: ignore[arg-type]
        )  # fmt: skip

    def behind(self, operations: Sequence[Item]) -> str:
        """Name what equipment carries: its ports, with what is plugged in there, and its SSIDs."""
        labels = {str(operation["key"]): str(operation["label"]) for operation in operations}
        before = self._sides.objects(PORTS, "before").items()
        known = {key: port for (_, key), port in before if str(port["serial"]) in labels}
        ports = {key: port for key, port in known.items() if port.get("enabled", True)}
        silent = labels.keys() - {str(port["serial"]) for port in known.values()}
        carried = []
        if ports:
            names = Counter(str(port.get("name") or "sans nom") for port in ports.values())
            listed = [f"{count} × {name}" for name, count in names.most_common()]
            carried.append(f"{agreed(len(ports), 'port(s)')} : {some(listed, _NAMED)}{self._live(ports)}")
        elif known:
            carried.append("aucun port en service")
        ssids = [str(ssid["name"]) for (owner, _), ssid in self._sides.objects("meraki_ssids", "before").items()
                 if owner == operations[0]["owner"] and ssid.get("enabled") is not False]  # fmt: skip
        radios = silent & {device["serial"] for site in self._town.sites.values() for device in site["devices"]
                           if device["kind"] == "access_point"}  # fmt: skip
        if radios and ssids:
            carried.append(f"SSID {some(ssids, _NAMED)}, là où aucune autre borne ne porte")
            silent -= radios
        if silent:
            unread = some([labels[serial] for serial in sorted(silent)], _NAMED)
            carried.append(f"ce qui est branché à {unread} n’est pas lu")
        return " ; ".join(carried)

    def tagged(self, operations: Sequence[Item]) -> str | None:
        """Name the SSIDs that come to access points with their tags, and those that leave them."""
        turned: dict[str, dict[str, None]] = {"y apparaît": {}, "n’y est plus": {}}
        others = {device["serial"] for site in self._town.sites.values() for device in site["devices"]
                  if device["kind"] != "access_point"}  # fmt: skip
        ssids = self._sides.objects("meraki_ssids", "after").items()
        for operation in operations:
            was, will = ({*((operation["content"][side] or {}).get("tags") or ())} for side in _SIDES)
            for (owner, name), ssid in ssids if operation["key"] not in others else ():
                tags = {*(ssid.get("availability_tags") or ())} if ssid.get("enabled") is not False else set()
                if owner == operation["owner"] and bool(tags & was) != bool(tags & will):
                    turned["y apparaît" if tags & will else "n’y est plus"][f"« {name} »"] = None
        return " ; ".join(f"{some([*names], _NAMED)} {how}" for how, names in turned.items() if names) or None

    def gateways(self, operations: Sequence[Item]) -> str:
        """Name the gateways, routes and lent addresses that stacks carry; empty for none."""
        site = self._town.sites.get(operations[0]["owner"])
        stacks = {(site["network_name"] if site else "", str(content["name"])) for content in _contents(operations)}
        faces, routes = ([item for item in self._sides.objects(module, "before").values()
                          if (item["network"], item["carrier"]) in stacks]
                         for module in ("meraki_routed_interfaces", "meraki_static_routes"))  # fmt: skip
        leads = [*(str(item["subnet"]) for item in routes),
                 *("par défaut" for item in faces if item.get("default_gateway"))]  # fmt: skip
        lent = sum((item.get("dhcp") or {}).get("mode", _NO_DHCP) != _NO_DHCP for item in faces)
        names = [f"{item.get('name') or 'sans nom'}, VLAN {item['vlan']}" for item in faces]
        carried = [f"{agreed(len(known), unit)} ({some(known, _NAMED)})"
                   for unit, known in (("passerelle(s)", names), ("route(s)", leads)) if known]  # fmt: skip
        carried += [f"DHCP de {lent} réseau{'x' if lent > 1 else ''}"] if lent else []
        return f" ; elle porte {', '.join(carried)} : {_CARRIED}" if carried else ""

    def quiet(self, operations: Sequence[Item]) -> str:
        """Name the hours of maintenances; empty where the plan has none."""
        hours = dict.fromkeys(text for content in _contents(operations) for text in _hours(content))
        return f" ({some([*hours], _NAMED, ' ; ')})" if hours else ""

    def following(self, operations: Sequence[Item], where: str) -> str:
        """Name the objects that name those of operations in a field, `zabbix_hosts.templates`."""
        module, _, field = where.partition(".")
        return self._named(module, field, {str(content["name"]) for content in _contents(operations)})

    def categorised(self, operations: Sequence[Item]) -> str:
        """Name the machines in the categories of operations, or in the categories that these are."""
        wanted = {
            str(category)
            for content in _contents(operations)
            for category in content.get("categories") or [f"{content.get('key')}:{content.get('value')}"]
        }
        return self._named("prism_vms", "categories", wanted)

    def placed(self, operations: Sequence[Item]) -> str | None:
        """Name the policies of backups, recovery and places that machines join or leave."""
        turned, hours = set[str](), False
        for operation in operations:
            was, will = ((operation["content"][side] or {}).get("categories") or {} for side in _SIDES)
            turned |= {*_values(was)} ^ {*_values(will)}
            hours |= was.get(SCHEDULE) != will.get(SCHEDULE)
        modules = ("prism_protection_policies", "prism_recovery_plans", "prism_affinity_policies")
        names = dict.fromkeys(
            f"« {item['name']} »" for module in modules for side in _SIDES
            for item in self._sides.objects(module, side).values()  # type: ignore[arg-type]
            if turned & {*_values(item.get("categories") or ())}
        )  # fmt: skip
        return some([*names, *(["les heures de veille"] if hours else [])], _NAMED) or None

    def _named(self, module: str, field: str, wanted: set[str]) -> str:
        names = dict.fromkeys(
            key
            for side in _SIDES
            for (_, key), item in self._sides.objects(module, side).items()  # type: ignore[arg-type]
            if wanted & {*_values(item.get(field) or ())}
        )
        return some([*names], _NAMED) or "rien de déclaré"

    def _computers(self, names: set[str], filters: Collection[str] = (), *, users: bool = True) -> str | None:
        """Count the computers where policies are linked; the line names `filters` already."""
        targets = {
            (str(unit["target"]), bool(link.get("enforced")))
            for unit in self._units
            for name, link in (unit.get("links") or {}).items()
            if name in names and _is_on(link)
        }
        if not targets:
            return None
        limits = dict.fromkeys(
            limit for name, policy in self._policies if name in names for limit in _limits(policy, self._read, filters)
        )  # fmt: skip
        accounts = self._accounts(names) if users else ""
        return ", ".join(filter(None, [self._inventory(targets), accounts, *limits]))

    def _inventory(self, targets: set[tuple[str, bool]]) -> str:
        """Count the computers in service of the sites below some units, or above them."""
        sites = [
            name for name, site in self._town.sites.items()
            if any(self._covers(target, site["directory"]["path"], enforced=enforced) for target, enforced in targets)
        ]  # fmt: skip
        count = sum(
            asset["kind"] == "computer" and asset["state"] == "in_service"
            for name in sites for asset in self._town.sites[name]["assets"]
        )  # fmt: skip
        where = f", {agreed(len(sites), 'site(s)')}" if len(sites) > 1 else ""
        return f"au plus {agreed(count, 'poste(s)')} de l’inventaire{where}" if count else "aucun poste à l’inventaire"

    def _covers(self, target: str, path: str, *, enforced: bool) -> bool:
        """Tell whether what is linked to a unit may apply in the unit of a site."""
        if _is_below(target, path):
            return True
        closed = not enforced and any(_is_below(path, unit) and _is_below(unit, target) and unit != target
                                      for unit in self._blocking)  # fmt: skip
        return _is_below(path, target) and not closed

    @cached_property
    def _units(self) -> list[Item]:
        return [unit for side in _SIDES for unit in self._sides.objects("ad_gpo_links", side).values()]  # type: ignore[arg-type]

    @cached_property
    def _blocking(self) -> set[str]:
        """Units that take nothing from above on either side."""
        sides = (self._sides.objects("ad_gpo_links", side).values() for side in _SIDES)  # type: ignore[arg-type]
        blocked = [{str(unit["target"]) for unit in units if unit.get("block_inheritance")} for units in sides]
        return set.intersection(*blocked)

    @property
    def _read(self) -> set[str]:
        """Groups whose members the plan has read."""
        return {str(operation["key"]) for operation in self._sides.operations if operation["kind"] == "group"}

    @cached_property
    def _policies(self) -> list[tuple[str, Item]]:
        return [
            (str(policy["name"]), policy)
            for side in _SIDES
            for policy in self._sides.objects("ad_gpos", side).values()  # type: ignore[arg-type]
        ]


def _turned(content: Mapping[str, Any]) -> Iterator[str]:
    """Yield the policies whose link to a unit changes, by name; all of them where none does."""
    was, will = ((content[side] or {}).get("links") or {} for side in _SIDES)
    names = dict.fromkeys([*was, *will])
    turned = [name for name in names if was.get(name) != will.get(name)]
    yield from turned or names


def _contents(operations: Sequence[Item]) -> Iterator[Item]:
    return (content for operation in operations for content in operation["content"].values() if content)


def _hours(maintenance: Item) -> Iterator[str]:
    """Yield the periods of a week of a maintenance, or its only period."""
    words, weekly = (partial(in_words, within) for within in ("maintenance", "weekly"))
    for slot in maintenance.get("weekly") or ():
        start, minutes = (weekly(name, slot[name]) for name in ("start", "minutes"))
        yield f"{', '.join(weekly('days', slot['days']))} dès {start}, {minutes}"
    if not maintenance.get("weekly") and maintenance.get("since") and maintenance.get("until"):
        yield f"du {words('since', maintenance['since'])} au {words('until', maintenance['until'])}"


def _values(value: Iterable[Any]) -> Iterator[str]:
    """Yield the values of a list; of a map, its names and its pairs, `Sauvegarde:identite`."""
    for name in value:
        yield str(name)
        yield f"{name}:{value[name]}" if isinstance(value, Mapping) else str(name)


def linked(sides: Sides, side: Side) -> list[tuple[str, Item]]:
    """List the group policies that a unit applies on a side, by name."""
    units = sides.objects("ad_gpo_links", side).values()
    names = {name for unit in units for name, link in (unit.get("links") or {}).items() if _is_on(link)}
    return [(str(policy["name"]), policy) for policy in sides.objects("ad_gpos", side).values()
            if policy["name"] in names]  # fmt: skip


def _turn(policy: Item, other: Item) -> int:
    """Tell which of two policies comes first: -1 the first, 1 the other, 0 nobody knows."""
    orders = [each.get("order") or 0 for each in (policy, other)]
    return (orders[0] > orders[1]) - (orders[0] < orders[1])


def _is_on(link: Item | None) -> bool:
    return link is not None and link.get("enabled") is not False


def _parts(port: str) -> tuple[str, str, str]:
    return port.partition("/")


def _is_below(path: str, unit: str) -> bool:
    return path == unit or path.startswith(f"{unit}/")


def _limits(policy: Mapping[str, Any], read: Collection[str], filters: Collection[str]) -> Iterator[str]:
    """Yield what keeps a policy to some of them; `read` are groups whose members were read."""
    # Imported here: its table costs more than the rest, and most plans have no group policy.
    from piste.systems.windows.gpo.table import EVERYBODY

    groups = [str(name) for name in policy.get("filtering") or () if name != EVERYBODY]
    if groups:
        unread = "" if {*groups} <= {*read} else f" ({_MEMBERS})"
        yield f"ceux de {some(groups, _NAMED)}{unread}"
    if policy.get("exempt"):
        yield f"sauf {some([*map(str, policy['exempt'])], _NAMED)}"
    if policy.get("wmi_filter") and policy["wmi_filter"] not in filters:
        yield f"que retient « {policy['wmi_filter']} »"
