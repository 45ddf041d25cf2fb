"""The matrix of flows: the exact faults, paths, files and lines."""

from __future__ import annotations

import pytest

from tests.unit.model.broken_town import ALL, HDV, JAURES, Case, Copy, Edit, check

FLOWS, SERVICES = ALL + "flows.yml", ALL + "services.yml"
ADMINISTRATION, DIRECTORY = ALL + "administration.yml", ALL + "directory.yml"


def flow(name: str, ends: str, more: str = "permanent: essai") -> Edit:
    """Declare one more flow of the town, on one line."""
    return FLOWS, "\nflows:\n", f"\nflows:\n  {name}: {{{ends}, why: essai, {more}}} # ici\n"


def place(text: str) -> Edit:
    return FLOWS, "flow_places:\n", f"flow_places:\n  {text}\n"


TO_A_SERVER = "to: [hdv-log1], services: [ssh]"
WIDE = "from: [ville], to: [ville], services: [ping]"

FULL = [("M218", f"hardware[{model}]", ALL + "hardware.yml", f"  {model}")
        for model in ("MS120-8", "MS210-24", "MS210-48", "MS220-24", "MS425-32")]  # fmt: skip
"""The models whose switches hold no list that names every segment behind the firewall."""

FLOW_CASES = [
    Case(
        "a service that the catalogue lacks",
        [(FLOWS, "services: [sip-tls, rtp, ntp]", "services: [sip-tsl, rtp, ntp]")],
        [("M100", "flows[telephonie].services[0]", FLOWS, "sip-tsl")],
        ["Le service « sip-tsl » est inconnu au catalogue", "Vouliez-vous dire « sip-tls » ?"],
    ),
    Case(
        "a service made of one that the catalogue lacks",
        [(SERVICES, "services: [http, https]", "services: [https, quic]")],
        [("M100", "service_catalogue[web].services[1]", SERVICES, "quic")],
    ),
    Case(
        "a flow to nothing",
        [(FLOWS, "to: [hdv-fic1]", "to: [hdv-fic2]")],
        [("M101", "flows[postes-fichiers].to[0]", FLOWS, "hdv-fic2")],
        ["« hdv-fic2 » n’est ni un segment, ni un serveur", "Vouliez-vous dire « hdv-fic1 » ?"],
    ),
    Case(
        "a group with nobody in it",
        [(FLOWS, "controleurs: [hdv-dc1, hdv-dc2]", "controleurs: [hdv-dc1, hdv-dc3]")],
        [("M101", "flow_groups[controleurs][1]", FLOWS, "hdv-dc3]")],
    ),
    Case(
        "ends at places that make no sense",
        [
            flow("essai", "from: [telephonie@ecole-jaure], to: [hdv-log1@here], services: [ssh]"),
            (FLOWS, "citrix: [hdv-ctx1, hdv-sh1, hdv-sh2]", "citrix: [hdv-ctx1, hdv-sh1, serveurs@here, any]"),
        ],
        [
            ("M101", "flows[essai].from[0]", FLOWS, "# ici"),
            ("M101", "flows[essai].to[0]", FLOWS, "# ici"),
            ("M101", "flow_groups[citrix][2]", FLOWS, "serveurs@here"),
            ("M101", "flow_groups[citrix][3]", FLOWS, "serveurs@here"),
        ],
        [
            "« ecole-jaure » n’est pas un site",
            "seul un segment se dit à un endroit",
            "nul site ne regarde d’ici",
            "Un groupe de « any » ne dit rien de plus",
        ],
    ),
    Case(
        "groups that hold each other, services too, each loop told once",
        [
            (FLOWS, "controleurs: [hdv-dc1, hdv-dc2]", "controleurs: [hdv-dc1, hdv-dc2, noms]\n  noms: [controleurs]"),
            (SERVICES, "  http: {tcp", "  http: {services: [web], tcp"),
        ],
        [
            ("M102", "flow_groups[controleurs]", FLOWS, "controleurs: [hdv"),
            ("M102", "service_catalogue[http]", SERVICES, "  http: {"),
        ],
        ["controleurs → noms → controleurs", "http → web → http"],
    ),
    Case(
        "a flow whose end has passed",
        [flow("essai", f"from: [surete], {TO_A_SERVER}", 'until: "2026-01-31"')],
        [("M103", "flows[essai].until", FLOWS, "# ici")],
        ["a pris fin le 2026-01-31 : il n’est plus autorisé"],
    ),
    Case(
        "everybody to everybody, with a reason and no end",
        [flow("tous", "from: [any], to: [any], services: [any]", "permanent: essai, wide: essai, exception: essai")],
        [("M104", "flows[tous]", FLOWS, "# ici"), ("M107", "flows[tous]", FLOWS, "# ici"), *FULL],
        ["« tous » va de toute la ville à toute la ville"],
        whole=True,
    ),
    Case(
        "a flow that another one hides",
        [
            flow("essai", "from: [utilisateurs@ccas], to: [hdv-fic1], services: [smb]"),
            (
                FLOWS,
                "from: [utilisateurs, billetterie, exploitation]\n    to: [hdv-fic1]",
                "from: [utilisateurs@ccas]\n    to: [hdv-fic1]",
            ),
        ],
        [("M105", "flows[postes-fichiers]", FLOWS, "  postes-fichiers:")],
    ),
    Case(
        "a flow of a site that flows of the town hide together",
        [
            (
                JAURES,
                "switches:\n",
                "site_flows:\n  essai: {from: [utilisateurs], to: [hdv-fic1, hdv-imp1], services: [smb], why: essai, "
                "permanent: essai}\nswitches:\n",
            )
        ],
        [("M105", "sites[ecole-jaures].site_flows[essai]", JAURES, "  essai: {")],
        [
            "« essai.ecole-jaures » n’ajoute rien : "
            "« postes-fichiers.ecole-jaures » et « postes-impression.ecole-jaures »"
        ],
    ),
    Case(
        "two translations of the same traffic",
        [
            (
                FLOWS,
                "translations:\n",
                "translations:\n  ecoles: {from: [pedagogique], to: [internet], source: 192.0.2.3, why: essai}\n",
            )
        ],
        [("M106", "translations[sortie]", FLOWS, "  sortie:")],
        ["Les traductions « ecoles » et « sortie » prennent le même trafic"],
    ),
    Case(
        "a server published behind a translation that takes its traffic first",
        [
            place("vitrine: {label: essai, networks: [198.51.100.200/32]}"),
            (
                FLOWS,
                "    source: 192.0.2.2\n",
                "    source: 192.0.2.2\n    why: essai\n  vitrine: # ici\n    from: [utilisateurs]\n    to: [vitrine]\n"
                "    server: hdv-ag1\n",
            ),
        ],
        [("M106", "translations[vitrine]", FLOWS, "  vitrine: # ici")],
        ["Les traductions « sortie » et « vitrine » prennent le même trafic"],
    ),
    Case(
        "guests let into the town, even as an exception",
        [flow("essai", f"from: [invites], {TO_A_SERVER}", "permanent: essai, exception: essai")],
        [("M107", "flows[essai]", FLOWS, "# ici")],
        ["hotel-de-ville, segment invites : atteint 10.93.2.24 par « essai.hotel-de-ville » (pare-feu)"],
    ),
    Case(
        "schools let into the town by a flow that names no exception",
        [(FLOWS, "    exception: Le filtrage des écoles se fait par les noms\n", "")],
        [("M107", "flows[ecoles-noms]", FLOWS, "  ecoles-noms:")],
        [
            "ecole-auriol, segment pedagogique : atteint 10.93.2.11, 10.93.2.12 "
            "par « ecoles-noms.ecole-auriol » (pare-feu)"
        ],
        whole=True,
    ),
    Case(
        "a flow for all the town, exception or not, opens it to its guests",
        [flow("essai", f"from: [ville], {TO_A_SERVER}", "permanent: essai, exception: essai")],
        [("M107", "flows[essai]", FLOWS, "# ici")],
    ),
    Case(
        "a published server that guests reach from inside",
        [
            place("vitrine: {label: essai, networks: [198.51.100.200/32]}"),
            (
                FLOWS,
                "translations:\n",
                "translations:\n  vitrine: {from: [internet, ville], to: [vitrine], server: hdv-ag1, "
                "services: [https], why: essai} # ici\n",
            ),
        ],
        [("M107", "translations[vitrine]", FLOWS, "# ici")] * 3,
        ["invites : atteint 10.93.2.27 par « le reste » (VLB-Invites) puis « invites-web.hotel-de-ville » (pare-feu)"],
    ),
    Case(
        "a server that is published under many addresses",
        [(FLOWS, "to: [internet]\n    source: 192.0.2.2", "to: [internet] # ici\n    server: hdv-ag1")],
        [
            ("M101", "translations[sortie].to", FLOWS, "# ici"),
            *[("M107", "translations[sortie]", FLOWS, "  sortie:")] * 3,
        ],
    ),
    Case(
        "guests whose gateway is the core",
        [(ALL + "segments.yml", "zone: invite, gateway: ngfw", "zone: invite, gateway: core")],
        [("M219", "segmentation.sensitive[3]", ALL + "segmentation.yml", "  sensitive:")],
        ["invites (hotel-de-ville, ccas, ctm et 21 autres) : le cœur en porte la passerelle"],
        whole=True,
    ),
    Case(
        "an id that is taken",
        [
            (
                HDV,
                "ssids:\n",
                "site_flows:\n  supervision: {from: [telephonie], to: [hdv-log1], services: [ssh], why: essai, "
                "permanent: essai}\nssids:\n",
            )
        ],
        [("M108", "sites[hotel-de-ville].site_flows[supervision]", HDV, "  supervision: {")],
        ["Le flux « supervision » existe déjà : flows[supervision]"],
    ),
    Case(
        "the id of the rule that refuses the rest",
        [flow("refus-journalise", f"from: [surete], {TO_A_SERVER}")],
        [("M108", "flows[refus-journalise]", FLOWS, "# ici")],
    ),
    Case(
        "names that are taken, or that are those of elements",
        [
            place("hdv-log1: {label: essai, networks: [203.0.113.9/32]}"),
            place("ccas-invites: {label: un, networks: [203.0.113.8/32]}"),
            (SERVICES, "  http: {tcp", '  any: {tcp: ["9"]}\n  dns-tcp-53: {tcp: ["9"]}\n  http: {tcp'),
        ],
        [
            ("M109", "flow_places[hdv-log1]", FLOWS, "label: essai"),
            ("M109", "flow_places[ccas-invites]", FLOWS, "label: un"),
            ("M109", "sites[hotel-de-ville].segments[serveurs].reservations[hdv-log1]", HDV, "hdv-log1"),
            ("M109", "service_catalogue[any]", SERVICES, "  any: {"),
            ("M109", "service_catalogue[dns-tcp-53]", SERVICES, "  dns-tcp-53: {"),
        ],
        ["« hdv-log1 » désigne aussi un serveur", "« hdv-log1 » désigne aussi un lieu"],
    ),
    Case(
        "a flow of a segment that no open site has",
        [flow("essai", f"from: [surete@ccas], {TO_A_SERVER}")],
        [("M110", "flows[essai]", FLOWS, "# ici")],
        ["ne donne de règle à aucun site ouvert"],
    ),
]

