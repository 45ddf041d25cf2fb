"""Help and completion come at once, and import nothing that they do not need."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.engine.kind import OF_THE_TOWN
from piste.runs.plans import saved
from piste.systems.kinds import KINDS
from tests.support.breadth import breadth
from tests.unit.plans.plans import operation, plan
from tests.unit.records.made import run
from tests.unit.repository.tree import ROOT

HEAVY = (
    "ansible",
    "ansible_runner",
    "jinja2",
    "netaddr",
    "pydantic",
    "rich",
    "yaml",
    "piste.town.model",
    "piste.systems.meraki",
)
COMPLETING = {"_PISTE_COMPLETE": "bash_complete", "COMP_WORDS": "piste ", "COMP_CWORD": "1"}


@pytest.mark.parametrize(("arguments", "environment"), [(["--help"], {}), (["apply", "--help"], {}), ([], COMPLETING)])
def test_help_and_completion_import_nothing_heavy(arguments: list[str], environment: dict[str, str]) -> None:
    code = (
        "import sys; from piste.cli import main\n"
        f"try: main({arguments!r}, prog_name='piste')\nfinally: print(sorted(sys.modules))"
    )
    given = {**os.environ, **environment}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=given, capture_output=True, text=True, check=True)
    assert "doctor" in done.stdout or "PLAN" in done.stdout
    assert [heavy for heavy in HEAVY if f"'{heavy}'" in done.stdout] == []
    verbs = set(re.findall(r"'piste\.commands\.(\w+)'", done.stdout)) - {"french"}
    assert "apply" in arguments or verbs == set()


MODEL = ("pydantic", "piste.town.model.town", "piste.town.model.source")
"""Modules that read and validate the declaration."""
_READERS = (*MODEL[1:], "piste.town.model.inventory", "piste.town.model.declaration")
_WHOLE = (*_READERS, "ansible", "ldap3", "smbclient", "requests", "cryptography")
EVERYDAY = {
    ("find", "ecole-jaures"): (*_WHOLE, "pydantic", "yaml", "netaddr", "http.client", "piste.systems.meraki"),
    ("find", "10.93.41.37"): _WHOLE,
    ("flows",): (*_WHOLE, "pydantic"),
    ("status",): _WHOLE,
    ("validate",): (*_WHOLE, "pydantic", "yaml", "http.client"),
}
"""Modules that an everyday command must not import where the town is derived already."""
CLIENTS = {
    "forcepoint": "piste.systems.forcepoint.smc",
    "meraki": "piste.systems.meraki.dashboard",
    "nutanix": "piste.systems.nutanix.prism",
    "windows": "ldap3",
}
"""Modules that speak to the systems of a vendor."""


@pytest.mark.parametrize(
    ("code", "vendor"),
    breadth([
        ("import callback_plugins.piste_record", ""),
        ("import piste.runs.dispatch", ""),
        ("import filter_plugins.intent as intent; intent.FilterModule().filters()", ""),
        ("from piste.runs.dispatch import action; action('piste_site')", ""),
        ("from piste.runs.dispatch import action; action('meraki_ssids')", "meraki"),
        ("from piste.runs.dispatch import action; action('smc_policies')", "forcepoint"),
        ("from piste.runs.dispatch import action; action('prism_vms')", "nutanix"),
        ("from piste.runs.dispatch import action; action('prism_power_hours')", "nutanix"),
        ("from piste.runs.dispatch import action; action('ad_gpos')", "windows"),
        ("import sys; from piste.runs.dispatch import action; action('piste_directory'); "
         "assert 'piste.systems.windows.signed' not in sys.modules", "windows"),
        ("from piste.runs.dispatch import action; action('nps_network_policies')", "windows"),
        ("from piste.runs.modules import loaded; loaded('radius_tests')", "radius"),
        ("from piste.runs.dispatch import action; action('piste_inventory')", ""),
        ("from piste.runs.dispatch import action; action('piste_read')", ""),
        ("from piste.runs.modules import loaded; loaded('meraki_living')", "meraki"),
        ("from piste.systems.kinds import of_object; of_object('network_settings')", "meraki"),
        ("from piste.systems.kinds import of_object; of_object('policy')", "forcepoint"),
        ("import piste.sites.status; from piste.sites.consequences import said", "meraki"),
    ], 2),
)
def test_a_run_imports_neither_the_model_nor_a_vendor_that_it_does_not_drive(code: str, vendor: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {code}\nprint(sorted(sys.modules))"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    others = (client for name, client in CLIENTS.items() if name != vendor)
    assert [heavy for heavy in (*MODEL, *others) if f"'{heavy}'" in done.stdout] == []
    assert vendor not in CLIENTS or f"'{CLIENTS[vendor]}'" in done.stdout


def test_what_sites_need_is_imported_before_the_workers() -> None:
    """Each worker would import it again; what is the town's alone has a single worker."""
    wanted = {kind.driver.partition(":")[0]: kind for kind in KINDS if not kind.step}
    code = "from piste.runs.dispatch import action\nfrom piste.systems.kinds import DOMAINS\nimport sys\n"
    code += "for domain in DOMAINS: action(f'piste_{domain}')\nprint(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    left = [kind for place, kind in wanted.items() if place not in done.stdout.splitlines()]
    assert [kind.module for kind in left if kind.unclosed != OF_THE_TOWN] == []


