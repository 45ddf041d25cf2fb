"""The life of the assets and the lots of thin clients: the exact faults, at their lines."""

from __future__ import annotations

import pytest

from piste.town.model import Town
from piste.town.model.life.actions import STEPS, stores
from piste.town.model.life.history import COLUMNS
from tests.unit.model.broken_town import ALL, Case, Copy, check

HISTORY = "inventories/town/assets/history.csv"
PCS = "inventories/town/assets/computer.csv"
LOTS = ALL + "thin_clients.yml"
PROOF = "a" * 64
PC = "pc-jau-001,desktop,EX-jau-pc-001,ecole-jaures,Écoles,in_service,"


def row(**cells: str) -> str:
    """Write a line of the history."""
    known = {"date": "2026-11-01", "action": "move", "asset": "pc-jau-001", "role": "technicien"}
    return ",".join({**dict.fromkeys(COLUMNS, ""), **known, **cells}.values()) + "\n"


def history(*lines: str) -> tuple[str, str, str]:
    return HISTORY, "", ",".join(COLUMNS) + "\n" + "".join(lines)


def line(says: str, **cells: str) -> Case:
    return Case(says, [history(row(**cells))], [("M293", "assets.history[2]", HISTORY, 2)], [says])


LIFE = [
    line("date : « 2026-13-01 » n’est pas", date="2026-13-01"),
    line("Un effacement a un numéro de série, une méthode et l’empreinte de sa preuve", action="erase", serial="Z1"),
    line("Une réception a sa commande (reference)", action="receive"),
    line("Une extinction a sa décision (reference)", action="switch_off"),
    line("Une étape a sa preuve (reference)", action="check", method="master"),
    line("Une étape a son nom (method)", action="check", reference="fiche 7"),
    Case(
        "a step that no act proves, and one that nothing proves",
        [
            history(row(action="check", method="edr", reference="fiche 7")),
            (ALL + "computers.yml", "    policies: [Socle commun]\n", ""),
        ],
        [
            ("M406", "computer_steps[hardened]", ALL + "computers.yml", "  hardened:"),
            ("M406", "assets.history[pc-jau-001]", HISTORY, 2),
        ],
        ["« edr » n’est pas une étape qu’un acte prouve"],
    ),
    Case(
        "a check of a rack that nobody declares",
        [history(row(action="check", asset="baie-ccas-1", site="ccas", method="serrure", reference="fiche 7"))],
        [("M411", "assets.history[baie-ccas-1]", HISTORY, 2)],
        ["« serrure » n’est pas un contrôle de baie (rack_checks)"],
    ),
    line("une empreinte SHA-256", action="erase", serial="Z1", method="outil", sha256="A" * 64),
    Case(
        "a header of other columns",
        [(HISTORY, "", "date,asset\n")],
        [("M293", "assets.history[1]", HISTORY, 1)],
        ["L’en-tête n’est pas : date,action,asset,"],
    ),
    Case(
        "a line that was put before others",
        [history(row(date="2026-11-02"), row(date="2026-11-01"))],
        [("M293", "assets.history[3]", HISTORY, 3)],
        ["Le 2026-11-01 vient après le 2026-11-02"],
    ),
    Case(
        "a computer that left with its disk",
        [(PCS, PC, PC.replace("in_service", "retired"))],
        [("M294", "assets.computer[pc-jau-001].state", PCS, "pc-jau-001,")],
        ["rien n’atteste l’effacement de ce qu’il garde (disque du poste)"],
    ),
    Case(
        "a computer whose other disk was erased, and that worked since",
        [
            (PCS, PC, PC.replace("in_service", "retired")),
            history(
                row(action="erase", serial="EX-jau-pc-001", method="outil", sha256=PROOF),
                row(action="assign", serial="EX-jau-pc-001"),
                row(action="erase", serial="EX-jau-pc-009", method="outil", sha256=PROOF),
            ),
        ],
        [("M294", "assets.computer[pc-jau-001].state", PCS, "pc-jau-001,")],
        [],
    ),
    Case(
        "a computer that moved by hand, and a line of none",
        [
            history(
                row(state="in_service", site="ecole-mermoz", assigned_to="Écoles"),
                row(asset="pc-jau-099", state="stock", site="ecole-jaures"),
            )
        ],
        [
            ("M295", "assets.history[pc-jau-001]", HISTORY, 2),
            ("M295", "assets.history[pc-jau-099]", HISTORY, 3),
        ],
        ["site « ecole-jaures » au lieu de « ecole-mermoz »", "pc-jau-099 : il n’est pas à l’inventaire"],
    ),
    Case(
        "a lot of another site, of a computer, of a machine of another lot, of none",
        [
            (LOTS, "site: mediatheque", "site: mediateque"),
            (LOTS, "[tc-med-001, tc-med-002,", "[tc-ccas-001, pc-med-001, tc-med-099,"),
        ],
        [
            ("M290", "thin_client_lots.lot-2-mediatheque.site", LOTS, "site: mediateque"),
            *[("M290", f"thin_client_lots.lot-2-mediatheque.thin_clients[{rank}]", LOTS, "tc-med-099")
              for rank in (1, 2, 3)],
        ],
        [
            "Vouliez-vous dire « mediatheque » ?",
            "« tc-ccas-001 » est déjà dans le lot lot-1-ccas",
            "« pc-med-001 » n’est pas un client léger",
            "« tc-med-099 » n’est pas à l’inventaire",
        ],
    ),
    Case(
        "a favourable study in spite of its own figures",
        [
            (LOTS, "fitness: adapted, note: Lecteur de carte redirigé vers la session.", "fitness: adapted"),
            (LOTS, "{name: Bureautique, fitness: compatible}", "{name: Bureautique, fitness: incompatible}"),
            (LOTS, "per_user_gib: 12", "per_user_gib: 160"),
            (LOTS, "available: 2400", "available: 80"),
            (LOTS, "reserves: [La redirection du lecteur", "reserves: []  # [La redirection du lecteur"),
        ],
        [
            ("M291", "thin_client_lots.lot-1-ccas.study.applications[2]", LOTS, "Bureautique"),
            ("M291", "thin_client_lots.lot-1-ccas.study.applications[3]", LOTS, "Signature"),
            ("M291", "thin_client_lots.lot-1-ccas.study.iops", LOTS, "iops:"),
            ("M291", "thin_client_lots.lot-1-ccas.study.storage", LOTS, "storage:"),
            ("M291", "thin_client_lots.lot-1-ccas.study.verdict", LOTS, "verdict:"),
        ],
        ["il faut 960 Gio et il y en a 900", "il faut 90 IOPS et il y en a 80", "et n’en dit aucune"],
    ),
    Case(
        "a lot that went before its study, and another without any",
        [
            (LOTS, 'deployed_on: "2026-10-14"', 'deployed_on: "2026-09-14"'),
            (LOTS, 'planned_on: "2027-02-01"', 'planned_on: "2027-02-01"\n    deployed_on: "2026-11-02"'),
        ],
        [
            ("M292", "thin_client_lots.lot-1-ccas.deployed_on", LOTS, '"2026-09-14"'),
            ("M292", "thin_client_lots.lot-2-mediatheque.deployed_on", LOTS, '"2026-11-02"'),
        ],
        ["avant son étude du 2026-09-28", "lot-2-mediatheque est déployé sans étude"],
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", LIFE, ids=lambda case: case.name)
def test_a_fault_of_the_life_is_reported_at_its_line(copy: Copy, case: Case) -> None:
    check(copy, case)


def test_the_history_is_read_and_changes_the_digest(copy: Copy, town: Town) -> None:
    copy.edit(*history(row(asset="hdv-ag1", action="switch_off", reference='"Décision, 7"', site="hotel-de-ville")))
    (event,) = copy.load().history
    assert (event.action, event.reference, event.state) == ("switch_off", "Décision, 7", None)
    assert copy.load().digest != town.digest
    assert town.history == ()


def test_a_need_of_the_macs_says_how_or_is_missing(copy: Copy) -> None:
    rest = "    parity: same\n    status: to_confirm\n  updates:"
    copy.edit(f"{ALL}computers.yml", f"    mac: Agent macOS\n{rest}", rest)
    (fault,) = copy.load().faults
    assert (fault.rule, fault.path) == ("PISTE-M007", "mac_parity.edr")
    assert "un besoin couvert dit comment" in str(fault).casefold()


@pytest.mark.parametrize(
    ("text", "rule", "number"),
    [
        (f"{','.join(COLUMNS)}\nx\n", "M001", 2),
        (f'{",".join(COLUMNS)}\n2026-11-01,"move\n', "M001", 2),
        (f"{','.join(COLUMNS)}\n\n{row(place='A‮B')}", "M018", 3),
        (f"{','.join(COLUMNS)}\n{row(place='=1+1')}", "M007", 2),
    ],
)
def test_a_history_that_cannot_be_read_says_where(copy: Copy, text: str, rule: str, number: int) -> None:
    copy.edit(HISTORY, "", text)
    faults = [fault for fault in copy.load().faults if fault.file == HISTORY]
    assert [(fault.rule, fault.line) for fault in faults] == [(f"PISTE-{rule}", number)]


def test_what_stores_data_is_known() -> None:
    assert stores("computer", "laptop")
    assert stores("printer", "copier")
    assert stores("computer", "thin_client") is None
    assert stores("interactive_board", None) is None
    assert STEPS["exit"].to == "retired"
