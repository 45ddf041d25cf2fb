"""Every body that we send to Prism Central against the strict contract of types."""

from __future__ import annotations

from pathlib import Path

from lab.prism.kinds import route
from tests.support.hosting import PrismWorld, converge, intent, once
from tests.support.prism_contract import Contract
from tests.support.rich_hosting import OTHER, estate


def test_every_body_that_we_send_is_one_of_the_vendor_s_models(tmp_path: Path, prism_contract: Contract) -> None:
    world = PrismWorld(tmp_path)
    world.secrets["prism/vm/essai-2/guest"] = "#cloud-config"
    converge(world, intent(**estate()))
    sent = _sent(world)
    for part, module in (("categories", "prism_categories"), ("subnets", "prism_subnets"), ("images", "prism_images")):
        first = estate()[part][0]
        once(world, module, [{**first, **OTHER[part]}], confirm=["vlan"])
    guest = {"kind": "cloud_init", "script": {"secret": "prism/vm/essai-2/guest"}}
    once(world, "prism_vms", [{"name": "essai-2", "num_sockets": 1, "memory": "1 GiB", "guest": guest}])
    cards = {"essai (2)": None, "autre": {"connected": False}}
    changed = {**OTHER["vms"], "disks": {"PCI.1": {"size": "2 GiB"}, "SCSI.2": {"size": "1 GiB"}}, "nics": cards}
    once(world, "prism_vms", [{"name": "essai-1", **changed}], confirm=["stop"])
    once(world, "prism_affinity_policies", [{"name": "Séparer", **OTHER["affinity_policies"]}])
    sent += _sent(world)
    seen = set()
    for method, path, body in sent:
        namespace, _, *rest = path.split("/")
        matched = route(method, "/".join([namespace, *rest]))
        assert matched is not None, path
        operation, _ = matched
        seen.add(operation.name)
        if operation.body in ("", "-"):
            assert body is None
        else:
            assert prism_contract.faults(namespace, operation.body, body) == [], (method, path)
    assert {
        "CreateVm", "UpdateVm", "CreateDisk", "UpdateDisk", "DeleteNic", "UpdateNic", "PowerOnVm", "ShutdownVm",
        "CreateSubnet", "UpdateSubnet", "CreateImage", "UpdateImage", "CreateCategory", "UpdateCategory",
        "CreateVmAntiAffinityPolicy", "CreateVmHostAffinityPolicy", "UpdateVmAntiAffinityPolicy",
    } <= seen  # fmt: skip


def _sent(world: PrismWorld) -> list[tuple[str, str, object]]:
    faults = [
        (method, path, body)
        for (method, path), body in zip(world.requests, world.bodies, strict=True)
        if method not in ("GET", "OPTIONS")
    ]
    world.forget_requests()
    return faults
