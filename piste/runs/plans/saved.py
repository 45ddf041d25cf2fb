"""Saved plans: operations to do and their commit, under a seal of the environment's key.

A plan is data: its form is checked whole, then its seal, before any of it is used.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from piste.engine.converge.allowed import Allowed, is_left, is_waiting, named, object_of
from piste.engine.converge.errors import Missing, Misused
from piste.engine.converge.plan import identity_of
from piste.engine.converge.private import private_folder, write_private, writing
from piste.engine.converge.untrusted import parse_json, read_plain
from piste.engine.repository import ROOT, commit
from piste.engine.words import agreed
from piste.runs.plans import keys
from piste.runs.plans.accounts import stands_alone
from piste.runs.plans.play import Order, Played
from piste.runs.records.chain import ID
from piste.systems.kinds import admitted, touched

FORMAT = 2
FORMER = 1
"""The former format, whose plans anybody could seal."""
SHOWN = 10
"""Most faults of a plan that are named; the others are counted."""


class StalePlan(Misused):
    """The plan has changed since it was saved, or the town has changed since the plan."""

    code = "PISTE-E040"


def folder() -> Path:
    """Locate the folder of plans: `PISTE_PLANS_DIR`, or `.piste/plans` in the repository."""
    return Path(os.environ.get("PISTE_PLANS_DIR") or ROOT / ".piste" / "plans")


def declaration_digest(environment: str) -> str:
    """Digest the declared town: values change it, comments and as found values do not."""
    from piste.town import declared

    return declared.derived(environment).town_digest


def make(
    order: Order, played: Played, now: datetime | None = None, authors: Sequence[Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """Make a plan as plain data. Its id is its time and the beginning of its digest.

    `authors` are those of what a drift has found.
    """
    head, clean = commit()
    born = now or datetime.now(UTC)
    extra = {name: value for name, value in order.extra.items() if name != "piste_undo"}
    content = {
        "format": FORMAT,
        "created": born.isoformat(timespec="seconds"),
        "environment": order.environment,
        "commit": head,
        "clean": clean,
        "declaration": declaration_digest(order.environment),
        "playbook": order.playbook,
        "limit": order.limit,
        "extra": extra,
        "operations": played.operations,
        "withheld": played.withheld,
        "orphans": played.orphans,
        "troubles": [asdict(trouble) for trouble in played.troubles],
    }
    if played.stays:
        content["stays"] = played.stays
    if order.tags:
        content["tags"] = order.tags
    if authors is not None:
        content["authors"] = authors
    if "piste_undo" in order.extra:
        content["undo"] = json.loads(Path(order.extra["piste_undo"]).read_text("utf-8"))
    return {"id": f"{born:%Y%m%dT%H%M%SZ}-{hashlib.sha256(_canonical(content)).hexdigest()[:6]}", **content}


def sealed(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Put a plan under the seal of its environment's key. Raises `NoKey`."""
    bare = {name: value for name, value in plan.items() if name != "seal"}
    return {**bare, "seal": keys.seal(plan["environment"], "plan", _canonical(bare))}


def _canonical(content: Any) -> bytes:
    return json.dumps(content, sort_keys=True, ensure_ascii=True).encode()


def write(plan: Mapping[str, Any], path: Path | None = None) -> Path:
    """Keep a plan, under a seal. Raises `NoKey`."""
    path = path or folder() / f"{plan['id']}.json"
    write_json(plan if "seal" in plan else sealed(plan), path)
    return path


def approve(plan: Mapping[str, Any], name: str, approval: Mapping[str, Any]) -> None:
    """Put the review that a plan has passed in it, under a new seal.

    Raises `StalePlan`, `NoKey`.
    """
    from piste.runs.plans.form import faults

    path = Path(name) if is_file(name) else folder() / f"{name}.json"
    made = sealed({**plan, "approval": dict(approval)})
    if wrong := faults(made):
        raise StalePlan("l’accord ne s’écrit pas dans un plan", where=str(path), why=" ; ".join(wrong))
    write(made, path.resolve())