NEEDS = [
    Case(
        "a system that is driven and answers nowhere",
        [(ADMINISTRATION, "  prism: [hdv-prism1]\n", "")],
        [("M111", "administration.prism", ADMINISTRATION, "administration:")],
        ["Piste vers Prism Central : rien ne dit où il répond"],
    ),
    Case(
        "a system at a name that nothing bears",
        [(ADMINISTRATION, "smc: [hdv-smc1]", "smc: [hdv-smc2]")],
        [("M101", "administration.smc[0]", ADMINISTRATION, "hdv-smc2")],
        ["Vouliez-vous dire « hdv-smc1 » ?"],
    ),
    Case(
        "what Piste sends to a system led elsewhere",
        [
            (ADMINISTRATION, "smc: [hdv-smc1]", "smc: [vitrine]"),
            place("vitrine: {label: essai, networks: [198.51.100.200/32]}"),
            (
                FLOWS,
                "translations:\n",
                "translations:\n  vitrine: {from: [hdv-exp1], to: [vitrine], server: hdv-ag1, why: essai}\n",
            ),
        ],
        [("M111", "administration.smc", ADMINISTRATION, "smc: [vitrine]")],
        ["Piste vers le SMC : tcp/8082 ne passe pas"],
    ),
    Case(
        "ids and services that begin like those of Piste",
        [
            flow("piste-essai", f"from: [surete], {TO_A_SERVER}"),
            (SERVICES, "  http: {tcp", '  piste-noms: {tcp: ["9"]}\n  http: {tcp'),
        ],
        [
            ("M108", "flows[piste-essai]", FLOWS, "# ici"),
            ("M109", "service_catalogue[piste-noms]", SERVICES, "  piste-noms: {"),
        ],
    ),
    Case(
        "computers with policies and no way to one of the controllers",
        [(FLOWS, "services: [dns, domaine, dhcp]", "services: [dns, dhcp]")],
        [("M112", "directory.site_units[Postes publics].segment", DIRECTORY, "segment: public")] * 2,
        [
            "Les postes de l’unité « Postes publics » (public@mediatheque, public@malraux, public@residence-marlin) "
            "n’atteignent pas hdv-dc1 : "
            "tcp/88, tcp/135, tcp/389, tcp/445, tcp/464, tcp/49152-65535, udp/88, udp/123, udp/389, udp/464",
            "n’atteignent pas hdv-dc2",
        ],
        whole=True,
    ),
    Case(
        "a service of the catalogue that lacks what a member needs",
        [(SERVICES, 'tcp: ["389"], udp: ["389"]}', 'tcp: ["389"]}')],
        [
            *[("M112", "directory.site_units[Postes publics].segment", DIRECTORY, "segment: public")] * 2,
            *[("M112", "directory.site_units[Postes pédagogiques].segment", DIRECTORY, "segment: pedagogique")] * 2,
            *[("M112", "network_policies[pedagogique].segment", ALL + "access.yml", "segment: pedagogique")] * 2,
        ],
        ["et 2 autres) n’atteignent pas hdv-dc1 : udp/389"],
        whole=True,
    ),
    Case(
        "names that do not resolve",
        [(FLOWS, "services: [dns, domaine, dhcp]", "services: [domaine, dhcp]")],
        [("M112", "directory.site_units[Postes publics].segment", DIRECTORY, "segment: public")] * 2,
        ["n’atteignent pas hdv-dc1 : tcp/53, udp/53"],
    ),
    Case(
        "a certificate that cannot be asked for",
        [(FLOWS, "from: [utilisateurs, billetterie, exploitation, administration]\n    to: [hdv-ca1]",
          "from: [utilisateurs, billetterie, exploitation]\n    to: [hdv-ca1]")],
        [("M112", "network_policies[administration].segment", ALL + "access.yml", "segment: administration")],
        ["que la politique « administration » admet par certificat", "n’atteignent pas hdv-ca1"],
    ),
    Case(
        "addresses that nobody relays",
        [(FLOWS, "from: [utilisateurs, telephonie, billetterie, exploitation]",
          "from: [utilisateurs, billetterie, exploitation]")],
        [("M112", "dhcp.servers", ALL + "addressing.yml", "  servers: [")] * 2,
        ["n’atteignent pas hdv-dc2 : udp/67"],
    ),
    Case(
        "SNMP asked of devices that do not answer it",
        [(FLOWS, "services: [ping]", "services: [ping, snmp]")],
        [("M105", "flows[supervision-snmp]", FLOWS, "  supervision-snmp:"),
         ("M113", "flows[supervision]", FLOWS, "  supervision:")],
        ["« supervision » mène le SNMP à des équipements qui n’y répondent pas"],
        whole=True,
    ),
    Case(
        "machines and printers that the supervision polls in vain",
        [(FLOWS, "surveillees: [hdv-pm1, hdv-pm2, hdv-acc1, imp-med-01, imp-med-02, imp-med-03]",
          "surveillees: [hdv-pm1, hdv-pm2]")],
        [("M296", "supervision.classes[printer]", ALL + "supervision.yml", "    printer: {"),
         ("M296", "supervision.classes[virtual_machine]", ALL + "supervision.yml", "    virtual_machine:")],
        ["Machines virtuelles (hdv-acc1) : icmp/8, tcp/10050 n’arrive pas du serveur de supervision",
         "(imp-med-01, imp-med-02, imp-med-03) : icmp/8 n’arrive pas"],
    ),
    Case(
        "supplies that the supervision polls in vain",
        [(FLOWS, "to: [onduleurs, nexus]", "to: [nexus]")],
        [("M296", "supervision.classes[ups]", ALL + "supervision.yml", "    ups: {")],
        ["(ups-ccas-1, ups-ctm-1, ups-hdv-1 et 6 autres) : udp/161 n’arrive pas"],
        whole=True,
    ),
    Case(
        "devices that do not reach the second RADIUS server",
        [(FLOWS, "to: [authentification]", "to: [hdv-nps1]")],
        [("M112", "radius.servers", ALL + "access.yml", "servers: [hdv-nps1, hdv-nps2]")],
        ["Les équipements, pour le 802.1X,", "n’atteignent pas hdv-nps2 : udp/1812-1813"],
    ),
]  # fmt: skip

