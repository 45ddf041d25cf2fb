"""Anchors of the chain of seals: a month fixes the head of each chain, as the journal's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from piste.engine.converge.private import private_folder, write_private
from piste.readings.logs.seals import chains_of, records
from piste.runs.records.archive import ANCHOR, SIGNATURE
from piste.runs.records.chain import Chain, Damaged, encode, read_sealed, seal
from piste.runs.records.record import FORMAT, Shape
from piste.runs.records.signature import is_signed, sign

_ANCHOR: Shape = {"month": str, "environment": str, "heads": [{"node": str, "last": str, "records": int}]}


def anchor(environment: str, month: str, folder: Path, key: Path | None = None) -> Path:
    """Write the anchor of a month in `folder/<month>`, signed. Raises `SigningFailed`."""
    heads = [head for chain in chains_of(environment) if (head := _head(chain, month))]
    target = private_folder(folder / month)
    content = {"format": FORMAT, "month": month, "environment": environment, "heads": heads}
    write_private(target / ANCHOR, encode(seal(content)))
    (target / SIGNATURE).unlink(missing_ok=True)
    if key:
        sign(target / ANCHOR, target / SIGNATURE, key)
    return target


def _head(chain: Chain, month: str) -> dict[str, object] | None:
    """Give the last seal of a chain at the end of a month, and how many come up to it."""
    entered = [record for record in records(chain) if record["ended"][:7] <= month]
    return {"node": chain.node, "last": entered[-1]["hash"], "records": len(entered)} if entered else None


def verify_anchor(environment: str, folder: Path, public_key: Path | None = None) -> Iterator[str]:
    """Yield the faults of an anchored month: its signature, and the way of each chain since."""
    try:
        read = read_sealed(folder / ANCHOR, _ANCHOR)
    except FileNotFoundError:
        yield f"{folder / ANCHOR} manque"
        return
    except Damaged as damaged:
        yield f"{folder / ANCHOR} : {damaged.why or 'ce n’est plus ce qui a été écrit'}"
        return
    if read["environment"] != environment:
        yield f"{folder / ANCHOR} est d’un autre environnement ({read['environment']})"
        return
    if public_key and not is_signed(folder / ANCHOR, folder / SIGNATURE, public_key):
        yield f"{folder / SIGNATURE} n’est pas la signature de cette ancre par cette clé"
    known = {chain.node: chain for chain in chains_of(environment)}
    for head in read["heads"]:
        here = known.get(head["node"])
        if here is None:
            yield f"{environment}/{head['node']} : l’ancre de {read['month']} fixe cette chaîne, qui n’est plus là"
            continue
        hashes = [record["hash"] for record in records(here)]
        if hashes[head["records"] - 1 : head["records"]] != [head["last"]]:
            yield f"{here.name} : la chaîne n’est plus celle que l’ancre de {read['month']} a fixée"
