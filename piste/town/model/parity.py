"""The parity of the Macs with the other computers, need by need (CCTP 3.5.2.3, 4.3.3)."""

from __future__ import annotations

from typing import Annotated, Literal, Self, TypedDict

from pydantic import AfterValidator, Field, model_validator

from . import values
from .forms import Marked, Status

Text = Annotated[str, Field(min_length=1)]
NeedId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")]
Parity = Literal["same", "other_means", "missing"]


class MacParity(Marked):
    """A need: how the other computers answer it, and how the Macs do; `missing`: they do not."""

    need: Text
    others: Text
    mac: Text | None = None
    parity: Parity
    cctp: Text = "4.3.3"

    @model_validator(mode="after")
    def _says_how(self) -> Self:
        if (self.parity == "missing") == (self.mac is not None):
            raise values.refuse("un besoin couvert dit comment (mac), un besoin qui manque ne dit rien")
        return self


class DerivedParity(TypedDict):
    id: str
    need: str
    others: str
    mac: str | None
    parity: Parity
    cctp: str
    status: Status | None


class MacProfile(Marked):
    """The configuration profile of the Macs: whose it is, and who gives a Mac its certificate.

    `identifier` is that of the profile, which a Mac replaces by; `template` that of the certificates of computers.
    """

    identifier: Annotated[str, Field(pattern=r"^[a-z0-9]+(\.[a-z0-9-]+){1,8}$", max_length=120)]
    certificate_server: Annotated[str, AfterValidator(values.domain)]
    authority: Annotated[str, Field(min_length=1, max_length=64)]
    template: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")]


class TownMacProfile(TypedDict):
    organization: str
    identifier: str
    certificate_server: str
    authority: str
    template: str


def derive_mac_profile(declared: MacProfile | None, organization: str) -> TownMacProfile | None:
    if declared is None:
        return None
    return TownMacProfile(
        organization=organization, identifier=declared.identifier, certificate_server=declared.certificate_server,
        authority=declared.authority, template=declared.template,
    )  # fmt: skip


def derive_parity(declared: dict[str, MacParity]) -> list[DerivedParity]:
    """Derive the needs, in the order in which people wrote them."""
    return [
        DerivedParity(
            id=name, need=entry.need, others=entry.others, mac=entry.mac, parity=entry.parity, cctp=entry.cctp,
            status=entry.status,
        )
        for name, entry in declared.items()
    ]  # fmt: skip
