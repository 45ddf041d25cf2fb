"""The names of the modules, and where each has its code."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any

from piste.systems.kinds import DOMAINS, KINDS

COLLECTION = "lebourget.piste"
"""The collection that other towns install (`scripts/collection.py`); its modules have its name before theirs."""

_OTHERS: Mapping[str, Sequence[str]] = {
    "piste.exports.bag.exported": ["piste_exported"],
    "piste.exports.bag.scan": ["piste_bag_scan"],
    "piste.runs.files": ["piste_files"],
    "piste.systems.forcepoint.administrators": ["smc_administrators"],
    "piste.systems.glpi.administrators": ["glpi_administrators"],
    "piste.systems.glpi.changes": ["glpi_changes"],
    "piste.systems.glpi.exports": ["glpi_export"],
    "piste.systems.meraki.administrators": ["meraki_administrators"],
    "piste.systems.nutanix.administrators": ["prism_administrators"],
    "piste.systems.nutanix.power_hours": ["prism_power_hours"],
    "piste.trials.probe.station": ["probe_request", "probe_results"],
    "piste.runs.read": ["piste_read"],
    "piste.runs.records.noted": ["piste_runs", "piste_trace"],
    "piste.trials.restore.module": ["piste_restore_tests"],
    "piste.town.site": ["piste_secrets", "piste_site"],
    "piste.systems.windows.administrators": ["ad_administrators"],
    "piste.systems.windows.local_administrators": ["win_administrators"],
    "piste.systems.zabbix.administrators": ["zabbix_administrators"],
    "piste.systems.zabbix.push": ["zabbix_push"],
}
"""The modules that are neither a kind's nor a domain's, by place.

