"""Records: suppliers, contracts, licences, certificates, applications, a name each.

Source: `ManagementController`, `AssetController`; the fields of a contract are those of the OpenAPI document of 2.3.
The dates of a licence and of a certificate are of no source: they are pushed only where GLPI shows the field.
"""

from __future__ import annotations

from collections.abc import Sequence

from piste.engine.converge.resource import Field, Resource
from piste.systems.glpi.driver import WRITTEN, GlpiDriver, stated

_NAME = Field("name", "Name; its identity.", required=True, maximum=255)
_TRASHED = Field("trashed", "Whether somebody has put it in the bin.", type="bool", wire="is_deleted", default=False)
_COMMON = WRITTEN | {
    "comment", "group", "group_tech", "otherserial", "serial", "uuid", "network", "autoupdatesystem", "is_dynamic",
    "last_inventory_update", "model",
}  # fmt: skip


def _resource(name: str, doc: str, itemtype: str, *fields: Field) -> Resource:
    return Resource(
        system="glpi",
        name=name,
        doc=doc,
        endpoint=itemtype,
        known=_COMMON,
        fields=(_NAME, *fields, _TRASHED),
    )


def _day(name: str, doc: str, wire: str) -> Field:
    return Field(name, doc, wire=wire, nullable=True)


class Suppliers(GlpiDriver):
    resource = _resource("supplier", "Tiers de GLPI", "Supplier")
    states: Sequence[str] = ("merged", "replaced", "gathered")


class Contracts(GlpiDriver):
    resource = _resource(
        "contract",
        "Contrat de GLPI",
        "Contract",
        stated("the contract"),
        Field("number", "Number that both sides use.", nullable=True, maximum=255),
        _day("begins", "First day, C(YYYY-MM-DD).", "date_begin"),
        Field("months", "Term in months.", type="int", wire="duration", nullable=True, minimum=0),
        Field("notice_months", "Notice in months.", type="int", wire="notice_period", nullable=True, minimum=0),
    )
    believed = ("number", "begins", "months", "notice_months")


class Licenses(GlpiDriver):
    resource = _resource(
        "license",
        "Licence de GLPI",
        "License",
        stated("the licence"),
        Field("manufacturer", "Its publisher.", nullable=True),
        _day("ends", "Last day, C(YYYY-MM-DD).", "date_expiration"),
        Field("count", "Number of rights.", type="int", wire="number", nullable=True, minimum=0),
    )
    believed = ("ends", "count")


class Certificates(GlpiDriver):
    resource = _resource(
        "certificate",
        "Certificat de GLPI",
        "Certificate",
        stated("the certificate"),
        Field("manufacturer", "Its authority.", nullable=True),
        _day("ends", "Last day of validity, C(YYYY-MM-DD).", "date_expiration"),
    )
    believed = ("ends",)


class Appliances(GlpiDriver):
    resource = _resource(
        "appliance",
        "Application de GLPI",
        "Appliance",
        stated("the application"),
        Field("manufacturer", "Its publisher.", nullable=True),
        Field("location", "Way of the place of its users.", nullable=True),
    )
