"""Assemble in `dist/` the Ansible collection and the Python package for other towns.

The collection is made of the files of the repository, under the names that a collection demands: it has no copy in git.
The same files give the same bytes.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import yaml

from piste.engine.repository import uncommitted
from piste.engine.words import agreed
from piste.runs.modules import COLLECTION, PLACES

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / ".cache" / "collection"
MADE = ROOT / "dist"
DATE = 315532800
"""1980-01-01, the oldest date of a wheel: bytes depend on contents alone."""

PLUGINS: Mapping[str, str] = {
    "library": "plugins/modules",
    "action_plugins": "plugins/action",
    "callback_plugins": "plugins/callback",
    "doc_fragments": "plugins/doc_fragments",
    "filter_plugins": "plugins/filter",
}
OWN = "contrib/collection"
"""What the collection alone has."""
WHOLE = ("roles", "playbooks", "docs")
LEFT_OUT = ("playbooks/sites/", "docs/plan-reversibilite.yml", "docs/exploitation")
"""What is Le Bourget's own."""
FILES = ("LICENSE", "CHANGELOG.md")
PACKAGE = ("pyproject.toml", "README.md", "LICENSE", "piste")
LOCK = "requirements/demo.txt"
PYTHONS = ("3.12", "3.13", "3.14")

_MODULES = tuple(f"plugins/modules/{name}.py" for name in sorted(PLACES))
_AWAY = "the package piste is not in the environment of this test"
IGNORED: Mapping[str, Sequence[str]] = {
    "validate-modules:missing-gplv3-license # EUPL-1.2, compatible with the GPL-3.0": (
        *_MODULES,
        "plugins/callback/piste_record.py",
    ),
    f"validate-modules:import-error # {_AWAY}; our own tests compare the options with the tables": _MODULES,
    **{f"import-{python}!skip # {_AWAY}": _MODULES for python in PYTHONS},
    "validate-modules:doc-choices-incompatible-type # the choices are of the values of a free mapping": (
        "plugins/modules/ad_gpos.py",
        "plugins/modules/ad_groups.py",
    ),
}
"""The files that ansible-test examines in vain, by rule and reason."""
_SMART = frozenset("“”‘’")
_TASKS = frozenset({"tasks", "pre_tasks", "post_tasks", "handlers", "block", "rescue", "always"})
ROLES = frozenset({"ansible.builtin.include_role", "ansible.builtin.import_role"})
_EXTENDED = re.compile(r"(?<=^extends_documentation_fragment:) \[(.*)\]$", re.MULTILINE)
_EXAMPLES = re.compile(r'(?<=^EXAMPLES = r"""\n).*?(?=^""")', re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"(!?)\[([^]]*)\]\(([^)#\s:]+)(#[^)]*)?\)")


