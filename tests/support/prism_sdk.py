"""Nutanix's own Python SDKs at work on the lab: a second client, that we did not write.

It runs in an environment of its own (`.cache/nutanix`, whose pins conflict with ours), started by `tests.support.sdk`:
`python prism_sdk.py INFO.json NAME [ARGUMENT…]` calls the function of that name below and prints what it returns.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any
from urllib.parse import urlsplit

import ntnx_clustermgmt_py_client as clustermgmt
import ntnx_datapolicies_py_client as datapolicies
import ntnx_dataprotection_py_client as dataprotection
import ntnx_networking_py_client as networking
import ntnx_prism_py_client as prism
import ntnx_vmm_py_client as vmm

GIB = 1 << 30


class _Names:
    """Models of a package; the SDK prefixes names that another package has too."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def __getattr__(self, name: str) -> Any:
        return getattr(vmm, f"{self._prefix}{name}", None) or getattr(vmm, name)


config, rules = _Names("AhvConfig"), _Names("AhvPolicies")


class Site:
    """A Prism Central through the vendor's clients."""

    def __init__(self, info: dict[str, Any]) -> None:
        self._info = info
        self.categories = prism.CategoriesApi(self._client(prism))
        self.tasks = prism.TasksApi(self.categories.api_client)
        self.managers = prism.DomainManagerApi(self.categories.api_client)
        self.subnets = networking.SubnetsApi(self._client(networking))
        self.switches = networking.VirtualSwitchesApi(self.subnets.api_client)
        self.vms = vmm.VmApi(self._client(vmm))
        self.images = vmm.ImagesApi(self.vms.api_client)
        self.anti = vmm.VmAntiAffinityPoliciesApi(self.vms.api_client)
        self.near = vmm.VmHostAffinityPoliciesApi(self.vms.api_client)
        self.clusters = clustermgmt.ClustersApi(self._client(clustermgmt))
        self.containers = clustermgmt.StorageContainersApi(self.clusters.api_client)
        self.copies = dataprotection.RecoveryPointsApi(self._client(dataprotection))
        self.rules = datapolicies.ProtectionPoliciesApi(self._client(datapolicies))
        self.plans = datapolicies.RecoveryPlansApi(self.rules.api_client)

    def _client(self, sdk: Any) -> Any:
        configuration = sdk.Configuration()
        url = urlsplit(self._info["prism"]["url"])
        configuration.scheme, configuration.host, configuration.port = "https", url.hostname, url.port
        configuration.username = self._info["prism"]["username"]
        configuration.password = self._info["prism"]["password"]
        configuration.root_ca_certificate_file = self._info["ca_file"]
        configuration.max_retry_attempts = 1
        return sdk.ApiClient(configuration=configuration)

    def wait(self, answer: Any) -> Any:
        """Follow a task to its end."""
        for _ in range(100):
            task = self.tasks.get_task_by_id(answer.data.ext_id).data
            if task.status not in ("QUEUED", "RUNNING"):
                return task
            time.sleep(0.05)
        raise TimeoutError(answer.data.ext_id)

    def made(self, answer: Any) -> str:
        """Return the id of what a task made."""
        return str(self.wait(answer).entities_affected[-1].ext_id)

    def vm(self, name: str) -> Any:
        """Return a machine as its own GET shows it, with its ETag."""
        (vm,) = self.vms.list_vms(_filter=f"name eq '{name}'").data
        return self.vms.get_vm_by_id(vm.ext_id).data

    def etag(self, entity: Any) -> dict[str, str]:
        return {"if_match": self.vms.api_client.get_etag(entity)}

    def changed(self, vm: Any) -> str:
        return str(self.wait(self.vms.update_vm_by_id(vm.ext_id, vm)).status)


def categories(site: Site) -> dict[str, Any]:
    api = site.categories
    made = api.create_category(prism.Category(key="Essai", value="un", description="d")).data
    read = api.get_category_by_id(made.ext_id).data
    read.description = "deux"
    api.update_category_by_id(made.ext_id, read)
    after = api.get_category_by_id(made.ext_id).data
    listed = api.list_categories(_filter="key eq 'Essai' and value eq 'un'").data
    api.delete_category_by_id(made.ext_id)
    gone = api.list_categories(_filter="key eq 'Essai'").data
    return {
        "type": made.type, "owner": made.owner_uuid == after.owner_uuid, "description": after.description,
        "listed": [item.ext_id for item in listed] == [made.ext_id], "gone": gone,
    }  # fmt: skip


