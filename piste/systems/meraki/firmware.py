"""Firmware of a network, by product: the wanted version, and the moment to take it.

A product whose upgrade has happened is as declared, whatever its moment. Nothing is planned for a network whose pilots
have not taken the version, come back, and stayed well since. The Dashboard moves an upgrade and brings the version
before the last upgrade back; no document says how its API cancels an upgrade, so a person does that.

Source: Dashboard API, `updateNetworkFirmwareUpgrades`, `createNetworkFirmwareUpgradesRollback`;
`CiscoDevNet/terraform-provider-meraki` (pull request 253): an upgrade to the version that runs is refused, an older
version takes `firmwareUpgrades/rollbacks`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Self

from piste.engine.clock import in_town
from piste.engine.converge.errors import Guarded, Missing
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.reading import listed, mapped, optional, reading, text, truth
from piste.engine.converge.request import Request
from piste.engine.converge.resource import Field, Resource, Shape
from piste.engine.converge.secrets import Vault
from piste.engine.words import agreed
from piste.systems.meraki.batches import Write
from piste.systems.meraki.connection import NETWORK
from piste.systems.meraki.dashboard import Dashboard, fill
from piste.systems.meraki.driver import DIRECT, PRODUCTS, At, MerakiDriver
from piste.systems.meraki.replaced import online

PATH = "/networks/{network_id}/firmwareUpgrades"
BACK, STAGED = f"{PATH}/rollbacks", f"{PATH}/staged/groups"
BY_HAND = "une personne y programme la version, groupe par groupe, ou retire les groupes"
CANCEL = "Annulez-la au Dashboard : Organization, Firmware upgrades, Scheduled changes"
CATEGORIES = ("broke old features", "other", "performance", "stability", "testing", "unifying networks versions")
PLURAL = {"switch": "commutateurs", "wireless": "bornes Wi-Fi"}

FIRMWARE = Resource(
    system="meraki",
    name="firmware",
    doc="Version d’un type d’équipement",
    shape=Shape.FIXED,
    key=("product",),
    parents={"network": ""},
    endpoint=At(""),
    fields=(
        Field("product", "Type of the devices.", required=True, choices=PRODUCTS, path_only=True),
        Field("version", "Version as the Dashboard spells it, C(switch-17-2).", required=True),
        Field(
            "time",
            "When the devices take it and restart, in UTC, C(2026-12-07T20:00:00Z); null where no upgrade is planned.",
            nullable=True,
        ),
        Field(
            "pilots",
            "Networks that must run the version, their devices back, before an upgrade is planned here.",
            type="list",
            path_only=True,
        ),
        Field(
            "rollback",
            "Reason of a return: C(version) is then the version before the last upgrade, and the way back brings it.",
            type="dict",
            path_only=True,
            of=(
                Field("category", "Category of the vendor.", required=True, choices=CATEGORIES),
                Field("comment", "What happened.", required=True),
            ),
        ),
    ),
)


HEALTH = Field(
    "health",
    "Health of pilots, by network, C({wrong, unread, read_at}): a C(wrong) C({said, since, minor}) stops the networks "
    "after it, what is C(unread) asks for a word. Without it, the Dashboard alone says whether devices came back.",
    type="dict",
)


def ill(pilot: str, health: Mapping[str, Any], upgraded: str | None) -> str:
    """Say what is wrong with a pilot: what is grave, and what began after its upgrade."""
    since = _seconds(upgraded)
    wrong = [entry["said"] for entry in health["wrong"] if not entry["minor"] or _seconds(entry["since"]) > since]
    if not wrong:
        return ""
    more = f", et {agreed(len(wrong) - 1, 'autre(s) constat(s)')}" if wrong[1:] else ""
    return f"{pilot} (pilote) va mal : {wrong[0]}{more}"


def unread(pilot: str, health: Mapping[str, Any], upgraded: str | None) -> str:
    """Say what is unknown of a pilot since its upgrade."""
    old = f"lu le {in_town(health['read_at'])}, avant sa mise à niveau" if health["read_at"] else ""
    why = health["unread"] or (old if _seconds(health["read_at"]) < _seconds(upgraded) else "")
    return f"{pilot} (pilote) : {why}" if why else ""


def staged(dashboard: Dashboard, network_id: str) -> list[str]:
    """Name the groups that stage the upgrades of a network; the default group stages nothing."""
    with reading(f"firmware {network_id}"):
        groups = listed(dashboard.items(fill(STAGED, {"network_id": network_id})))
        return sorted(text(group["name"]) for group in groups if not truth(group["isDefault"]))


def moment(value: Any) -> str:
    """Write a moment of the API to the second, in UTC. Raises ValueError."""
    return f"{datetime.fromisoformat(text(value)).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


class Firmware(MerakiDriver):
    resource = FIRMWARE
    options = (NETWORK, HEALTH)
    states = ("merged", "gathered")

    def __init__(self, dashboard: Dashboard, vault: Vault, owner: str, network: str) -> None:
        super().__init__(dashboard, vault, owner, network)
        self._said: list[str] = []
        self._unread: dict[str, list[str]] = {}
        self.health: Mapping[str, Mapping[str, Any]] | None = None

    @classmethod
    def of(cls, connection: Dashboard, request: Request, params: Mapping[str, Any]) -> Self:
        driver = super().of(connection, request, params)
        driver.health = params.get("health")
        return driver

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        """Read the products of the network. Raises `Missing` for a declared product that it lacks."""
        self._said.clear()
        self._unread.clear()
        if not self.exists:
            self._said += [f"{self.scope} : réseau à créer, ses versions se liront ensuite"] if desired else []
            return {item["product"]: dict(item) for item in desired}
        products = self._products_of(self.network_id)
        asked = {item["product"]: item for item in desired}
        if lacking := sorted(asked.keys() - products.keys()):
            raise Missing(
                f"aucun équipement de ce type : {', '.join(lacking)}",
                where=self.scope,
                todo="Corrigez « upgrades », ou affectez d’abord les équipements au réseau.",
            )
        live = {}
        for product, document in products.items():
            with reading(f"firmware {self.scope} {product}"):
                live[product] = self._live(product, document, asked.get(product))
        return live

    def _products_of(self, network_id: str) -> dict[str, Any]:
        with reading(f"firmware {network_id}"):
            document = self.dashboard.get(fill(PATH, {"network_id": network_id}))
            return {name: shown for name, shown in mapped(document["products"]).items() if name in PRODUCTS}

    def _live(self, product: str, document: Mapping[str, Any], asked: Item | None) -> Item:
        """State of a product; what is asked itself where it is done."""
        self.raw[product] = dict(document)
        runs, coming = _runs(document), mapped(document.get("nextUpgrade"))
        if optional(moment, coming.get("time")) is None:
            item: Item = {"product": product, "version": runs, "time": None}
        else:
            item = {"product": product, "version": _name(coming["toVersion"]), "time": moment(coming["time"])}
        if asked is None:
            return item
        item |= {name: asked[name] for name in ("pilots", "rollback") if name in asked}
        if item["version"] == asked["version"] == runs:
            return {**item, "time": asked.get("time")}
        return item

    def lacks(self, item: Item) -> str:
        """Say which pilot an upgrade waits for; where it is planned already, a remark says it."""
        document = self.raw.get(item["product"])
        if document is None:
            return ""
        with reading(f"firmware {self.scope} {item['product']}"):
            planned = mapped(document.get("nextUpgrade")).get("toVersion")
            if item["version"] == _runs(document):
                return ""
            if groups := staged(self.dashboard, self.network_id) if item["product"] == "switch" else []:
                return f"{self.scope} échelonne ses commutateurs au Dashboard ({', '.join(groups)}) : {BY_HAND}"
            why = self._awaited(item["product"], item)
            if why and planned and item["version"] == _name(planned):
                self._said.append(f"{self.scope} : {item['version']} est programmée, et {why}. {CANCEL}.")
                return ""
        return f"{item['version']} attend, {why}" if why else ""

    def _awaited(self, product: str, asked: Item) -> str:
        """Say which pilot has not taken the version, or has not come back; empty where all have."""
        networks = {network["name"]: network["id"] for network in self.dashboard.networks()}
        for pilot in asked.get("pilots", ()):
            shown = self._products_of(networks[pilot]).get(product) if pilot in networks else None
            if shown is None:
                return f"{pilot} (pilote) n’a pas de {PLURAL[product]}"
            if (runs := _runs(shown)) != asked["version"]:
                return f"{pilot} (pilote) est en {runs}"
            serials = [device["serial"] for device in self._devices(networks[pilot], product)]
            if silent := sorted({*serials} - online(self.dashboard, serials)):
                return f"{pilot} (pilote) n’est pas revenu : {', '.join(silent)} ne répond pas"
            if why := self._ill(product, pilot, optional(moment, mapped(shown.get("lastUpgrade")).get("time"))):
                return why
        return ""

    def _ill(self, product: str, pilot: str, upgraded: str | None) -> str:
        """Say what is wrong with a pilot since its upgrade; note what is unknown of it."""
        if self.health is None:
            return ""
        known = self.health[pilot]
        if wrong := ill(pilot, known, upgraded):
            return wrong
        if why := unread(pilot, known, upgraded):
            self._unread.setdefault(product, []).append(why)
        return ""

    def _devices(self, network_id: str, product: str) -> list[dict[str, Any]]:
        return [
            device
            for device in self.dashboard.devices()
            if (device["networkId"], device["productType"]) == (network_id, product)
        ]

    def label(self, key: str, item: Item) -> str:
        return PLURAL[key]

    def remarks(self) -> list[str]:
        return [*super().remarks(), *self._said]

    def rests_on(self, operation: Operation) -> Iterable[str]:
        """A planned way back is read like an upgrade: this is [belief meraki.rollback_shown]."""
        return ["meraki.rollback_shown"] if (operation.after or {}).get("rollback") else []

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        """Ask a word for each upgrade: the devices restart. Raises for what the Dashboard cannot do."""
        needed = {}
        for operation in operations:
            after = operation.after or {}
            self._check(operation.key, after)
            count = len(self._devices(self.network_id, operation.key))
            restarted = f"{count} {PLURAL[operation.key]} de {self.scope} redémarrent le {in_town(after['time'])} pour"
            if after.get("rollback"):
                needed[f"rollback:{operation.key}"] = f"{restarted} revenir à {after['version']}"
            else:
                needed[f"firmware:{operation.key}"] = f"{restarted} {after['version']}"
            if unread := self._unread.get(operation.key):
                needed[f"unread:{operation.key}"] = f"l’état des pilotes est inconnu : {' ; '.join(unread)}"
        return needed

    def _check(self, product: str, after: Item) -> None:
        where, offered = f"{self.scope}, {PLURAL[product]}", self._offered(product)
        if after.get("time") is None:
            raise Guarded(
                "une mise à niveau programmée ne s’annule pas par l’API (aucun document ne dit comment)",
                where=where,
                todo=f"{CANCEL}, puis relancez.",
            )
        if datetime.fromisoformat(after["time"]).timestamp() <= self.dashboard.clock.time():
            raise Guarded(
                f"la fenêtre du {in_town(after['time'])} est passée, et la version n’y est pas",
                where=where,
                todo="Donnez à la vague un autre jour (upgrades).",
            )
        if after.get("rollback"):
            self._check_return(product, after["version"], where)
        elif after["version"] not in offered:
            raise Missing(
                f"le Dashboard ne propose pas {after['version']}",
                where=where,
                why=f"Il propose : {', '.join(sorted(offered)) or 'rien'}.",
                todo="Corrigez la version, ou demandez-la à l’assistance de Meraki.",
            )

    def _check_return(self, product: str, version: str, where: str) -> None:
        with reading(f"firmware {self.scope} {product}"):
            document = self.raw[product]
            last, coming = mapped(document.get("lastUpgrade")), mapped(document.get("nextUpgrade"))
            planned = optional(moment, coming.get("time"))
            reached, left = (_name(last[end]) if last.get(end) else "" for end in ("toVersion", "fromVersion"))
        if planned:
            raise Guarded(f"une mise à niveau est programmée le {in_town(planned)}", where=where, todo=f"{CANCEL}.")
        if (reached, left) != (_runs(document), version):
            raise Guarded(
                f"le Dashboard ne revient pas à {version}",
                where=where,
                why=f"Dernière mise à niveau : de {left} à {reached}." if reached else "Il n’en connaît aucune.",
                todo="Corrigez « rollback », ou demandez la version à l’assistance de Meraki.",
            )

    def _offered(self, product: str) -> dict[str, str]:
        """Ids of the versions that the Dashboard offers, by name."""
        with reading(f"firmware {self.scope} {product}"):
            return {_name(entry): text(entry["id"]) for entry in listed(self.raw[product].get("availableVersions"))}

    def writes(self, operation: Operation) -> Iterator[Write]:
        after = operation.after or {}
        if reason := after.get("rollback"):
            former = mapped(mapped(self.raw[operation.key]["lastUpgrade"])["fromVersion"])
            body = {"product": operation.key, "time": after["time"], "reasons": [dict(reason)]}
            body["toVersion"] = {"id": text(former["id"])}
            yield Write(operation, fill(BACK, {"network_id": self.network_id}), body, DIRECT, "POST")
            return
        upgrade = {"time": after["time"], "toVersion": {"id": self._offered(operation.key)[after["version"]]}}
        body = {"products": {operation.key: {"nextUpgrade": upgrade}}}
        yield Write(operation, fill(PATH, {"network_id": self.network_id}), body, DIRECT, "PUT")


def _seconds(moment_: str | None) -> float:
    return datetime.fromisoformat(moment_).timestamp() if moment_ else 0.0


def _name(version: Any) -> str:
    return text(mapped(version)["firmware"])


def _runs(document: Mapping[str, Any]) -> str:
    return _name(document["currentVersion"])
