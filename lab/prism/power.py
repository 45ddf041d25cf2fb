"""Power: the actions on machines, their placement, the free memory of the cluster."""

from __future__ import annotations

from typing import Any

from lab.prism.errors import TaskFailure
from lab.prism.site import Site

Json = dict[str, Any]


def wrong_state(vm: Json) -> TaskFailure:
    state = vm["powerState"].capitalize()
    return TaskFailure(
        "VMM-30301",
        "VM_INVALID_POWER_STATE",
        f"Failed to perform the operation on the VM with UUID '{vm['extId']}', because the current power state of the "
        f"VM is 'k{state}'.",
    )


def room(site: Site, more: int) -> bool:
    """Tell whether running machines and `more` bytes fit without the largest host."""
    free = sorted(_usable(host) for host in site.world.of("Host").values())
    taken: int = sum(vm["memorySizeBytes"] for vm in site.world.vms_on())
    return taken + more <= sum(free[:-1])


def turn_on(site: Site, vm: Json) -> None:
    """Place a machine and start it. Raises TaskFailure where no host can run it."""
    host = _place(site, vm)
    if host is None or not room(site, vm["memorySizeBytes"]):
        text = f"No host can run the VM with UUID '{vm['extId']}': not enough memory with the HA reservation."
        raise TaskFailure("VMM-34418", "NO_HOST_AVAILABLE", text)
    vm |= {"powerState": "ON", "host": {"extId": host}, "_on_since": site.now()}
    _changed(site, vm)


def turn_off(site: Site, vm: Json) -> None:
    vm["powerState"] = "OFF"
    vm.pop("host", None)
    site.world.going_down.pop(vm["extId"], None)
    _changed(site, vm)


def _changed(site: Site, vm: Json) -> None:
    vm["updateTime"] = site.moment()
    if "guestTools" in vm:
        # The tools speak to the cluster over the network: a restored machine has none that leads there.
        vm["guestTools"]["isReachable"] = vm["powerState"] == "ON" and "_restored" not in vm
    site.world.touch(vm)


def _usable(host: Json) -> int:
    return int(host["memorySizeBytes"] - host["_cvm"])


def _place(site: Site, vm: Json) -> str | None:
    """Return the host with the fewest machines to avoid, then the most free memory."""
    mine = {category["extId"] for category in vm.get("categories", ())}
    separate = set()
    for policy in site.world.of("VmAntiAffinityPolicy").values():
        separate |= mine & {category["extId"] for category in policy.get("categories", ())}
    best: tuple[int, int, str] | None = None
    for host in site.world.of("Host").values():
        here = [other for other in site.world.vms_on() if other["host"]["extId"] == host["extId"]]
        free = _usable(host) - sum(other["memorySizeBytes"] for other in here)
        near = sum(bool(separate & {c["extId"] for c in other.get("categories", ())}) for other in here)
        if free >= vm["memorySizeBytes"]:
            choice = (near, -free, host["extId"])
            best = choice if best is None else min(best, choice)
    return best[2] if best else None


def power_on(site: Site, job: Json) -> None:
    vm = site.world.of("Vm")[job["ids"]["extId"]]
    if vm["powerState"] == "ON":
        raise wrong_state(vm)
    turn_on(site, vm)


def power_off(site: Site, job: Json) -> None:
    turn_off(site, _running(site, job))


def reset(site: Site, job: Json) -> None:
    _changed(site, _running(site, job))


def guest_reboot(site: Site, job: Json) -> None:
    _changed(site, _reachable(site, job))


def shutdown(site: Site, job: Json) -> None:
    """Press the button: the task ends long before the guest is down, if it ever goes down."""
    _ask(site, _running(site, job))


def guest_shutdown(site: Site, job: Json) -> None:
    _ask(site, _reachable(site, job))


def _ask(site: Site, vm: Json) -> None:
    if vm["name"] not in site.behaviour.deaf:
        site.world.going_down[vm["extId"]] = site.now() + site.behaviour.shutdown_seconds


def _running(site: Site, job: Json) -> Json:
    vm: Json = site.world.of("Vm")[job["ids"]["extId"]]
    if vm["powerState"] != "ON":
        raise wrong_state(vm)
    return vm


def _reachable(site: Site, job: Json) -> Json:
    vm = _running(site, job)
    if not vm.get("guestTools", {}).get("isReachable"):
        text = f"Nutanix Guest Tools of the VM with UUID '{vm['extId']}' are not installed or cannot be reached."
        raise TaskFailure("VMM-30310", "NGT_NOT_REACHABLE", text)  # [inferred]
    return vm
