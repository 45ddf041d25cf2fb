"""Signatures of papers by the command: who signed, what changed, what nobody signed."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.runs.records.chain import encode, seal
from piste.sites import sealed
from piste.town.model.forms import Record
from piste.trials.restore.signatures import LONGEST, sign_result

PDF = b"%PDF-1.7 papier\n"
FORMER = "ecole/pv-recette.pdf"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Path]]:
    folder, made = tmp_path_factory.mktemp("keys"), {}
    for name in ("ville", "titulaire", "stranger"):
        key, public = folder / f"{name}.pem", folder / f"{name}.pub"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(key)], check=True)
        subprocess.run(["openssl", "pkey", "-in", str(key), "-pubout", "-out", str(public)], check=True)
        made[name] = (key, public)
    return made


@pytest.fixture
def signed(tmp_path: Path, keys: dict[str, tuple[Path, Path]]) -> Path:
    """Two papers that both parties signed."""
    folder = tmp_path / "dossiers"
    for name in (FORMER, "commune/pra.pdf"):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_bytes(PDF + name.encode())
    for party in ("titulaire", "ville"):
        result = run("sign", str(folder), "--sign", str(keys[party][0]), "--party", party, "--role", f"rôle {party}")
        assert result[0] == 0, result
    return folder


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["documents", *words])
    return done.exit_code, done.output.replace("\N{NO-BREAK SPACE}", " ")


def verified(asked: Path, keys: dict[str, tuple[Path, Path]], *names: str) -> tuple[int, dict[str, tuple[str, str]]]:
    """Verify by the keys of these names; give the exit code, the state and words of each paper."""
    known = [word for name in names or ("ville", "titulaire") for word in ("--public-key", str(keys[name][1]))]
    code, said = run("verify", str(asked), *known, "--format", "json")
    return code, {Path(each["paper"]).name: (each["state"], each["says"]) for each in json.loads(said)}


def test_what_both_signed_names_who_when_and_by_which_key(signed: Path, keys: dict[str, tuple[Path, Path]]) -> None:
    code, papers = verified(signed, keys)
    assert (code, {name: state for name, (state, _) in papers.items()}) == (
        0, {"pv-recette.pdf": "signed", "pra.pdf": "signed"},
    )  # fmt: skip
    assert "signé pour la ville (rôle ville), le " in papers["pra.pdf"][1]
    assert verified(signed / FORMER, keys) == (0, {"pv-recette.pdf": papers["pv-recette.pdf"]})
    assert verified(signed / "commune", keys) == (0, {"pra.pdf": papers["pra.pdf"]})
    words = [word for name in ("ville", "titulaire") for word in ("--public-key", str(keys[name][1]))]
    said = run("verify", str(signed), *words)[1].splitlines()
    assert said[0] == "2 papiers signés des deux parties."
    assert [line[:4] for line in said[1:]] == ["  ✓ "] * 2


def test_one_altered_byte_is_named_and_the_other_paper_holds(signed: Path, keys: dict[str, tuple[Path, Path]]) -> None:
    content = bytearray((signed / FORMER).read_bytes())
    content[-1] ^= 1
    (signed / FORMER).write_bytes(content)
    code, papers = verified(signed, keys)
    assert (code, papers["pv-recette.pdf"]) == (1, ("altered", "ce n’est plus le papier qui a été signé"))
    assert papers["pra.pdf"][0] == "signed"


def test_a_list_sealed_again_is_not_what_was_signed(signed: Path, keys: dict[str, tuple[Path, Path]]) -> None:
    record = json.loads((signed / "result.json").read_text())
    record["papers"]["commune/pra.pdf"] = "0" * 64
    (signed / "result.json").write_bytes(encode(record))
    assert [state for state, _ in verified(signed, keys)[1].values()] == ["altered"] * 2
    del record["hash"]
    (signed / "result.json").write_bytes(encode(seal(record)))
    code, papers = verified(signed, keys)
    assert (code, {state for state, _ in papers.values()}) == (1, {"altered"})
    assert "elle signe autre chose" in papers["pv-recette.pdf"][1]


def test_a_key_that_the_reader_did_not_bring_proves_nobody(signed: Path, keys: dict[str, tuple[Path, Path]]) -> None:
    code, papers = verified(signed, keys, "ville", "stranger")
    assert (code, papers["pra.pdf"][0]) == (3, "unknown")
    assert "que vous n’avez pas donnée" in papers["pra.pdf"][1]
    assert run("verify", str(signed))[0] == 3, "without any key nobody is known"


def test_a_signature_by_another_key_under_the_name_of_the_first_is_altered(
    signed: Path, keys: dict[str, tuple[Path, Path]]
) -> None:
    command = ["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", str(keys["stranger"][0])]
    files = ["-in", str(signed / "result.json"), "-out", str(signed / "signature-ville.sig")]
    subprocess.run([*command, *files], check=True)
    code, papers = verified(signed, keys)
    assert (code, papers["pra.pdf"][0]) == (1, "altered")
    assert "signed-ville.json, openssl ne la reconnaît pas" in papers["pra.pdf"][1]


def test_one_key_does_not_sign_for_both_parties(tmp_path: Path, keys: dict[str, tuple[Path, Path]]) -> None:
    (tmp_path / "pra.pdf").write_bytes(PDF)
    for party in ("titulaire", "ville"):
        given = ("--sign", str(keys["titulaire"][0]), "--party", party, "--role", "DSI")
        assert run("sign", str(tmp_path), *given)[0] == 0
    code, papers = verified(tmp_path, keys)
    assert (code, papers["pra.pdf"][0]) == (3, "unknown")
    assert "une seule clé signe pour les deux parties" in papers["pra.pdf"][1]


@pytest.mark.parametrize(
    ("gone", "code", "state"), [("signed-ville.json", 2, "unsigned"), ("signature-ville.sig", 1, "altered")]
)
def test_a_signature_that_is_missing_is_said(
    gone: str, code: int, state: str, signed: Path, keys: dict[str, tuple[Path, Path]]
) -> None:
    (signed / gone).unlink()
    exit_code, papers = verified(signed, keys)
    assert (exit_code, papers["pra.pdf"][0]) == (code, state)
    said = {"unsigned": "2 papiers sans toutes les signatures.", "altered": "2 papiers altérés."}[state]
    given = [word for name in ("ville", "titulaire") for word in ("--public-key", str(keys[name][1]))]
    assert run("verify", str(signed), *given)[1].splitlines()[0] == said


def test_the_signatures_of_another_folder_sign_nothing_here(
    signed: Path, tmp_path: Path, keys: dict[str, tuple[Path, Path]]
) -> None:
    other = tmp_path / "autres"
    other.mkdir()
    (other / "fiche-site.pdf").write_bytes(PDF)
    for path in signed.glob("*.*"):
        shutil.copy(path, other)
    code, papers = verified(other, keys)
    assert (code, {name: state for name, (state, _) in papers.items()}) == (
        1, {"pv-recette.pdf": "altered", "pra.pdf": "altered", "fiche-site.pdf": "unsigned"},
    )  # fmt: skip
    assert "absent de ce dossier" in papers["pra.pdf"][1]


def test_a_paper_added_since_is_signed_by_nobody_and_no_folder_is_signed_over(
    signed: Path, keys: dict[str, tuple[Path, Path]]
) -> None:
    (signed / "commune/pca.pdf").write_bytes(PDF)
    code, papers = verified(signed, keys)
    assert (code, papers["pca.pdf"], papers["pra.pdf"][0]) == (2, ("unsigned", "rien ne le signe"), "signed")
    again = run("sign", str(signed), "--sign", str(keys["ville"][0]), "--party", "ville", "--role", "DSI")
    assert again[0] == 4
    assert "a d’autres papiers" in again[1]


def test_a_scan_is_for_a_person_to_look_at(tmp_path: Path, keys: dict[str, tuple[Path, Path]]) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d/pra.pdf").write_bytes(PDF)
    (tmp_path / "scan.pdf").write_bytes(b"%PDF-1.4 scan")
    given = ("--party", "ville", "--role", "DSI")
    assert run("sign", str(tmp_path / "d"), "--receive", str(tmp_path / "scan.pdf"), *given)[0] == 0
    holder = ("--sign", str(keys["titulaire"][0]), "--party", "titulaire", "--role", "DP")
    assert run("sign", str(tmp_path / "d"), *holder)[0] == 0
    code, papers = verified(tmp_path / "d", keys)
    assert (code, [*papers], papers["pra.pdf"][0]) == (3, ["pra.pdf"], "by_hand")
    assert "regardez signe-ville.pdf" in papers["pra.pdf"][1]


def test_a_kept_report_is_verified_by_its_own_signatures(tmp_path: Path, keys: dict[str, tuple[Path, Path]]) -> None:
    place = tmp_path / "transfer/lot-reseau/2026-12-03"
    report = sealed.keep(place, Kept(title="Bascule du lot : réseau"))
    assert verified(tmp_path, keys)[1]["2026-12-03"] == (
        "unsigned", "Bascule du lot : réseau : pas signé pour le titulaire ; pas signé pour la ville",
    )  # fmt: skip
    for party in ("ville", "titulaire"):
        sign_result(place, report, party, "DSI", keys[party][0], "2026-12-03")  # type: ignore[arg-type]
    assert verified(tmp_path, keys)[0] == 0
    (place / "signature-ville.pem").write_bytes(keys["stranger"][1].read_bytes())
    assert verified(tmp_path, keys)[0] == 1


class Kept(Record):
    title: str
    hash: str = ""


def test_a_folder_without_papers_is_refused(tmp_path: Path, keys: dict[str, tuple[Path, Path]]) -> None:
    assert run("verify", str(tmp_path))[0] == 4
    given = ("--sign", str(keys["ville"][0]), "--party", "ville", "--role", "DSI")
    assert run("sign", str(tmp_path), *given)[0] == 4
    assert list(tmp_path.iterdir()) == []


def test_a_paper_missing_from_a_subfolder_is_said_where_it_was(
    tmp_path: Path, keys: dict[str, tuple[Path, Path]]
) -> None:
    folder = tmp_path / "dossiers"
    for name in ("a/pv.pdf", "a/fiche.pdf", "pv.pdf", "b/pv.pdf"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(PDF + name.encode())
    for party in ("titulaire", "ville"):
        assert run("sign", str(folder), "--sign", str(keys[party][0]), "--party", party, "--role", "DSI")[0] == 0
    for name in ("a/pv.pdf", "b/pv.pdf"):
        (folder / name).unlink()
    code, papers = verified(folder / "a", keys)
    assert (code, papers["pv.pdf"][0], papers["fiche.pdf"][0]) == (1, "altered", "signed")
    known = [word for name in ("ville", "titulaire") for word in ("--public-key", str(keys[name][1]))]
    listed = json.loads(run("verify", str(folder), *known, "--format", "json")[1])
    assert {Path(each["paper"]).relative_to(folder).as_posix(): each["state"] for each in listed} == {
        "a/pv.pdf": "altered", "a/fiche.pdf": "signed", "pv.pdf": "signed", "b/pv.pdf": "altered",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["../pra.pdf", "/srv/pra.pdf"])
def test_a_list_that_leaves_its_folder_is_altered(name: str, signed: Path, keys: dict[str, tuple[Path, Path]]) -> None:
    (signed / "result.json").write_bytes(encode(seal({"format": 1, "papers": {name: "0" * 64}})))
    code, papers = verified(signed, keys)
    assert (code, {state for state, _ in papers.values()}) == (1, {"altered"})
    assert "sort de ce dossier" in papers["pra.pdf"][1]


@pytest.mark.parametrize("change", [{"file": "../signature-ville.sig"}, {"signed_on": "demain"}])
def test_a_signature_names_its_own_file_and_a_day(
    change: dict[str, str], signed: Path, keys: dict[str, tuple[Path, Path]]
) -> None:
    made = signed / "signed-ville.json"
    shutil.copy(signed / "signature-ville.sig", signed.parent)
    content = {name: value for name, value in json.loads(made.read_text()).items() if name != "hash"}
    made.write_bytes(encode(seal(content | change)))
    code, papers = verified(signed, keys)
    assert (code, {state for state, _ in papers.values()}) == (1, {"altered"})


def test_a_damaged_list_is_refused_to_who_signs_and_said_of_a_subfolder(
    signed: Path, keys: dict[str, tuple[Path, Path]]
) -> None:
    (signed / "result.json").write_bytes(b"{}")
    assert verified(signed / "commune", keys)[1]["pra.pdf"][0] == "altered"
    assert verified(signed / FORMER, keys)[0] == 1
    again = run("sign", str(signed), "--sign", str(keys["ville"][0]), "--party", "ville", "--role", "DSI")
    assert (again[0], "a d’autres papiers" in again[1]) == (4, True)


def test_a_paper_too_long_to_read_is_altered_and_the_others_are_still_examined(
    signed: Path, keys: dict[str, tuple[Path, Path]]
) -> None:
    with (signed / FORMER).open("r+b") as paper:
        paper.truncate(LONGEST + 1)
    code, papers = verified(signed, keys)
    assert (code, papers["pv-recette.pdf"][0], papers["pra.pdf"][0]) == (1, "altered", "signed")
