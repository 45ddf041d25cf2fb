"""Put the files of a folder before the readers, print a line a file and a sum.

Exit codes: 0 every file is read or refused, 1 a reader crashed or a file differs once written again, 2 no file fits.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from tests.corpus.run import SAID, lines


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.corpus", description="Faire lire à Piste les fichiers d’un dossier, d’où qu’ils viennent."
    )
    parser.add_argument("folder", type=Path, help="dossier des fichiers")
    parser.add_argument("--faults", action="store_true", help="ne montrer ni les fichiers lus, ni les refusés")
    asked = parser.parse_args()
    sums: Counter[tuple[str, str]] = Counter()
    for line in lines(asked.folder):
        sums[line.form, line.outcome] += 1
        if not asked.faults or line.outcome in ("crashed", "differs"):
            print(line, flush=True)
    for form in sorted({form for form, _ in sums}):
        counts = [f"{count} {SAID[outcome]}" for (of, outcome), count in sorted(sums.items()) if of == form]
        print(f"{form} :", ", ".join(counts))
    if not sums:
        print("Aucun fichier d’une forme connue.", file=sys.stderr)
        return 2
    return 1 if any(outcome in ("crashed", "differs") for _, outcome in sums) else 0


if __name__ == "__main__":
    sys.exit(main())
