"""The closed form of a saved plan, checked whole before any of it is used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from piste.engine.repository import ENVIRONMENTS
from piste.runs.plans.accounts import ARRIVE, WITHDRAW
from piste.runs.plans.show import DRIFT, UNDO
from piste.runs.records.chain import ID
from piste.systems.kinds import DOMAINS

CARRIED: Mapping[str, frozenset[str]] = {
    "playbooks/site.yml": frozenset(f"{domain}_confirm" for domain in DOMAINS),
    **{f"playbooks/domains/{domain}.yml": frozenset({f"{domain}_confirm"}) for domain in DOMAINS},
    DRIFT: frozenset(),
    UNDO: frozenset({"undo_confirm"}),
    WITHDRAW: frozenset({"leaver", "outgoing", "kept", "town_accounts"}),
    ARRIVE: frozenset(),
}
"""The playbooks of plans, each with its possible extra variables: words of confirmation, accounts."""
LEAVING = ("leaver", "outgoing")
"""The variables without which the plan of a withdrawal says nothing."""
# Lengths beside the patterns: a bound within one takes tenths of a second to compile.

Digest = Annotated[str, Field(pattern=r"^(-|[0-9a-f]{16})$")]
Name = Annotated[str, Field(pattern=r"^[\w-]+$", max_length=80)]
WORD = r"[a-z0-9_]+(:[^{}\x00-\x1f\x7f]{1,300})?"
"""A word of confirmation. Ansible evaluates its command line, so that braces are refused."""
Text = Annotated[str, Field(pattern=r"^[^{}\x00-\x1f\x7f]+$", max_length=400)]


class _Form(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", regex_engine="rust-regex")


class Content(_Form):
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class Operation(_Form):
    """An operation, in its JSON form (`to_json`)."""

    system: Name
    owner: Name
    kind: Name
    key: str
    label: str
    action: Literal["create", "update", "delete", "reset"]
    fields: list[str]
    before: Digest
    after: Digest
    content: Content
    slot: str | None = None
    waiting: str | None = None
    words: list[Text] | None = None


class Stay(_Form):
    """A live object that is left where it is until a step of its own."""

    kind: Name
    key: str


class Author(_Form):
    who: str
    when: str
    how: str


class Authored(_Form):
    """An object of a drift, and who changed it, the last first.

    Nobody is there where the log has no entry, None where the log was not read.
    """

    system: Name
    owner: Name
    kind: Name
    key: str
    by: list[Author] | None


class Approval(_Form):
    """The review that a plan has passed: who proposes, who agrees, where, by which rules, when."""

    author: Text
    by: list[Text]
    request: Text | None
    rules: Text
    at: str


class Trouble(_Form):
    host: str
    task: str
    kind: str
    message: str
    domain: Annotated[str, Field(pattern=f"^({'|'.join(DOMAINS)})?$")] = ""


class Part(_Form):
    """The options that an undo gives to a module."""

    config: list[dict[str, Any]]
    absent: list[str]


class Plan(_Form):
    format: Literal[2]
    id: Annotated[str, Field(pattern=f"^{ID.pattern}$")]
    created: Annotated[str, Field(pattern=r"^[\d:+T-]{25}$")]
    environment: Annotated[str, Field(pattern=f"^({'|'.join(ENVIRONMENTS)})$")]
    commit: Annotated[str, Field(pattern=r"^[\w-]*$", max_length=64)]
    clean: bool
    declaration: Annotated[str, Field(pattern=r"^[\w-]+$", max_length=64)]
    playbook: Annotated[str, Field(pattern=f"^({'|'.join(map(re.escape, CARRIED))})$")]
    limit: Annotated[str, Field(pattern=r"^([\w-]+([,:][\w-]+)*)?$", max_length=80_000)]
    extra: dict[str, list[Text]]
    operations: list[Operation]
    withheld: list[str]
    orphans: list[dict[str, Any]]
    troubles: list[Trouble]
    stays: list[Stay] | None = None
    tags: Annotated[str, Field(pattern=f"^({'|'.join(DOMAINS)})$")] = ""
    """The domain of a drift; without it, a plan is of all domains of its playbook."""
    authors: list[Authored] | None = None
    undo: dict[Name, dict[Literal["restored", "returned"], dict[Name, Part]]] | None = None
    approval: Approval | None = None
    seal: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def faults(plan: Any) -> list[str]:
    """List the faults of form of a plan, a line each: the place, never the value."""
    try:
        Plan.model_validate(plan)
    except ValidationError as error:
        return _places(error)
    carried = CARRIED[plan["playbook"]]
    strange = [name for name in plan["extra"] if name not in carried]
    wrong = [f"extra.{name} : un plan de {plan['playbook']} n’en porte pas" for name in strange]
    if "tags" in plan and plan["playbook"] != DRIFT:
        wrong.append(f"tags : un plan de {plan['playbook']} n’en porte pas")
    if plan["playbook"] == WITHDRAW:
        wrong += [f"extra.{name} : un retrait dit qui part" for name in LEAVING if not plan["extra"].get(name)]
    else:
        wrong += [f"extra.{name} : ce ne sont pas des mots" for name, given in plan["extra"].items() if _strange(given)]
    if (plan["playbook"] in (UNDO, ARRIVE)) != ("undo" in plan):
        wrong.append("undo : c’est l’inverse d’une exécution, et de rien d’autre")
    return wrong


def _strange(given: Any) -> bool:
    return not all(re.fullmatch(WORD, text) for text in given)


def _places(error: ValidationError) -> list[str]:
    where = (".".join(str(step)[:40] for step in fault["loc"]) or "plan" for fault in error.errors(include_url=False))
    return [f"{place} : ce n’est pas ce qui y est attendu" for place in dict.fromkeys(where)]
