"""A saved plan: what would be done, from which commit, and a digest over all of it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from piste.converge.allowed import Allowed, object_of
from piste.converge.errors import Missing, Misused
from piste.converge.plan import identity_of
from piste.runs.play import ROOT, Order, Played

FORMAT = 1


class StalePlan(Misused):
    """The plan is not the one that was saved, or the world is not the one that it was made for."""

    code = "PISTE-E040"


def folder() -> Path:
    """Where plans are kept: ``PISTE_PLANS_DIR``, or ``.piste/plans`` in the repository."""
    return Path(os.environ.get("PISTE_PLANS_DIR") or ROOT / ".piste" / "plans")


def commit() -> tuple[str, bool]:
    """The commit of the working tree, and whether nothing differs from it; empty outside a checkout."""
    head = _git("rev-parse", "HEAD")
    return (head, _git("status", "--porcelain") == "") if head else ("", False)


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def declaration_digest() -> str:
    """Digest of the declared town: any declared value changes it, a comment does not."""
    from piste.model import load

    return load(ROOT / "inventories" / "town").digest


def make(order: Order, played: Played, now: datetime | None = None) -> dict[str, Any]:
    """The plan as plain data. Its id is its time of birth and the beginning of its digest."""
    head, clean = commit()
    born = now or datetime.now(UTC)
    content = {
        "format": FORMAT,
        "created": born.isoformat(timespec="seconds"),
        "environment": order.environment,
        "commit": head,
        "clean": clean,
        "declaration": declaration_digest(),
        "playbook": order.playbook,
        "limit": order.limit,
        "extra": dict(order.extra),
        "operations": played.operations,
        "withheld": played.withheld,
        "orphans": played.orphans,
        "troubles": [{"host": t.host, "task": t.task, "kind": t.kind, "message": t.message} for t in played.troubles],
    }
    return sealed({"id": f"{born:%Y%m%dT%H%M%SZ}", **content})


def sealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content with the digest of all of it, of which the id takes the beginning."""
    digest = hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    return {**content, "id": f"{content['id']}-{digest[:6]}", "digest": digest}


def _is_whole(plan: Any, written: bytes) -> bool:
    """True where the file is, byte for byte, what was written for the plan that it says it is."""
    if not isinstance(plan, dict) or plan.get("format") != FORMAT or _text(plan).encode() != written:
        return False
    bare = {name: value for name, value in plan.items() if name != "digest"}
    return sealed({**bare, "id": str(plan.get("id")).rpartition("-")[0]}) == plan


def write(plan: Mapping[str, Any], path: Path | None = None) -> Path:
    path = path or folder() / f"{plan['id']}.json"
    write_json(plan, path)
    return path


def write_json(content: Any, path: Path) -> None:
    """A file that its owner alone reads."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(_text(content))


def _text(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def known() -> list[str]:
    """Ids of the plans that are kept, oldest first."""
    return sorted(file.stem for file in folder().glob("*.json") if not file.stem.endswith(".undo"))


def read(name: str) -> tuple[dict[str, Any], Path]:
    """The plan of that id or file, whole and unaltered. Raises :class:`StalePlan`, or ``Missing``."""
    path = Path(name) if name.endswith(".json") or Path(name).is_file() else folder() / f"{name}.json"
    try:
        written = path.read_bytes()
        plan: dict[str, Any] = json.loads(written)
    except FileNotFoundError:
        latest = ", ".join(known()[-5:]) or "aucun"
        raise Missing(f"le plan « {name} » n'existe pas", todo=f"Les derniers plans : {latest}.") from None
    except ValueError as error:
        raise StalePlan("le plan est illisible", where=str(path), why=str(error), todo="Refaites-le.") from error
    if not _is_whole(plan, written):
        raise StalePlan(
            "le plan a été modifié depuis qu'il a été écrit",
            where=str(path),
            why="Son empreinte ne correspond pas à son contenu.",
            todo="Refaites-le (piste plan), relisez-le, puis appliquez-le.",
        )
    return plan, path


def order_of(plan: Mapping[str, Any]) -> Order:
    return Order(plan["playbook"], plan["environment"], plan["limit"], plan["extra"])


def check_provenance(plan: Mapping[str, Any]) -> None:
    """Refuse a plan that was made from another commit or another declaration. Raises :class:`StalePlan`."""
    head, _ = commit()
    if plan["commit"] != head:
        raise StalePlan(
            f"le plan vient du commit {plan['commit'][:10] or 'inconnu'}, le dépôt est à {head[:10] or 'inconnu'}",
            todo="Refaites le plan, relisez-le, puis appliquez-le.",
        )
    if plan["declaration"] != declaration_digest():
        raise StalePlan(
            "la déclaration a changé depuis le plan", todo="Refaites le plan, relisez-le, puis appliquez-le."
        )


def differences(plan: Mapping[str, Any], now: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the plan of now has that the saved one has not, and the reverse, a line each, owner by owner.

    The order counts for one owner; between owners it depends on the machine alone. Of a plan whose application had
    begun, what is not to be done any more is no difference: it is for :func:`settled` to be seen as done.
    """
    saved, begun = plan["operations"], _mark(plan).exists()
    lines: list[str] = []
    for owner in dict.fromkeys(str(described["owner"]) for described in (*saved, *now)):
        before, after = ([o for o in operations if o["owner"] == owner] for operations in (saved, now))
        old, new = ([identity_of(described) for described in operations] for operations in (before, after))
        allowed = Allowed(before)
        lines += [f"{named(o)} : n'est plus à faire ainsi" for o in before if not begun and identity_of(o) not in new]
        strange = [o for o in after if not (o in allowed if begun else identity_of(o) in old)]
        lines += [f"{named(o)} : n'était pas prévu ainsi" for o in strange]
        if old != new and sorted(old) == sorted(new):
            lines.append(f"{owner} : l'ordre des opérations a changé")
    return lines


def settled(plan: Mapping[str, Any], now: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The plan's operations on objects of which the plan of now says nothing: they are done, or their objects lost."""
    left = {object_of(described) for described in now}
    return [described for described in plan["operations"] if object_of(described) not in left]


def begin(plan: Mapping[str, Any]) -> None:
    """Note that the plan is being applied, so that an application that dies can be taken up again."""
    _mark(plan).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _mark(plan).touch(mode=0o600)


def _mark(plan: Mapping[str, Any]) -> Path:
    return folder() / f"{plan['id']}.begun"


def named(described: Mapping[str, Any]) -> str:
    """An operation's object, as people say it: whose, what kind, which."""
    return f"{described['owner']} / {described['kind']} {described['label']}"