def write_json(content: Any, path: Path) -> None:
    """Write a file whole or not at all, for its owner alone; a device is written as it is."""
    with writing(path):
        private_folder(path.parent)
    if path.exists() and not path.is_file():
        with writing(path):
            path.write_bytes(_written(content))
    else:
        write_private(path, _written(content))


def _written(content: Any) -> bytes:
    """Encode a file. A lone surrogate, which UTF-8 refuses, is written as JSON escapes it."""
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "backslashreplace")


def known() -> list[str]:
    """List the ids of the kept plans, oldest first."""
    return sorted(file.stem for file in folder().glob("*.json") if ID.fullmatch(file.stem))


def is_file(name: str) -> bool:
    """Tell whether a plan is named by its file, not by its id."""
    with suppress(OSError, ValueError):
        return name.endswith(".json") or Path(name).is_file()
    return False


def read(name: str) -> dict[str, Any]:
    """Read the plan of that id or file, of the right form and sealed here.

    Raises `StalePlan`, `Missing`.
    """
    path = Path(name) if is_file(name) else folder() / f"{name}.json"
    try:
        written = read_plain(path.resolve())
        plan: dict[str, Any] = parse_json(written)
    except FileNotFoundError:
        latest = ", ".join(known()[-5:]) or "aucun"
        raise Missing(f"le plan « {name} » n’existe pas", todo=f"Les derniers plans : {latest}.") from None
    except (OSError, ValueError) as error:
        why = str(getattr(error, "strerror", None) or error)
        raise StalePlan("le plan est illisible", where=str(path), why=why, todo="Refaites-le.") from None
    _check_form(plan, path)
    if _written(plan) != written or not hmac.compare_digest(sealed(plan)["seal"], plan["seal"]):
        raise StalePlan(
            "le plan a été modifié depuis qu’il a été écrit, ou vient d’ailleurs",
            where=str(path),
            why=f"Son sceau n’est pas celui de la clé de « {plan['environment']} » sur ce contenu.",
            todo="Refaites-le (piste plan), relisez-le, puis appliquez-le.",
        )
    return plan


def _check_form(plan: Any, path: Path) -> None:
    if isinstance(plan, dict) and plan.get("format") == FORMER:
        raise StalePlan(
            "le plan est d’une version de Piste qui ne les scellait pas par une clé",
            where=str(path),
            todo="Refaites-le (piste plan), relisez-le, puis appliquez-le.",
        )
    # Imported here: completion, which only lists plans, must not pay for it.
    from piste.runs.plans.form import faults

    if wrong := faults(plan):
        listing = "\n".join(f"  - {line}" for line in wrong[:SHOWN])
        more = f"\n  … et {agreed(len(wrong) - SHOWN, 'autre(s)')}" if len(wrong) > SHOWN else ""
        raise StalePlan("ce n’est pas un plan de Piste", where=str(path), todo=f"Refaites-le.\n{listing}{more}\n")


def order_of(plan: Mapping[str, Any]) -> Order:
    """Make the order of a plan; the file of an undo is written from it. Raises `StalePlan`."""
    from piste.town import declared

    strange = declared.named(plan["limit"]) - {"", *declared.targets(plan["environment"])}
    if strange:
        raise StalePlan(
            f"le plan est limité à ce que l’inventaire ne connaît pas : {', '.join(sorted(strange))}",
            todo="Refaites-le (piste plan), relisez-le, puis appliquez-le.",
        )
    extra = dict(plan["extra"])
    if "undo" in plan:
        path = folder() / f"{plan['id']}.undo.json"
        write_json(plan["undo"], path)
        extra["piste_undo"] = str(path)
    return Order(plan["playbook"], plan["environment"], plan["limit"], extra, plan.get("tags", ""))