def subnets(site: Site) -> dict[str, Any]:
    api = site.subnets
    models = networking
    address = models.IPv4Address(value="10.93.250.0")
    plan = models.IPv4Config(ip_subnet=models.IPv4Subnet(ip=address, prefix_length=24))
    body = models.Subnet(
        name="essai", subnet_type="VLAN", network_id=399, ip_config=[models.IPConfig(ipv4=plan)],
        dhcp_options=models.DhcpOptions(domain_name="ad.lebourget.example"),
    )  # fmt: skip
    ext_id = site.made(api.create_subnet(body))
    read = api.get_subnet_by_id(ext_id).data
    read.description = "vu"
    site.wait(api.update_subnet_by_id(ext_id, read))
    after = api.get_subnet_by_id(ext_id).data
    site.wait(api.delete_subnet_by_id(ext_id))
    return {
        "network": after.network_id, "prefix": after.ip_config[0].ipv4.ip_subnet.prefix_length,
        "domain": after.dhcp_options.domain_name, "description": after.description,
        "gone": api.list_subnets(_filter="name eq 'essai'").data,
        "switches": [switch.name for switch in site.switches.list_virtual_switches().data],
    }  # fmt: skip


def images(site: Site) -> dict[str, Any]:
    api = site.images
    body = vmm.Image(name="essai", type="ISO_IMAGE", source=vmm.UrlSource(url="https://images.example/essai.iso"))
    ext_id = site.made(api.create_image(body))
    read = api.get_image_by_id(ext_id).data
    read.description = "vue"
    site.wait(api.update_image_by_id(ext_id, read))
    after = api.get_image_by_id(ext_id).data
    site.wait(api.delete_image_by_id(ext_id))
    return {"source": type(after.source).__name__, "type": after.type, "description": after.description,
            "gone": api.list_images(_filter="name eq 'essai'").data}  # fmt: skip


