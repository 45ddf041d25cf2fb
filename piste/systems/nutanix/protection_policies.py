"""Protection policies: what the cluster copies, how often, and how long it keeps it.

They name machines by category. Source: datapolicies v4 `config/protection-policies`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import Fault
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.reading import listed, mapped, optional, text, truth
from piste.engine.converge.resource import Field, Resource
from piste.systems.nutanix.documents import At
from piste.systems.nutanix.driver import PrismDriver
from piste.systems.nutanix.prism import PROTECTION_POLICIES
from piste.town.model.hosting.rhythm import ROLLED_UP

_V = "datapolicies.v4.config"
_CLUSTERS = f"{_V}.NutanixCluster"
INTERVALS = ("HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_DAYS = ("SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY")


def _every(name: str, doc: str) -> Field:
    return Field(name, doc, choices=INTERVALS, nullable=True, default=None)


RESOURCE = Resource(
    system="prism",
    name="protection_policy",
    doc="Politique de protection",
    endpoint=At(PROTECTION_POLICIES, frozenset({"ownerExtId"})),
    known=frozenset({"isApprovalPolicyNeeded", "projectExtId"}),
    fields=(
        Field("name", "Name of the policy; its identity.", required=True, maximum=256),
        Field("formerly", "Names that it bore before: it is renamed.", type="list", path_only=True),
        Field("description", "Description; null clears it.", nullable=True, default=None, maximum=1000),
        Field(
            "categories",
            "Machines that it protects, by category, C(key:value).",
            type="list",
            wire="categoryIds",
            unordered=True,
            ref="category",
        ),
        Field(
            "locations",
            "Places of the machines and of their copies; new places are of this Prism Central.",
            type="list",
            wire="replicationLocations",
            identity=("label",),
            of=(
                Field("label", "Name of the place in this policy.", required=True, maximum=1000),
                Field(
                    "clusters",
                    "Clusters of the place; all those of the Prism Central without it.",
                    type="list",
                    unordered=True,
                    ref="cluster",
                    default=[],
                ),
                Field("primary", "Whether the machines are there.", type="bool", wire="isPrimary", default=False),
            ),
        ),
        Field(
            "schedules",
            "Copies from a place, kept there or sent to another. Two places need a schedule each way.",
            type="list",
            wire="replicationConfigurations",
            identity=("source", "remote"),
            of=(
                Field("source", "Label of the place of the machines.", required=True, maximum=1000),
                Field("remote", "Label of the place of the copies; without it they stay.", default="", maximum=1000),
                Field(
                    "rpo_seconds",
                    "Seconds between two copies, whole hours from one hour on; 0 for a synchronous copy.",
                    type="int",
                    required=True,
                    minimum=0,
                ),
                Field(
                    "type",
                    "Whether applications are asked to write their data first.",
                    choices=("CRASH_CONSISTENT", "APPLICATION_CONSISTENT"),
                    default="CRASH_CONSISTENT",
                ),
                Field("start", "Time of the first copy, in UTC, C(22h:30m).", nullable=True, default=None),
                Field("day", "Day of a weekly copy.", choices=_DAYS, nullable=True, default=None),
                Field("keep", "Copies that the first place keeps.", type="int", minimum=1, nullable=True, default=None),
                _every("keep_every", "Interval between the copies that it keeps; without it the last ones."),
                Field(
                    "keep_remote", "Copies that the other keeps.", type="int", minimum=1, nullable=True, default=None
                ),
                _every("keep_remote_every", "Interval between the copies that it keeps; without it the last ones."),
            ),
        ),
    ),
)


class ProtectionPolicies(PrismDriver):
    resource = RESOURCE
    rests = (("prism.retention", "schedules"),)

    def plain(self, document: Mapping[str, Any], desired: Item) -> dict[str, Any]:
        plain = super().plain(document, desired)
        plain["replicationLocations"] = [self._location(place) for place in listed(plain.get("replicationLocations"))]
        schedules = listed(plain.get("replicationConfigurations"))
        plain["replicationConfigurations"] = [_schedule(schedule) for schedule in schedules]
        return plain

    def _location(self, place: Mapping[str, Any]) -> dict[str, Any]:
        """Convert an unwrapped place to the `locations` of the table."""
        sub = mapped(place.get("replicationSubLocation"))
        return {
            "label": place["label"],
            "clusters": listed(sub.get("clusterExtIds")),
            "isPrimary": truth(place.get("isPrimary")),
        }

    def remarks(self) -> list[str]:
        """Name the policies with a place of another Prism Central, or in a store of objects."""
        names = sorted(key for key, document in self.raw.items() if self._elsewhere(document))
        lines = [f"protection_policy : un lieu hors de ce Prism Central, laissé tel quel : {', '.join(names)}"]
        return [*super().remarks(), *(lines if names else [])]

    def _elsewhere(self, document: Mapping[str, Any]) -> bool:
        return any(
            place.get("domainManagerExtId") != self.known.central_id
            or mapped(place.get("replicationSubLocation")).get("$objectType", _CLUSTERS) != _CLUSTERS
            for place in listed(document.get("replicationLocations"))
        )

    def wire(self, content: Item, document: Mapping[str, Any]) -> dict[str, Any]:
        wire = super().wire(content, document)
        live = {place["label"]: place for place in listed(document.get("replicationLocations"))}
        if "locations" in content:
            wire["replicationLocations"] = [
                self._place(place, live.get(place["label"], {})) for place in wire["replicationLocations"]
            ]
        if "schedules" in content:
            known = {_pair(entry): entry for entry in listed(document.get("replicationConfigurations"))}
            left = _REPLACED if self.prism.version("datapolicies") >= _IDENTIFIED else {*_REPLACED, "scheduleExtId"}
            wire["replicationConfigurations"] = [
                _configuration(entry, known.get((entry["source"], entry["remote"]), {}), left)
                for entry in content["schedules"]
            ]
        return wire

    def _place(self, place: Mapping[str, Any], live: Mapping[str, Any]) -> dict[str, Any]:
        """Place on the wire; what it has besides and nobody declares stays, as a store of objects."""
        clusters = place["clusters"]
        made = {
            **{name: value for name, value in live.items() if name not in ("$reserved", "$unknownFields")},
            "label": place["label"],
            "domainManagerExtId": live.get("domainManagerExtId") or self.known.central_id,
            "isPrimary": place["isPrimary"],
        }
        if clusters:
            made["replicationSubLocation"] = {"$objectType": _CLUSTERS, "clusterExtIds": clusters}
        elif mapped(made.get("replicationSubLocation")).get("$objectType") == _CLUSTERS:
            del made["replicationSubLocation"]
        return made

    def check(self, desired: Sequence[Item]) -> Sequence[Fault]:
        faults = [*super().check(desired)]
        for item in desired:
            where = f"config[{item.get('name')}].schedules"
            labels = {place["label"] for place in item.get("locations", ())}
            pairs = {(entry["source"], entry["remote"]) for entry in item.get("schedules", ())}
            for source, remote in sorted(pairs):
                if "locations" in item and not {source, remote} - {""} <= labels:
                    faults.append(Fault(where, f"« {source} » ou « {remote} » n’est pas un de ses lieux"))
                if remote and (remote, source) not in pairs:
                    faults.append(Fault(where, f"rien ne va de « {remote} » à « {source} » : deux lieux se répondent"))
            faults += [
                Fault(where, "une copie synchrone n’a pas de durée, toute autre en a une (keep)")
                for entry in item.get("schedules", ())
                if (entry["rpo_seconds"] == 0) != (entry["keep"] is None)
            ]
            faults += [
                Fault(where, f"à {entry['rpo_seconds']} s, les copies ne s’espacent pas (keep_every)")
                for entry in item.get("schedules", ())
                if (entry["keep_every"] or entry["keep_remote_every"]) and entry["rpo_seconds"] not in ROLLED_UP
            ]
        return faults

    def refusals(self, operations: Sequence[Operation]) -> list[str]:
        return [
            f"{operation.name} : dites où sont les machines (locations) et à quel rythme elles sont copiées (schedules)"
            for operation in operations
            if operation.action == "create" and not {"locations", "schedules"} <= set(operation.after or {})
        ]

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        """Ask before machines lose copies: fewer machines, fewer copies, kept less long."""
        words = {}
        for operation in operations:
            before, after = operation.before or {}, operation.after or {}
            if operation.action == "delete":
                words[f"protection_policy:{operation.key}"] = "ses machines ne seront plus copiées"
            elif operation.action == "update" and (why := _weaker(before, {**before, **after})):
                words[f"protection_policy:{operation.key}"] = why
        return words


def _weaker(before: Item, after: Item) -> str:
    """Reason for which a policy protects less than before; empty where it does not."""
    if gone := sorted(set(before.get("categories") or ()) - set(after.get("categories") or ())):
        return f"les machines de {', '.join(gone)} ne seront plus copiées"
    # A place without clusters is on all of them.
    everywhere = any(not place["clusters"] for place in after.get("locations") or ())
    if not everywhere and (gone := sorted(_places(before) - _places(after))):
        return f"plus aucune copie n’ira sur {', '.join(gone)}"
    goals = {(entry["source"], entry["remote"]): entry for entry in after.get("schedules") or ()}
    for entry in before.get("schedules") or ():
        goal = goals.get((entry["source"], entry["remote"]))
        if goal is None or goal["rpo_seconds"] > entry["rpo_seconds"]:
            return "ses machines seront copiées moins souvent"
        if any(_span(goal, place) < _span(entry, place) for place in ("keep", "keep_remote")):
            return "les copies seront gardées moins longtemps : les plus anciennes s’effacent"
    return ""


def _places(policy: Item) -> set[str]:
    return {cluster for place in policy.get("locations") or () for cluster in place["clusters"]}


_SECONDS = dict(zip(INTERVALS, (3_600, 86_400, 604_800, 2_592_000, 31_536_000), strict=True))


def _span(schedule: Item, place: str) -> int:
    """Seconds for which a place keeps copies: the first (`keep`), or the other (`keep_remote`)."""
    every = int(_SECONDS.get(schedule[f"{place}_every"] or "") or schedule["rpo_seconds"])
    return every * int(schedule[place] or 0)


def _pair(configuration: Mapping[str, Any]) -> tuple[str, str]:
    return text(configuration["sourceLocationLabel"]), optional(text, configuration.get("remoteLocationLabel")) or ""


def _schedule(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """Convert an unwrapped configuration to the `schedules` of the table."""
    schedule = mapped(configuration.get("schedule"))
    source, remote = _pair(configuration)
    retention = mapped(schedule.get("retention"))
    kept: dict[str, Any] = {}
    for wire, name in (("local", "keep"), ("remote", "keepRemote")):
        value = retention.get(wire)
        details = value if isinstance(value, Mapping) else {"frequency": value}
        kept |= {name: details.get("frequency"), f"{name}Every": details.get("snapshotIntervalType")}
    return {
        "source": source,
        "remote": remote,
        "rpoSeconds": schedule["recoveryPointObjectiveTimeSeconds"],
        "type": optional(text, schedule.get("recoveryPointType")) or "CRASH_CONSISTENT",
        "start": schedule.get("startTime"),
        "day": schedule.get("dayOfWeek"),
        **kept,
    }


_IDENTIFIED = (4, 3)
"""Version since which an update that says the id of a schedule keeps the same schedule (v4.3, `Schedule`)."""
_REPLACED = frozenset({"$reserved", "$unknownFields", "retention", "startTime", "dayOfWeek"})


def _configuration(entry: Item, live: Mapping[str, Any], left: Collection[str]) -> dict[str, Any]:
    """Configuration on the wire.

    What its schedule has besides and nobody declares stays, but for what is left.
    """
    kept = {name: value for name, value in mapped(live.get("schedule")).items() if name not in left}
    schedule: dict[str, Any] = {
        **kept,
        "recoveryPointObjectiveTimeSeconds": entry["rpo_seconds"],
        "recoveryPointType": entry["type"],
    }
    schedule |= {wire: entry[name] for wire, name in (("startTime", "start"), ("dayOfWeek", "day")) if entry[name]}
    if entry["keep"] is not None:
        schedule["retention"] = _retention(entry)
    made = {"sourceLocationLabel": entry["source"], "schedule": schedule}
    return made | ({"remoteLocationLabel": entry["remote"]} if entry["remote"] else {})


def _retention(entry: Item) -> dict[str, Any]:
    """Retention on the wire: the last copies, or copies that grow rare with age."""
    rolled = entry["keep_every"] is not None
    made: dict[str, Any] = {"$objectType": f"{_V}.{'AutoRollupRetention' if rolled else 'LinearRetention'}"}
    for wire, name in (("local", "keep"), ("remote", "keep_remote")):
        if (count := entry[name]) is None:
            continue
        every = entry[f"{name}_every"]
        made[wire] = {"snapshotIntervalType": every, "frequency": count} if rolled else count
    return made
