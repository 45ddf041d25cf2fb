"""The kinds of Prism Central, in the order of converging."""

from __future__ import annotations

from piste.engine.kind import OF_THE_TOWN, Kind

_VM_RIGHTS = "rôle Virtual Machine Admin (déduit pour les images et les affinités)"
_COPY_RIGHTS = "rôle Disaster Recovery Admin"

HOSTING = (
    Kind(
        "hosting",
        "prism_categories",
        "piste.systems.nutanix.categories:Categories",
        "categories",
        classes=("Category",),
        unclosed=OF_THE_TOWN,
        renewed="refaite sous un autre identifiant : ce qui y était rangé ne l’est plus",
        rights="rôle Category Admin",
    ),
    Kind(
        "hosting",
        "prism_subnets",
        "piste.systems.nutanix.subnets:Subnets",
        "subnets",
        classes=("Subnet",),
        unclosed=OF_THE_TOWN,
        renewed="refait sous un autre identifiant",
        rights="rôle Network Infra Admin",
    ),
    Kind(
        "hosting",
        "prism_images",
        "piste.systems.nutanix.images:Images",
        "images",
        classes=("Image",),
        unclosed=OF_THE_TOWN,
        renewed="reprise de son adresse, sous un autre identifiant",
        if_declared=True,
        rights=_VM_RIGHTS,
    ),
    Kind(
        "hosting",
        "prism_vms",
        "piste.systems.nutanix.vms:Vms",
        "vms",
        classes=("Vm", "Disk", "Nic"),
        unclosed=OF_THE_TOWN,
        renewed="refaite vide, sous un autre identifiant : ses disques se rendent depuis une sauvegarde",
        rights=_VM_RIGHTS,
    ),
    Kind(
        "hosting",
        "prism_affinity_policies",
        "piste.systems.nutanix.affinity:AffinityPolicies",
        "affinity_policies",
        classes=("VmAntiAffinityPolicy", "VmHostAffinityPolicy"),
        unclosed=OF_THE_TOWN,
        renewed="refaite sous un autre identifiant",
        if_declared=True,
        rights=_VM_RIGHTS,
    ),
    Kind(
        "hosting",
        "prism_protection_policies",
        "piste.systems.nutanix.protection_policies:ProtectionPolicies",
        "protection_policies",
        classes=("ProtectionPolicy",),
        unclosed=OF_THE_TOWN,
        renewed="refaite sous un autre identifiant : les copies déjà prises gardent leur terme",
        late=True,
        rights=_COPY_RIGHTS,
    ),
    Kind(
        "hosting",
        "prism_recovery_plans",
        "piste.systems.nutanix.recovery_plans:RecoveryPlans",
        "recovery_plans",
        classes=("RecoveryPlan", "RecoveryStage", "RecoverySetting", "NetworkMapping"),
        unclosed=OF_THE_TOWN,
        renewed="refait sous un autre identifiant",
        late=True,
        if_declared=True,
        rights=_COPY_RIGHTS,
    ),
)