def machines(site: Site) -> dict[str, Any]:
    """Create a machine, change it in every way that we do, run it, delete it."""
    api = site.vms
    subnet = site.subnets.list_subnets().data[0].ext_id
    image = site.images.list_images().data[0].ext_id
    category = site.categories.list_categories(_filter="value eq 'HorsProduction'").data[0].ext_id
    source = config.DataSource(reference=config.ImageReference(image_ext_id=image))
    disk = config.Disk(disk_address=config.DiskAddress(bus_type="SCSI", index=0),
                       backing_info=config.VmDisk(disk_size_bytes=60 * GIB, data_source=source))  # fmt: skip
    network = config.NicNetworkInfo(nic_type="NORMAL_NIC", subnet=config.SubnetReference(ext_id=subnet))
    body = config.Vm(
        name="sdk-1", num_sockets=1, memory_size_bytes=2 * GIB, disks=[disk], nics=[config.Nic(network_info=network)],
        boot_config=config.UefiBoot(is_secure_boot_enabled=True, boot_order=["DISK"]),
        cluster=config.ClusterReference(ext_id=_cluster(site).ext_id),
    )  # fmt: skip
    ext_id = site.made(api.create_vm(body))
    seen: dict[str, Any] = {"first": {
        "power": (vm := site.vm("sdk-1")).power_state, "boot": type(vm.boot_config).__name__,
        "image": vm.disks[0].backing_info.data_source.reference.image_ext_id == image,
        "nic": vm.nics[0].nic_network_info.subnet.ext_id == subnet, "same": vm.ext_id == ext_id,
    }}  # fmt: skip
    vm.description, vm.num_sockets = "changée", 2
    seen["changed"] = site.changed(vm)
    after = site.vm("sdk-1")
    seen["kept"] = [after.description, after.num_sockets, after.disks[0].ext_id == vm.disks[0].ext_id,
                    after.nics[0].ext_id == vm.nics[0].ext_id, after.bios_uuid == vm.bios_uuid]  # fmt: skip
    params = config.AssociateVmCategoriesParams(categories=[config.CategoryReference(ext_id=category)])
    site.wait(api.associate_categories(ext_id, params, **site.etag(after)))
    grown = api.get_disk_by_id(ext_id, after.disks[0].ext_id).data
    grown.backing_info.disk_size_bytes, grown.backing_info.data_source = 80 * GIB, None
    grown.get_reserved()["ETag"] = site.etag(site.vm("sdk-1"))["if_match"]
    seen["grown"] = site.wait(api.update_disk_by_id(ext_id, grown.ext_id, grown)).status
    extra = config.Disk(backing_info=config.VmDisk(disk_size_bytes=10 * GIB))
    site.wait(api.create_disk(ext_id, extra, **site.etag(site.vm("sdk-1"))))
    second = config.Nic(network_info=network)
    site.wait(api.create_nic(ext_id, second, **site.etag(site.vm("sdk-1"))))
    site.wait(api.create_cd_rom(ext_id, config.CdRom(), **site.etag(site.vm("sdk-1"))))
    whole = site.vm("sdk-1")
    seen["parts"] = [[disk.backing_info.disk_size_bytes // GIB for disk in whole.disks], len(whole.nics),
                     len(whole.cd_roms), [c.ext_id for c in whole.categories] == [category]]  # fmt: skip
    for call, part in ((api.delete_disk_by_id, whole.disks[1]), (api.delete_nic_by_id, whole.nics[1]),
                       (api.delete_cd_rom_by_id, whole.cd_roms[0])):  # fmt: skip
        site.wait(call(ext_id, part.ext_id, **site.etag(site.vm("sdk-1"))))
    seen["power"] = []
    for call in (api.power_on_vm, api.reset_vm, api.power_off_vm):
        task = site.wait(call(ext_id, **site.etag(site.vm("sdk-1"))))
        seen["power"].append([task.status, site.vm("sdk-1").power_state])
    refused = site.wait(api.shutdown_guest_vm(ext_id, config.GuestPowerOptions(), **site.etag(site.vm("sdk-1"))))
    seen["refused"] = [refused.status, refused.error_messages[0].code]
    site.wait(api.delete_vm_by_id(ext_id, **site.etag(site.vm("sdk-1"))))
    seen["gone"] = api.list_vms(_filter="name eq 'sdk-1'").data
    return seen


def policies(site: Site) -> dict[str, Any]:
    categories = site.categories.list_categories(_filter="value eq 'HorsProduction'").data
    category = [rules.CategoryReference(ext_id=item.ext_id) for item in categories]
    seen: dict[str, Any] = {}
    for api, name, body in (
        (site.anti, "vm_anti_affinity_policy", rules.VmAntiAffinityPolicy(name="essai", categories=category)),
        (site.near, "vm_host_affinity_policy", rules.VmHostAffinityPolicy(name="essai", vm_categories=category,
                                                                        host_categories=category)),
    ):  # fmt: skip
        ext_id = site.made(getattr(api, f"create_{name}")(body))
        read = getattr(api, f"get_{name}_by_id")(ext_id).data
        read.description = "vue"
        site.wait(getattr(api, f"update_{name}_by_id")(ext_id, read))
        after = getattr(api, f"get_{name}_by_id")(ext_id).data
        site.wait(getattr(api, f"delete_{name}_by_id")(ext_id))
        seen[name] = after.description
    return seen


def protection(site: Site) -> dict[str, Any]:
    """Drive a protection policy and a recovery plan; restore a copy under another name."""
    category = site.categories.list_categories(_filter="value eq 'HorsProduction'").data[0].ext_id
    manager, cluster = site.managers.list_domain_managers().data[0].ext_id, _cluster(site).ext_id
    subnet = site.subnets.list_subnets().data[0].ext_id
    inside = datapolicies.NutanixCluster(cluster_ext_ids=[cluster])
    place = datapolicies.ReplicationLocation("ici", manager, inside, is_primary=True)
    kept = datapolicies.LinearRetention(local=7)
    schedule = datapolicies.Schedule(recovery_point_objective_time_seconds=86_400, retention=kept, start_time="22h:30m")
    configuration = datapolicies.ReplicationConfiguration(source_location_label="ici", schedule=schedule)
    body = datapolicies.ProtectionPolicy("essai", None, [place], [configuration], [category])
    task = site.wait(site.rules.create_protection_policy(body))
    ext_id = task.completion_details[0].value
    after = site.rules.get_protection_policy_by_id(ext_id).data
    after.description = "vue"
    site.wait(site.rules.update_protection_policy_by_id(ext_id, after))
    after = site.rules.get_protection_policy_by_id(ext_id).data
    seen: dict[str, Any] = {
        "made_by": task.completion_details[0].name, "description": after.description,
        "kept": after.replication_configurations[0].schedule.retention.local,
        "cluster": after.replication_locations[0].replication_sub_location.cluster_ext_ids == [cluster],
    }  # fmt: skip
    site.wait(site.rules.delete_protection_policy_by_id(ext_id))
    here = [datapolicies.EntityReference(ext_id=cluster)]
    location = datapolicies.DisasterRecoveryLocation(domain_manager_ext_id=manager, clusters=here)
    plan = datapolicies.RecoveryPlan(name="essai", primary_location=location, recovery_location=location)
    ext_id = site.made(site.plans.create_recovery_plan(plan))
    pause = datapolicies.StageAction(config=datapolicies.DelayAction(delay_secs=60))
    stage = datapolicies.RecoveryStage(entity_type="VM", category_ext_ids=[category], priority=2, post_actions=[pause])
    site.wait(site.plans.create_recovery_stage(ext_id, stage))
    mapping = datapolicies.NetworkMapping(*[datapolicies.NetworkConfig(subnet_ext_id=subnet)] * 2)
    site.wait(site.plans.create_network_mapping(ext_id, mapping))
    stage = site.plans.get_recovery_stage_by_id(ext_id, site.plans.list_recovery_stages(ext_id).data[0].ext_id).data
    stage.priority = 3
    site.wait(site.plans.update_recovery_stage_by_id(ext_id, stage.ext_id, stage))
    (stage,) = site.plans.list_recovery_stages(ext_id).data
    seen["stage"] = [stage.priority, stage.post_actions[0].config.delay_secs]
    seen["mappings"] = len(site.plans.list_network_mappings(ext_id).data)
    site.wait(site.plans.delete_recovery_stage_by_id(ext_id, stage.ext_id))
    site.wait(site.plans.delete_recovery_plan_by_id(ext_id))
    gone = [site.rules.list_protection_policies().data, site.plans.list_recovery_plans().data]
    return {**seen, "gone": gone, **_restored(site, subnet)}


def _restored(site: Site, subnet: str) -> dict[str, Any]:
    source = site.vm("hdv-dc1")
    (copied,) = site.copies.list_recovery_points(_filter="name eq 'nuit-hdv-dc1'").data
    copied = site.copies.get_recovery_point_by_id(copied.ext_id).data
    models = dataprotection
    there = models.VmRestoreVirtualEthernetNicNetworkInfoOverrideSpec(subnet=models.SubnetReference(ext_id=subnet))
    card = models.VmRestoreNicConfigOverrideParams(nic_ext_id=source.nics[0].ext_id, nic_network_info=there)
    cards = models.VmRestoreNicConfigSpecification(nic_override_list=[card])
    override = models.AhvVmOverrideSpec(name="essai-dc1", nic_spec=cards)
    chosen = models.VmRecoveryPointRestoreOverride(copied.vm_recovery_points[0].ext_id, vm_override_spec=override)
    spec = models.RecoveryPointRestorationSpec(_cluster(site).ext_id, vm_recovery_point_restore_overrides=[chosen])
    etag = site.copies.api_client.get_etag(copied)
    task = site.wait(site.copies.restore_recovery_point(copied.ext_id, spec, if_match=etag))
    made = site.vm("essai-dc1")
    site.wait(site.vms.delete_vm_by_id(made.ext_id, **site.etag(made)))
    return {"restored": [task.operation, task.completion_details[0].value == made.ext_id, made.power_state,
                         made.nics[0].nic_network_info.subnet.ext_id == subnet, made.bios_uuid != source.bios_uuid]}


def platform(site: Site) -> dict[str, Any]:
    cluster = _cluster(site)
    hosts = site.clusters.list_hosts().data
    now = time.time()
    moments = [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)) for at in (now - 300, now)]
    window = {"_startTime": moments[0], "_endTime": moments[1], "_samplingInterval": 60}
    node = site.clusters.get_host_stats(cluster.ext_id, hosts[0].ext_id, **window).data
    whole = site.clusters.get_cluster_stats(cluster.ext_id, **window).data
    return {
        "cluster": cluster.name, "redundancy": cluster.config.redundancy_factor, "hosts": [h.host_name for h in hosts],
        "memory": hosts[0].memory_size_bytes // GIB, "by_cluster": len(site.clusters.list_hosts_by_cluster_id(
            cluster.ext_id).data), "host": site.clusters.get_host_by_id(cluster.ext_id, hosts[0].ext_id).data.host_name,
        "watts": [node.power_consumption_instant_watt[-1].value, whole.power_consumption_instant_watt[-1].value],
        "containers": [c.name for c in site.containers.list_storage_containers().data],
        "manager": site.managers.list_domain_managers().data[0].config.name,
        "copies": len(site.copies.list_recovery_points(_limit=100).data),
    }  # fmt: skip