def narrowed(plan: Mapping[str, Any]) -> Order:
    """Make the order that applies a plan: to owners and domains of its operations alone.

    The policies of the town admit the devices of its sites: it is of the order too where the plan was made with it.
    An undo names its owners itself; a withdrawal goes to every system, and accounts have no domain. Raises `StalePlan`.
    """
    from piste.town import declared

    order = order_of(plan)
    if "undo" in plan or stands_alone(plan):
        return order
    operations = not_left(plan)
    owners = {described["owner"] for described in operations}
    commune = declared.derived(plan["environment"]).commune
    if commune and admitted(operations) and {"", commune["id"]} & declared.named(plan["limit"]):
        owners.add(commune["id"])
    return replace(order, limit=",".join(sorted(owners)), tags=",".join(touched(operations)))


def check_provenance(plan: Mapping[str, Any]) -> None:
    """Refuse a plan of another commit or another declaration. Raises `StalePlan`."""
    head, _ = commit()
    if plan["commit"] != head:
        raise StalePlan(
            f"le plan vient du commit {plan['commit'][:10] or 'inconnu'}, le dépôt est à {head[:10] or 'inconnu'}",
            todo="Refaites le plan, relisez-le, puis appliquez-le.",
        )
    if plan["declaration"] != declaration_digest(plan["environment"]):
        raise StalePlan(
            "la déclaration a changé depuis le plan", todo="Refaites le plan, relisez-le, puis appliquez-le."
        )


def differences(plan: Mapping[str, Any], now: Sequence[Mapping[str, Any]]) -> list[str]:
    """List the differences between a saved plan and a new plan, a line each, owner by owner.

    The order counts within an owner; between owners it depends on the machine alone. Where the application had begun,
    an operation that is no longer to do is no difference: `settled` counts it as done.
    """
    saved, resumed = plan["operations"], begun(plan)
    lines: list[str] = []
    for owner in dict.fromkeys(str(described["owner"]) for described in (*saved, *now)):
        before, after = ([o for o in operations if o["owner"] == owner] for operations in (saved, now))
        old, new = ([identity_of(o) for o in operations if not is_waiting(o)] for operations in (before, after))
        allowed = Allowed(before)
        gone = [o for o in before if not (is_waiting(o) or resumed or identity_of(o) in new)]
        lines += [f"{named(o)} : n’est plus à faire ainsi" for o in gone]
        strange = [o for o in after if not is_waiting(o) and not (o in allowed if resumed else identity_of(o) in old)]
        lines += [f"{named(o)} : n’était pas prévu ainsi" for o in strange]
        waiting = [o for o in after if is_waiting(o) and not allowed.holds(o) and identity_of(o) not in old]
        lines += [f"{named(o)} : attend un mot, ce que le plan ne dit pas" for o in waiting]
        if old != new and sorted(old) == sorted(new):
            lines.append(f"{owner} : l’ordre des opérations a changé")
    return lines


def refuse_moved(plan: Mapping[str, Any], now: Played) -> None:
    """Refuse a plan that differs from what is computed again. Raises `StalePlan`."""
    moved = differences(plan, now.operations)
    if moved or (now.troubles and not stands_alone(plan)):
        listing = "\n".join(f"  - {line}" for line in moved)
        raise StalePlan(
            "la situation a changé depuis le plan, rien n’a été écrit",
            todo=f"Refaites le plan, relisez-le, puis appliquez-le.\n{listing}\n",
        )


def to_do(plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the operations that a plan does: not those that it holds back."""
    return [described for described in plan["operations"] if not is_waiting(described)]


def not_left(plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the operations of a plan, without those that its part in hand leaves."""
    return [described for described in plan["operations"] if not is_left(described)]


def settled(plan: Mapping[str, Any], now: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """List the operations on objects absent from the new plan: done, or their objects are lost."""
    left = {object_of(described) for described in now}
    return [described for described in to_do(plan) if object_of(described) not in left]


def begin(plan: Mapping[str, Any]) -> None:
    """Note that the application of a plan begins, so that a dead application can be resumed."""
    _mark(plan).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _mark(plan).touch(mode=0o600)


def begun(plan: Mapping[str, Any]) -> bool:
    """Check that the application of a plan began."""
    return _mark(plan).exists()


def _mark(plan: Mapping[str, Any]) -> Path:
    return folder() / f"{plan['id']}.begun"
