"""Racks and supplies: a rack has devices of its site, once; a supply is in a known rack."""

from __future__ import annotations

import pytest

from tests.unit.model.broken_town import ALL, FIRST_SWITCH, JAURES, Case, Copy, check, host

HARDWARE, MS220 = f"{ALL}hardware.yml", ', warranty_until: "2024-07-29", end_of_life: "2024-07-29"'
MERMOZ, CCAS = host("ecole-mermoz"), host("ccas")
RACK, SUPPLY = "sites[ecole-mermoz].premises.racks[baie-mer-1].equipment", "sites[ccas].premises.ups[ups-ccas-1].rack"
PREMISES = [
    Case(
        "a rack that holds a switch of another site",
        [(MERMOZ, "sw-mer-03: 8", "sw-jau-03: 8")],
        [("M150", f"{RACK}[sw-jau-03]", MERMOZ, "baie-mer-1")],
        ["« sw-jau-03 », dans baie-mer-1, n’est pas un équipement du site"],
        whole=True,
    ),
    Case(
        "two switches at one place, one above the rack, one in two racks",
        [
            (MERMOZ, "sw-mer-02: 9", "sw-mer-02: 10"),
            (MERMOZ, "sw-mer-03: 8", "sw-mer-03: 13"),
            (MERMOZ, "  racks:\n", "  racks:\n    baie-mer-2: {equipment: {sw-mer-01: 4}}\n"),
        ],
        [
            ("M151", f"{RACK}[sw-mer-01]", MERMOZ, "baie-mer-1"),
            ("M151", f"{RACK}[sw-mer-02]", MERMOZ, "baie-mer-1"),
            ("M151", f"{RACK}[sw-mer-03]", MERMOZ, "baie-mer-1"),
        ],
        [
            "sw-mer-01 est dans baie-mer-2 et dans baie-mer-1",
            "sw-mer-02 est au rang 10 de baie-mer-1, pris par sw-mer-01",
            "sw-mer-03 est au rang 13 de baie-mer-1, au-delà de ses 12 U",
        ],
        whole=True,
    ),
    Case(
        "a supply in a rack that is not there",
        [(CCAS, "rack: baie-ccas-1", "rack: baie-ccas-2")],
        [
            ("M152", SUPPLY, CCAS, "rack: baie-ccas-2"),
            ("M155", "sites[ccas].premises.racks[baie-ccas-1]", CCAS, "    baie-ccas-1: {critical"),
        ],
        ["la baie « baie-ccas-2 » de l’onduleur ups-ccas-1 n’est pas déclarée"],
    ),
    Case(
        "a critical rack that nobody is said to open",
        [(CCAS, "lock: key, holders: [technicien],", "lock: key,")],
        [("M410", "sites[ccas].premises.racks[baie-ccas-1]", CCAS, "    baie-ccas-1: {critical")],
        ["la baie critique baie-ccas-1 ne dit pas ce qui l’ouvre, ou qui l’a"],
    ),
    Case(
        "two links of one name, at two sites",
        [(MERMOZ, "{name: ineo-mer,", "{name: ineo-jau,")],
        [("M298", "sites[ecole-mermoz].premises.links[0].name", MERMOZ, "{name: ineo-jau,")],
        ["la liaison « ineo-jau » a le nom d’une liaison de ecole-jaures"],
        whole=True,
    ),
    Case(
        "a decision to do without a link, at a site that has one",
        [(MERMOZ, "  racks:\n", '  unlinked: {by: Mme Diallo, why: travaux, until: "2099-12-31"}\n  racks:\n')],
        [("M390", "sites[ecole-mermoz].premises", MERMOZ, "premises:")],
        ["ecole-mermoz a une liaison : la décision de s’en passer (unlinked) n’a plus d’objet"],
        whole=True,
    ),
    Case(
        "a model in use and a supply that never end",
        [
            (HARDWARE, MS220, ""),
            (CCAS, ', warranty_until: "2028-12-31", end_of_life: "2031-12-31"', ""),
        ],
        [
            ("M153", "sites[ccas].premises.ups[ups-ccas-1]", CCAS, "EX-ccas-ups-001"),
            ("M153", "hardware[MS220-24]", HARDWARE, "MS220-24: {"),
        ],
        ["MS220-24 n’a pas de fin de vie prévisionnelle"],
    ),
    Case(
        "a warranty that outlives what it is about: of a model, of a device that says its own",
        [
            (HARDWARE, MS220, MS220.replace('warranty_until: "2024', 'warranty_until: "2025')),
            (JAURES, FIRST_SWITCH, FIRST_SWITCH.replace(", status", ', end_of_life: "2024-01-31", status')),
        ],
        [
            ("M154", "sites[ecole-jaures].switches[QZZZ-0005-0001]", JAURES, "QZZZ-0005-0001"),
            ("M154", "hardware[MS220-24]", HARDWARE, "MS220-24: {"),
        ],
        ["sw-jau-01 est sous garantie jusqu’au 2025-07-29, après sa fin de vie, le 2024-01-31"],
        whole=True,
    ),
]


@pytest.mark.parametrize("case", PREMISES, ids=lambda case: case.name)
def test_the_fault_is_reported_where_it_is(copy: Copy, case: Case) -> None:
    check(copy, case)