def names(root: Path = ROOT) -> list[str]:
    """List the files that git tracks, or would at the next commit."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return sorted(name for name in done.stdout.split("\0") if name and os.path.lexists(root / name))


def places(root: Path = ROOT) -> dict[str, str]:
    """Give the place of each file in the collection, by its name in the repository."""
    given: dict[str, str] = {}
    for name in names(root):
        top, _, rest = name.partition("/")
        if name.startswith(f"{OWN}/"):
            given[name] = name.removeprefix(f"{OWN}/")
        elif name in FILES or (top in WHOLE and not name.startswith(LEFT_OUT)):
            given[name] = name
        elif top in PLUGINS:
            given[name] = f"{PLUGINS[top]}/{rest}"
    return given


def project(root: Path = ROOT) -> tuple[str, str]:
    """Read the version of Piste, and the versions of ansible-core that it takes."""
    declared = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    (core,) = (line for line in declared["dependencies"] if line.startswith("ansible-core"))
    return declared["version"], core.removeprefix("ansible-core")


def assemble(folder: Path, root: Path = ROOT) -> Path:
    """Write the files of the collection to a folder."""
    version, core = project(root)
    placed = places(root)
    whole = Names(root).whole
    for name, place in placed.items():
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        if (root / name).is_symlink():
            target.symlink_to(os.readlink(root / name))
            continue
        text = (root / name).read_text("utf-8")
        if place.startswith("plugins/"):
            text = _EXAMPLES.sub(lambda match: whole(match[0]), of_plugin(text.replace("@VERSION@", version)))
        elif place.endswith((".yml", ".yaml")) and place.startswith(("roles/", "playbooks/")):
            text = whole(text)
        elif place.endswith(".md"):
            text = linked(text, name, placed)
        target.write_text(text, "utf-8")
    with (folder / "galaxy.yml").open("a", encoding="utf-8") as file:
        file.write(f"version: {version}\n")
    for name, text in {"meta/runtime.yml": f'---\nrequires_ansible: "{core}"\n', **ignored(folder, core)}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def ignored(folder: Path, core: str) -> dict[str, str]:
    """Write what ansible-test does not ask of this collection, with the reason of each line."""
    written = sorted(file for file in folder.rglob("*") if file.is_file() and _SMART & set(file.read_text("utf-8")))
    typographic = [file.relative_to(folder).as_posix() for file in written]
    rules = {**IGNORED, "no-smart-quotes # French typography": typographic}
    lines = (f"{file} {rule}\n" for rule, files in rules.items() for file in files)
    version = re.search(r"\d+\.\d+", core)
    return {f"tests/sanity/ignore-{version[0] if version else ''}.txt": "".join(lines)}


def of_plugin(text: str) -> str:
    """Write a plugin as a collection has it.

    Fragments and modules have their whole names; actions come through the check of the package.
    """
    text = _EXTENDED.sub(lambda match: re.sub(r"[ ,]*([\w.]+)", rf"\n  - {COLLECTION}.\1", match[1]), text)
    text = re.sub(rf"\bM\(({'|'.join(PLACES)})\)", rf"M({COLLECTION}.\1)", text)
    # Documentation demands an account of GitHub, or these words.
    text = text.replace("\nauthor: Ville du Bourget\n", "\nauthor: Ville du Bourget (!UNKNOWN)\n")
    checked = f"from ansible_collections.{COLLECTION}.plugins.plugin_utils.package import action"
    return text.replace("from piste.runs.dispatch import action\n", f"{checked}\n")


def linked(text: str, name: str, placed: Mapping[str, str]) -> str:
    """Keep the links of a page to files of the collection; the text of the others stays."""

    def keep(match: re.Match[str]) -> str:
        target = os.path.normpath(os.path.join(os.path.dirname(name), match[3]))
        if target not in placed:
            return match[2]
        there = os.path.relpath(placed[target], os.path.dirname(placed[name]) or ".")
        return f"{match[1]}[{match[2]}]({there}{match[4] or ''})"

    return _LINK.sub(keep, text)


class Names:
    """The short names of the repository, and their whole names in tasks, roles and filters."""

    def __init__(self, root: Path = ROOT) -> None:
        self.modules = frozenset(PLACES)
        self.roles = frozenset(path.name for path in (root / "roles").iterdir())
        plugins = map(runpy.run_path, map(str, (root / "filter_plugins").glob("*.py")))
        self.filters = sorted(name for plugin in plugins for name in plugin["FilterModule"]().filters())

    def whole(self, text: str) -> str:
        """Write a playbook or a task file with whole names, the rest byte for byte."""
        tree = yaml.compose(text, Loader=yaml.CSafeLoader)
        marks = sorted({node.start_mark.index for node in self._named(tree)}, reverse=True) if tree else []
        for mark in marks:
            text = f"{text[:mark]}{COLLECTION}.{text[mark:]}"
        return re.sub(rf"(?<=\|)(\s*)({'|'.join(self.filters)})\b", rf"\1{COLLECTION}.\2", text)

    def _named(self, node: yaml.Node, parent: str = "") -> Iterator[yaml.Node]:
        """Find the scalars that name a module or a role of ours; `parent` is the key above."""
        if isinstance(node, yaml.SequenceNode):
            for item in node.value:
                if isinstance(item, yaml.MappingNode):
                    yield from self._named(item, parent)
        elif isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                name = str(key.value)
                if name in self.modules and parent in ("", "module_defaults", *_TASKS):
                    yield key
                elif (name == "role" and parent == "roles") or (name == "name" and parent in ROLES):
                    yield from (value,) if value.value in self.roles else ()
                elif name in ("roles", "module_defaults", *_TASKS, *ROLES):
                    yield from self._named(value, name)


def reproducible(archive: Path) -> None:
    """Write an archive of ansible-galaxy again, with its files in order and no date of today."""
    with tarfile.open(archive) as read:
        members = {member.name: (member, _content(read, member)) for member in read}
    listed = json.loads(members["FILES.json"][1] or b"")
    listed["files"].sort(key=lambda entry: entry["name"])
    files = json.dumps(listed, indent=True).encode()
    manifest = json.loads(members["MANIFEST.json"][1] or b"")
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(files).hexdigest()
    contents = {"MANIFEST.json": json.dumps(manifest, indent=True).encode(), "FILES.json": files}
    bare = io.BytesIO()
    with tarfile.open(fileobj=bare, mode="w", format=tarfile.PAX_FORMAT) as written:
        for name in [*contents, *sorted(members.keys() - contents.keys())]:
            member, content = members[name]
            content = contents.get(name, content)
            member.mtime, member.size = DATE, len(content or b"")
            member.uid = member.gid = 0
            member.uname = member.gname = ""
            member.mode = 0o755 if member.isdir() else 0o644
            member.pax_headers = {}
            written.addfile(member, io.BytesIO(content) if content is not None else None)
    archive.write_bytes(gzip.compress(bare.getvalue(), mtime=0))


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes | None:
    file = archive.extractfile(member) if member.isfile() else None
    return file.read() if file else None


def build_collection(into: Path) -> Path:
    """Assemble the collection and have ansible-galaxy build its archive."""
    folder = _empty(WORK / "ansible_collections" / COLLECTION.replace(".", "/"))
    assemble(folder)
    galaxy = str(Path(sys.executable).with_name("ansible-galaxy"))
    _run(galaxy, "collection", "build", "--force", "--output-path", str(into), str(folder))
    archive = into / f"{COLLECTION.replace('.', '-')}-{project()[0]}.tar.gz"
    reproducible(archive)
    return archive


def build_package(into: Path) -> Path:
    """Build the wheel of the package, from a copy: setuptools writes beside what it reads."""
    folder = _empty(WORK / "package")
    for name in names():
        if name.partition("/")[0] in PACKAGE:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input")
    _run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(into), str(folder))
    return into / f"piste-{project()[0]}-py3-none-any.whl"


def build(into: Path = MADE) -> list[Path]:
    """Build the collection, the package and their lock; return the files, their digests last."""
    _empty(into)
    lock = into / "requirements.txt"
    shutil.copyfile(ROOT / LOCK, lock)
    made = [build_collection(into), build_package(into), lock]
    sums = into / "SHA256SUMS"
    lines = (f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in made)
    sums.write_text("".join(lines), "utf-8")
    return [*made, sums]


def _empty(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _run(*command: str) -> None:
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(DATE)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command[:4])} : code {done.returncode}\n{done.stdout}{done.stderr}")


def main() -> None:
    if changes := uncommitted(ROOT):
        what = agreed(len(changes), "changement(s)")
        print(f"Attention : {what} hors du commit dans ce lot, que personne ne pourra refaire.", file=sys.stderr)
    for file in build(Path(sys.argv[1]).resolve() if sys.argv[1:] else MADE):
        print(os.path.relpath(file))


if __name__ == "__main__":
    main()
