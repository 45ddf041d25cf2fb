"""The request of a renewal: the text of its ticket, and boxes to tick."""

from __future__ import annotations

from collections.abc import Iterator

from piste.readings.certificates.judgment import Judged, ticket
from piste.town.model.certificates import TownCertificates

_TYPES = {
    "tls": "serveur (SSL/TLS)",
    "authentication": "authentification",
    "mail": "messagerie",
    "signature": "signature",
    "authority": "autorité",
}


def title(name: str) -> str:
    """Give the title of the ticket of a renewal, by which the service desk knows it."""
    return f"Renouvellement du certificat {name}"


def request(item: Judged, town: TownCertificates) -> Iterator[str]:
    """Write the request in Markdown: the ticket, then the steps of the authority."""
    entry = item.certificate
    authority = next(known for known in town["authorities"] if known["name"] == entry["authority"])
    yield f"# {title(entry['name'])}"
    yield ""
    facts = (
        ("Usage", entry["use"]),
        ("Type", _TYPES[entry["type"]]),
        ("Noms", ", ".join(entry["names"])),
        ("Autorité", authority["label"]),
        ("Contact", authority["contact"] or "à renseigner"),
        ("Service qui en répond", entry["owner"]),
        ("État", item.observed),
        ("Durée à demander", f"{authority['max_days']} jours au plus"),
        ("Clé privée", f"{entry['key_place']} ; nouvelle à chaque renouvellement, elle n’en sort pas"),
        ("Ticket", ticket(entry, town) or "à ouvrir, sous le titre de cette page"),
    )
    for label, value in facts:
        yield f"- {label} : {value}"
    for heading, steps in (("Renouveler", "rotate"), ("Émettre", "issue")):
        yield ""
        yield f"## {heading}"
        yield ""
        yield from (f"- [ ] {step}" for step in authority["runbooks"][steps])
    yield ""
    yield "## Finir"
    yield ""
    yield f"- [ ] Ce qui est servi est le nouveau : piste certificates scan, ligne {entry['name']}."
    yield "- [ ] Le ticket est clos, et « ticket » retiré de la déclaration."
    if entry["reader"] is None:
        yield "- [ ] La nouvelle fin est déclarée (not_after) : rien ne lit ce certificat."
