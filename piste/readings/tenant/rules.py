"""Rules on the tenant: right, wrong, or unknown with its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypedDict

import yaml

from piste.engine.converge.reading import FAULTS
from piste.engine.finding import WORST, Gravity, State
from piste.engine.words import agreed, some

type Row = Mapping[str, Any]
type Licence = Literal["P1", "P2"]
PLANS: Mapping[Licence, Sequence[str]] = {"P1": ("AAD_PREMIUM", "AAD_PREMIUM_P2"), "P2": ("AAD_PREMIUM_P2",)}
"""The service plans that give a licence of Entra ID (*Product names and service plan identifiers*)."""
PHISHING_RESISTANT = frozenset({"windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor"})
"""Combinations that are phishing-resistant (Microsoft Graph, *authenticationStrengthPolicy*)."""
STRONG = "00000000-0000-0000-0000-000000000004"
"""The built-in strength of that name."""
GLOBAL = "62e90394-69f5-4237-9190-012177145e10"
HIGHLY = {
    GLOBAL: "Global Administrator",
    "e8611ab8-c189-46e8-94e1-60213ab1f814": "Privileged Role Administrator",
    "fe930be7-5e62-47db-91af-98c3a49a38b1": "User Administrator",
    "f28a1f50-f6e7-4571-818b-6a12f2af6b6c": "SharePoint Administrator",
    "29232cdf-9323-42fd-ade2-1d097af3e4de": "Exchange Administrator",
    "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2": "Hybrid Identity Administrator",
    "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3": "Application Administrator",
    "158c047a-c907-4556-b7ef-446551a6b5f7": "Cloud Application Administrator",
}
"""Highly privileged roles (ScubaGear, *Highly Privileged Roles*) by template (*Microsoft Entra built-in roles*)."""
DORMANT = timedelta(days=90)
CONDITIONS = (
    "platforms", "places", "filter", "application_filter", "user_risks", "risks", "insider_risks", "flows",
)  # fmt: skip
"""Conditions of a policy that keep it from some sign-ins (Microsoft Graph, *conditionalAccessConditionSet*)."""
_EACH = ("all", "none")
_GUESTS = "GuestsOrExternalUsers"
EMERGENCY = 2
"""Accounts that a policy may leave out (*Manage emergency access accounts*: at least two)."""


UNCOUNTED = 10_000
"""Licences of a free product, announced by the thousand (*Microsoft Teams Exploratory*, *Power BI*)."""


class Rule(TypedDict, total=False):
    """A rule, as `rules.yml` declares it."""

    title: str
    same: Sequence[str]
    part: str
    column: str
    where: Mapping[str, Sequence[str]]
    among: Sequence[Any]
    without: Sequence[str]
    most: int
    test: str
    after: str
    gravity: Gravity
    licence: Licence
    words: Mapping[str, str]
    cure: str
    effect: str


class Verdict(NamedTuple):
    """A state and why; `names` are accounts and policies that `said` counts, and never names."""

    state: State
    said: str = ""
    names: tuple[str, ...] = ()


class Unknown(Exception):
    """A part that a rule needs was not read; the message says why."""


class Tenant:
    """The tenant as it was read: the rows of each part, or why there are none."""

    def __init__(self, parts: Mapping[str, Sequence[Row]], unread: Mapping[str, str], today: date) -> None:
        self._parts, self._unread, self.today = parts, unread, today

    def rows(self, part: str) -> Sequence[Row]:
        """Give the rows of a part. Raises `Unknown`."""
        if part not in self._parts:
            raise Unknown(self._unread.get(part, "jamais lu"))
        return self._parts[part]

    def has(self, plan: str) -> bool | None:
        """Tell whether a licence has a service plan; None where licences were not read."""
        licences = self._parts.get("licences")
        return None if licences is None else any(plan in (row["plans"] or ()) for row in licences)

    def bought(self, licence: Licence) -> bool | None:
        """Tell whether the town has a licence of Entra ID; None where licences were not read."""
        said = [self.has(plan) for plan in PLANS[licence]]
        return None if None in said else any(said)


def verdict(rule: Rule, tenant: Tenant) -> Verdict:
    """Judge a rule on what was read."""
    try:
        rows = tenant.rows(rule["part"])
        judged = TESTS[rule["test"]](rows, tenant) if "test" in rule else _column(rule, rows)
        if judged.state == "ok" and "after" in rule and verdict(RULES[rule["after"]], tenant).state != "ok":
            return Verdict("unknown", f"d’anciens réglages valent tant que {rule['after']} n’est pas tenu")
        return judged
    except Unknown as unknown:
        return Verdict("unknown", str(unknown))
    except FAULTS:
        return Verdict("unknown", "la réponse n’a pas la forme attendue")


def _column(rule: Rule, rows: Sequence[Row]) -> Verdict:
    column, where = rule["column"], rule.get("where", {})
    every = [row for row in rows if all(row[name] in among for name, among in where.items())]
    # What a rule asks about and does not show is not right.
    unknown = not every or any({*among} - {row[name] for row in every} for name, among in where.items())
    wrong = []
    for row in every:
        value = row[column]
        if value is None:
            unknown = True
        elif not _right(rule, value):
            wrong.append(" ".join([*(str(row[name]) for name in where), _shown(value, rule.get("words", {}))]))
    if wrong:
        return Verdict("wrong", some(wrong))
    return Verdict("unknown", "le locataire ne le dit pas") if unknown else Verdict("ok")


def _right(rule: Rule, value: Any) -> bool:
    if "without" in rule:
        return not any(value.count(refused) for refused in rule["without"])
    if "most" in rule:
        return bool(value <= rule["most"])
    # True is 1 for Python, and neither says the other.
    return any(type(value) is type(wanted) and value == wanted for wanted in rule["among"])


def _shown(value: Any, words: Mapping[str, str]) -> str:
    said = {True: "oui", False: "non"}[value] if isinstance(value, bool) else value
    return some([words.get(name, str(name)) for name in (said if isinstance(said, list) else [said])])


def _narrowed(row: Row) -> set[str]:
    """Name the conditions that keep a policy from some sign-ins."""
    lists = {name: [row[name]] if isinstance(row[name], str) else row[name] or () for name in CONDITIONS}
    some_only = {name for name, values in lists.items() if any(value.casefold() not in _EACH for value in values)}
    return some_only | {name for name in ("without_platforms", "without_places") if row[name]}


def _in_force(rows: Iterable[Row], *, narrowed: str = "") -> Iterator[Row]:
    """Yield the policies of every application, everywhere: report-only is not in force.

    `narrowed` is the condition that a rule is about.
    """
    for row in rows:
        if row["state"] == "enabled" and "All" in (row["applications"] or ()) and _narrowed(row) <= {narrowed}:
            yield row


def _of_all(rows: Iterable[Row], *, narrowed: str = "") -> Iterator[Row]:
    yield from (row for row in _in_force(rows, narrowed=narrowed) if "All" in (row["users"] or ()))


def _controls(row: Row) -> int:
    """Count what a policy asks for."""
    return sum(len(row[name] or ()) for name in ("grants", "terms", "factors")) + bool(row["strength"])


def _alone(row: Row) -> bool:
    """Tell whether nothing that a policy asks for is enough in the place of the rest."""
    return row["operator"] == "AND" or _controls(row) == 1


def _required(row: Row, control: str) -> bool:
    """Tell whether a policy asks for a control, and not for another in its place."""
    return control in (row["grants"] or ()) and _alone(row)


def _resists(row: Row) -> bool:
    allowed = {*(row["combinations"] or ())}
    strong = row["strength"] == STRONG or (allowed and allowed <= PHISHING_RESISTANT)
    return bool(strong) and _alone(row)


def _every_client(row: Row) -> bool:
    clients = {*(row["clients"] or ())}
    return "all" in clients or {"browser", "mobileAppsAndDesktopClients"} <= clients


def _left_out(row: Row) -> Verdict:
    """Judge whom a policy leaves out.

    Two accounts are those of emergency. The members of a group are not read. A role, guests, an application, a third
    account are a hole (ScubaGear passes no excluded role or application, nor an account that nobody declares).
    """
    users = [user for user in row["without_users"] or () if user != _GUESTS]
    guests = (row["without_guests"] or "none") != "none" or len(users) < len(row["without_users"] or ())
    groups, roles, applications = (row[f"without_{name}"] or () for name in ("groups", "roles", "applications"))
    listed = {"compte(s)": users, "groupe(s)": groups, "rôle(s)": roles, "application(s)": applications}
    said = [agreed(len(names), word) for word, names in listed.items() if names] + ["les invités"] * guests
    if roles or applications or guests or len(users) > EMERGENCY:
        return Verdict("wrong", ", ".join(said))
    if groups:
        return Verdict("unknown", f"{', '.join(said)}, dont les membres ne sont pas lus")
    return Verdict("ok", ", ".join(said))


def _best(policies: Iterable[Row], rows: Iterable[Row], test: Callable[[Row], bool]) -> Verdict:
    """Judge the best policy by whom it leaves out; count those that would do in force."""
    if judged := [(row["name"], _left_out(row)) for row in policies if test(row)]:
        name, out = max(judged, key=lambda policy: (WORST.index(policy[1].state), not policy[1].said))
        return Verdict(out.state, "une règle" + (f", sauf {out.said}" if out.said else ""), (str(name),))
    tried = [str(row["name"]) for row in rows if row["state"] == "enabledForReportingButNotEnforced" and test(row)]
    count = agreed(len(tried), "règle(s)")
    why = f"{count} en mode rapport, donc sans effet" if tried else "aucune règle en vigueur pour tous"
    return Verdict("wrong", why, (*tried,))


def _legacy(defaults: Sequence[Row], tenant: Tenant) -> Verdict:
    def blocks(row: Row) -> bool:
        return _required(row, "block") and {"exchangeActiveSync", "other"} <= {*(row["clients"] or ())}

    if any(row["enabled"] for row in defaults):
        return Verdict("ok", "par les paramètres de sécurité par défaut")
    return _best(_of_all(rows := tenant.rows("access")), rows, blocks)


def _second_factor(defaults: Sequence[Row], tenant: Tenant) -> Verdict:
    if any(row["enabled"] for row in defaults):
        return Verdict("wrong", "les paramètres par défaut ne l’exigent que quand Microsoft le juge utile")
    return _best(_of_all(rows := tenant.rows("access")), rows, _asks_twice)


def _policy(test: Callable[[Row], bool], *, narrowed: str = "") -> Callable[[Sequence[Row], Tenant], Verdict]:
    return lambda rows, tenant: _best(_of_all(rows, narrowed=narrowed), rows, test)


def _strong_roles(rows: Sequence[Row], tenant: Tenant) -> Verdict:
    covered: dict[State, set[str]] = {"ok": set(), "unknown": set(), "wrong": set()}
    for row in _in_force(rows):
        if _resists(row) and _every_client(row):
            roles = HIGHLY.keys() if "All" in (row["users"] or ()) else {*(row["roles"] or ())}
            covered[_left_out({**row, "without_roles": ()}).state] |= roles - {*(row["without_roles"] or ())}
    lacking = HIGHLY.keys() - covered["ok"]
    if sure := [name for role, name in HIGHLY.items() if role in lacking - covered["unknown"]]:
        return Verdict("wrong", "aucun d’eux" if len(sure) == len(HIGHLY) else f"sans elle : {some(sure, 8)}")
    if lacking:
        raise Unknown("des groupes en sont exclus, dont les membres ne sont pas lus")
    return Verdict("ok")


def _people(rows: Iterable[Row], roles: Iterable[str]) -> dict[str, Row]:
    """Give the holders of roles, by id.

    Raises `Unknown` where a group holds a role and its members are not read.
    """
    holders = [row for row in rows if row["role"] in {*roles} and row["kind"] != "servicePrincipal"]
    if groups := [row for row in holders if row["kind"] != "user"]:
        raise Unknown(f"les membres de {agreed(len(groups), 'groupe(s)')} ne sont pas lus")
    return {row["id"]: row for row in holders}


def _global_count(rows: Sequence[Row], tenant: Tenant) -> Verdict:
    people = _people(rows, [GLOBAL])
    try:
        people |= _people(tenant.rows("eligible"), [GLOBAL])
    except Unknown:
        # Without P2 nobody is eligible: what is active is all.
        if tenant.has("AAD_PREMIUM_P2") is not False and len(people) <= 8:
            raise
    return Verdict("ok" if 2 <= len(people) <= 8 else "wrong", f"il y en a {len(people)}")


def _cloud_only(rows: Sequence[Row], tenant: Tenant) -> Verdict:
    people = _people(rows, HIGHLY).values()
    if wrong := [str(row["name"]) for row in people if row["synced"]]:
        return Verdict("wrong", f"{agreed(len(wrong), 'compte(s)')} de l’annuaire", (*wrong,))
    if any(row["synced"] is None for row in people):
        raise Unknown("des comptes ne sont pas lus")
    return Verdict("ok")


def _permanent(rows: Sequence[Row], tenant: Tenant) -> Verdict:
    forever = [row for row in rows if row["role"] in HIGHLY and row["type"] != "Activated" and row["end"] is None]
    return Verdict("wrong", agreed(len(forever), "rôle(s) sans fin")) if forever else Verdict("ok")


def _registered(rows: Sequence[Row], tenant: Tenant) -> Verdict:
    admins = [row for row in rows if row["admin"]]
    if without := [str(row["name"]) for row in admins if row["capable"] is False]:
        said = f"{agreed(len(without), 'administrateur(s)')} sans second facteur"
        return Verdict("wrong", said, (*sorted(without),))
    if not admins or any(row["capable"] is None for row in admins):
        raise Unknown("le locataire ne le dit pas")
    return Verdict("ok", agreed(len(admins), "administrateur(s)"))


def _unseen(rows: Sequence[Row], tenant: Tenant) -> Verdict:
    reached = {row["client"] for row in rows if row["error"] == 0}
    count = sum(row["count"] for row in rows if row["error"] == 0)
    if reached:
        return Verdict("wrong", f"{agreed(count, 'connexion(s)')} en 7 jours : {some(sorted(map(str, reached)))}")
    tried = sum(row["count"] for row in rows)
    return Verdict("ok", agreed(tried, "tentative(s) refusée(s)") if tried else "")


def _dormant(rows: Sequence[Row], tenant: Tenant) -> Verdict:
    oldest = f"{tenant.today - DORMANT:%Y-%m}"
    # Nobody backfills the date of a success: without it nothing is known of the guest.
    enabled = [row for row in rows if row["enabled"] is not False]
    forgotten = sum(row["count"] for row in enabled if row["last"] and row["last"] < oldest)
    untold = sum(row["count"] for row in enabled if not row["last"])
    if forgotten:
        return Verdict("wrong", f"{agreed(forgotten, 'invité(s)')} sans connexion réussie depuis {oldest}")
    if untold:
        raise Unknown(f"la dernière connexion de {agreed(untold, 'invité(s)')} n’est pas dite")
    return Verdict("ok", agreed(sum(row["count"] for row in rows), "invité(s)"))


def _spare(rows: Sequence[Row], tenant: Tenant) -> Verdict:
    paid = [row for row in rows if row["status"] == "Enabled"]
    if any(row["bought"] is None or row["used"] is None for row in paid):
        raise Unknown("des licences ne disent pas leur nombre")
    spare = [row for row in paid if row["bought"] < UNCOUNTED and row["bought"] > row["used"]]
    said = [f"{row['sku']} {row['used']} sur {row['bought']}" for row in spare]
    return Verdict("wrong", some(said)) if said else Verdict("ok")


def _domains(rows: Sequence[Row], tenant: Tenant) -> Verdict:
    if not rows or any(row["capability"] is None or row["domains"] is None for row in rows):
        raise Unknown("le locataire ne le dit pas")
    for row in rows:
        if row["capability"] != "disabled" and row["domains"] != "allowList":
            blocked = row["domains"] == "blockList"
            return Verdict("wrong", "tout domaine, sauf ceux d’une liste" if blocked else "tout domaine")
    return Verdict("ok")


def _asks_twice(row: Row) -> bool:
    strength = row["satisfies"] == "mfa" and _alone(row)
    return _every_client(row) and (_required(row, "mfa") or strength)


def _managed(row: Row) -> bool:
    managed = {*(row["grants"] or ())} & {"compliantDevice", "domainJoinedDevice"}
    return _every_client(row) and bool(managed) and (row["operator"] == "AND" or _controls(row) == len(managed))


TESTS: Mapping[str, Callable[[Sequence[Row], Tenant], Verdict]] = {
    "legacy": _legacy,
    "user_risk": _policy(
        lambda row: "high" in (row["user_risks"] or ()) and _required(row, "block"), narrowed="user_risks"
    ),
    "sign_in_risk": _policy(lambda row: "high" in (row["risks"] or ()) and _required(row, "block"), narrowed="risks"),
    "strong": _policy(lambda row: _resists(row) and _every_client(row)),
    "second_factor": _second_factor,
    "strong_roles": _strong_roles,
    "managed": _policy(_managed),
    "device_code": _policy(
        lambda row: "deviceCodeFlow" in str(row["flows"] or "") and _required(row, "block"), narrowed="flows"
    ),
    "global_count": _global_count,
    "cloud_only": _cloud_only,
    "permanent": _permanent,
    "registered": _registered,
    "unseen": _unseen,
    "dormant": _dormant,
    "spare": _spare,
    "domains": _domains,
}
RULES: Mapping[str, Rule] = yaml.load(Path(__file__).with_name("rules.yml").read_text("utf-8"), yaml.CSafeLoader)