FORM_CASES = [
    Case(
        "neither an end nor a reason to have none",
        [(FLOWS, "    permanent: Sans lui, nul ne se connecte\n", "")],
        [("M007", "flows.postes-annuaire", FLOWS, "  postes-annuaire:")],
        ["Le flux dit quand il finit (until), ou pourquoi il n’a pas de fin (permanent)"],
    ),
    Case(
        "an id in capitals, a port that is none, a date that is none",
        [
            (FLOWS, "  postes-annuaire:", "  Postes-Annuaire:"),
            (SERVICES, 'ssh: {tcp: ["22"]}', 'ssh: {tcp: ["22-21"]}'),
            (FLOWS, "    permanent: Sans lui, nul ne se connecte", '    until: "30/06/2027"'),
        ],
        [
            ("M007", "flows.Postes-Annuaire.[key]", FLOWS, "  Postes-Annuaire:"),
            ("M007", "flows.Postes-Annuaire.until", FLOWS, "30/06/2027"),
            ("M007", "service_catalogue.ssh.tcp[1]", SERVICES, "22-21"),
        ],
    ),
]


@pytest.mark.parametrize("case", [*FLOW_CASES, *NEEDS, *FORM_CASES], ids=lambda case: case.name)
def test_the_fault_is_reported_where_it_is(copy: Copy, case: Case) -> None:
    check(copy, case)


def test_piste_that_runs_among_the_servers_needs_no_rule_to_reach_them(copy: Copy) -> None:
    copy.edit(ADMINISTRATION, "from: [hdv-exp1]", "from: [hdv-sav1]")
    assert copy.load().faults == []


def test_a_town_without_hosting_needs_no_prism(copy: Copy) -> None:
    copy.edit(ADMINISTRATION, "  prism: [hdv-prism1]\n", "")
    (copy.root / (ALL + "hosting.yml")).unlink()
    assert [fault for fault in copy.load().faults if fault.rule == "PISTE-M111"] == []


def test_a_wide_flow_passes_with_a_reason_and_an_end_but_opens_what_is_isolated(copy: Copy) -> None:
    said = 'wide: migration, until: "2999-12-31", exception: migration'
    copy.edit(FLOWS, "\nflows:\n", f"\nflows:\n  tous: {{{WIDE}, why: essai, {said}}}\n")
    faults = {(fault.rule, fault.path) for fault in copy.load().faults}
    # What speaks with everybody through the firewall also fills the lists of the switches.
    assert {rule for rule, path in faults if path != "flows[tous]"} == {"PISTE-M218"}
    assert ("PISTE-M107", "flows[tous]") in faults
