"""Ports, SSIDs and 802.1X: the exact faults, paths, files and lines."""

from __future__ import annotations

import pytest

from tests.unit.model.broken_town import ALL, JAURES, Case, Copy, check, host, jaures_switch

INVITED = "purpose: Exploitation technique\n    audience: invite"

GUESTS = (
    "    terms: wifi-public\n    portal:\n      kind: click_through\n"
    "      welcome_message: Bienvenue sur le Wi-Fi de la Ville"
)
CROWDED = "      VLB-Invites: {bandwidth: {client_up_kbps: 500,"


def crowd(site: str, *lines: str) -> tuple[str, str, str]:
    """Edit that gives a site days with a crowd."""
    return (host(site), "premises:\n", "crowds:\n" + "".join(f"  - {line}\n" for line in lines) + "premises:\n")


PORTS = [
    Case(
        "a port that the model has not",
        [jaures_switch('ports: {"29": poste}')],
        [("M040", "sites[ecole-jaures].switches[QZZZ-0005-0001].ports[29]", JAURES, "QZZZ-0005-0001")],
        ["sw-jau-01 : le port 29 n’existe pas, le modèle en a 28"],
    ),
    Case(
        "a layout past the last port, told once",
        [("group_vars/ecole.yml", '"25-28": uplink', '"25-30": uplink')],
        [
            (
                "M040",
                "categories[ecole].category_port_layouts[MS220-24][25-30]",
                "group_vars/ecole.yml",
                "MS220-24",
            )
        ],
    ),
    Case(
        "a port in two ranges",
        [("group_vars/ecole.yml", '"9-10": imprimante', '"8-10": imprimante')],
        [
            (
                "M041",
                "categories[ecole].category_port_layouts[MS220-24][8-10]",
                "group_vars/ecole.yml",
                "MS220-24",
            )
        ],
        ["le port 8 est dans les plages « 5-8 » et « 8-10 »"],
    ),
    Case(
        "a voice VLAN on a trunk",
        [
            (
                ALL + "ports.yml",
                "    ssid_segments: true",
                "    ssid_segments: true\n    voice_segment: telephonie # ici",
            )
        ],
        [("M042", "port_profiles[borne].voice_segment", ALL + "ports.yml", "# ici")],
        ["Profil de port borne : voice_segment ne va qu’à un port d’accès"],
    ),
    Case(
        "allowed VLANs on an access port",
        [(ALL + "ports.yml", "label: Téléphone\n", "label: Téléphone\n    allowed_segments: [invites]\n")],
        [("M042", "port_profiles[telephone].allowed_segments", ALL + "ports.yml", "allowed_segments")],
    ),
    Case(
        "a trunk that carries nothing",
        [(ALL + "ports.yml", "    ssid_segments: true\n", "")],
        [("M042", "port_profiles[borne].mode", ALL + "ports.yml", "mode: trunk")],
        ["Profil de port borne : mode est un trunk qui ne porte rien (allowed_segments, ssid_segments)"],
    ),
    Case(
        "the PoE of a model of which nobody knows whether it feeds",
        [
            (ALL + "ports.yml", "    ssid_segments: true", "    ssid_segments: true\n    poe: false"),
            *((ALL + "hardware.yml", f"{model}: {{kind: switch", f"{model}: {{kind: switch, poe: true")
              for model in ("MS425-32", "MS210-48", "MS210-24", "MS120-8")),
        ],
        [("M037", "sites[ecole-jaures].switches[QZZZ-0005-0001].ports[1]", JAURES, "QZZZ-0005-0001")],
        ["sw-jau-01, port 1 : le poe du profil borne reste sans effet, on ne sait pas si MS220-24 alimente ses ports"],
    ),
    Case(
        "an uplink that would be retyped",
        [(ALL + "ports.yml", "uplink: true", "uplink: true\n    mode: trunk # ici")],
        [("M042", "port_profiles[uplink].mode", ALL + "ports.yml", "# ici")],
    ),
    Case(
        "a profile whose segment the site lacks",
        [jaures_switch('ports: {"8": billetterie}')],
        [("M043", "sites[ecole-jaures].switches[QZZZ-0005-0001].ports[8]", JAURES, "QZZZ-0005-0001")],
        ["le profil billetterie demande le segment billetterie, que ecole-jaures n’a pas"],
    ),
]

LAST = '  - {lever: ssid-redondants, step: general, date: "2026-10-19", by: DSI}\n'


