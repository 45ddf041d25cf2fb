"""The kinds of Prism Central, in the order of converging."""

from __future__ import annotations

from functools import partial

from piste.engine.kind import OF_THE_TOWN, Kind

_VM_RIGHTS = "rôle Virtual Machine Admin (déduit pour les images et les affinités)"
_COPY_RIGHTS = "rôle Disaster Recovery Admin"

_hosting = partial(Kind, "hosting", unclosed=OF_THE_TOWN)
HOSTING = (
    _hosting(
        "prism_categories",
        "piste.systems.nutanix.categories:Categories",
        classes=("Category",),
        renewed="refaite sous un autre identifiant : ce qui y était rangé ne l’est plus",
        rights="rôle Category Admin",
    ),
    _hosting(
        "prism_subnets",
        "piste.systems.nutanix.subnets:Subnets",
        classes=("Subnet",),
        renewed="refait sous un autre identifiant",
        rights="rôle Network Infra Admin",
    ),
    _hosting(
        "prism_images",
        "piste.systems.nutanix.images:Images",
        classes=("Image",),
        renewed="reprise de son adresse, sous un autre identifiant",
        if_declared=True,
        rights=_VM_RIGHTS,
    ),
    _hosting(
        "prism_vms",
        "piste.systems.nutanix.vms:Vms",
        classes=("Vm", "Disk", "Nic"),
        renewed="refaite vide, sous un autre identifiant : ses disques se rendent depuis une sauvegarde",
        rights=_VM_RIGHTS,
    ),
    _hosting(
        "prism_affinity_policies",
        "piste.systems.nutanix.affinity:AffinityPolicies",
        classes=("VmAntiAffinityPolicy", "VmHostAffinityPolicy"),
        renewed="refaite sous un autre identifiant",
        if_declared=True,
        rights=_VM_RIGHTS,
    ),
    _hosting(
        "prism_protection_policies",
        "piste.systems.nutanix.protection_policies:ProtectionPolicies",
        classes=("ProtectionPolicy",),
        renewed="refaite sous un autre identifiant : les copies déjà prises gardent leur terme",
        late=True,
        rights=_COPY_RIGHTS,
    ),
    _hosting(
        "prism_recovery_plans",
        "piste.systems.nutanix.recovery_plans:RecoveryPlans",
        classes=("RecoveryPlan", "RecoveryStage", "RecoverySetting", "NetworkMapping"),
        renewed="refait sous un autre identifiant",
        late=True,
        if_declared=True,
        rights=_COPY_RIGHTS,
    ),
)
