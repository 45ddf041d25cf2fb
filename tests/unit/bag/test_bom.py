"""The bill of materials: each locked package once, with the licence that it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from piste.exports.bag import bom as module
from piste.exports.bag.bom import bom, unlicensed
from tests.unit.repository.tree import ROOT

LISTS = {
    "demo.txt": "requests==2.0 \\\n    --hash=sha256:aa\n"
    "Typing_Extensions==4.1 ; python_version < '3.13' \\\n    --hash=sha256:bb\n",
    "other.txt": "# comment==1\nrequests==2.0\nno-such-package==9.9\nsamba\nkea\n",
    "test.txt": "pytest==9.0\n",
}


def test_each_package_is_there_once_with_its_lists_and_licence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, content in LISTS.items():
        (tmp_path / name).write_text(content, "utf-8")
    said = "Format: x\nSource: y\n\nFiles: *\nCopyright: z\nLicense: GPL-3.0+\n\nFiles: a/*\nLicense: BSD-3\n"
    (tmp_path / "samba").mkdir()
    (tmp_path / "samba/copyright").write_text(said, "utf-8")
    monkeypatch.setattr(module, "COPYRIGHT", tmp_path)
    made = bom(tmp_path)
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.5")
    packages = {entry["purl"]: entry for entry in made["components"]}
    assert [*packages] == [
        "pkg:pypi/no-such-package@9.9", "pkg:pypi/requests@2.0", "pkg:pypi/typing-extensions@4.1",
        "pkg:deb/debian/kea", "pkg:deb/debian/samba",
    ]  # fmt: skip
    assert packages["pkg:deb/debian/samba"]["licenses"] == [{"license": {"name": "GPL-3.0+"}}]
    assert "version" not in packages["pkg:deb/debian/samba"], "no list locks it"
    requests = packages["pkg:pypi/requests@2.0"]
    assert [each["value"] for each in requests["properties"]] == ["requirements/demo.txt", "requirements/other.txt"]
    assert "Apache" in str(requests["licenses"])
    assert unlicensed(made) == ["no-such-package", "kea"], "an unknown licence is left out, never guessed"


def test_every_package_that_is_shipped_is_in_the_bill() -> None:
    lines = (ROOT / "requirements/demo.txt").read_text("utf-8").splitlines()
    locked = {line.split("==")[0].lower() for line in lines if "==" in line and line[0].isalnum()}
    listed = [entry for entry in bom(ROOT / "requirements")["components"] if "demo.txt" in str(entry["properties"])]
    assert {entry["name"] for entry in listed} == locked
    assert len(listed) == len({entry["bom-ref"] for entry in listed})


def test_the_packages_of_debian_are_those_of_the_lists() -> None:
    listed = {
        entry["name"] for entry in bom(ROOT / "requirements")["components"] if entry["purl"].startswith("pkg:deb")
    }
    assert {"samba", "freeradius", "zabbix-server-pgsql", "nut-server", "chromium", "age"} <= listed
    assert not {name for name in listed if "=" in name or " " in name}
