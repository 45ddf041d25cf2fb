"""Declared logs: streams, settings and flows that are derived, and the faults."""

from __future__ import annotations

import pytest

from piste.town.model import Town
from tests.unit.model.broken_town import ALL, JAURES, Case, Copy, check

FILE = ALL + "logs.yml"
NETWORK = ALL + "network.yml"
URLS = """    urls:
      label: URL
      kind: meraki_urls
      class: network
      transport: udp
      port: 515
      from: [administration]
      sites: [{site}]
      silence_hours: 24
      purpose: essai
      basis: essai
      retention_days: {{min: 365, max: 395}}
      readers: [dsi, dpo]
    nps:
"""


def urls(site: str) -> tuple[str, str, str]:
    return FILE, "    nps:\n", URLS.format(site=site)


LOGS = [
    Case(
        "unknown machines, readers, authority, site",
        [
            (FILE, "    host: hdv-log1\n", "    host: hdv-log9\n"),
            (FILE, "      authority: ville\n", "      authority: vile\n"),
            (FILE, "      from: [hdv-smc1]\n", "      from: [hdv-smc9]\n"),
            (FILE, "  video: []\n", "  video: [ecole-jaure]\n"),
            (FILE, "unix_group: journaux-dsi,", "unix_group: journaux-dsi, group: GG-DSI,"),
            (FILE, "      retention_days: {min: 365, max: 1095}\n      readers: [dsi, dpo]",
             "      retention_days: {min: 365, max: 1095}\n      readers: [dsi, dpo, cnil]"),
        ],
        [
            ("M320", "logs.collector.host", FILE, "    host: hdv-log9"),
            ("M321", "logs.collector.tls.authority", FILE, "      authority: vile"),
            ("M320", "logs.sources[pare-feu].from", FILE, "      from: [hdv-smc9]"),
            ("M321", "logs.video", FILE, "  video: [ecole-jaure]"),
            ("M321", "logs.readers[dsi].group", FILE, "unix_group: journaux-dsi"),
            ("M321", "logs.sources[piste].readers", FILE, "readers: [dsi, dpo, cnil]"),
        ],
        ["« hdv-smc9 » n’est pas déclaré", "« cnil » n’est pas déclaré"],
    ),
    Case(
        "less than a year, unread by the DPO",
        [
            (FILE, "      retention_days: {min: 365, max: 1095}\n      readers: [dsi, dpo]",
             "      retention_days: {min: 180, max: 1095}\n      readers: [dsi]"),
        ],
        [
            ("M322", "logs.sources[piste].retention_days.min", FILE, "{min: 180, max: 1095}"),
            ("M328", "logs.sources[piste].readers", FILE, "      readers: [dsi]"),
        ],
        ["180 jours, pour 365 demandés", "dpo ne lisent pas"],
    ),
    Case(
        "more than three years, without a reason",
        [(FILE, "{min: 365, max: 1095}", "{min: 365, max: 1830}")],
        [("M408", "logs.sources[piste].retention_days.max", FILE, "{min: 365, max: 1830}")],
        ["1830 jours au plus, sans la raison"],
    ),
    Case("more than three years, and why",
         [(FILE, "{min: 365, max: 1095}", "{min: 365, max: 1830, why: Durée du marché}")], [], []),
    Case(
        "URLs where guests or the public pass",
        [urls("mediatheque")],
        [("M323", "logs.sources[urls].sites", FILE, "      sites: [mediatheque]")],
        ["des invités ou le public passent par mediatheque"],
    ),
    Case(
        "URLs where guests are to pass",
        [urls("mediatheque"), ("inventories/town/host_vars/mediatheque.yml", "lifecycle: open", "lifecycle: planned")],
        [("M323", "logs.sources[urls].sites", FILE, "      sites: [mediatheque]")],
        ["des invités ou le public passent par mediatheque"],
        whole=True,
    ),
    Case(
        "URLs by the settings of a network, logs sent elsewhere",
        [(JAURES, "switches:\n", "network_settings:\n  syslog:\n  - host: hdv-sup1\n    port: 514\n"
          "    roles: [urls]\nswitches:\n")],
        [
            ("M323", "network_settings.syslog", JAURES, "    roles: [urls]"),
            ("M327", "network_settings.syslog", JAURES, "  - host: hdv-sup1"),
        ],
        ["Les URL de ecole-jaures seraient gardées"],
    ),
    Case(
        "an address that sends two sources, TLS that nothing receives",
        [
            (FILE, "      from: [hdv-smc1]\n", "      from: [hdv-smc1, administration@ecole-jaures]\n"),
            (FILE, "    tls:\n      port: 6514\n      authority: ville\n"
             "      certificate: /etc/ssl/certs/hdv-log1.pem\n      key: /etc/ssl/private/hdv-log1.key\n"
             "      clients_ca: /etc/ssl/certs/ville.pem\n", ""),
        ],
        [
            ("M325", "logs.sources[nps].transport", FILE, 52),
            ("M325", "logs.sources[annuaire].transport", FILE, 65),
            ("M325", "logs.sources[supervision].transport", FILE, 78),
            ("M324", "logs.sources[pare-feu].from", FILE, "from: [hdv-smc1, administration@ecole-jaures]"),
        ],
        ["envoie meraki et pare-feu au même port 514"],
    ),
    Case(
        "a site with public Wi-Fi that keeps no log",
        [(FILE, "      per_site: true\n", "      per_site: true\n      sites: [ecole-jaures]\n"),
         (FILE, "  video: []\n", "  video: [ctm]\n")],
        [("M326", "logs.sources", FILE, "  sources:")],
        ["mediatheque (Wi-Fi public)", "ctm (Wi-Fi public et caméras)"],
    ),
    Case(
        "accounting that no device sends",
        [(ALL + "access.yml", "  accounting: true\n", "  accounting: false\n")],
        [("M329", "radius.accounting", ALL + "access.yml", "  accounting: false")],
        ["n’envoie pas de comptabilité, et la source nps l’attend"],
    ),
    Case(
        "a maximum below the minimum, TLS without a certificate",
        [(FILE, "{min: 365, max: 1095}", "{min: 365, max: 365}"),
         (FILE, "      clients: [hdv-sup1.ad.lebourget.example]\n", "")],
        [("M007", "logs.sources.supervision", FILE, "    supervision:"),
         ("M007", "logs.sources.piste.retention_days", FILE, "{min: 365, max: 365}")],
        ["Max (365 jours) ne dépasse pas min (365)", "quel certificat l’envoie"],
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", LOGS, ids=lambda case: case.name)
def test_each_fault_is_at_its_line(copy: Copy, case: Case) -> None:
    check(copy, case)


def test_each_site_has_its_stream_and_its_duty(town: Town) -> None:
    assert town.commune
    logs = town.commune["logs"]
    assert logs
    streams = {stream["name"]: stream for stream in logs["streams"]}
    library = streams["meraki/mediatheque"]
    assert library["senders"] == [town.sites["mediatheque"]["segments"]["administration"]["subnet"]]
    assert (library["port"], streams["nps"]["port"], streams["piste"]["port"]) == (514, 6514, None)
    assert len([name for name in streams if name.startswith("meraki/")]) == len(
        [site for site in town.sites.values() if site["lifecycle"] == "open"]
    )
    duties = {duty["site"]: duty for duty in logs["duties"]}
    assert duties["mediatheque"]["public"]
    assert "meraki/mediatheque" in duties["mediatheque"]["streams"]
    assert "meraki/ccas" not in duties["mediatheque"]["streams"]


def test_devices_and_firewall_send_to_the_collector(town: Town) -> None:
    collector = {"name": "hdv-log1", "host": "10.93.2.24", "port": 514}
    assert town.sites["ecole-jaures"]["settings"]["syslog"] == [{**collector, "roles": ["switch", "wireless"]}]
    assert town.commune
    engine = town.commune["firewall_engine"]
    assert engine
    assert engine["logs"]
    assert [(entry["name"], entry["port"], entry["format"]) for entry in engine["logs"]["forward"]] == [
        ("hdv-log1", 514, "cef")
    ]


def test_without_logs_nothing_is_sent(copy: Copy) -> None:
    (copy.root / FILE).unlink()
    town = copy.load()
    assert town.sites["ecole-jaures"]["settings"]["syslog"] is None
    assert town.commune
    assert town.commune["logs"] is None
    assert town.commune["firewall_engine"]
    assert town.commune["firewall_engine"]["logs"]
    assert town.commune["firewall_engine"]["logs"]["forward"] == []


def test_a_source_on_a_port_of_its_own_is_a_server_of_its_own(copy: Copy) -> None:
    copy.edit(FILE, "    nps:\n", URLS.format(site="ctm"))
    servers = copy.load().sites["ctm"]["settings"]["syslog"]
    assert servers
    assert [(server["port"], server["roles"]) for server in servers] == [(514, ["switch", "wireless"]), (515, ["urls"])]


def test_a_sender_that_no_flow_leads_to_the_collector_gets_one(town: Town) -> None:
    assert town.commune
    rules = {rule["id"]: rule for section in town.commune["firewall"]["sections"] for rule in section["rules"]}
    assert rules["journaux-nps"]["services"] == ["tcp/VLB-journaux-nps"]
    assert rules["journaux-nps"]["destinations"] == ["host/VLB-hdv-log1"]
    assert "journaux.ecole-jaures" in rules
    assert "journaux-meraki.ecole-jaures" not in rules
