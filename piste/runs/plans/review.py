"""The review of a saved plan by the rules of the town: violations, reasons, remedies."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from piste.engine.converge.allowed import named
from piste.engine.converge.bounded import Unreadable, of_yaml
from piste.engine.converge.errors import Misused
from piste.engine.converge.plan import SYMBOLS
from piste.engine.converge.untrusted import read_plain
from piste.engine.repository import ROOT
from piste.engine.words import agreed, some
from piste.runs.plans import conditions, saved
from piste.runs.plans.accounts import is_account
from piste.systems.kinds import domain_of
from piste.town.model.changes import Freeze
from piste.town.model.review import Approval, Review

FOLDER = "group_vars/all"
_DECLARES = re.compile(rb"""^["']?(review|freezes)["']?\s*:""", re.MULTILINE)
_FREEZES = TypeAdapter(list[Freeze])
_SHOWN = 5
_AGAIN = "Refaites le plan, relisez-le, puis contrôlez-le de nouveau."


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of review and the freezes, as a tree declares them; `source` names the tree."""

    review: Review
    freezes: Sequence[Mapping[str, Any]] = ()
    source: str = "dépôt"


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that the plan violates: the facts, the reason of the rule, what to do."""

    rule: str
    what: str
    why: str
    todo: str

    def sentence(self) -> str:
        return ". ".join(part.rstrip(".") for part in (self.what, self.why, self.todo) if part) + "."


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The facts of a review outside the plan.

    `approved` are the accounts that approve, `author` the account that proposes, `reviewed` the plan that people read;
    `changed` is true where the tree declares other rules than those of the review. `effects` are the consequences of
    the plan that a rule may be about, by the name of the rule.
    """

    approved: Sequence[str] = ()
    author: str = ""
    reviewed: Mapping[str, Any] | None = None
    now: datetime | None = None
    changed: bool = False
    effects: Mapping[str, Sequence[str]] = field(default_factory=dict)


def rules(base: str = "") -> Rules:
    """Read the rules of the working tree, or of a commit. Raises `Misused`."""
    files = _committed(base) if base else _lying()
    content: dict[str, Any] = {}
    for file in filter(_DECLARES.search, files):
        try:
            document = of_yaml(file)
        except Unreadable as error:
            raise Misused("ce n’est pas du YAML", where=FOLDER, why=str(error), todo="Corrigez-le.") from error
        content |= document if isinstance(document, Mapping) else {}
    source = base or "dépôt"
    if not content.get("review"):
        raise Misused(
            "aucune règle de relecture n’est déclarée",
            where=f"{source}, {FOLDER}/review.yml",
            why="Un plan ne se contrôle que par des règles.",
            todo="Déclarez-les (docs/git.md).",
        )
    try:
        review = Review.model_validate(content["review"])
    except ValidationError as error:
        raise _faulty("les règles de relecture", error, f"{source}, {FOLDER}/review.yml") from error
    freezes = content.get("freezes") or []
    try:
        _FREEZES.validate_python(freezes)
    except ValidationError as error:
        raise _faulty("les gels", error, f"{source}, {FOLDER}/freezes.yml") from error
    return Rules(review, freezes, source)


def _faulty(what: str, error: ValidationError, where: str) -> Misused:
    places = ", ".join(".".join(map(str, fault["loc"])) or "tout" for fault in error.errors(include_url=False))
    return Misused(f"{what} ont des fautes : {places}", where=where, todo="Corrigez-les.")


def differ(known: Rules, tree: Rules) -> bool:
    """Tell whether a tree declares other rules or other freezes."""
    return (known.review, list(known.freezes)) != (tree.review, list(tree.freezes))


def _lying() -> Iterator[bytes]:
    return (read_plain(file) for file in sorted((ROOT / FOLDER).glob("*.y*ml")))


def _committed(base: str) -> Iterator[bytes]:
    try:
        named = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{base}^{{commit}}").decode().strip()
    except (subprocess.CalledProcessError, ValueError):
        raise Misused(
            f"« {base} » ne désigne aucun commit de ce dépôt", todo="Donnez une branche connue ici (git fetch)."
        ) from None
    try:
        files = _git("ls-tree", "-z", "--name-only", named, f"{FOLDER}/").split(b"\0")
        names = [os.fsdecode(file) for file in files if file.endswith((b".yml", b".yaml"))]
        return iter([_git("show", f"{named}:{name}") for name in names])
    except subprocess.CalledProcessError as error:
        # A file that does not come may declare a freeze.
        why = error.stderr.decode("utf-8", "replace").strip()
        what = f"les règles de « {base} » ne se lisent pas"
        raise Misused(what, why=why, todo="Vérifiez le dépôt (git fsck).") from error


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, check=True).stdout


def violations(plan: Mapping[str, Any], known: Rules, given: Reviewed) -> list[Violation]:
    """List every rule that a plan violates, provenance first, approvals last."""
    return [
        *_provenance(plan, given),
        *_complete(plan),
        *_deletions(plan, known.review),
        *_size(plan, known.review),
        *_frozen(plan, known.freezes, given.now),
        *_consequences(plan, known.review, given),
        *_approvals(plan, known.review, given),
    ]


def _provenance(plan: Mapping[str, Any], given: Reviewed) -> Iterator[Violation]:
    try:
        saved.check_provenance(plan)
    except saved.StalePlan as stale:
        yield Violation("provenance", stale.what, "Un plan vaut pour la déclaration qu’on relit", _AGAIN)
    if not plan["clean"]:
        what = "le plan vient d’un dépôt qui avait des modifications non enregistrées"
        why = "Personne ne peut relire ce qu’aucun commit ne contient"
        yield Violation("provenance", what, why, f"Enregistrez-les (git commit). {_AGAIN}")
    if given.reviewed is not None:
        moved = saved.differences(given.reviewed, plan["operations"])
        if given.reviewed["environment"] != plan["environment"]:
            moved = [f"environnement {given.reviewed['environment']}, puis {plan['environment']}"]
        if moved:
            what = f"le plan n’est pas celui qui a été relu ({given.reviewed['id']}) : {_some(moved)}"
            yield Violation("reviewed", what, "L’accord vaut pour ce qui a été lu", "Faites relire ce plan-ci.")


def _complete(plan: Mapping[str, Any]) -> Iterator[Violation]:
    unknown = [trouble for trouble in plan["troubles"] if trouble["kind"] == "unknown"]
    for troubles, rule, what in (
        (unknown, "unknown", "sans réponse"),
        ([trouble for trouble in plan["troubles"] if trouble not in unknown], "troubles", "en erreur ou refusé"),
    ):
        if troubles:
            where = _some(dict.fromkeys(f"{trouble['host']} / {trouble['task']}" for trouble in troubles))
            yield Violation(rule, f"{what} : {where}", "Un plan incomplet ne dit pas ce qui serait fait", _AGAIN)


def _deletions(plan: Mapping[str, Any], review: Review) -> Iterator[Violation]:
    gone = [described for described in saved.to_do(plan) if SYMBOLS[described["action"]] == "-"]
    silent = [named(described) for described in gone if not _announced(plan, described, review)]
    if silent:
        words = ", ".join(review.deletions.words)
        todo = f"S’ils sont voulus, refaites le plan avec l’un de ces mots (--confirm) : {words}."
        todo = todo if words else "Aucun mot ne les permet (group_vars/all/review.yml)."
        what = f"{agreed(len(silent), 'retrait(s)')} sans mot : {_some(silent)}"
        yield Violation("deletions", what, "Un retrait perd ce que personne ne redonne : il s’annonce", todo)
    if len(gone) > review.deletions.at_most:
        what = f"{agreed(len(gone), 'retrait(s)')}, {review.deletions.at_most} au plus"
        why = "Tant de retraits à la fois sont souvent une erreur de déclaration"
        yield Violation("deletions", what, why, "Coupez le changement en plusieurs plans.")


def _announced(plan: Mapping[str, Any], described: Mapping[str, Any], review: Review) -> bool:
    if is_account(described) and plan["extra"].get("outgoing"):
        return True  # The plan itself names who leaves.
    domain = domain_of(described)
    given = (*plan["extra"].get(f"{domain}_confirm", ()), *plan["extra"].get("undo_confirm", ()))
    for word, sign, name in (text.partition(":") for text in given):
        if word in review.deletions.words and (not sign or name in (described["key"], described["label"])):
            return True
    return False


def _size(plan: Mapping[str, Any], review: Review) -> Iterator[Violation]:
    owners = sorted({described["owner"] for described in saved.to_do(plan)})
    if (count := len(saved.to_do(plan))) > review.operations:
        what = f"{agreed(count, 'opération(s)')}, {review.operations} au plus"
        yield Violation("size", what, "Personne ne relit un plan trop long", "Limitez-le à moins de sites.")
    if len(owners) > review.sites:
        what = f"{agreed(len(owners), 'site(s)')}, {review.sites} au plus : {_some(owners)}"
        why = "Une erreur ne doit pas atteindre toute la ville"
        yield Violation("sites", what, why, "Faites-le en plusieurs plans.")


def _frozen(plan: Mapping[str, Any], freezes: Any, now: datetime | None) -> Iterator[Violation]:
    owners = sorted({described["owner"] for described in saved.to_do(plan)})
    for refusal in conditions.refusals(({"freezes": freezes, "inventory_hostname": owner} for owner in owners), now):
        yield Violation("freeze", f"{refusal.where} : {refusal.what}", "Aucune raison n’ouvre un gel", refusal.todo)


def _consequences(plan: Mapping[str, Any], review: Review, given: Reviewed) -> Iterator[Violation]:
    for rule in review.consequences:
        if rule.refused and (lines := given.effects.get(rule.effect)):
            todo = f"Voyez ce qui le fait (piste plan show {plan['id']} --consequences), et changez-le. {_AGAIN}"
            yield Violation("consequences", f"{rule.effect} : {_some(lines)}", rule.why, todo)


def approvals(plan: Mapping[str, Any], review: Review, given: Reviewed) -> list[Approval]:
    """List the approvals that a plan needs: by operations, consequences, changes of the rules."""
    why = "Le plan vient d’une branche qui change les règles de relecture ou les gels"
    own = [Approval(by=review.rules_changed_by, why=why)] if given.changed else []
    felt = [
        Approval(by=rule.by, count=rule.count, why=f"{rule.why} : {_some(given.effects[rule.effect])}")
        for rule in review.consequences
        if rule.by and given.effects.get(rule.effect)
    ]
    return [approval for approval in review.approvals if _fits(plan, approval)] + felt + own


def _fits(plan: Mapping[str, Any], approval: Approval) -> bool:
    words = {text.partition(":")[0] for texts in plan["extra"].values() for text in texts}
    if approval.words and not words & set(approval.words):
        return False
    if not (approval.domains or approval.kinds or approval.actions):
        return bool(saved.to_do(plan))
    return any(
        (not approval.domains or domain_of(described) in approval.domains)
        and (not approval.kinds or described["kind"] in approval.kinds)
        and (not approval.actions or described["action"] in approval.actions)
        for described in saved.to_do(plan)
    )


def _approvals(plan: Mapping[str, Any], review: Review, given: Reviewed) -> Iterator[Violation]:
    # GitLab takes an account in any case.
    author = given.author.casefold()
    counted = {name.casefold() for name in given.approved} - {author}
    for approval in approvals(plan, review, given):
        people = {name.casefold(): name for group in approval.by for name in review.approvers.get(group, ())}
        if (lacking := approval.count - len(counted & people.keys())) > 0:
            what = f"il manque {agreed(lacking, 'accord(s)')} de {' ou '.join(dict.fromkeys(approval.by))}"
            able = sorted(people[name] for name in people.keys() - counted - {author})
            todo = f"Peuvent le donner : {', '.join(able)}."
            if len(able) < lacking:
                left = ", ".join(able) or "personne d’autre que l’auteur"
                todo = f"Trop peu peuvent le donner : {left}. Faites-le proposer par un autre, ou complétez le groupe."
            yield Violation("approvals", what, approval.why, todo)


def _some(names: Iterable[str]) -> str:
    return some([*names], _SHOWN)
