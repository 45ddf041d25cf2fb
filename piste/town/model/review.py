"""The rules that a plan is reviewed by before it is applied, and their own rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from piste.engine.words import agreed

from .forms import Form, Marked
from .paths import KeyPath, dotted
from .wording import closest

if TYPE_CHECKING:
    from .view import View

Guard = Literal[
    "management",
    "firmware",
    "rollback",
    "unread",
    "uplink",
    "access_point",
    "stp",
    "mtu",
    "radio",
    "access_lists",
    "stack",
    "gateway",
    "default_gateway",
    "dhcp",
    "route",
    "network",
    "release",
    "carried",
    "online",
    "dhcp_servers",
    "protected",
    "protection_policy",
    "recovery_plan",
    "members",
    "privileged",
    "gpo_deletion",
    "radius_secret",
    "template",
    "unproven",
    "default_policy",
    "used",
    "ad_site",
    "taken",
    "authorisation",
    "leases",
    "range",
    "routers",
    "mode",
    "administration",
    "rules",
    "installation",
    "policy",
    "transit",
    "routes",
    "log_server",
    "authentication",
    "vpn",
    "decryption",
    "aggregate",
    "removals",
    "foreign",
    "stop",
    "disk",
    "vm",
    "unprotected",
    "vlan",
    "subnet",
    "image",
    "category",
    "affinity_policy",
    "host",
    "service",
]
"""The words of confirmation, as `docs/appliquer.md` lists them."""
Account = Annotated[str, Field(pattern=r"^[\w.@-]{1,80}$")]
"""The name of an account where the plans are reviewed."""
Group = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")]


class Deletions(Form):
    """Deletions of a plan: the most, and the words of confirmation that announce them."""

    at_most: Annotated[int, Field(ge=0, le=10_000)]
    words: list[Guard] = Field(default_factory=list)


class Approval(Form):
    """An approval that a plan needs where every criterion fits.

    Without any criterion, each plan that changes something needs it. `domains`, `kinds` and `actions` fit an operation
    together; `words` fit the words that the plan confirms.
    """

    domains: list[str] = Field(default_factory=list)
    kinds: list[str] = Field(default_factory=list)
    actions: list[Literal["create", "update", "delete", "reset"]] = Field(default_factory=list)
    words: list[Guard] = Field(default_factory=list)
    by: Annotated[list[Group], Field(min_length=1)]
    count: Annotated[int, Field(ge=1, le=10)] = 1
    why: str


Effect = Literal[
    "declared_flow_stops", "guests_gain", "outsiders_gain", "directory_lost", "critical_unwatched", "critical_unsaved",
    "not_undoable", "opens", "link_cut", "unknown",
]  # fmt: skip
"""The consequences of a plan that a rule may be about, as `docs/git.md` lists them."""


class Consequence(Form):
    """A rule on a consequence of a plan: it is refused, or approved by a group."""

    effect: Effect
    refused: bool = False
    by: list[Group] = Field(default_factory=list)
    count: Annotated[int, Field(ge=1, le=10)] = 1
    why: str


class Review(Marked):
    """The rules of review of the town."""

    deletions: Deletions
    operations: Annotated[int, Field(ge=1, le=100_000)]
    sites: Annotated[int, Field(ge=1, le=10_000)]
    approvers: dict[Group, Annotated[list[Account], Field(min_length=1)]]
    approvals: list[Approval] = Field(default_factory=list)
    consequences: list[Consequence] = Field(default_factory=list)
    rules_changed_by: Annotated[list[Group], Field(min_length=1)]
    """Groups whose members may approve a change of these rules."""


def check_groups(view: View) -> None:
    """M170: the groups of the rules of review exist and suffice; a consequence has a single end."""
    review = view.declared.town.variables.review
    if review is None:
        return
    asked: list[tuple[KeyPath, list[Group], int]] = [
        (("approvals", index), approval.by, approval.count) for index, approval in enumerate(review.approvals)
    ]
    asked += [
        (("consequences", index), rule.by, rule.count) for index, rule in enumerate(review.consequences) if rule.by
    ]
    for index, rule in enumerate(review.consequences):
        if rule.refused == bool(rule.by):
            path: KeyPath = ("review", "consequences", index)
            message = "une conséquence est refusée (refused), ou approuvée par un groupe (by)"
            view.faults.add("PISTE-M170", dotted(path), view.declared.town.where(path), message)
    for place, groups, count in [*asked, (("rules_changed_by",), review.rules_changed_by, 1)]:
        mark, shown = view.declared.town.where(("review", *place)), dotted(("review", *place))
        unknown = [group for group in groups if group not in review.approvers]
        for group in unknown:
            message = f"« {group} » n’est pas un groupe de review.approvers"
            view.faults.add("PISTE-M170", shown, mark, message, closest(group, review.approvers))
        people = {name for group in groups for name in review.approvers.get(group, ())}
        if not unknown and len(people) < count:
            message = f"{count} accords sont demandés à {agreed(len(people), 'personne(s)')}"
            view.faults.add("PISTE-M170", shown, mark, message)
