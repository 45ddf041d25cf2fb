"""Virtual machines between table and wire: boot, categories, disks, cards, guest script."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any

from piste.engine.converge.plan import Item
from piste.engine.converge.reading import listed, mapped, number, text, truth
from piste.engine.converge.secrets import Secret
from piste.systems.nutanix.documents import reference
from piste.systems.nutanix.names import Names
from piste.systems.nutanix.quantities import in_bytes
from piste.systems.nutanix.subnets import subnet_of

_C = "vmm.v4.ahv.config"
_POWER = {"ON": "running", "OFF": "stopped"}


def plain(document: Mapping[str, Any], known: Names) -> dict[str, Any]:
    """Fields of the table whose form differs from the wire, from a document."""
    fields: dict[str, Any] = {
        "power": _POWER.get(document["powerState"], text(document["powerState"]).lower()),
        "vtpm": truth(mapped(document.get("vtpmConfig")).get("isVtpmEnabled")),
        "categories": _categories(document, known),
        "disks": {address: _disk(disk) for address, disk in disks(document)},
        "nics": {name: _nic(nic) for name, nic in nics(document, known)},
    }
    if boot := mapped(document.get("bootConfig")):
        uefi = text(boot["$objectType"]).endswith("UefiBoot")
        fields["boot"] = {"kind": "uefi" if uefi else "legacy", "secure": truth(boot.get("isSecureBootEnabled"))}
        if order := listed(boot.get("bootOrder")):
            fields["boot"]["order"] = order
    return fields


def _categories(document: Mapping[str, Any], known: Names) -> dict[str, str]:
    values: dict[str, list[str]] = {}
    for category in listed(document.get("categories")):
        key, _, value = known["category"].get(text(category["extId"]), "").partition(":")
        if value:
            values.setdefault(key, []).append(value)
    return {key: ", ".join(values[key]) for key in sorted(values)}


def disks(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the disks of a machine by bus and place, without volume groups."""
    for disk in listed(document.get("disks")):
        if "volumeGroupExtId" not in mapped(disk.get("backingInfo")):
            at = disk["diskAddress"]
            yield f"{text(at['busType'])}.{number(at['index'])}", disk


def _disk(disk: Mapping[str, Any]) -> dict[str, Any]:
    backing = mapped(disk.get("backingInfo"))
    source = mapped(mapped(backing.get("dataSource")).get("reference"))
    entry = {
        "size": backing.get("diskSizeBytes"),
        "container": mapped(backing.get("storageContainer")).get("extId"),
        "image": source.get("imageExtId"),
    }
    return {name: value for name, value in entry.items() if value is not None}