def pilot(lever: str) -> tuple[str, str, str]:
    """Inscribe a lever at one school, by decision."""
    decided = "targets: [ecole-jaures], decided: {by: DSI, why: essai}"
    line = f'  - {{lever: {lever}, step: pilot, date: "2026-11-20", by: DSI, {decided}}}\n'
    return ALL + "sobriety_rollout.yml", LAST, LAST + line


OUTSIDE_HOURS = [
    Case(
        "an uplink that is off at night",
        [(ALL + "ports.yml", "    uplink: true\n", "    uplink: true\n    outside_hours: true # ici\n")],
        [("M044", "port_profiles[uplink].outside_hours", ALL + "ports.yml", "# ici")],
        ["ses ports relient des commutateurs"],
    ),
    Case(
        "phones that are off at night, and nobody says why",
        [
            (ALL + "ports.yml", "    label: Téléphone\n", "    label: Téléphone\n    outside_hours: true # ici\n"),
            (
                ALL + "ports.yml",
                "    label: Poste de travail et téléphone\n",
                "    label: Poste de travail et téléphone\n    outside_hours: true\n"
                "    outside_hours_why: personne n’y dort\n",
            ),
        ],
        [("M044", "port_profiles[telephone].outside_hours", ALL + "ports.yml", "# ici")],
        ["il porte des téléphones"],
    ),
    Case(
        "a reduced power that nobody chose",
        [
            (ALL + "ssids.yml", "reduced_power:\n  name: Puissance réduite\n", ""),
            (
                ALL + "ssids.yml",
                "  two_four_ghz: {lowest: 2, highest: 8}\n  five_ghz: {lowest: 8, highest: 11}\n  status: to_confirm\n",
                "",
            ),
            pilot("puissance-wifi"),
        ],
        [("M045", "sites[ecole-jaures].rf_profiles", ALL + "sobriety.yml", "  puissance-wifi:")],
    ),
    Case(
        "ports that are off and feed nothing",
        [
            (ALL + "hardware.yml", "MS120-8: {kind: switch", "MS120-8: {kind: switch, poe: false"),
            (ALL + "hardware.yml", "MS220-24: {kind: switch", "MS220-24: {kind: switch, poe: true"),
            pilot("bornes-hors-heures"),
        ],
        [("M046", "sites[ecole-jaures].port_schedules[MS120-8]", ALL + "sobriety.yml", "  bornes-hors-heures:")],
        ["des ports de MS120-8 s’éteignent, qui ne les alimente pas"],
    ),
    Case(
        "a power whose highest is under its lowest",
        [(ALL + "ssids.yml", "five_ghz: {lowest: 8, highest: 11}", "five_ghz: {lowest: 12, highest: 11}")],
        [("M007", "reduced_power.five_ghz", ALL + "ssids.yml", "five_ghz: {lowest: 12")],
        ["La puissance la plus haute (11) est sous la plus basse (12)"],
    ),
]
WIFI = [
    Case(
        "an SSID whose segment the site lacks",
        [(host("ccas"), "ssids:\n", "ssids:\n  VLB-Billetterie: {}\n")],
        [("M050", "sites[ccas].ssids[VLB-Billetterie]", host("ccas"), "VLB-Billetterie")],
    ),
    Case(
        "a guest SSID without portal",
        [(ALL + "ssids.yml", "purpose: Exploitation technique\n    audience: interne", INVITED)],
        [
            ("M048", "ssid_catalogue[VLB-Exploitation].terms", ALL + "ssids.yml", "VLB-Exploitation:"),
            ("M051", "ssid_catalogue[VLB-Exploitation].portal", ALL + "ssids.yml", "VLB-Exploitation:"),
            ("M052", "ssid_catalogue[VLB-Exploitation].segment", ALL + "ssids.yml", "segment: exploitation"),
        ],
        ["VLB-Exploitation est un SSID invité sans portail captif"],
    ),
    Case(
        "a portal on an internal SSID",
        [
            (
                ALL + "ssids.yml",
                "    purpose: Exploitation technique\n",
                "    purpose: Exploitation technique\n"
                "    portal: {kind: click_through, welcome_message: x, timeout_minutes: 30}\n",
            )
        ],
        [("M051", "ssid_catalogue[VLB-Exploitation].portal", ALL + "ssids.yml", "welcome_message: x")],
    ),
    Case(
        "terms that nobody wrote",
        [(ALL + "ssids.yml", GUESTS, GUESTS.replace("wifi-public", "wifi-publique # ici"))],
        [("M047", "ssid_catalogue[VLB-Invites].terms", ALL + "ssids.yml", "# ici")],
        ["wifi-public"],
    ),
    Case(
        "a portal without terms",
        [(ALL + "ssids.yml", GUESTS, GUESTS.replace("    terms: wifi-public\n", ""))],
        [("M048", "ssid_catalogue[VLB-Invites].terms", ALL + "ssids.yml", 49)],
        ["son portail ferait accepter des conditions qui n’existent pas"],
    ),
    Case(
        "a pedagogic SSID without a charter",
        [(ALL + "ssids.yml", "    terms: wifi-pedagogique\n", "")],
        [("M049", "ssid_catalogue[VLB-Pedagogique].terms", ALL + "ssids.yml", "VLB-Pedagogique:")],
    ),
    Case(
        "a pedagogic SSID whose charter filters nothing",
        [(ALL + "ssids.yml", "terms: wifi-pedagogique\n", "terms: wifi-public # ici\n")],
        [
            ("M402", "ssid_catalogue[VLB-Pedagogique].terms", ALL + "ssids.yml", "# ici"),
            ("M403", "flows[ecoles-web]", ALL + "flows.yml", "  ecoles-web:"),
        ],
        ["sa charte, « wifi-public », ne dit aucun site que le pare-feu refuse"],
    ),
    Case(
        "a crowd whose profile could not be undone",
        [(ALL + "ssids.yml", CROWDED, "      VLB-Agents: {bandwidth: {client_up_kbps: 500}} # ici\n" + CROWDED)],
        [("M071", "crowd_profiles[affluence].ssids[VLB-Agents].bandwidth", ALL + "ssids.yml", "# ici")],
        ["affluence change bandwidth de VLB-Agents, que le catalogue ne dit pas"],
    ),
    Case(
        "a crowd that changes an unknown SSID",
        [(ALL + "ssids.yml", CROWDED, CROWDED.replace("Invites", "Invite"))],
        [("M031", "crowd_profiles[affluence].ssids[VLB-Invite]", ALL + "ssids.yml", "      VLB-Invite: {")],
    ),
    Case(
        "a crowd that changes no SSID of its site",
        [crowd("ecole-jaures", '{profile: affluence, from: "2026-12-05", until: "2026-12-06", why: Fête}')],
        [("M072", "sites[ecole-jaures].crowds[1].profile", host("ecole-jaures"), "why: Fête")],
        ["affluence ne change aucun SSID du site"],
    ),
    Case(
        "a crowd without its profile",
        [crowd("piscine", '{profile: affluences, from: "2026-12-05", until: "2026-12-06", why: Fête}')],
        [("M072", "sites[piscine].crowds[1].profile", host("piscine"), "why: Fête")],
        whole=True,
    ),
    Case(
        "two crowds at once, one of them over",
        [
            crowd(
                "piscine",
                '{profile: affluence, from: "2026-11-05", until: "2026-11-06", why: Gala}',
                '{profile: affluence, from: "2026-11-06", until: "2027-01-06", why: Fête}',
            )
        ],
        [
            ("M073", "sites[piscine].crowds[2]", host("piscine"), "why: Fête"),
            ("M074", "sites[piscine].crowds[1]", host("piscine"), "why: Gala"),
        ],
        whole=True,
    ),
    Case(
        "a rule of bandwidth that does nothing",
        [(ALL + "ssids.yml", "client_down_kbps: 1500, ssid_up_kbps: 20000, ssid_down_kbps: 60000}}\n      VLB-Public",
          "client_down_kbps: 1500}, shaping: [{ports: [80]}]} # ici\n      VLB-Public")],
        [("M007", "crowd_profiles[affluence].ssids[VLB-Invites].shaping[1]", ALL + "ssids.yml", "# ici")],
        ["Une règle de débit limite"],
    ),
    Case(
        "guests in an internal segment",
        [
            (
                ALL + "ssids.yml",
                "connexions tracées\n    audience: invite\n    segment: invites",
                "connexions tracées\n    audience: invite\n    segment: utilisateurs # ici",
            )
        ],
        [("M052", "ssid_catalogue[VLB-Public].segment", ALL + "ssids.yml", "# ici")],
        ["VLB-Public, d’audience invite, est dans le segment utilisateurs, de zone interne"],
    ),
    Case(
        "the pedagogic SSID in an internal segment",
        [(ALL + "ssids.yml", "segment: pedagogique", "segment: utilisateurs # péda")],
        [("M053", "ssid_catalogue[VLB-Pedagogique].segment", ALL + "ssids.yml", "# péda")],
    ),
    Case(
        "an internal SSID in the pedagogic segment",
        [(ALL + "ssids.yml", "audience: pedagogique", "audience: interne # péda")],
        [("M053", "ssid_catalogue[VLB-Pedagogique].segment", ALL + "ssids.yml", "segment: pedagogique")]
        + [
            (
                "M053",
                f"sites[ecole-{name}].ssids",
                "group_vars/ecole.yml",
                "category_ssids",
            )
            for name in ("auriol", "jaures", "mermoz", "bleriot", "saint-exupery")
        ],
        whole=True,
    ),
    Case(
        "a fifth SSID on every access point",
        [(host("piscine"), "switches:\n", "ssids:\n  VLB-Metier: {}\nswitches:\n")],
        [("M054", "sites[piscine].access_points[QZZZ-0017-0041]", host("piscine"), "QZZZ-0017-0041")],
        ["ap-pis-01 et 3 autres bornes : 5 SSID diffusés"],
        whole=True,
    ),
    Case(
        "a fifth SSID limited to one access point",
        [
            (host("piscine"), "switches:\n", "ssids:\n  VLB-Metier: {tags: [caisse]}\nswitches:\n"),
            (host("piscine"), "QZZZ-0017-0042, model: MR,", "QZZZ-0017-0042, model: MR, tags: [caisse],"),
        ],
        [("M054", "sites[piscine].access_points[QZZZ-0017-0042]", host("piscine"), "QZZZ-0017-0042")],
        ["ap-pis-02 : 5 SSID diffusés"],
        whole=True,
    ),
    Case(
        "a slot taken",
        [(ALL + "ssids.yml", "slot: 7", "slot: 6 # pris")],
        [("M055", "ssid_catalogue[VLB-Public].slot", ALL + "ssids.yml", "# pris")],
        ["VLB-Public : l’emplacement 6 est celui de VLB-Invites"],
    ),
    Case(
        "an internal SSID among the guests",
        [(ALL + "ssids.yml", "segment: exploitation", "segment: invites # exploitation")],
        [("M056", "ssid_catalogue[VLB-Exploitation].segment", ALL + "ssids.yml", "# exploitation")],
    ),
    Case(
        "a retired SSID in the catalogue",
        [(ALL + "ssids.yml", "names: [VLB-Ancien]", "names: [VLB-Ancien, VLB-Metier]")],
        [("M057", "retired_ssids", ALL + "ssids.yml", "VLB-Ancien, VLB-Metier")],
    ),
    Case(
        "guests that reach the town",
        [(ALL + "ssids.yml", "deny: [10.0.0.0/8, ", "deny: [")],
        [("M058", "guest_isolation.deny", ALL + "ssids.yml", "deny:")],
    ),
    Case(
        "an SSID that no access point emits",
        [(host("ccas"), "VLB-Invites: {status", "VLB-Invites: {tags: [accueil], status")],
        [("M059", "sites[ccas].ssids[VLB-Invites].tags", host("ccas"), "accueil")],
    ),
]

