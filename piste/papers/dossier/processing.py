"""The record of processing of the logs, for the DPO (RGPD, article 30)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict

from piste.papers.dossier.blocks import NOTHING, Column, Fact, Facts, Section, Table, optional, required
from piste.papers.dossier.subject import Commune
from piste.town.model.logs.derived import EXPORTED, LABELS, Duty, LogCollector, LogStream, Reader

KINDS = {
    "meraki_events": "événements du réseau : connexions, adresses MAC et IP",
    "meraki_dhcp": "baux d’adresses : adresses MAC et IP, noms de postes",
    "meraki_flows": "flux du réseau : adresses IP et ports",
    "meraki_urls": "adresses visitées",
    "smc_forwarding": "flux et alertes du pare-feu : adresses IP, ports, comptes",
    "nps_accounting": "authentifications du réseau : comptes, postes, adresses MAC",
    "directory_security": "ouvertures de session et changements de l’annuaire : comptes, postes",
    "captive_portal": "connexions au Wi-Fi public : adresses MAC et IP, horaires",
    "zabbix": "actes d’administration de la supervision : comptes",
    "system": "événements d’un serveur : comptes, adresses IP",
    "m365": "actes dans Microsoft 365 : comptes, adresses IP",
    "piste_journal": "exécutions de Piste : comptes d’administration, changements",
}


class ProcessedSource(TypedDict):
    """A source as the record of processing has it; `sites` are those that it is judged by."""

    name: str
    stream: LogStream
    sites: list[str]


class Processing(TypedDict):
    """The record of processing; `collector` and `store` are None without declared logs."""

    collector: LogCollector | None
    store: str | None
    readers: list[Reader]
    sources: list[ProcessedSource]
    duties: list[Duty]


def processing(subject: Commune) -> Processing:
    """Gather the sources, a line each, whatever the number of its sites."""
    assert subject.town.commune
    logs = subject.town.commune["logs"]
    if logs is None:
        return Processing(collector=None, store=None, readers=[], sources=[], duties=[])
    sources: dict[str, ProcessedSource] = {}
    for stream in logs["streams"]:
        entry = sources.setdefault(stream["source"], ProcessedSource(name=stream["source"], stream=stream, sites=[]))
        entry["sites"] += [stream["site"]] if stream["site"] else []
    return Processing(
        collector=logs["collector"],
        store=logs["store"],
        readers=logs["readers"],
        sources=list(sources.values()),
        duties=logs["duties"],
    )


def processing_sections(data: Processing, subject: Commune) -> Iterator[Section]:
    """Print the record: place of the logs, readers, sources, sites that owe them."""
    collector = data["collector"]
    status = collector["status"] if collector else None
    yield Section("place", "Où sont les journaux", [
        Facts("Le lieu et les sécurités", [
            Fact("host", "Machine", required(collector and collector["host"]), status),
            Fact("tree", "Dossier", required(collector and collector["tree"]), status),
            Fact("store", "Référentiel des exports mensuels", required(data["store"])),
            Fact("transport", "Transport", optional("TLS, certificat du client exigé, ou adresses déclarées seules")),
            Fact("seal", "Intégrité", optional("chaque jour fini est scellé ; la chaîne des sceaux est ancrée")),
            Fact("deletion", "Suppression", optional("au-delà de la durée, attestée : jours, lignes, empreintes")),
        ]),
    ])  # fmt: skip
    yield Section("readers", "Qui lit", [_readers(data)])
    yield Section("sources", "Les sources", [_purposes(data), _durations(data)])
    yield Section("duties", "Les sites qui doivent garder des journaux", [_duties(data, subject)])


def _readers(data: Processing) -> Table:
    return Table.of(
        "readers", "Les lecteurs, par groupe", data["readers"], lambda entry: entry["name"],
        (Column("label", "Lecteur", 3), lambda entry: entry["label"]),
        (Column("unix_group", "Groupe sur le collecteur", 2), lambda entry: entry["unix_group"]),
        (Column("group", "Groupe de l’annuaire", 2), lambda entry: optional(entry["group"])),
        required=True,
    )  # fmt: skip


def _purposes(data: Processing) -> Table:
    return Table.of(
        "purposes", "Ce qui est gardé, et pourquoi", data["sources"], lambda entry: entry["name"],
        (Column("label", "Source", 2), lambda entry: entry["stream"]["label"]),
        (Column("data", "Données", 3), lambda entry: KINDS[entry["stream"]["kind"]]),
        (Column("purpose", "Finalité", 3), lambda entry: entry["stream"]["purpose"]),
        (Column("basis", "Base légale", 2), lambda entry: entry["stream"]["basis"]),
        status=lambda entry: entry["stream"]["status"],
        required=True,
    )  # fmt: skip


def _durations(data: Processing) -> Table:
    labels = {reader["name"]: reader["label"] for reader in data["readers"]}

    def readers(entry: ProcessedSource) -> str:
        return ", ".join(labels.get(name, name) for name in entry["stream"]["readers"])

    return Table.of(
        "durations", "Jusqu’à quand, et lu de qui", data["sources"], lambda entry: entry["name"],
        (Column("label", "Source", 2), lambda entry: entry["stream"]["label"]),
        (Column("class", "Classe", 2), lambda entry: LABELS[entry["stream"]["log_class"]]),
        (Column("least", "Au moins (jours)", 1), lambda entry: str(entry["stream"]["least_days"])),
        (Column("most", "Au plus (jours)", 1), lambda entry: str(entry["stream"]["most_days"])),
        (Column("readers", "Lecteurs", 2), readers),
        (Column("exported", "Export mensuel", 1), _exported),
        (Column("sites", "Sites", 1), lambda entry: str(len(entry["sites"])) if entry["sites"] else "la ville"),
        status=lambda entry: entry["stream"]["status"],
        required=True,
    )  # fmt: skip


def _exported(entry: ProcessedSource) -> str:
    return "oui" if entry["stream"]["log_class"] in EXPORTED else "non"


def _duties(data: Processing, subject: Commune) -> Table:
    labels = {entry["name"]: entry["stream"]["label"] for entry in data["sources"]}

    def sources(entry: Duty) -> str:
        own = [name.partition("/")[0] for name in entry["streams"] if "/" in name]
        return ", ".join(labels.get(name, name) for name in own) or NOTHING

    def name(entry: Duty) -> str:
        site = subject.town.sites.get(entry["site"])
        return site["name"] if site else entry["site"]

    return Table.of(
        "duties", "Wi-Fi public et caméras (CCTP 3.6)", data["duties"], lambda entry: entry["site"],
        (Column("site", "Site", 2), name),
        (Column("public", "Wi-Fi public", 1), lambda entry: "oui" if entry["public"] else "non"),
        (Column("video", "Caméras", 1), lambda entry: "oui" if entry["video"] else "non"),
        (Column("streams", "Sources", 3), sources),
    )  # fmt: skip
