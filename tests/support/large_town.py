"""The declared town several times over, in one inventory.

Each site but the town hall has copies with other numbers.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tests.support.playbooks import REPOSITORY

SHARED = ("hotel-de-ville", "commune", "csu", "nouveau-site")
NUMBERS = 32
"""Sites that the declared plan numbers."""


def large_town(folder: Path, copies: int, repository: Path = REPOSITORY) -> Path:
    """Write a town of so many copies of the sites of a repository; return its inventory.

    It has a larger block of addresses.
    """
    shutil.copytree(repository / "group_vars", folder / "group_vars")
    shutil.copytree(repository / "inventories/town", folder / "inventories/town", symlinks=True)
    _edit(folder / "group_vars/all/addressing.yml", "town: 10.93.0.0/16", "town: 10.64.0.0/10")
    # A step of a lever may spare a site by its name: it would hold for its copies.
    (folder / "group_vars/all/sobriety_rollout.yml").write_text("---\nsobriety_rollout: []\n", "utf-8")
    inventory = folder / "inventories/town"
    hosts = (inventory / "hosts.yml").read_text("utf-8")
    for path in sorted((inventory / "host_vars").glob("*.yml")):
        if path.stem in SHARED:
            continue
        text, names = path.read_text("utf-8"), [path.stem]
        for copy in range(1, copies):
            names.append(f"{path.stem}-{copy}")
            (inventory / "host_vars" / f"{names[-1]}.yml").write_text(_copied(text, copy), "utf-8")
        hosts = re.sub(rf"( +){path.stem}:\n", "".join(rf"\g<1>{name}:\n" for name in names), hosts)
    (inventory / "hosts.yml").write_text(hosts, "utf-8")
    return inventory


def _copied(text: str, copy: int) -> str:
    letter = chr(ord("a") + copy)
    if match := re.search(r"code: (\w+)", text):
        code = f"{match[1][:3]}{letter}"
        text = text.replace(match[0], f"code: {code}").replace(f"-{match[1]}", f"-{code}")
    text = text.replace("QZZZ-", f"QZZ{letter.upper()}-").replace("EX-", f"EX{letter.upper()}-")
    text = text.replace("02:93:", f"02:{copy:02}:")
    # Two sites of one name would have one map in the supervision.
    text = re.sub(r"^  name: (.+)$", rf"  name: \1 {copy}", text, count=1, flags=re.MULTILINE)
    # A port of the core has the link of the original.
    text = re.sub(r"far_port: \S+, ", "", text)
    return re.sub(r"number: (\d+)", lambda number: f"number: {int(number[1]) + NUMBERS * copy}", text)


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text, f"{path} has no {old!r}"
    path.write_text(text.replace(old, new), "utf-8")