def nics(document: Mapping[str, Any], known: Names) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the cards of a machine by the name of their subnet, numbered from the second on."""
    count: dict[str, int] = {}
    for nic in listed(document.get("nics")):
        subnet = subnet_of(nic)
        name = known["subnet"].get(subnet, subnet)
        count[name] = count.get(name, 0) + 1
        yield name if count[name] == 1 else f"{name} ({count[name]})", nic


def subnet_named(card: str) -> str:
    """Subnet in the name of a card."""
    head, _, tail = card.rpartition(" (")
    return head if head and tail.removesuffix(")").isdecimal() else card


def _nic(nic: Mapping[str, Any]) -> dict[str, Any]:
    backing = mapped(nic.get("nicBackingInfo") or nic.get("backingInfo"))
    info = mapped(nic.get("nicNetworkInfo") or nic.get("networkInfo"))
    address = mapped(mapped(info.get("ipv4Config")).get("ipAddress")).get("value")
    entry = {
        "model": backing.get("model"),
        "connected": backing.get("isConnected"),
        "mac": backing.get("macAddress"),
        "ip": address,
    }
    return {name: value for name, value in entry.items() if value is not None}


def new_disk(address: str, entry: Mapping[str, Any], known: Names) -> dict[str, Any]:
    bus, _, index = address.partition(".")
    backing: dict[str, Any] = {"$objectType": f"{_C}.VmDisk"}
    if "size" in entry:
        backing["diskSizeBytes"] = in_bytes(entry["size"])
    if "container" in entry:
        backing["storageContainer"] = reference(known.id_of("storage_container", entry["container"]))
    if "image" in entry:
        image = {"$objectType": f"{_C}.ImageReference", "imageExtId": known.id_of("image", entry["image"])}
        backing["dataSource"] = {"reference": image}
    return {"diskAddress": {"busType": bus, "index": int(index)}, "backingInfo": backing}


def grown_disk(disk: Mapping[str, Any], size: str) -> dict[str, Any]:
    """Body that grows a disk, without its source, which is refused [read in vendor code]."""
    kept = ("$objectType", "storageContainer")
    backing = {name: value for name, value in disk["backingInfo"].items() if name in kept}
    return {"diskAddress": disk["diskAddress"], "backingInfo": {**backing, "diskSizeBytes": in_bytes(size)}}


def new_nic(card: str, entry: Mapping[str, Any], known: Names) -> dict[str, Any]:
    """Body of a new card, in the older of its two forms, which every version accepts."""
    info: dict[str, Any] = {
        "nicType": "NORMAL_NIC",
        "vlanMode": "ACCESS",
        "subnet": reference(known.id_of("subnet", subnet_named(card))),
    }
    if entry.get("ip"):
        info["ipv4Config"] = {"shouldAssignIp": True, "ipAddress": {"value": entry["ip"]}}
    backing = {"model": entry.get("model", "VIRTIO"), "isConnected": entry.get("connected", True)}
    if entry.get("mac"):
        backing["macAddress"] = entry["mac"]
    return {"networkInfo": info, "backingInfo": backing}


def changed_nic(nic: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """Body of a changed card, in both of its forms where the system gives both."""
    result = {name: value for name, value in nic.items() if name not in ("extId", "links", "tenantId", "$reserved")}
    for name in ("backingInfo", "nicBackingInfo"):
        if name in result or (name == "backingInfo" and "nicBackingInfo" not in result):
            backing = dict(result.get(name) or {})
            backing |= {"model": entry["model"]} if "model" in entry else {}
            backing |= {"isConnected": entry["connected"]} if "connected" in entry else {}
            result[name] = backing
    for name in ("networkInfo", "nicNetworkInfo"):
        if name in result:
            info = {key: value for key, value in result[name].items() if key not in ("ipv4Info", "ipv6Info")}
            if "ip" in entry:
                info["ipv4Config"] = {"shouldAssignIp": True, "ipAddress": {"value": entry["ip"]}}
            result[name] = info
    return result


def boot(desired: Mapping[str, Any], document: Mapping[str, Any], known: Names) -> dict[str, Any]:
    """Build `bootConfig`: the declared fields over the live fields."""
    whole = {**(plain(document, known).get("boot") or {} if document else {}), **desired}
    kind = whole.get("kind", "legacy")
    config: dict[str, Any] = {"$objectType": f"{_C}.{'UefiBoot' if kind == 'uefi' else 'LegacyBoot'}"}
    if whole.get("order"):
        config["bootOrder"] = whole["order"]
    if kind == "uefi":
        config["isSecureBootEnabled"] = bool(whole.get("secure"))
        same = str(mapped(document.get("bootConfig")).get("$objectType", "")).endswith("UefiBoot")
        if same and "nvramDevice" in document["bootConfig"]:
            config["nvramDevice"] = document["bootConfig"]["nvramDevice"]
    return config


def categories(desired: Mapping[str, str | None], document: Mapping[str, Any], known: Names) -> set[str]:
    """Ids of the categories that a machine must have.

    They are those of the desired keys, where None removes a key, and all live categories of other keys.
    """
    here = [text(category.get("extId")) for category in listed(document.get("categories"))]
    kept = {ext_id for ext_id in here if known["category"].get(ext_id, ":").partition(":")[0] not in desired}
    pairs = [f"{key}:{value}" for key, some in desired.items() if some for value in some.split(", ")]
    return kept | {known.id_of("category", pair) for pair in pairs}


def guest(desired: Item) -> dict[str, Any] | None:
    """Build `guestCustomization`; None where the secret is not known."""
    script = desired.get("script")
    value = script.value if isinstance(script, Secret) else None
    if value is None:
        return None
    text = b64encode(value.encode()).decode()
    if desired["kind"] == "cloud_init":
        script_of = {"$objectType": f"{_C}.Userdata", "value": text}
        config = {"$objectType": f"{_C}.CloudInit", "datasourceType": "CONFIG_DRIVE_V2", "cloudInitScript": script_of}
    else:
        answers = {"$objectType": f"{_C}.Unattendxml", "value": text}
        config = {"$objectType": f"{_C}.Sysprep", "installType": "PREPARED", "sysprepScript": answers}
    return {"config": config}
