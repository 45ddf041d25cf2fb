"""Layout of the repository: imports go down, files stay short, links survive a checkout."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from itertools import groupby
from pathlib import Path

import pytest

from tests.unit.repository.tree import ROOT, shown, tracked

LONGEST = 400
# From the ground up: a part imports only parts of the lines before its own. `systems.*`: every package of a room that
# has no line of its own. A room stands on those before it, but for two, some of whose parts stand lower: the tables of
# the systems judge the declaration (`town.town`); the declaration names the subjects of the readings, and what reads
# a certificate or a copy gives a reading.
LAYERS = (
    ("engine.clock", "engine.figure", "engine.finding", "engine.templates", "engine.words"),
    ("engine.converge", "engine.git", "engine.repository"),
    ("engine.kind", "engine.tables"),
    ("engine.cells", "engine.transport"),
    ("readings.belief",),
    ("readings.former",),
    ("readings.subject",),
    ("readings.table",),
    ("town.model",),
    ("readings",),
    ("readings.certificates", "readings.protection"),
    ("systems.administrators", "systems.beliefs", "systems.kinds"),
    ("systems.ups",),
    ("systems.*",),
    ("systems.questions",),
    ("town.kept",),
    ("town.town",),
    ("town.derived",),
    ("town.declared", "town.site"),
    ("papers.drawings", "papers.frameworks"),
    ("papers.dossier",),
    ("runs.files",),
    ("runs.changes", "runs.modules"),
    ("runs.captured", "runs.read"),
    ("runs.domains",),
    ("runs.records",),
    ("runs.plans",),
    ("runs.dispatch",),
    ("readings.*",),
    ("readings.accounts", "readings.links"),
    ("readings.desk",),
    ("trials.probe",),
    ("trials.restore", "trials.twin"),
    ("trials.rehearsal",),
    ("sites",),
    ("sites.consequences",),
    ("sites.life",),
    ("sites.imports",),
    ("sobriety",),
    ("exports.runbooks",),
    ("exports.portal",),
    ("exports.bag",),
    ("exports.capture", "exports.configurations"),
    ("commands.production",),
    ("commands.editor",),
    ("commands",),
    ("cli",),
    ("launch",),
)
SOURCES = tracked("piste/*.py")
LEVEL = {part: level for level, parts in enumerate(LAYERS) for part in parts}
PACKAGES = {path.relative_to(ROOT / "piste").parts[:2] for path in tracked("piste/*/*/*.py")}
LEVEL = {f"{room}.{name}": LEVEL[f"{room}.*"] for room, name in PACKAGES if f"{room}.*" in LEVEL} | LEVEL
WITH_ANSIBLE = {"runs.dispatch", "runs.plans", "sites"}


@cache
def imported(source: str, package: str, *, types: bool = True) -> tuple[str, ...]:
    """List the absolute names that a module of `package` imports, those inside functions too.

    Without `types`, imports under `if TYPE_CHECKING` are left out.
    """
    tree = ast.parse(source)
    return tuple(_names(tree if types else ast.Module([*map(_without_types, tree.body)], []), package))


def _names(tree: ast.Module, package: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _without_types(node: ast.stmt) -> ast.AST:
    return ast.Module([], []) if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING" else node


def package_of(path: Path) -> str:
    """Name the package that a file of the product is in."""
    return ".".join(path.relative_to(ROOT).parts[:-1])


def complaints(part: str, source: str, package: str) -> list[str]:
    """List the imports that `part` of the product may not have."""
    forbidden = []
    for name in imported(source, package):
        top, other = name.partition(".")[0], part_of(name)
        upwards = top == "piste" and other != part and LEVEL.get(other, len(LAYERS)) >= LEVEL[part]
        if upwards or top == "lab" or (top.startswith("ansible") and part not in WITH_ANSIBLE):
            forbidden.append(name)
    return forbidden


def part_of(module: str) -> str:
    """Name the part of the product that has a module, or a name in it: the longest with a layer."""
    names = module.split(".")[1:]
    parts = (".".join(names[:size]) for size in range(len(names), 0, -1))
    return next((part for part in parts if part in LEVEL), "")


def test_every_part_of_the_product_has_its_layer() -> None:
    """A package of no part is a room: a sentence, and no code."""
    rooms = [path for path in SOURCES if not part_of(module_of(path))]
    assert {path.name for path in rooms} == {"__init__.py"}
    code = [shown(path) for path in rooms if len(ast.parse(path.read_text("utf-8")).body) > 1]
    assert code == [], f"write its layer in LAYERS of {shown(Path(__file__))}"


def test_imports_go_down_only_and_never_to_the_lab() -> None:
    forbidden = []
    for path in SOURCES:
        if part := part_of(module_of(path)):
            source = path.read_text("utf-8")
            forbidden += [f"{shown(path)}: {name}" for name in complaints(part, source, package_of(path))]
    assert forbidden == []


def test_a_room_stands_on_those_before_it() -> None:
    floors = [room for room, _ in groupby(part.partition(".")[0] for parts in LAYERS for part in parts)]
    assert sorted(room for room in {*floors} if floors.count(room) > 1) == ["readings", "town"]


@pytest.mark.parametrize(
    ("part", "line", "expected"),
    [
        ("engine.converge", "from piste.systems.meraki.client import Client", ["piste.systems.meraki.client.Client"]),
        ("engine.converge", "from piste.systems import meraki", ["piste.systems.meraki"]),
        ("town.model", "from ...systems.meraki import resources", ["piste.systems.meraki.resources"]),
        ("engine.transport", "import ansible.errors", ["ansible.errors"]),
        ("systems.meraki", "def f():\n    from ansible_runner import run", ["ansible_runner.run"]),
        ("systems.meraki", "import piste.systems.windows", ["piste.systems.windows"]),
        ("systems.meraki", "from piste.cli import main", ["piste.cli.main"]),
        ("readings.scopes", "from piste.readings.logs import kept", ["piste.readings.logs.kept"]),
        ("readings", "from piste.readings.logs import kept", ["piste.readings.logs.kept"]),
        ("readings.scopes", "from piste.readings import store\nfrom piste.systems.windows import winrm", []),
        ("runs", "from lab import Lab", ["lab.Lab"]),
        ("systems.meraki", "from piste.engine.converge.plan import plan\nfrom .client import Client\nimport json", []),
        ("runs.dispatch", "from piste.systems import meraki\nfrom ansible.module_utils import basic", []),
    ],
)
def test_the_import_check_sees_each_way_up_or_sideways(part: str, line: str, expected: list[str]) -> None:
    assert complaints(part, line, f"piste.{part}") == expected


@pytest.mark.parametrize(
    ("packages", "only"),
    [
        ({"ldap3"}, ["piste/systems/windows/directory.py"]),
        ({"smbclient"}, ["piste/systems/windows/sysvol.py"]),
        # A share is read a level below: `smbclient` follows links and referrals.
        (
            {"smbprotocol"},
            ["piste/systems/windows/shares.py", "piste/systems/windows/smb.py", "piste/systems/windows/sysvol.py"],
        ),
        ({"winrm", "requests"}, ["piste/systems/windows/winrm.py"]),
    ],
)
def test_a_client_library_that_may_be_replaced_is_imported_where_it_is_named(
    packages: set[str], only: list[str]
) -> None:
    names = {shown(path): imported(path.read_text("utf-8"), package_of(path)) for path in SOURCES}
    importing = [path for path, modules in names.items() if packages & {name.partition(".")[0] for name in modules}]
    assert sorted(importing) == only


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def circle(sources: Mapping[str, tuple[str, str]], *, types: bool) -> list[str]:
    """Name the modules of a circle of imports, with those for `types` or without.

    `sources`: module -> (package, source).
    """
    graph = {
        module: {
            target
            for name in imported(source, package, types=types)
            if (target := name if name in sources else name.rpartition(".")[0]) != module
        }
        for module, (package, source) in sources.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as fault:
        return list(fault.args[1])
    return []


@pytest.mark.parametrize(("package", "types"), [("lab", True), ("piste", False)])
def test_no_circle_of_imports(package: str, types: bool) -> None:
    """The rules of a subject judge the whole declaration, whose type has every subject."""
    sources = {
        module_of(path): (package_of(path), path.read_text("utf-8"))
        for path in tracked(f"{package}/*.py")
    }
    assert circle(sources, types=types) == []


@pytest.mark.parametrize(
    "line", ["from lab.a import f", "def g():\n    from . import a", "if TYPE_CHECKING:\n    import lab.a"]
)
def test_a_circle_is_seen_in_functions_and_in_imports_for_types(line: str) -> None:
    sources = {"lab.a": ("lab", "from lab.b import g"), "lab.b": ("lab", line)}
    assert set(circle(sources, types=True)) == {"lab.a", "lab.b"}
    assert bool(circle(sources, types=False)) == ("TYPE_CHECKING" not in line)


def test_no_file_exceeds_its_length() -> None:
    """Files written from the tables (`library`, `doc_fragments`) are as long as the tables are."""
    files = [path for path in tracked("*.py") if path.parent.name not in ("library", "doc_fragments")]
    lengths = {shown(path): path.read_text("utf-8").count("\n") for path in files}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_the_town_finds_the_shared_variables_through_its_link() -> None:
    link = ROOT / "inventories/town/group_vars"
    assert link.is_symlink()
    assert link.readlink() == Path("../../group_vars")
    assert link.is_dir()
