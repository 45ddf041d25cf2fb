"""The runbooks of the authorities: a document for each of the five procedures (CCTP 4.1.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypedDict

from piste.papers.dossier.blocks import Column, Section, Steps, Table, optional
from piste.papers.dossier.notation import STATUS, day
from piste.papers.dossier.subject import Commune
from piste.town.model.certificates import Authority, Certificate, Renewal

RENEWALS = {
    "acme": "de soi-même, par ACME",
    "autoenrolment": "de soi-même, par l’annuaire",
    "request": "demande et ticket",
    "manual": "à la main",
}


class Issuer(TypedDict):
    """An authority, as the document has it."""

    name: str
    label: str
    contact: str | None
    server: str | None
    max_days: int
    renewal: Renewal
    status: str | None


class Issued(TypedDict):
    """A certificate, as the document has it.

    `key_copy` is where the copy of its private key lies.
    """

    name: str
    use: str
    authority: str
    owner: str
    key_place: str
    key_copy: str | None
    not_after: str | None
    status: str | None


class AuthorityRunbook(TypedDict):
    """The steps of an authority for a procedure."""

    authority: str
    label: str
    steps: list[str]
    status: str | None


class Runbook(TypedDict):
    """A procedure: its authorities, and the certificates to which it applies."""

    procedure: str
    authorities: list[Issuer]
    steps: list[AuthorityRunbook]
    certificates: list[Issued]


def runbook(procedure: str) -> Callable[[Commune], Runbook]:
    """Make the data of the document of a procedure."""

    def data(subject: Commune) -> Runbook:
        assert subject.town.commune
        declared = subject.town.commune["certificates"]
        return Runbook(
            procedure=procedure,
            authorities=[_issuer(authority) for authority in declared["authorities"]],
            steps=[
                AuthorityRunbook(
                    authority=authority["name"],
                    label=authority["label"],
                    steps=authority["runbooks"][procedure],
                    status=authority["status"],
                )
                for authority in declared["authorities"]
            ],
            certificates=[_issued(certificate) for certificate in declared["certificates"]],
        )

    return data


def _issuer(authority: Authority) -> Issuer:
    return Issuer(
        name=authority["name"], label=authority["label"], contact=authority["contact"], server=authority["server"],
        max_days=authority["max_days"], renewal=authority["renewal"], status=authority["status"],
    )  # fmt: skip


def _issued(certificate: Certificate) -> Issued:
    return Issued(
        name=certificate["name"], use=certificate["use"], authority=certificate["authority"],
        owner=certificate["owner"], key_place=certificate["key_place"], key_copy=certificate["key_copy"],
        not_after=certificate["not_after"], status=certificate["status"],
    )  # fmt: skip


def runbook_sections(data: Runbook, subject: Commune) -> Iterator[Section]:
    """Print a procedure: the authorities, the steps of each, the certificates concerned."""
    yield Section("authorities", "Les autorités", [_authorities(data)])
    for entry in data["steps"]:
        state = f" ({STATUS[entry['status']]})" if entry["status"] else ""
        yield Section(entry["authority"], f"{entry['label']}{state}", [Steps(entry["steps"])])
    yield Section("certificates", "Les certificats", [_certificates(data)])


def _authorities(data: Runbook) -> Table:
    return Table.of(
        "authorities", "Qui émet, et par où on la joint", data["authorities"], lambda entry: entry["name"],
        (Column("label", "Autorité", 3), lambda entry: entry["label"]),
        (Column("contact", "Contact", 3), lambda entry: entry["contact"]),
        (Column("server", "Machine", 1), lambda entry: optional(entry["server"])),
        (Column("max_days", "Vie (jours)"), lambda entry: entry["max_days"]),
        (Column("renewal", "Renouvellement", 2), lambda entry: RENEWALS[entry["renewal"]]),
        status=lambda entry: entry["status"],
        required=True,
    )  # fmt: skip


def _certificates(data: Runbook) -> Table:
    return Table.of(
        "certificates", "À qui ils servent, où vit leur clé", data["certificates"], lambda entry: entry["name"],
        (Column("name", "Certificat", 2), lambda entry: entry["name"]),
        (Column("use", "Usage", 3), lambda entry: entry["use"]),
        (Column("authority", "Autorité", 1), lambda entry: entry["authority"]),
        (Column("owner", "Service", 1), lambda entry: entry["owner"]),
        (Column("key_place", "Clé privée", 3), lambda entry: entry["key_place"]),
        (Column("key_copy", "Sa copie", 2), lambda entry: optional(entry["key_copy"])),
        (Column("not_after", "Expire le"), lambda entry: optional(entry["not_after"] and day(entry["not_after"]))),
        status=lambda entry: entry["status"],
    )  # fmt: skip
