"""The itemtypes of GLPI that Piste knows: where the API has them, since when."""

from __future__ import annotations

from collections.abc import Mapping

VERSIONS = ("2.0", "2.1", "2.2", "2.3")
"""Versions of the High-Level API that Piste knows."""
ASSETS = ("Computer", "NetworkEquipment", "Printer", "Phone", "Peripheral", "Cluster")
"""Itemtypes of assets."""
TYPED = ("Computer", "NetworkEquipment", "Printer", "Phone", "Peripheral")
"""Assets whose types and models are lists of their own."""
LISTS = (
    "State",
    "Manufacturer",
    *(f"{name}Type" for name in TYPED),
    *(f"{name}Model" for name in TYPED),
    "ClusterType",
    "ContractType",
    "SupplierType",
    "LicenseType",
    "CertificateType",
    "ApplianceType",
)
"""Lists of names that other items refer to."""
PARTS: Mapping[str, str] = {
    **dict.fromkeys(("Location", *LISTS), "Dropdowns"),
    **dict.fromkeys((*TYPED, "Monitor", "Unmanaged", "Certificate", "Appliance"), "Assets"),
    **dict.fromkeys(("Cluster", "Supplier", "Contract", "License"), "Management"),
    **dict.fromkeys(("Ticket", "Change", "Problem"), "Assistance"),
    **dict.fromkeys(("Article", "Category"), "Knowledgebase"),
}
"""Part of the API of an itemtype.

Elsewhere in GLPI, `License` is `SoftwareLicense`, `Article` and `Category` are `KnowbaseItem` and its category.
"""
ACCOUNTS: Mapping[str, str] = {"User": "Administration"}
"""Part of the API of accounts, which no export of items has."""
SINCE: Mapping[str, str] = {
    **{name: "2.3" for name in LISTS if name not in ("State", "Manufacturer")},
    **dict.fromkeys(("Article", "Category"), "2.2"),
}
"""Version that introduced the routes of an itemtype, where it is not the first."""