ACCESS = [
    Case(
        "802.1X without RADIUS",
        [(JAURES, "switches:\n", 'radius: null\ndot1x: {state: enforced, since: "2026-12-01"}\nswitches:\n')],
        [("M060", "sites[ecole-jaures].dot1x.state", JAURES, "dot1x")],
        ["ecole-jaures : le 802.1X est « enforced », sans serveur RADIUS"],
    ),
    Case(
        "a fallback to a segment that sites lack",
        [(ALL + "access.yml", "guest_segment: invites", "guest_segment: exploitation")],
        [("M061", "access_policies[agents].guest_segment", ALL + "access.yml", "guest_segment: exploitation")],
    ),
    Case(
        "a fallback into another zone",
        [
            (
                ALL + "ports.yml",
                "    isolation: true\n",
                "    isolation: true\n    access_policy: telephones-imprimantes # public\n",
            )
        ],
        [("M062", "port_profiles[public].access_policy", ALL + "ports.yml", "# public")],
        ["le ferait passer en zone interne (critical_segment: utilisateurs)"],
    ),
    Case(
        "a pilot without a switch",
        [(host("ccas"), "dot1x: true, ", "")],
        [("M063", "sites[ccas].dot1x.state", host("ccas"), "dot1x: {")],
    ),
]


@pytest.mark.parametrize("case", [*PORTS, *OUTSIDE_HOURS, *WIFI, *ACCESS], ids=lambda case: case.name)
def test_the_fault_is_reported_where_it_is(copy: Copy, case: Case) -> None:
    check(copy, case)
