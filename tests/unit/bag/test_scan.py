"""A secret in a folder is found in any writing; what is no secret is left alone."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest

from piste.exports.bag import repository
from piste.exports.bag.scan import MODULES, Admitted, drawn, known, left_out, suspicions
from piste.exports.bag.verify import examine
from tests.support.bags import tiny

SECRET = 'cl& d"Armée-1'


@pytest.mark.parametrize(
    "content",
    [
        SECRET.encode(),
        SECRET.encode("utf-16-le"),
        base64.b64encode(SECRET.encode()),
        SECRET.encode().hex().encode(),
        b"cl&amp; d&quot;Arm\xc3\xa9e-1",
        rb"cl& d\"Arm\u00e9e-1",
    ],
)
def test_a_known_secret_is_found_in_every_spelling(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"avant " + content + b" apres")
    (tmp_path / "b.txt").write_text("rien", encoding="utf-8")
    assert list(known(tmp_path, {"radius/ccas": SECRET, "court": "rien"})) == [("a.bin", "radius/ccas")]


def test_the_module_says_the_path_of_the_secret_and_never_its_value(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(f"x: {SECRET}\n", encoding="utf-8")
    run = MODULES["piste_bag_scan"].run
    wrong = run({"folder": str(tmp_path), "secrets": {"radius/ccas": SECRET}}, False)
    assert [(finding["state"], SECRET in finding["what"]) for finding in wrong["findings"]] == [("wrong", False)]
    assert "radius/ccas" in wrong["findings"][0]["what"]
    right = run({"folder": str(tmp_path), "secrets": {"radius/ccas": "autre-valeur", "meraki": ""}}, False)
    assert [finding["state"] for finding in right["findings"]] == ["ok"]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("-----BEGIN RSA " + "PRIVATE KEY-----", "clé privée"),
        ('<Properties cpassword="j1Uyj3Vx8TY9LtLZil2uAuZkFQA" />', "mot de passe de stratégie"),
        ("clef: kR7xQ2mWb9ZtLp4VhN8sYd3G", "texte qui semble tiré au hasard"),
    ],
)
def test_what_looks_like_a_secret_is_named_with_its_line(line: str, what: str, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(f"un: 1\n{line}\n", encoding="utf-8")
    suspected = list(suspicions(tmp_path))
    assert suspected
    assert suspected[0][0] == "a.yml:2"
    assert any(why.startswith(what) for _, why in suspected)


@pytest.mark.parametrize(
    "word",
    [
        "Win32OperatingSystem2",
        "NoAutoRebootWithLoggedOnUsers2",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "W3s4MjdEMzE5RS02RUFDLTExRDItQTRFQS0wMEMwNEY3OUY4M0F9XQ==",
        "windowsserver2022qcow2image",
    ],
)
def test_names_digests_and_coded_texts_are_no_secret(word: str) -> None:
    assert not drawn(word)


def test_a_registry_file_is_read_in_its_own_letters(tmp_path: Path) -> None:
    raw = b"PReg\x01\x00\x00\x00" + "[Software;kR7xQ2mWb9ZtLp4VhN8sYd3G]".encode("utf-16-le")
    (tmp_path / "Registry.pol").write_bytes(raw)
    assert [why for _, why in suspicions(tmp_path)] == ["texte qui semble tiré au hasard, comme une clé"]


def test_a_certificate_is_public_and_what_hides_behind_its_first_line_is_not(tmp_path: Path) -> None:
    body = "-----BEGIN CERTIFICATE-----\n\n    kR7xQ2mWb9ZtLp4VhN8sYd3GkR7xQ2mWb9ZtLp4VhN8sYd3G\n"
    (tmp_path / "racine.yml").write_text(f"racine: '{body}    -----END CERTIFICATE-----'\n", encoding="utf-8")
    assert list(suspicions(tmp_path)) == []
    (tmp_path / "racine.yml").write_text(f"racine: '{body}'\n", encoding="utf-8")
    assert [place for place, _ in suspicions(tmp_path)] == ["racine.yml:3"]
    inside = f"{body}    clef: kR7xQ2mWb9ZtLp4VhN8sYd3G\n-----END CERTIFICATE-----\n"
    (tmp_path / "racine.yml").write_text(inside, encoding="utf-8")
    assert [place for place, _ in suspicions(tmp_path)] == ["racine.yml:4"]


WRITTEN = "  comment: 'NAS de secours, mot de passe : Bourget2026!'"


def test_a_text_that_the_declaration_admits_is_left_alone_until_it_changes(tmp_path: Path) -> None:
    (tmp_path / "systems/directory").mkdir(parents=True)
    path = tmp_path / "systems/directory/groups.yml"
    path.write_text(f"groups:\n{WRITTEN}\n", encoding="utf-8")
    place = "systems/directory/groups.yml:2"
    assert list(suspicions(tmp_path)) == [(place, "mot de passe écrit en clair")]
    for text in (WRITTEN.strip(), path.read_text(encoding="utf-8")):
        entry = {"file": "directory/groups.yml", "sha256": hashlib.sha256(text.encode()).hexdigest()}
        assert list(suspicions(tmp_path, Admitted([entry]))) == []
        other = Admitted([{**entry, "file": "directory/units.yml"}])
        assert [where for where, _ in suspicions(tmp_path, other)] == [place]
        path.write_text(f"groups:\n{WRITTEN[:-2]}?'\n", encoding="utf-8")
        assert [where for where, _ in suspicions(tmp_path, Admitted([entry]))] == [place]
        path.write_text(f"groups:\n{WRITTEN}\n", encoding="utf-8")


def test_a_file_with_a_password_leaves_an_export_and_the_others_stay(tmp_path: Path) -> None:
    for name, text in (("groups.yml", WRITTEN), ("units.yml", "units: []")):
        (tmp_path / name).write_text(f"a: 1\n{text}\n", encoding="utf-8")
    assert left_out(tmp_path, Admitted()) == {"groups.yml": "mot de passe écrit en clair (ligne 2)"}
    assert [path.name for path in tmp_path.iterdir()] == ["units.yml"]


def test_a_repository_is_cloned_once_for_all_checks_of_a_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A clone costs more than the search of its history."""
    bag = tiny(tmp_path)
    asked: list[str] = []
    git = repository.git
    monkeypatch.setattr(repository, "git", lambda *given, **named: asked.append(given[0]) or git(*given, **named))
    clones = tmp_path / "clones"
    clones.mkdir()
    assert {finding.state for finding in examine(bag, clones)} == {"ok"}
    assert list(known(bag, {"a/b": "Tressalire-8"}, clones)) == []
    assert asked.count("clone") == 1
    assert list(examine(bag))[-1].state == "ok"
    assert asked.count("clone") == 2
    assert len([*clones.iterdir()]) == 1