What only reads a system is a subject of `piste_read`. A module has an interface of its own where it writes on a system
(accounts removed, power hours, changes, values, restore tests), where it writes or reads the files of this machine
(declaration, records, exports, bags), or where it is half of an exchange with a station.
"""

SUBJECTS: Mapping[str, Mapping[str, str]] = {
    "the Meraki Dashboard": {
        "meraki_access_lists": "piste.systems.meraki.access_lists",
        "meraki_air": "piste.systems.meraki.air",
        "meraki_answers": "piste.systems.meraki.believed",
        "meraki_authors": "piste.systems.meraki.authors",
        "meraki_cables": "piste.systems.meraki.cables",
        "meraki_checks": "piste.systems.meraki.checks",
        "meraki_clients": "piste.systems.meraki.clients",
        "meraki_energy": "piste.systems.meraki.switch_energy",
        "meraki_living": "piste.systems.meraki.living",
        "meraki_places": "piste.systems.meraki.orphans",
        "meraki_port_traffic": "piste.systems.meraki.port_traffic",
        "meraki_routers": "piste.systems.meraki.routers",
        "meraki_usage": "piste.systems.meraki.usage",
    },
    "the SMC": {
        "smc_answers": "piste.systems.forcepoint.believed",
        "smc_authors": "piste.systems.forcepoint.authors",
        "smc_checks": "piste.systems.forcepoint.checks",
        "smc_living": "piste.systems.forcepoint.living",
        "smc_routers": "piste.systems.forcepoint.routers",
    },
    "Prism Central": {
        "prism_answers": "piste.systems.nutanix.believed",
        "prism_authors": "piste.systems.nutanix.authors",
        "prism_capacity": "piste.systems.nutanix.capacity",
        "prism_checks": "piste.systems.nutanix.checks",
        "prism_clusters": "piste.systems.nutanix.clusters",
        "prism_living": "piste.systems.nutanix.living",
        "prism_recovery_points": "piste.systems.nutanix.copies",
    },
    "the Nexus switches": {
        "nexus_accounts": "piste.systems.nexus.accounts",
        "nexus_answers": "piste.systems.nexus.believed",
        "nexus_checks": "piste.systems.nexus.checks",
        "nexus_configurations": "piste.systems.nexus.configurations",
        "nexus_living": "piste.systems.nexus.living",
        "nexus_orphans": "piste.systems.nexus.orphans",
        "nexus_tests": "piste.systems.nexus.trials",
    },
    "the directory": {
        "ad_authorities": "piste.systems.windows.authority_checks",
        "ad_authors": "piste.systems.windows.authors",
        "ad_checks": "piste.systems.windows.checks",
        "ad_computers": "piste.systems.windows.computers",
        "ad_points": "piste.systems.windows.points.reader",
        "dns_checks": "piste.systems.windows.dns.checks",
        "files_answers": "piste.systems.windows.believed",
        "windows_answers": "piste.systems.windows.believed",
    },
    "Windows servers": {
        "dhcp_checks": "piste.systems.windows.dhcp.checks",
        "dhcp_exports": "piste.systems.windows.dhcp.exports",
        "dhcp_uses": "piste.systems.windows.dhcp.uses",
        "dns_server_orphans": "piste.systems.windows.dns.servers",
        "nps_checks": "piste.systems.windows.nps.checks",
        "win_certificates": "piste.systems.windows.stored_certificates",
        "win_print_accounting": "piste.systems.windows.print_accounting",
        "winrm_checks": "piste.systems.windows.winrm_checks",
    },
    "the name servers": {"dns_tests": "piste.systems.windows.dns_tests"},
    "the RADIUS servers": {"radius_tests": "piste.systems.radius.probe"},
    "Zabbix": {
        "zabbix_answers": "piste.systems.zabbix.believed",
        "zabbix_authors": "piste.systems.zabbix.authors",
        "zabbix_checks": "piste.systems.zabbix.checks",
        "zabbix_coverage": "piste.sites.coverage",
        "zabbix_handover": "piste.systems.zabbix.handover",
        "zabbix_links": "piste.systems.zabbix.link_measures",
        "zabbix_living": "piste.systems.zabbix.living",
    },
    "GLPI": {
        "glpi_answers": "piste.systems.glpi.believed",
        "glpi_checks": "piste.systems.glpi.checks",
        "glpi_renewals": "piste.systems.glpi.renewals",
        "glpi_tickets": "piste.systems.glpi.tickets",
    },
    "Veeam": {
        "veeam_answers": "piste.systems.veeam.believed",
        "veeam_checks": "piste.systems.veeam.modules",
        "veeam_copies": "piste.systems.veeam.modules",
    },
    "Microsoft 365": {
        "microsoft_checks": "piste.systems.microsoft.tenant",
        "microsoft_machines": "piste.systems.microsoft.machines",
        "microsoft_tenant": "piste.systems.microsoft.tenant",
    },
    "the repositories of restic": {"restic_copies": "piste.systems.restic.copies"},
    "the endpoints of certificates": {"certificate_scan": "piste.readings.certificates.scan"},
    "the shares": {
        "computer_measures": "piste.readings.computers.measures",
        "storage_scan": "piste.readings.storage.scan",
    },
    "the server of the power supplies": {"ups_tests": "piste.systems.ups.readings"},
}
"""What `piste_read` reads: by the system that it asks, the place of each subject.

The options of a subject are in its place, as the table of a kind is, so that it pays for the libraries of its own
vendor only.
"""

PLACES: Mapping[str, str] = {
    **{kind.module: kind.place for kind in KINDS},
    **{f"piste_{domain}": f"piste.runs.domains.{domain}" for domain in DOMAINS},
    **{name: place for place, names in _OTHERS.items() for name in names},
}
"""The place of each module: a run of one vendor does not pay for the libraries of the others (half a second of CPU)."""


READS: Mapping[str, str] = {subject: place for places in SUBJECTS.values() for subject, place in places.items()}
"""The place of each subject."""

READ = "piste_read"
"""The module whose option `subject` says what it reads."""

TRACE = "piste_trace"
"""The module that begins a play whose other tasks, of Ansible's own modules, write on machines."""


def named(action: str, options: Mapping[str, Any]) -> str:
    """Name what a task runs, for its record: the subject where it only reads."""
    subject = options.get("subject") if ours(action) and action.rpartition(".")[2] == READ else None
    return subject if isinstance(subject, str) and subject in READS else action


@cache
def loaded(subject: str) -> None:
    """Import what reads a subject, in the process that forks the workers.

    Each of them would import it again.
    """
    if subject in READS:
        import_module(READS[subject])
        # A collection in a worker would walk all that it has of its parent, and so copy it.
        gc.freeze()


def ours(action: str) -> bool:
    """True for a subject, and for a module of ours by its short name or the collection's."""
    prefix, _, name = action.rpartition(".")
    return (name in PLACES and prefix in ("", "ansible.legacy", COLLECTION)) or action in READS
