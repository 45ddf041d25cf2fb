"""The terms of use of the Wi-Fi, and the charters (CCTP 3.3.3, 3.6.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypedDict

from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Block, Column, Fact, Facts, Section, Steps, Table, optional, required
from piste.papers.dossier.subject import Commune
from piste.town.model.wifi.derived import Terms, WebSites


class Shown(TypedDict):
    """An SSID whose users are under terms, and its sites; `portal`: they accept on a portal."""

    ssid: str
    portal: bool
    sites: list[str]


class TermsData(TypedDict):
    terms: list[Terms]
    shown: dict[str, list[Shown]]


def terms(subject: Commune) -> TermsData:
    """Give every text, and where each is in force."""
    town = subject.town
    every = town.commune["terms"] if town.commune else []
    return {"terms": every, "shown": {text["name"]: _shown(subject, text["name"]) for text in every}}


def _shown(subject: Commune, name: str) -> list[Shown]:
    shown: dict[str, Shown] = {}
    for site in subject.town.sites.values():
        for ssid in site["ssids"]:
            if ssid["terms"] == name and ssid["enabled"]:
                empty = Shown(ssid=ssid["name"], portal=ssid["portal"] is not None, sites=[])
                shown.setdefault(ssid["name"], empty)["sites"].append(site["name"])
    return list(shown.values())


def terms_sections(data: TermsData, subject: Commune) -> Iterator[Section]:
    """Print each text, with its version and where it is in force."""
    if not data["terms"]:
        facts = Facts("Textes", [Fact("terms", "Conditions d’utilisation", required(None))])
        yield Section("terms", "Conditions d’utilisation", [facts])
    for text in data["terms"]:
        yield Section(text["name"], text["title"], list(_text(text, data["shown"])))


def _sites(named: WebSites) -> str:
    return ", ".join([*named["groups"], *named["categories"], *named["sites"]])


def _text(text: Terms, shown: Mapping[str, list[Shown]]) -> Iterator[Block]:
    version = f"{text['version']} du {notation.day(text['date'])}"
    yield Facts(
        text["title"],
        [
            Fact("version", "Version", required(version), text["status"]),
            Fact("owner", "Responsable du texte", required(text["owner"])),
        ],
    )
    yield Steps([f"{article['title']}. {article['text']}" for article in text["articles"]], ticked=False)
    if web := text["web"]:
        allowed = _sites(web["allowed"]) if web["allowed"] else None
        facts = (("denied", "Refusés", _sites(web["denied"])), ("allowed", "Permis quand même", allowed))
        yield Facts("Sites du Web, au pare-feu", [Fact(key, label, optional(said)) for key, label, said in facts])
    yield Table.of(
        "shown",
        "Où ce texte est en vigueur",
        shown[text["name"]],
        lambda line: line["ssid"],
        (Column("ssid", "SSID", 2), lambda line: line["ssid"]),
        (Column("portal", "Accepté sur un portail"), lambda line: notation.yes(line["portal"])),
        (Column("sites", "Sites", 4), lambda line: ", ".join(line["sites"])),
        empty="Aucun SSID ne le nomme.",
    )