def test_whatever_must_not_be_imported_exists() -> None:
    every = {*HEAVY, *MODEL, *CLIENTS.values(), *(name for some in EVERYDAY.values() for name in some)}
    assert {name for name in every if find_spec(name) is None} == set()


def test_an_everyday_command_imports_no_form_of_the_declaration_and_no_client(tmp_path: Path) -> None:
    given = {**os.environ, "PISTE_LAB_DIR": str(tmp_path / "lab"), "PISTE_JOURNAL_DIR": str(tmp_path / "journal")}
    given |= {"PISTE_DERIVED_DIR": str(tmp_path / "derived"), "PISTE_STATE_DIR": str(tmp_path / "state")}
    imported: dict[tuple[str, ...], str] = {}
    for arguments in (("find", "ecole-jaures"), ("validate",), ("flows",), *EVERYDAY):  # these derive first
        code = f"import sys; from piste.cli import main\ntry: main({arguments!r}, prog_name='piste')\n"
        code += "finally: print(sorted(sys.modules), file=sys.stderr)"
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=False)
        imported[arguments] = done.stderr
        imported.setdefault((), done.stderr)
    # The first derives: it reads the declaration, and imports what speaks to no system.
    assert [heavy for heavy in ("ldap3", "smbclient", "requests") if f"'{heavy}'" in imported[()]] == []
    assert {
        (*arguments, heavy)
        for arguments, every in EVERYDAY.items()
        for heavy in every
        if f"'{heavy}'" in imported[arguments] or "'piste.town.derived'" not in imported[arguments]
    } == set()


def asked(line: str) -> dict[str, str]:
    """Give the variables by which a shell asks for the end of a line."""
    words = len(line.split(" "))
    return {"_PISTE_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(words - 1)}


def completed(line: str) -> list[str]:
    said = CliRunner().invoke(main, env=asked(line), prog_name="piste").stdout
    return [entry.partition(",")[2] for entry in said.splitlines()]


def test_the_command_completes_a_verb() -> None:
    environment = {**os.environ, **asked("piste dr"), "PYTHONPATH": str(ROOT)}
    code = "from piste.cli import main; main(prog_name='piste')"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "plain,drift\n"


def test_the_shell_completes_verbs_targets_plans_and_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_PLANS_DIR", str(tmp_path))
    monkeypatch.setenv("PISTE_JOURNAL_DIR", str(tmp_path / "journal"))
    made = plan(operation(), withheld=["ccas : à confirmer (uplink:Q2-1/10) : sw-ccas-02/10 est une liaison montante"])
    saved.write(made)
    done = run(tmp_path / "journal", 1)
    assert completed("piste plan ecole-j") == ["ecole-jaures"]
    assert completed("piste apply 2026") == [made["id"]]
    assert completed("piste journal show 2026") == [done["id"]]
    assert completed("piste undo 2026") == [made["id"], done["id"]]
    assert completed("piste plan --form") == ["--format"]
    assert completed("piste plan show 2026") == [made["id"]]
    assert completed("piste plan --confirm up") == ["uplink", "uplink:Q2-1/10"]
    assert completed("piste flows --from invites@medi") == ["invites@mediatheque"]
    assert completed("piste find baie-jau") == ["baie-jau-1"]
    assert completed("piste flows --to hdv-dc") == ["hdv-dc1", "hdv-dc2"]


def test_the_version_names_the_commit() -> None:
    command = [sys.executable, "-m", "piste.cli", "--version"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said.startswith(f"piste {version('piste')}, commit ")


def test_a_clone_without_the_package_says_its_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.metadata

    def absent(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", absent)
    said = CliRunner().invoke(main, ["--version"])
    assert (said.exit_code, said.output.startswith("piste sans paquet installé, ")) == (0, True)
