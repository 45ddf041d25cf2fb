"""A release closes the changelog and sets the number, or refuses and says every fault."""

from __future__ import annotations

import pytest

from scripts.release import Refused, closed
from tests.unit.repository.tree import ROOT

PROJECT = '[project]\nname = "piste"\nversion = "0.7.0"\n'
CHANGELOG = (
    "# Changelog\n\n## [Unreleased]\n\n### {part}\n- A gain.\n\n## [0.7.0] - 2026-11-27\n\n### Added\n- Before.\n"
)


def test_a_release_closes_the_changelog_and_sets_the_number() -> None:
    changelog, project = closed(CHANGELOG.format(part="Added"), PROJECT, "0.8.0", "2026-12-02")
    assert changelog.startswith("# Changelog\n\n## [Unreleased]\n\n## [0.8.0] - 2026-12-02\n\n### Added\n- A gain.\n")
    assert changelog.endswith("## [0.7.0] - 2026-11-27\n\n### Added\n- Before.\n")
    assert project == PROJECT.replace("0.7.0", "0.8.0")


def test_a_correction_closes_with_its_third_number() -> None:
    assert "0.7.1" in closed(CHANGELOG.format(part="Fixed"), PROJECT, "0.7.1", "2026-12-02")[1]


@pytest.mark.parametrize(
    ("part", "version", "said"),
    [
        ("Fixed", "0.7.0", "ne suit pas"),
        ("Fixed", "0.6.9", "ne suit pas"),
        ("Fixed", "0.8", "n’est pas une version"),
        ("Fixed", "0.8.0\n", "n’est pas une version"),
        ("Removed", "0.7.1", "montez le deuxième nombre"),
        ("Added", "0.7.1", "montez le deuxième nombre"),
    ],
)
def test_a_version_that_breaks_the_rule_is_refused(part: str, version: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        closed(CHANGELOG.format(part=part), PROJECT, version, "2026-12-02")


def test_a_release_without_news_is_refused_and_its_order_too() -> None:
    empty = CHANGELOG.format(part="Added").replace("- A gain.\n", "")
    with pytest.raises(Refused, match=r"ne suit pas 0\.7\.0 ; CHANGELOG\.md ne dit rien"):
        closed(empty, PROJECT, "0.5.0", "2026-12-02")


def test_the_repository_itself_can_be_released() -> None:
    former, current = ((ROOT / name).read_text("utf-8") for name in ("CHANGELOG.md", "pyproject.toml"))
    changelog, project = closed(former, current, "99.0.0", "2026-12-02")
    assert len(changelog.splitlines()) == len(former.splitlines()) + 2
    assert 'version = "99.0.0"' in project
