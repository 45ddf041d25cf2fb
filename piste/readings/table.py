"""The subjects that are read, a line each; who reads them, a line each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from piste.readings.subject import Subject

OTHER_FIGURES: Mapping[str, tuple[str, ...]] = {
    "piste.exports.bag.inventory:figures": ("F9",),
    "piste.exports.bag.quality:figures": ("F10",),
    "piste.sites.spending:figures": ("F20",),
}
"""The places of figures that need no reading, and their names."""
NETWORK, SYSTEMS, DIRECTION = "réseau", "systèmes", "direction des systèmes d’information"
"""The roles that act on findings."""

SUBJECTS: Mapping[str, Subject] = {
    subject.name: subject
    for subject in (
        Subject(
            "certificates", "certificats", "piste certificates scan", SYSTEMS, age=168,
            judge="piste.readings.certificates.kept:findings", figures="piste.readings.certificates.kept:figures",
            figure_ids=("F16",), form="piste.readings.certificates.facts:Facts",
            former="piste.readings.certificates.former:certificates",
        ),
        Subject(
            "tickets", "tickets", "piste certificates scan", SYSTEMS, age=168, judged_with="certificates",
            form="piste.town.model.certificates:Tickets", former="piste.readings.certificates.former:tickets",
        ),
        Subject(
            "copies", "sauvegardes", "piste backups read", SYSTEMS, age=26,
            judge="piste.readings.protection.figures:findings", figures="piste.readings.protection.figures:figures",
            figure_ids=("F14", "RPO"),
            form="piste.readings.protection.kept:Copies", former="piste.readings.protection.kept:former",
        ),
        Subject(
            "logs", "journaux", "piste logs check", SYSTEMS, age=48,
            judge="piste.readings.logs.said:findings", figures="piste.readings.logs.said:figures",
            figure_ids=("F12",), form="piste.readings.logs.kept:Check", former="piste.readings.logs.former:check",
            stands="piste.readings.logs.kept:stands",
        ),
        Subject(
            "desk", "support", "piste read desk", SYSTEMS, age=None,
            form="piste.readings.desk.kept:Month", stands="piste.readings.desk.kept:stands",
        ),
        Subject(
            "months", "rapports", "piste month", "titulaire du marché", age=None,
            judge="piste.sites.month.kept:findings", kept="sealed", kept_in="piste.sites.month.kept:last",
        ),
        Subject(
            "anchors", "ancre du mois", "piste journal export", "titulaire du marché", age=1080,
            judge="piste.sites.anchors:findings", kept="sealed", kept_in="piste.sites.anchors:last",
        ),
        Subject(
            "audits", "audit initial", "piste audit", "titulaire du marché", age=None,
            judge="piste.sites.audit.kept:findings", kept="sealed", kept_in="piste.sites.audit.kept:last",
        ),
        Subject(
            "links", "liaisons", "piste links", NETWORK, age=None,
            judge="piste.readings.links.findings:findings", stands="piste.readings.links.findings:stands",
            form="piste.readings.links.kept:Readings", former="piste.readings.links.former:months",
            joined="piste.readings.links.kept:joined", of_sites=True,
        ),
        Subject(
            "probes", "sondes", "piste probe", NETWORK, age=720, judge="piste.sites.living.packets:findings",
            stands="piste.sites.living.packets:stands", kept="sealed", kept_in="piste.trials.probe.results:kept",
        ),
        Subject(
            "services", "applications", "piste probe", SYSTEMS, age=48, judge="piste.sites.living.services:findings",
            stands="piste.sites.living.services:stands", kept="sealed", kept_in="piste.sites.living.services:kept",
        ),
        Subject(
            "restores", "restaurations", "piste restore list", SYSTEMS, age=None,
            judge="piste.trials.restore.calendar:findings", figures="piste.trials.restore.calendar:figures",
            figure_ids=("F15",), kept="sealed", kept_in="piste.trials.restore.calendar:last",
        ),
        Subject(
            "crisis", "crises", "piste runbook rehearse", DIRECTION, age=8784,
            judge="piste.exports.runbooks.drills:findings", kept="sealed", kept_in="piste.exports.runbooks.drills:last",
        ),
        Subject(
            "computers", "postes", "piste computers read", SYSTEMS, age=48,
            judge="piste.sites.life.steps:findings", form="piste.readings.computers.kept:Collection",
            former="piste.readings.computers.former:collection", stands="piste.readings.computers.findings:stands",
            figures="piste.readings.computers.updates:figures", figure_ids=("MAJ",),
            personal=True, keep_days="piste.readings.computers.kept:keep_days",
        ),
        Subject(
            "measures", "mesures", "piste computers read", SYSTEMS, age=None, judged_with="computers",
            form="piste.readings.computers.kept:Measure", former="piste.readings.computers.former:measures",
            personal=True, keep_days="piste.readings.computers.kept:keep_days",
            shortened="piste.readings.computers.kept:shortened",
        ),
        Subject(
            "printing", "impression", "piste printing read", SYSTEMS, age=72,
            judge="piste.sobriety.printing.reading:findings", stands="piste.sobriety.printing.reading:stands",
            form="piste.sobriety.printing.log:PrintLog", former="piste.sobriety.printing.reading:former",
            joined="piste.sobriety.printing.log:fuller",
        ),
        Subject(
            "storage", "partages", "piste storage scan", SYSTEMS, age=8760,
            judge="piste.readings.storage.kept:findings", anew="piste storage scan PARTAGE --reference",
            stands="piste.readings.storage.kept:stands", form="piste.readings.storage.kept:Readings",
            former="piste.readings.storage.kept:former", joined="piste.readings.storage.kept:joined",
        ),
        Subject(
            "sobriety", "sobriété", "piste sobriety report", DIRECTION, age=None,
            judge="piste.sobriety.findings:findings", figures="piste.sobriety.findings:figures",
            figure_ids=("F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8"),
            kept="sealed", kept_in="piste.sobriety.findings:last",
        ),
        Subject(
            "usage", "usage réseau", "piste read usage", NETWORK, age=None,
            form="piste.sobriety.usage:Week", former="piste.sobriety.usage:former",
            joined="piste.sobriety.usage:lacking_less", stands="piste.sobriety.usage:stands",
            judge="piste.sobriety.usage:findings",
        ),
        Subject(
            "capacity", "capacité", "piste read capacity", SYSTEMS, age=72,
            judge="piste.sobriety.power:findings", form="piste.sobriety.power:Room",
            stands="piste.sobriety.power:stands",
        ),
        Subject(
            "energy", "énergie", "piste read energy", NETWORK, age=336, form="piste.sobriety.power:Energy",
            judge="piste.sobriety.power:measured",
        ),
        Subject(
            "configurations", "configurations", "piste configurations keep", SYSTEMS, age=48, judged_with="copies",
            kept="sealed", kept_in="piste.exports.configurations.reader:last",
        ),
        Subject(
            "scopes", "adresses DHCP", "piste read scopes", SYSTEMS, age=24,
            judge="piste.readings.scopes.kept:findings", form="piste.readings.scopes.kept:Uses",
            of_sites=True,
        ),
        Subject(
            "network", "réseau", "piste living read", NETWORK, age=24, judge="piste.sites.living.findings:network",
            form="piste.sites.living.kept:Network", former="piste.sites.living.former:network",
            of_sites=True,
        ),
        Subject(
            "wifi", "Wi-Fi", "piste read wifi", NETWORK, age=72, judge="piste.readings.wifi.findings:findings",
            figures="piste.readings.wifi.findings:figures", figure_ids=("F18", "F18.wired"),
            form="piste.readings.wifi.kept:Air",
        ),
        Subject(
            "accounts", "comptes", "piste read accounts", SYSTEMS, age=168,
            judge="piste.readings.accounts.findings:findings", figures="piste.readings.accounts.findings:figures",
            figure_ids=("F19",), form="piste.readings.accounts.kept:Accounts",
        ),
        Subject(
            "nexus", "Nexus", "piste living read", NETWORK, age=24, judge="piste.sites.living.findings:nexus",
            form="piste.sites.living.kept:Nexus", former="piste.sites.living.former:nexus",
            stands="piste.sites.living.kept:nexus_stands", of_sites=True,
        ),
        Subject(
            "hosting", "hébergement", "piste living read", SYSTEMS, age=24, judge="piste.sites.living.findings:hosting",
            form="piste.sites.living.kept:Hosting", former="piste.sites.living.former:hosting",
            stands="piste.sites.living.kept:hosting_stands", of_sites=True,
        ),
        Subject(
            "edr", "EDR", "piste read edr", SYSTEMS, age=168,
            judge="piste.readings.edr.kept:findings", figures="piste.readings.edr.kept:figures", figure_ids=("F17",),
            form="piste.readings.edr.kept:Rows", imported="piste.readings.edr.kept:imported",
        ),
        Subject(
            "tablets", "tablettes, Mac", "piste read tablets --from FICHIER", SYSTEMS, age=1488,
            judge="piste.readings.edr.tablets:findings", form="piste.readings.edr.tablets:Rows",
            imported="piste.readings.edr.tablets:imported",
        ),
        Subject(
            "tenant", "Microsoft 365", "piste read tenant", SYSTEMS, age=72,
            judge="piste.readings.tenant.kept:findings", figures="piste.readings.tenant.kept:figures",
            figure_ids=("M365.rules", "M365.factors", "M365.score", "M365.active", "M365.licences"),
            form="piste.readings.tenant.kept:Rows",
        ),
        Subject(
            "incidents", "incidents EDR", "piste read tenant", SYSTEMS, age=768,
            judge="piste.readings.tenant.incidents:findings", figures="piste.readings.tenant.incidents:figures",
            figure_ids=("EDR.incidents",), form="piste.readings.tenant.incidents:Rows",
            imported="piste.readings.tenant.incidents:imported",
        ),
        Subject(
            "supervision", "supervision", "piste living read", SYSTEMS, age=24,
            judge="piste.sites.living.findings:supervision", figures="piste.sites.living.findings:figures",
            figure_ids=("F11",), form="piste.sites.living.kept:Supervision",
            former="piste.sites.living.former:supervision", of_sites=True,
        ),
        Subject(
            "directory", "annuaire", "piste read directory", SYSTEMS, age=168,
            judge="piste.readings.directory.findings:findings", form="piste.readings.directory.kept:Judged",
            figures="piste.readings.directory.findings:figures", figure_ids=("ANSSI",),
            stands="piste.readings.directory.kept:stands",
        ),
        Subject(
            "beliefs", "croyances", "piste read beliefs", SYSTEMS, age=None,
            judge="piste.systems.beliefs.kept:findings", form="piste.systems.beliefs.kept:Settled",
            local=True,
        ),
        Subject(
            "versions", "versions", "piste read beliefs", SYSTEMS, age=None, judged_with="beliefs",
            form="piste.systems.beliefs.kept:Version", local=True,
        ),
        Subject(
            "runs", "dérives", "piste drift", NETWORK, age=None, judge="piste.sites.convergence:findings", kept="chain",
            of_sites=True,
        ),
        Subject(
            "third_parties", "tiers", "piste read desk", "titulaire du marché", age=None,
            judge="piste.readings.desk.exchanges:findings", kept="declared",
        ),
        Subject(
            "racks", "baies", "piste asset check", SYSTEMS, age=None, judge="piste.sites.life.racks:findings",
            kept="declared", of_sites=True,
        ),
        Subject(
            "upgrades", "mises à niveau", "piste living read", NETWORK, age=None,
            judge="piste.sites.living.waves:findings", kept="declared", of_sites=True,
        ),
        Subject(
            "verifications", "vérifications", "piste verify", NETWORK, age=720, judge="piste.sites.verified:findings",
            stands="piste.sites.verified:stands", kept="sealed", kept_in="piste.sites.verified:kept", put_off=False,
            of_sites=True,
        ),
    )
}  # fmt: skip


class Answer(NamedTuple):
    """The answer that a reader got.

    `content` is None where nothing came; `asked` are the variables of its order; `troubles` are by task; `begun` is the
    moment from which it was asked, for what keeps by itself.
    """

    content: Any
    asked: Mapping[str, Any]
    troubles: Mapping[str, str]
    begun: datetime | None = None


@dataclass(frozen=True)
class Reader:
    """A way to read some subjects at once.

    `asks` names the systems that it asks. It is due again `hours` after the last attempt, after a day at most where
    that failed. Its `playbook`, limited to its `tags`, writes `file` into the folder that it is given, or keeps by
    itself what it read. `extra` is the place of a function (town, environment) that gives its other variables, `take`
    that of a function (town, environment, answer) that keeps it, and returns whether something was read. What asks no
    system has no playbook: `take` then reads too. `own` is the place of a function (town) that names the things that it
    reads, where others of its subjects come another way: each may be due. What asks much of a system is due `at_night`
    alone.
    `asked_in` is the file of its variables in that folder, where they are too long for a command line.
    """

    name: str
    subjects: tuple[str, ...]
    asks: tuple[str, ...]
    take: str
    hours: int = 24
    playbook: str = ""
    file: str = ""
    tags: str = ""
    extra: str = ""
    own: str = ""
    at_night: bool = False
    asked_in: str = ""


READERS: Mapping[str, Reader] = {
    reader.name: reader
    for reader in (
        Reader(
            "certificates", ("certificates", "tickets"), ("les machines qui servent un certificat", "GLPI"),
            playbook="playbooks/certificates.yml", file="certificates.json",
            take="piste.readings.certificates.kept:take",
        ),
        Reader(
            "copies", ("copies",), ("Veeam", "Prism Central", "les dépôts restic"),
            playbook="playbooks/backups.yml", file="backups.json", take="piste.readings.protection.kept:take",
            own="piste.readings.protection.kept:own",
        ),
        Reader(
            "living", ("network", "nexus", "hosting", "supervision"),
            ("le Dashboard", "les Nexus", "Prism Central", "Zabbix"), hours=1,
            playbook="playbooks/living.yml", file="living.json", extra="piste.sites.living.kept:variables",
            take="piste.sites.living.kept:take",
        ),
        Reader(
            "wifi", ("wifi",), ("le Dashboard",),
            playbook="playbooks/wifi.yml", file="wifi.json", take="piste.readings.wifi.kept:take",
        ),
        Reader(
            "accounts", ("accounts",), ("le Dashboard", "le SMC", "Prism Central", "l’annuaire", "Zabbix", "GLPI",
                                        "les serveurs Windows", "les Nexus"),
            playbook="playbooks/accounts.yml", file="accounts.json", extra="piste.readings.accounts.kept:variables",
            take="piste.readings.accounts.kept:take", own="piste.readings.accounts.kept:own",
        ),
        Reader(
            "scopes", ("scopes",), ("les serveurs DHCP",), hours=1,
            playbook="playbooks/scopes.yml", file="scopes.json", take="piste.readings.scopes.kept:take",
        ),
        Reader(
            "directory", ("directory",), ("l’annuaire",),
            playbook="playbooks/directory_points.yml", file="directory.json", take="piste.readings.directory.kept:take",
        ),
        Reader(
            "edr", ("edr",), ("Defender", "l’annuaire"),
            playbook="playbooks/edr.yml", file="edr.json", take="piste.readings.edr.kept:take",
            own="piste.readings.edr.kept:own",
        ),
        Reader(
            "tenant", ("tenant", "incidents"), ("Microsoft 365",),
            playbook="playbooks/tenant.yml", file="tenant.json", take="piste.readings.tenant.kept:take",
        ),
        Reader(
            "computers", ("computers", "measures"), ("le partage des mesures",),
            playbook="playbooks/computers.yml", take="piste.readings.computers.findings:take",
        ),
        Reader(
            "printing", ("printing",), ("le serveur d’impression",),
            playbook="playbooks/sobriety.yml", tags="print_log", file="accounting.json",
            extra="piste.sobriety.printing.reading:variables", take="piste.sobriety.printing.reading:take",
        ),
        Reader(
            "links", ("links",), ("Zabbix", "le Dashboard"),
            playbook="playbooks/links.yml", file="links.json", extra="piste.readings.links.reading:variables",
            take="piste.readings.links.reading:take",
        ),
        Reader(
            "desk", ("desk",), ("GLPI",), hours=168,
            playbook="playbooks/tickets.yml", file="tickets.json", extra="piste.readings.desk.kept:variables",
            take="piste.readings.desk.kept:take", own="piste.readings.desk.kept:over",
        ),
        # The night's own service checks them whole: this is for the day when it does not.
        Reader("logs", ("logs",), ("l’arbre du collecteur",), hours=40, take="piste.readings.logs.check:take"),
        Reader(
            "usage", ("usage",), ("le Dashboard",),
            playbook="playbooks/usage.yml", file="usage.json", asked_in="usage-question.json",
            extra="piste.sobriety.usage:variables", take="piste.sobriety.usage:take",
            own="piste.sobriety.usage:last_week",
        ),
        Reader(
            "capacity", ("capacity",), ("Prism Central",),
            playbook="playbooks/sobriety.yml", tags="capacity", file="hosting/capacite.json",
            take="piste.sobriety.power:take_capacity",
        ),
        Reader(
            "energy", ("energy",), ("le Dashboard",), hours=168,
            playbook="playbooks/sobriety.yml", tags="energy", file="energy.json",
            take="piste.sobriety.power:take_energy",
        ),
        Reader(
            "beliefs", ("beliefs", "versions"),
            ("le Dashboard", "le SMC", "Prism Central", "GLPI", "Veeam", "les Nexus", "l’annuaire"), hours=168,
            playbook="playbooks/beliefs.yml", file="beliefs.json", take="piste.systems.beliefs.kept:take",
        ),
        Reader(
            "storage", ("storage",), ("les serveurs de fichiers",), hours=720, at_night=True,
            playbook="playbooks/storage.yml", file="storage.json", extra="piste.readings.storage.kept:variables",
            take="piste.readings.storage.kept:take", own="piste.readings.storage.kept:targeted",
        ),
    )
}  # fmt: skip
