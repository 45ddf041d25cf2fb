"""The function that does the job of each operation that changes something."""

from __future__ import annotations

from lab.prism import catalogue, power, restores, vms
from lab.prism.site import Perform

HANDLERS: dict[str, Perform] = {
    **catalogue.jobs(),
    "CreateVm": vms.create_vm,
    "UpdateVm": vms.update_vm,
    "DeleteVm": vms.delete_vm,
    "AssociateCategories": vms.categorise,
    "DisassociateCategories": vms.categorise,
    "AssignVmOwner": vms.assign_owner,
    "CreateDisk": vms.add_part,
    "CreateNic": vms.add_part,
    "CreateCdRom": vms.add_part,
    "UpdateNic": vms.change_nic,
    "UpdateDisk": vms.resize_disk,
    "DeleteDisk": vms.remove_part,
    "DeleteNic": vms.remove_part,
    "DeleteCdRom": vms.remove_part,
    "InsertCdRom": vms.change_medium,
    "EjectCdRom": vms.change_medium,
    "PowerOnVm": power.power_on,
    "PowerOffVm": power.power_off,
    "ResetVm": power.reset,
    "PowerCycleVm": power.reset,
    "RebootVm": power.reset,
    "RebootGuestVm": power.guest_reboot,
    "ShutdownVm": power.shutdown,
    "ShutdownGuestVm": power.guest_shutdown,
    "RestoreRecoveryPoint": restores.restore,
    "SetRecoveryPointExpirationTime": restores.expire_later,
}
