"""The verbs of `piste journal`, as typed."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from piste.commands.journal import journal
from piste.runs.records import journal as journals
from piste.runs.records.readable import line, text
from tests.unit.records.made import chain_of, header, run

ROOT = Path(__file__).parents[3]


def piste(*arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(journal, list(arguments), input=answer)


def test_list_shows_a_line_a_run_and_those_in_progress(root: Path) -> None:
    records = [run(root, 1), run(root, 2)]
    opened = chain_of(root).start(header(3))
    said = piste("list")
    assert said.exit_code == 0
    assert said.output.splitlines() == [
        *map(line, records),
        f"{header(3)['id']}  en cours, ou interrompue et à clore par la prochaine exécution",
    ]
    assert piste("list", "-n", "1", "--environment", "lab").output.splitlines()[0] == line(records[1])
    assert [entry["id"] for entry in json.loads(piste("list", "--json").output)] == [r["id"] for r in records]
    opened.handle.close()


def test_an_empty_journal_is_said(root: Path) -> None:
    assert piste("list").stderr == f"Aucune exécution au journal ({root}).\n"
    assert piste("verify").output == f"Aucune exécution au journal ({root}).\n"


def test_show_prints_one_run_or_says_that_there_is_none(root: Path) -> None:
    record = run(root, 1)
    assert piste("show", record["id"][:15]).output.splitlines() == list(text(record))
    assert json.loads(piste("show", record["id"], "--json").output) == record
    unknown = piste("show", "2027")
    assert unknown.exit_code == 1
    assert "« 2027 » : aucune exécution de ce nom. « piste journal list » les liste." in unknown.stderr


def test_verify_exits_with_1_and_names_the_file(root: Path) -> None:
    record = run(root, 1)
    assert (piste("verify").exit_code, piste("verify").output) == (
        0,
        "Le journal est intact : 1 chaîne, lab/poste.\n",
    )
    path = chain_of(root).folder / f"{record['id']}.json"
    path.write_bytes(path.read_bytes().replace(b"marie", b"paule"))
    said = piste("verify")
    assert said.exit_code == 1
    assert said.stderr.splitlines() == [
        f"lab/poste/{path.name} : altéré, le contenu n’est plus celui qui a été scellé",
        "Erreur : le journal n’est pas intact : 1 fichier en cause.",
    ]


def test_no_name_in_the_journal_commands_the_terminal(root: Path) -> None:
    run(root, 1)
    (chain_of(root).folder / "x\x1b[2J\nLe journal est intact").touch()
    assert piste("verify").stderr.splitlines()[0].startswith("lab/poste/x�[2J�Le journal est intact : étranger")
    assert "\x1b" not in piste("show", "x\x1b[2J").stderr


def test_export_then_verify_with_the_public_key(root: Path, tmp_path: Path) -> None:
    run(root, 1, day="2026-10-31")
    private, public = tmp_path / "key.pem", tmp_path / "key.pub"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ED25519", "-out", str(private)], check=True)
    subprocess.run(["openssl", "pkey", "-in", str(private), "-pubout", "-out", str(public)], check=True)
    exports = str(tmp_path / "exports")
    done = piste("export", "--month", "2026-10", "--to", exports, "--key", str(private))
    assert (done.exit_code, done.stdout) == (0, f"2026-10 est exporté dans {exports}/2026-10, ancre signée.\n")
    said = piste("verify", "--export", f"{exports}/2026-10", "--public-key", str(public))
    assert said.output.splitlines()[1] == f"L’export {exports}/2026-10 est intact : ancre signée par cette clé."
    (tmp_path / "exports/2026-10/anchor.sig").unlink()
    again = piste("verify", "--export", f"{exports}/2026-10", "--public-key", str(public))
    assert (again.exit_code, again.stderr.splitlines()[0]) == (
        1,
        "2026-10/anchor.sig : maillon manquant, l’ancre n’est pas signée",
    )


def test_import_takes_what_another_machine_sealed_or_says_why_not(root: Path, tmp_path: Path) -> None:
    worker = tmp_path / "ouvrier"
    run(worker, 1)
    opened = chain_of(worker).start(header(2))
    said = piste("import", str(worker))
    assert (said.exit_code, said.stdout.splitlines()) == (
        0,
        [
            "lab/poste : 1 exécution reçue",
            f"{header(2)['id']} : pas encore scellée là-bas (--close, si sa machine n’est plus)",
        ],
    )
    opened.handle.close()
    assert piste("import", "--close", str(worker)).stdout == "lab/poste : 1 exécution reçue\n"
    assert piste("verify").output == "Le journal est intact : 1 chaîne, lab/poste.\n"
    third = chain_of(worker).folder / f"{run(worker, 3)['id']}.json"
    # Its machine has closed the killed run as it was closed here.
    assert piste("import", str(worker)).stdout == "lab/poste : 1 exécution reçue\n"
    third.write_bytes(third.read_bytes().replace(b"marie", b"paule"))
    refused = piste("import", str(worker))
    assert refused.exit_code == 1
    assert refused.stderr.splitlines() == [
        f"lab/poste/{third.name} : altéré, le contenu n’est plus celui qui a été scellé",
        f"Erreur : rien n’entre au journal. Ces exécutions ont eu lieu : gardez {worker}.",
    ]
    assert piste("import", str(tmp_path / "vide")).exit_code != 0


@pytest.mark.parametrize("month", ["2026-13", "novembre", "2026", "../x"])
def test_a_month_must_be_one(month: str, root: Path, tmp_path: Path) -> None:
    said = piste("export", "--month", month, "--to", str(tmp_path / "exports"))
    assert said.exit_code == 1
    assert "n’est pas un mois de la forme 2026-11" in said.stderr


def test_prune_asks_removes_and_says(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "today", lambda: date(2027, 11, 2))
    record = run(root, 1, day="2026-10-31")
    run(root, 2)
    path = chain_of(root).folder / f"{record['id']}.json"
    exports = str(tmp_path / "exports")
    refused = piste("prune", "--exports", exports, "--yes")
    assert (refused.exit_code, path.exists()) == (1, True)
    assert "rien n’a été retiré : 2026-10 n’a pas été exporté" in refused.stderr
    piste("export", "--month", "2026-10", "--to", exports)
    assert piste("prune", "--exports", exports, answer="n\n").exit_code == 1
    assert path.exists()
    done = piste("prune", "--exports", exports, answer="y\n")
    assert done.exit_code == 0
    assert done.output.startswith("lab/poste : 2026-10 (1 exécution)\n")
    assert not path.exists()
    assert piste("verify").exit_code == 0
    assert piste("prune", "--exports", exports).output == "Rien à retirer : aucun mois jusqu’à 2026-10 au journal.\n"


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from piste.commands.journal import journal; from piste.commands.validate import validate;"
        "print([name for name in ('ansible', 'pydantic', 'yaml', 'piste.town.model') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"
