"""The request of a renewal: the text of its ticket, and boxes to tick."""

from __future__ import annotations

from collections.abc import Iterator

from piste.certificates.judgment import Judged
from piste.model.certificates import TownCertificates

_TYPES = {
    "tls": "serveur (SSL/TLS)",
    "authentication": "authentification",
    "mail": "messagerie",
    "signature": "signature",
    "authority": "autorité",
}


def request(item: Judged, town: TownCertificates) -> Iterator[str]:
    """Write the request in Markdown: the ticket, then the steps of the authority."""
    entry = item.certificate
    authority = next(known for known in town["authorities"] if known["name"] == entry["authority"])
    yield f"# Renouvellement du certificat {entry['name']}"
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
        ("Clé privée", f"{entry['key_place']} ; nouvelle à chaque renouvellement, elle n'en sort pas"),
        ("Ticket", entry["ticket"] or "à ouvrir, puis à inscrire (ticket) à côté du certificat"),
    )
    for label, value in facts:
        yield f"- {label} : {value}"
    for title, steps in (("Renouveler", "rotate"), ("Émettre", "issue")):
        yield ""
        yield f"## {title}"
        yield ""
        yield from (f"- [ ] {step}" for step in authority["runbooks"][steps])
    yield ""
    yield "## Finir"
    yield ""
    yield f"- [ ] Ce qui est servi est le nouveau : piste certificates scan, ligne {entry['name']}."
    yield "- [ ] Le ticket est clos, et « ticket » retiré de la déclaration."
    if entry["reader"] is None:
        yield "- [ ] La nouvelle fin est déclarée (not_after) : rien ne lit ce certificat."
