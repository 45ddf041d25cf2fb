"""The inventory of certificates of a bag, and that of the authorities (CCTP 6.3)."""

from __future__ import annotations

from collections.abc import Iterator

from piste.exports.bag.contents import Contents
from piste.exports.bag.table import Column, Row, Table
from piste.town.model import Town


def _certificates(contents: Contents, town: Town) -> Iterator[Row]:
    for entry in town.commune["certificates"]["certificates"] if town.commune else ():
        facts = contents.certificates.get(entry["name"])
        read = {}
        if facts:
            read = {
                "read_issuer": facts["issuer"],
                "read_not_before": facts["not_before"],
                "read_not_after": facts["not_after"],
                "read_key": f"{facts['key_kind']} {facts['key_bits'] or ''}".strip(),
                "read_fingerprint": facts["fingerprint"],
                "read_trusted": facts["trusted"],
            }
        yield {**entry, **read}


def _authorities(contents: Contents, town: Town) -> Iterator[Row]:
    yield from town.commune["certificates"]["authorities"] if town.commune else ()


_STATUS = Column("status", "« to_confirm » : donnée d’exemple, à confirmer avec la DSI")

CERTIFICATES: tuple[Table, ...] = (
    Table(
        "certificates",
        "Les certificats (CCTP 3.5.2.4, 6.2) ; read_… : d’après la dernière lecture, vide où il n’y en a pas",
        (
            Column("name", "Nom"),
            Column("type", "Type : tls, authentication, mail, signature, authority"),
            Column("use", "Usage"),
            Column("names", "Noms qu’il couvre"),
            Column("authority", "Autorité qui l’émet"),
            Column("owner", "Service qui en répond"),
            Column("host", "Où il est servi"),
            Column("port", "Port où il est servi", "integer"),
            Column("store", "Serveur qui l’a dans son magasin"),
            Column("not_after", "Dernier jour déclaré (AAAA-MM-JJ)"),
            Column("alert_days", "Délai d’alerte, en jours", "integer"),
            Column("renewal", "Renouvellement : acme, autoenrolment, request, manual"),
            Column("ticket", "Ticket du renouvellement demandé"),
            Column("key_place", "Où vit la clé privée ; jamais la clé"),
            Column("key_copy", "Où est sa copie scellée, s’il en existe une"),
            Column("exportable", "La clé peut sortir de cet endroit", "boolean"),
            Column("read_issuer", "Émetteur lu"),
            Column("read_not_before", "Début lu"),
            Column("read_not_after", "Fin lue"),
            Column("read_key", "Clé lue"),
            Column("read_fingerprint", "Empreinte SHA-256 lue"),
            Column("read_trusted", "Chaîne attestée ; vide où elle n’a pas été vérifiée", "boolean"),
            _STATUS,
        ),
        _certificates,
    ),
    Table(
        "certificate_authorities",
        "Les autorités qui émettent les certificats, et leurs cinq procédures (CCTP 4.1.5)",
        (
            Column("name", "Nom"),
            Column("label", "Nom que lisent les personnes"),
            Column("kind", "internal : de la Ville ; public : que les navigateurs connaissent"),
            Column("issuers", "Noms communs de ses émetteurs"),
            Column("server", "Machine de l’autorité"),
            Column("max_days", "Vie des certificats qu’elle émet aujourd’hui, en jours", "integer"),
            Column("renewal", "Renouvellement : acme, autoenrolment, request, manual"),
            Column("acme", "Adresse de son service ACME"),
            Column("contact", "Par où on la joint"),
            Column("runbooks", "Procédures : issue, revoke, back_up, rotate, audit"),
            _STATUS,
        ),
        _authorities,
    ),
)
