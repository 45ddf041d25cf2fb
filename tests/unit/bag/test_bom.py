"""The bill of materials: each locked package once, with the licence that it says."""

from __future__ import annotations

from pathlib import Path

from piste.exports.bag.bom import bom, unlicensed
from tests.unit.repository.tree import ROOT

LISTS = {
    "demo.txt": "requests==2.0 \\\n    --hash=sha256:aa\n"
    "Typing_Extensions==4.1 ; python_version < '3.13' \\\n    --hash=sha256:bb\n",
    "other.txt": "# comment==1\nrequests==2.0\nno-such-package==9.9\nsamba\n",
    "test.txt": "pytest==9.0\n",
}


def test_each_package_is_there_once_with_its_lists_and_licence(tmp_path: Path) -> None:
    for name, content in LISTS.items():
        (tmp_path / name).write_text(content, "utf-8")
    made = bom(tmp_path)
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.5")
    packages = {entry["purl"]: entry for entry in made["components"]}
    assert [*packages] == [
        "pkg:pypi/no-such-package@9.9", "pkg:pypi/requests@2.0", "pkg:pypi/typing-extensions@4.1",
    ]  # fmt: skip
    requests = packages["pkg:pypi/requests@2.0"]
    assert [each["value"] for each in requests["properties"]] == ["requirements/demo.txt", "requirements/other.txt"]
    assert "Apache" in str(requests["licenses"])
    assert unlicensed(made) == ["no-such-package"], "an unknown licence is left out, never guessed"


def test_every_package_that_is_shipped_is_in_the_bill() -> None:
    lines = (ROOT / "requirements/demo.txt").read_text("utf-8").splitlines()
    locked = {line.split("==")[0].lower() for line in lines if "==" in line and line[0].isalnum()}
    listed = [entry for entry in bom(ROOT / "requirements")["components"] if "demo.txt" in str(entry["properties"])]
    assert {entry["name"] for entry in listed} == locked
    assert len(listed) == len({entry["bom-ref"] for entry in listed})
