"""Everyday edits of the declaration; `piste validate` accepts each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_ALL, _HOSTS, _ASSETS = "group_vars/all/", "inventories/town/host_vars/", "inventories/town/assets/"


@dataclass(frozen=True)
class Edit:
    """The first match of a pattern in a file, and the text that replaces it."""

    what: str
    file: str
    old: str
    new: str

    def make(self, root: Path) -> bool:
        """Make the edit in a declaration; return False where the file has no match."""
        path = root / self.file
        if not path.exists():
            return False
        text = path.read_text("utf-8")
        made = re.sub(self.old, self.new, text, count=1, flags=re.MULTILINE)
        path.write_text(made, "utf-8")
        return made != text


def _table(what: str, name: str, after: str, line: str) -> Edit:
    """A line of a table of assets, after another."""
    return Edit(what, f"{_ASSETS}{name}.csv", f"^({after},.*)$", f"\\1\n{line}")


EDITS = [
    _table(
        "a computer is bought", "computer", "pc-hdv-002",
        "pc-hdv-902,desktop,EX-hdv-pc-902,hotel-de-ville,Finances,in_service,2030-06-30,2032-06-30,02:93:00:10:09:02,",
    ),
    _table("a server is bought", "server", "srv-hdv-phy1",
           "srv-hdv-phy9,EX-hdv-srv-909,,,hotel-de-ville,,,in_service,,,"),
    _table("an interactive board is bought", "interactive_board", "tbi-aur-01",
           "tbi-aur-99,EX-aur-tbi-909,ecole-auriol,Classe 9,Écoles,in_service,2030-08-31,2034-08-31,"),
    Edit("a telephone leaves", _ASSETS + "phone.csv", r"^tel-hdv-002,.*\n", ""),
    Edit("a computer changes hands", _ASSETS + "computer.csv", "^(pc-hdv-001,.*),Finances,", r"\1,Urbanisme,"),
    Edit("a warranty is longer", _ASSETS + "printer.csv", "^(imp-hdv-06,.*),2026-12-31,", r"\1,2029-12-31,"),
    Edit("an asset is confirmed", _ASSETS + "firewall.csv", "^(fw-hdv-1,.*),to_confirm$", r"\1,"),
    Edit("names live shorter", _ALL + "addressing.yml", "ttl_s: 3600", "ttl_s: 1800"),
    Edit("leases are shorter", _ALL + "addressing.yml", "lease_s: 691200", "lease_s: 345600"),
    Edit("the guests keep an address longer", _ALL + "segments.yml", r"dhcp: \{lease: 3600\}", "dhcp: {lease: 7200}"),
    Edit("a printer comes to a school", _HOSTS + "ecole-jaures.yml",
         r"(0005-0002, model: MS120-8, status: to_confirm)\}", r'\1, ports: {"8": imprimante}}'),
    Edit("ports of a model change", "group_vars/ecole.yml", '"11-18": pedagogique, "19-24": tbi',
         '"11-20": pedagogique, "21-24": tbi'),
    Edit("a print queue has other words", _HOSTS + "ecole-jaures.yml", "comment: Copieur", "comment: Copieur du préau"),
    Edit("a printer prints in colours", _HOSTS + "mediatheque.yml", r"(imp-med-02: \{comment: Copieur), ",
         r'\1, color: true, why: Affiches, until: "2029-12-31", '),
    Edit("an address is reserved", _HOSTS + "mediatheque.yml", "^(      imp-med-01: .*)$",
         r"\1\n      imp-med-09: {host: 19}"),
    Edit("a contact changes", _HOSTS + "piscine.yml", "mail: responsable-pis@", "mail: direction-pis@"),
    Edit("a third party has another telephone", _ALL + "third_parties.yml", "01 00 00 00 01", "01 00 00 00 91"),
    Edit("a link is faster", _HOSTS + "piscine.yml", "rate_mbps: 1000,", "rate_mbps: 10000,"),
    Edit("a site is renamed", _HOSTS + "piscine.yml", "name: Piscine du Bourget", "name: Centre nautique"),
    Edit("a link is confirmed", _HOSTS + "ecole-jaures.yml", "(far_port: sw-hdv-01/5), status: to_confirm", r"\1"),
    Edit("a switch waits for its supply longer", _HOSTS + "hotel-de-ville.yml", 'ups_planned: "2099-06-30"',
         'ups_planned: "2099-12-31"'),
    Edit("guests are welcomed in other words", _ALL + "ssids.yml", "Bienvenue sur le Wi-Fi public de la Ville",
         "Bienvenue à la Ville"),
    Edit("guests have less bandwidth", _ALL + "ssids.yml", "client_down_kbps: 5000", "client_down_kbps: 4000"),
    Edit("a school opens later", "group_vars/ecole.yml", 'start: "07:00"', 'start: "07:30"'),
    Edit("a window of change is shorter", _ALL + "change_windows.yml", 'end: "23:30"', 'end: "23:00"'),
    Edit("a freeze is decided", _ALL + "freezes.yml", r"^freezes: \[\]$",
         'freezes:\n  - {from: "2027-12-18T00:00", until: "2028-01-03T07:00", why: Congés de fin d’année}'),
    Edit("school holidays are known", _ALL + "calendar.yml", "^(      - {name: Été 2027, .*)$",
         r'\1\n      - {name: Pont, from: "2027-05-07", until: "2027-05-09"}'),
    Edit("the day of a release is another", _ALL + "firmware.yml", "switch-17-1", "switch-17-2"),
    Edit("the record is kept longer", _ALL + "journal.yml", "retention_months: 12", "retention_months: 24"),
    Edit("what was seen is old sooner", _ALL + "freshness.yml", "converged_days: 7", "converged_days: 5"),
    Edit("an alert opens sooner", _ALL + "sobriety_report.yml", "drift_points: 5", "drift_points: 4"),
    Edit("energy has another price", _ALL + "sobriety_report.yml", "eur_per_kwh: 0.21", "eur_per_kwh: 0.19"),
    Edit("an objective is higher", _ALL + "supervision.yml", "availability: 99.5", "availability: 99.7"),
    Edit("mails go elsewhere", _ALL + "supervision.yml", "exploitation@lebourget", "astreinte@lebourget"),
    Edit("a source of logs is silent longer", _ALL + "logs.yml", "silence_hours: 4", "silence_hours: 6"),
    Edit("a restore is tested oftener", _ALL + "restore_tests.yml", "every_days: 90", "every_days: 60"),
    Edit("a kind of file is kept longer", _ALL + "storage.yml", "keep_months: 60", "keep_months: 72"),
    Edit("a family is restored sooner", _ALL + "protection.yml", "rto_hours: 24", "rto_hours: 12"),
    Edit("more seats are licensed", _ALL + "contracts.yml", "seats: 200", "seats: 240"),
    Edit("an application has its address", _ALL + "applications.yml", "(label: Syracuse, )",
         r'\1url: "https://syracuse.lebourget.example/", '),
    Edit("a flow has another reason", _ALL + "flows.yml", "why: Partages de fichiers", "why: Dossiers des services"),
    Edit("a flow is declared", _ALL + "flows.yml", "^flows:\n",
         "flows:\n"
         "  postes-intranet:\n"
         "    from: [utilisateurs]\n"
         "    to: [hdv-fic1]\n"
         "    services: [https]\n"
         "    why: Intranet des agents\n"
         '    cctp: "3.2.1"\n'
         "    permanent: Usage courant\n"),
    Edit("a person reviews plans", _ALL + "review.yml", r"(reseau: \[amina.diallo)", r"\1, lea.moulin"),
    Edit("a lever says it otherwise", _ALL + "sobriety.yml", "label: Veille automatique des postes",
         "label: Mise en veille des postes"),
    Edit("quotas are higher", _ALL + "printing.yml", "pages: 6000", "pages: 7000"),
    Edit("an access point is replaced", _HOSTS + "piscine.yml", "QZZZ-0017-0044", "QZZZ-0017-0944"),
    Edit("the plan of reversibility is reviewed", "docs/plan-reversibilite.yml", 'updated: "2026-11-28"',
         'updated: "2026-11-30"'),
]  # fmt: skip