def refusals(site: Site) -> dict[str, Any]:
    """Ask for what is refused; the SDK raises what the server says."""
    vm = site.vm("hdv-dc1")
    stale = site.etag(vm)
    site.wait(site.vms.reset_vm(vm.ext_id, **stale))
    seen = {}
    for name, call in (
        ("stale", lambda: site.vms.update_vm_by_id(vm.ext_id, vm)),
        ("unguarded", lambda: site.vms.delete_vm_by_id(vm.ext_id)),
        ("limit", lambda: site.vms.list_vms(_limit=101)),
        ("missing", lambda: site.vms.get_vm_by_id("00000000-0000-0000-0000-000000000001")),
    ):
        try:
            call()
        except (vmm.rest.ApiException, ValueError) as fault:
            seen[name] = getattr(fault, "status", "SDK")
    pages = [len(site.vms.list_vms(_page=page, _limit=30).data or []) for page in range(4)]
    return {**seen, "pages": pages, "total": site.vms.list_vms().metadata.total_available_results}


def negotiated(site: Site) -> dict[str, Any]:
    site.vms.list_vms(_limit=1)
    site.categories.list_categories(_limit=1)
    site.subnets.list_subnets(_limit=1)
    return {"vmm": site.vms.api_client.get_negotiated_version(),
            "prism": site.categories.api_client.get_negotiated_version(),
            "networking": site.subnets.api_client.get_negotiated_version()}  # fmt: skip


