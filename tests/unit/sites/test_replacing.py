"""A replacement changes a line of the declaration, or says all that the new device lacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from piste.sites.declaring import TOWN, write_files
from piste.sites.replacing import NotReplaceable, Replacement, planned, replacement, routes_alone
from piste.town import declared
from piste.town.model import load
from piste.town.town import InvalidDeclaration
from tests.support.checkouts import few

JAURES, NEW = "ecole-jaures", "QZZZ-0100-0001"
LINE = "  - {serial: QZZZ-0005-0002, model: MS120-8, status: to_confirm}\n"
FILE = TOWN / f"host_vars/{JAURES}.yml"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    few(tmp_path)
    monkeypatch.setenv("PISTE_LAB_DIR", str(tmp_path / "lab"))
    return tmp_path


def written(root: Path, line: str = LINE) -> None:
    text = (root / FILE).read_text("utf-8")
    assert LINE in text
    (root / FILE).write_text(text.replace(LINE, line), "utf-8")


def prepared(root: Path, named: str = "sw-jau-02", model: str | None = None, new: str = NEW) -> Replacement:
    town = load(root / TOWN).require()
    made = replacement(town, named, new, model, root)
    with planned(made, town, "lab", root):
        return made


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (LINE, LINE.replace("QZZZ-0005-0002", f"{NEW}, replaces: QZZZ-0005-0002")),
        (
            '  - {model: MS120-8, "serial": "QZZZ-0005-0002"}  # QZZZ-0005-0002, au fond\n',
            f'  - {{model: MS120-8, "serial": {NEW}, replaces: QZZZ-0005-0002}}  # QZZZ-0005-0002, au fond\n',
        ),
        (
            "  - serial: QZZZ-0005-0002 # la baie\n    model: MS120-8\n",
            f"  - serial: {NEW} # la baie\n    replaces: QZZZ-0005-0002\n    model: MS120-8\n",
        ),
        (
            "  - model: MS120-8\n    serial: 'QZZZ-0005-0002'\n",
            f"  - model: MS120-8\n    serial: {NEW}\n    replaces: QZZZ-0005-0002\n",
        ),
        (
            "  - {serial: QZZZ-0005-0002, replaces: QZZZ-0005-0092, model: MS120-8}\n",
            f"  - {{serial: {NEW}, replaces: QZZZ-0005-0002, model: MS120-8}}\n",
        ),
    ],
)
def test_a_line_changes_whatever_its_style(root: Path, before: str, after: str) -> None:
    written(root, before)
    text = (root / FILE).read_text("utf-8")
    made = prepared(root)
    assert made.files == {FILE: text.replace(before, after)}
    write_files(made.files, root)
    again = prepared(root)
    assert again == Replacement(JAURES, "sw-jau-02", "QZZZ-0005-0002", NEW, "MS120-8")


def test_what_is_kept_as_found_of_the_old_device_is_the_new_devices(root: Path) -> None:
    kept = declared.folder("lab") / f"{JAURES}.yml"
    kept.parent.mkdir(parents=True)
    entry = "as_found:\n  meraki:\n    switch_port:\n      {}/3: {{udld: Enforce}}\n"
    kept.write_text(f"# QZZZ-0005-0002\n{entry.format('QZZZ-0005-0002')}", "utf-8")
    made = prepared(root)
    assert made.files[kept.relative_to(root)] == f"# QZZZ-0005-0002\n{entry.format(NEW)}"


def test_another_model_must_have_all_that_is_declared(root: Path) -> None:
    with pytest.raises(NotReplaceable) as refused:
        prepared(root, "QZZZ-0005-0001", "MS120-8")
    assert "18 ports absents" in str(refused.value)
    assert "port 5 : " in str(refused.value)
    assert "PISTE-E073" in str(refused.value)


@pytest.mark.parametrize(
    ("named", "new", "model", "why"),
    [
        ("sw-jau-2", NEW, None, "Vouliez-vous dire « sw-jau-02 »"),
        ("sw-jau-02", "QZZZ-0005-0003", None, "est déjà déclaré : sw-jau-03"),
        ("sw-jau-02", "QZZZ-0005-0002", None, "est déjà déclaré : sw-jau-02"),
        ("sw-jau-02", "QZZZ-0100-0001}", None, "n’est pas un numéro de série.*Recopiez-le de l’étiquette"),
        ("sw-jau-02", NEW, "MS120-8}", "est inconnu au catalogue"),
    ],
)
def test_a_device_that_is_not_there_or_that_is_already_is_refused(
    root: Path, named: str, new: str, model: str | None, why: str
) -> None:
    with pytest.raises(NotReplaceable, match=why):
        prepared(root, named, model, new)


@pytest.mark.parametrize(
    ("named", "model", "rule"),
    [("sw-jau-02", "MR", "PISTE-M033"), ("sw-hdv-01", "MS120-8", "PISTE-M2")],
)
def test_a_model_that_the_declaration_refuses_is_refused_with_its_rule(
    root: Path, named: str, model: str, rule: str
) -> None:
    with pytest.raises(InvalidDeclaration, match=rule):
        prepared(root, named, model)


def test_a_line_of_another_form_is_left_to_people(root: Path) -> None:
    written(root, "  - {serial:\n      QZZZ-0005-0002, model: MS120-8}\n")
    with pytest.raises(NotReplaceable, match="n’a pas la forme attendue"):
        prepared(root)


def test_a_core_that_routes_alone_concerns_all_that_it_carries(root: Path) -> None:
    town = load(root / TOWN).require()
    made = Replacement("hotel-de-ville", "sw-hdv-01", "QZZZ-0000-0001", NEW, "MS425-32")
    assert routes_alone(town, made) == []
    assert town.commune
    assert town.commune["core"]
    town.commune["core"].update({"stack": None, "serials": ["QZZZ-0000-0001"]})
    owners = routes_alone(town, made)
    assert owners[0] == "commune"
    assert {"hotel-de-ville", JAURES} <= {*owners}
