"""Write the DOCUMENTATION block of every module from its table; with ``--check`` only say which are out of date."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import yaml

from piste.converge.module import Module
from piste.dispatch import MODULES

LIBRARY = Path(__file__).parent.parent / "library"
BLOCK = re.compile(r'DOCUMENTATION = r"""\n.*?"""\n', re.DOTALL)


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        return super().increase_indent(flow, False)


def block(module: Module, text: str) -> str:
    """The block with the options of the table, and the rest as somebody wrote it."""
    found = BLOCK.search(text)
    if not found:
        raise SystemExit(f"library/{module.name}.py : pas de bloc DOCUMENTATION")
    current = yaml.safe_load(found.group(0).removeprefix('DOCUMENTATION = r"""\n').removesuffix('"""\n'))
    current["options"] = module.documented_options
    dumped = yaml.dump(current, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    return text[: found.start()] + f'DOCUMENTATION = r"""\n---\n{dumped}"""\n' + text[found.end() :]


def main() -> None:
    stale = []
    for name, module in sorted(MODULES.items()):
        path = LIBRARY / f"{name}.py"
        text = path.read_text(encoding="utf-8")
        if (wanted := block(module, text)) != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(wanted, encoding="utf-8")
    if stale and "--check" in sys.argv:
        raise SystemExit(f"documentation en retard sur les tables : {', '.join(stale)} ; lancez make docs")


if __name__ == "__main__":
    main()