def contract(site: Site) -> dict[str, Any]:
    """Do all of the above."""
    functions = (negotiated, categories, subnets, images, machines, policies, platform, protection, refusals)
    return {function.__name__: function(site) for function in functions}


def describe(site: Site, name: str, text: str) -> str:
    """Change a machine behind everybody's back."""
    vm = site.vm(name)
    vm.description = text
    return site.changed(vm)


def resize(site: Site, name: str, sockets: str, gib: str) -> str:
    """Give the machine other processors and memory; it is off afterwards."""
    vm = site.vm(name)
    if vm.power_state == "ON":
        site.wait(site.vms.power_off_vm(vm.ext_id, **site.etag(vm)))
        vm = site.vm(name)
    vm.num_sockets, vm.memory_size_bytes = int(sockets), int(gib) * GIB
    return site.changed(vm)


def drift(site: Site) -> bool:
    """Change a thing of several objects, and make a machine that nobody asked for."""
    vm = site.vm("hdv-sql1")
    vm.memory_size_bytes += 2 * GIB
    site.changed(vm)
    vm = site.vm("hdv-log1")
    vm.categories = vm.categories[:1]
    site.changed(vm)
    (subnet,) = site.subnets.list_subnets(_filter="name eq 'surete'").data
    subnet = site.subnets.get_subnet_by_id(subnet.ext_id).data
    subnet.network_id = 170
    site.wait(site.subnets.update_subnet_by_id(subnet.ext_id, subnet))
    (category,) = site.categories.list_categories(_filter="key eq 'Horaires'").data
    category = site.categories.get_category_by_id(category.ext_id).data
    category.description = "Autre"
    site.categories.update_category_by_id(category.ext_id, category)
    cluster = config.ClusterReference(_cluster(site).ext_id)
    body = config.Vm(name="hdv-pirate", num_sockets=1, memory_size_bytes=GIB, cluster=cluster)
    site.made(site.vms.create_vm(body))
    return True


def reads(site: Site) -> int:
    """Read what the role reads: every kind, in pages of a hundred."""
    lists = (
        site.categories.list_categories, site.subnets.list_subnets, site.switches.list_virtual_switches,
        site.clusters.list_clusters, site.containers.list_storage_containers, site.images.list_images,
        site.vms.list_vms, site.anti.list_vm_anti_affinity_policies, site.near.list_vm_host_affinity_policies,
    )  # fmt: skip
    return sum(len(read(_limit=100).data or []) for read in lists)


def no_ops(site: Site, *names: str) -> int:
    """Look at each machine as a task of its own would, with nothing to do."""
    matching = 0
    for name in names:
        vm = site.vm(name)
        matching += (vm.name, vm.num_sockets > 0, vm.memory_size_bytes > 0) == (name, True, True)
    return matching


def _cluster(site: Site) -> Any:
    return next(c for c in site.clusters.list_clusters().data if "AOS" in c.config.cluster_function)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as stream:
        described = json.load(stream)
    print(json.dumps(globals()[sys.argv[2]](Site(described), *sys.argv[3:])))
