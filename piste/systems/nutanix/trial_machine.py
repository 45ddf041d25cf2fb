"""A machine of a restore test: what it is known by, what is sent back of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from piste.engine.converge.errors import Diverged
from piste.engine.converge.reading import listed, mapped, optional, text
from piste.systems.nutanix.documents import READ_ONLY, reference
from piste.systems.nutanix.prism import pruned

_VM_ADDED = READ_ONLY | {"createTime", "updateTime", "powerState", "host", "protectionType", "protectionPolicyState"}


@dataclass(frozen=True, slots=True)
class Trial:
    """A machine that a test makes: `of` and `source` are the name and the id of its source.

    It is younger than `since`, in seconds since 1970.
    """

    name: str
    description: str
    of: str
    source: str
    since: float


def addresses(machine: Mapping[str, Any]) -> list[str]:
    """Addresses that the cards of a machine were seen to use."""
    infos = [mapped(nic.get("nicNetworkInfo") or nic.get("networkInfo")) for nic in listed(machine.get("nics"))]
    learned = [entry for info in infos for entry in listed(mapped(info.get("ipv4Info")).get("learnedIpAddresses"))]
    return [text(entry["value"]) for entry in learned]


def description(name: str, until: str) -> str:
    """Text of a restored machine: what it is, and until when it may stay."""
    return f"Essai de restauration de {name}, à supprimer après {until}"


def just_made(machine: Mapping[str, Any], since: float) -> bool:
    """True for a machine that is off, and younger than the test.

    A restore gives it a `createTime` of its own [belief prism.restored_birth].
    """
    born = optional(text, machine.get("createTime"))
    off = text(machine["powerState"]) == "OFF"
    return off and born is not None and datetime.fromisoformat(born).timestamp() >= since


def foreign(machine: Mapping[str, Any], trial: Trial) -> Diverged:
    return Diverged(
        f"{machine['name']} n’est pas une machine d’essai : elle reste",
        where=text(machine["extId"]),
        why=f"Une machine de cet essai s’appelle {trial.name}, « {trial.description} », et rien de déclaré n’a ce nom.",
        todo="Cherchez-la dans Prism Central ; si elle est bien de l’essai, supprimez-la à la main, puis relancez.",
    )


def same_wire(other: Mapping[str, Any], subnet: Mapping[str, Any]) -> bool:
    keys = ("networkId", "virtualSwitchReference")
    return all(other.get(key) == subnet.get(key) for key in keys)


def carries_more(nic: Mapping[str, Any]) -> bool:
    """True where a card carries other VLANs than that of its subnet, or is a physical card."""
    info = mapped(nic.get("nicNetworkInfo") or nic.get("networkInfo"))
    return (info.get("vlanMode") or "ACCESS") != "ACCESS" or (info.get("nicType") or "NORMAL_NIC") != "NORMAL_NIC"


def sent_back(machine: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in machine.items() if name not in _VM_ADDED}
    sent: dict[str, Any] = pruned(kept, lambda name: name in ("$reserved", "$unknownFields", "$metadata"))
    return sent


def moved(nic: Mapping[str, Any], subnet: str) -> dict[str, Any]:
    """Card on another subnet alone, in both of its forms; what it had learned is not sent back."""
    left_out = ("$reserved", "$unknownFields", "$metadata", "ipv4Info", "ipv4Config")
    body: dict[str, Any] = pruned(nic, lambda name: name in left_out)
    for form in ("networkInfo", "nicNetworkInfo"):
        if form in body:
            body[form] = {**body[form], "subnet": reference(subnet), "vlanMode": "ACCESS"}
            body[form].pop("trunkedVlans", None)
    return {name: value for name, value in body.items() if name not in READ_ONLY or name == "extId"}
