"""Charters and inspection: the exact faults, paths, files and lines."""

from __future__ import annotations

import pytest

from tests.unit.model.broken_town import ALL, Case, Copy, check
from tests.unit.model.test_flow_rules import FLOWS, flow

WEB = "    why: Applications en ligne, messagerie, mises à jour, filtrées\n"
SEGMENTATION = ALL + "segmentation.yml"
WEB_CASES = [
    Case(
        "a charter of what the core routes, which nothing there could follow",
        [(SEGMENTATION, "      services: [voix]", "      charter: wifi-pedagogique\n      services: [voix]")],
        [("M007", "segmentation.reaches[telephones]", SEGMENTATION, "  telephones:")],
        ["ne filtre ni site du Web ni contenu"],
    ),
    Case(
        "a charter that nothing declares",
        [(FLOWS, "charter: wifi-pedagogique", "charter: wifi-pedagogie")],
        [
            ("M047", "flows[ecoles-web].charter", FLOWS, "wifi-pedagogie"),
            ("M403", "flows[ecoles-web]", FLOWS, "  ecoles-web:"),
        ],
        ["Vouliez-vous dire « wifi-pedagogique » ?"],
    ),
    Case(
        "a charter that denies nothing",
        [(FLOWS, "    services: [https]\n    why: Postes en libre accès", "    services: [https]\n    "
          "charter: wifi-public\n    why: Postes en libre accès")],
        [("M402", "flows[public-web].charter", FLOWS, "charter: wifi-public")],
    ),
    Case(
        "a way of schools to the Web beside their charter",
        [flow("essai", "from: [pedagogique@ecole-jaures], to: [internet], services: [http]")],
        [("M403", "flows[essai]", FLOWS, "# ici")],
        ["« essai » mène pedagogique au Web sans la charte « wifi-pedagogique »"],
    ),
    Case(
        "a reason to be open, which filters nothing",
        [flow("essai", "from: [pedagogique@ecole-jaures], to: [internet], services: [http]",
              'wide: Pour voir, until: "2999-12-31"')],
        [("M403", "flows[essai]", FLOWS, "# ici")],
    ),
    Case(
        "what is looked into by no policy, and decrypted without exemption",
        [
            (FLOWS, WEB, WEB + "    inspection: [intrusions, files, tls] # ici\n"),
            (FLOWS, "\nfirewall:\n", "\nfirewall:\n  inspection: {files: Fichiers, tls: {authority: Ville, informed: "
             "Charte, exempt: {health: {categories: [Health]}}}} # là\n"),
        ],
        [
            ("M404", "firewall.inspection.tls.exempt", FLOWS, "# là"),
            ("M405", "flows[web].inspection", FLOWS, "# ici"),
        ],
        ["Le pare-feu déchiffrerait la banque", "aucune politique ne porte intrusions"],
    ),
    Case(
        "a flow decrypted by nobody",
        [(FLOWS, WEB, WEB + "    inspection: [tls] # ici\n")],
        [("M404", "flows[web].inspection", FLOWS, "# ici")],
    ),
]


@pytest.mark.parametrize("case", WEB_CASES, ids=lambda case: case.name)
def test_the_fault_is_reported_where_it_is(copy: Copy, case: Case) -> None:
    check(copy, case)
