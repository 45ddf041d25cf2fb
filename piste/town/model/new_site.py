"""A new site from a few answers: its proposal, and the text of its declaration. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from . import values
from .addressing.plan import AddressingRule
from .forms import CategoryName, Count, Form, HardwareModel
from .layer2.carried import free_ports
from .tree import SITES
from .wifi.form import CatalogueSsid
from .wording import closest

if TYPE_CHECKING:
    from .declaration import Declaration
    from .site import Site
    from .tree import Inventory

_ARTICLES = ("a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les")
_KINDS = ("elementaire", "groupe", "maternelle", "municipal", "municipale", "scolaire", "site")
_SMALL_WORDS = frozenset((*_ARTICLES, *_KINDS))
_LONGEST_ID = 24
"""Most characters of a site's id: it begins names of groups, rules and networks."""
_CODES = range(3, 5)
_SHOWN = 6


def _text(text: str) -> str:
    if text != text.strip() or not text.isprintable() or not text:
        raise values.refuse(f"« {text} » n’est pas un texte sur une ligne")
    return text


_site_id = values.matching(
    rf"(?=.{{1,{_LONGEST_ID}}}$)[a-z][a-z0-9]*(-[a-z0-9]+)*",
    f"un identifiant de site (minuscules sans accent, chiffres, tirets, {_LONGEST_ID} caractères au plus)",
)
Text = Annotated[str, AfterValidator(_text)]


class Kit(Form):
    """Devices of a model: a device with its serial number, or a count of devices on order."""

    model: HardwareModel
    serial: Annotated[str, AfterValidator(values.serial)] | None = None
    count: Count = 1

    @model_validator(mode="after")
    def _one_by_serial(self) -> Kit:
        if self.serial and self.count != 1:
            raise values.refuse(f"{self.serial} est un équipement, pas {self.count}")
        return self


class LinkAnswer(Form):
    """The link of a new site to the core; a port of the core is proposed."""

    operator: Text | None = None
    medium: Text | None = None
    rate_mbps: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    far_port: Annotated[str, AfterValidator(values.switch_port)] | None = None


class Answers(Form):
    """The answers about a new site; a missing answer is proposed.

    `print_queues` describes each queue. Without `link` the site has none yet, and does not open.
    """

    name: Text
    category: CategoryName
    id: Annotated[str, AfterValidator(_site_id)] | None = None
    number: Annotated[int, Field(ge=0)] | None = None
    code: Annotated[str, AfterValidator(values.code)] | None = None
    address: Text | None = None
    rooms: Count | None = None
    users: Count | None = None
    switches: list[Kit] = Field(default_factory=list)
    access_points: list[Kit] = Field(default_factory=list)
    print_queues: list[Text] = Field(default_factory=list)
    ssids: list[CatalogueSsid] = Field(default_factory=list)
    link: LinkAnswer | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """The town that a new site joins.

    `categories` gives the section of the tender of each category, by name; `taken` the numbers in use. `core` is the
    site of the core, `free` its ports that nothing takes, `links` the port of the core of each site that has one.
    """

    categories: Mapping[str, str]
    sites: Mapping[str, tuple[int, str | None]]
    taken: frozenset[int]
    room: range
    printing: str
    core: str = ""
    free: tuple[str, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, inventory: Inventory, declaration: Declaration, derived: Mapping[str, Site]) -> Known:
        names = [group.name for group in inventory.groups.values() if SITES in group.parents]
        sections = {name: inventory.group_vars[name]["category"].value["cctp"] for name in names}
        town = declaration.town.variables
        plans = {site.id: site.variables.site.plan for site in declaration.sites}
        beside = [neighbour.variables.neighbour.plan for neighbour in declaration.neighbours]
        numbers = {plan.number for plan in (*plans.values(), *beside)}
        return cls(
            categories=sections,
            sites={name: (plan.number, plan.code) for name, plan in plans.items()},
            taken=frozenset({*numbers, town.addressing.shared_number, *town.addressing.reserved_numbers}),
            room=AddressingRule(town.addressing).site_numbers,
            printing=town.printing.prefix if town.printing else "imp",
            core=town.routing.core.site if town.routing else "",
            free=tuple(free_ports(declaration, derived)),
            links={
                site.id: link.far_port
                for site in declaration.sites
                for link in site.variables.premises.links
                if town.routing and link.to == town.routing.core.site and link.far_port
            },
        )


@dataclass(frozen=True, slots=True)
class Proposal:
    """The answers, and a proposal for each missing answer."""

    answers: Answers
    id: str
    number: int
    code: str
    cctp: str
    queues: Mapping[str, str]
    link: Mapping[str, Any] | None = None
    """The link to the core as it is declared; None without one."""


class Unanswerable(ValueError):
    """No proposal is possible; the text says why, and what to answer."""


def propose(answers: Answers, known: Known) -> Proposal:
    """Propose the id, number, code and names of a site; a declared site keeps its own.

    Raises Unanswerable.
    """
    if answers.category not in known.categories:
        raise Unanswerable(
            f"la catégorie « {answers.category} » n’existe pas. {closest(answers.category, known.categories)}"
        )
    name = answers.id or site_id(answers.name)
    number, code = known.sites.get(name, (None, None))
    number = _number(known) if number is None else number
    codes = {code for other, (_, code) in known.sites.items() if code and other != name}
    code = answers.code or code or site_code(answers.name, codes)
    return Proposal(
        answers,
        name,
        number if answers.number is None else answers.number,
        code,
        known.categories[answers.category],
        {f"{known.printing}-{code}-{rank:02}": what for rank, what in enumerate(answers.print_queues, start=1)},
        _link(answers.link, known, name, code) if answers.link else None,
    )


def _link(asked: LinkAnswer, known: Known, site: str, code: str) -> dict[str, Any]:
    """Propose the name of a link, and a free port of the core; a declared site keeps its own."""
    if not known.core:
        raise Unanswerable("la ville ne déclare pas de cœur (routing.core) : une liaison n’arriverait nulle part")
    free = [port for port in known.free if port not in known.links.values()]
    own = known.links.get(site)
    far_port = asked.far_port or own or next(iter(free), None)
    if far_port is None:
        raise Unanswerable("aucun port du cœur n’est libre : ajoutez un commutateur au cœur, ou libérez un port")
    if far_port not in (own, *free):
        raise Unanswerable(
            f"{far_port} n’est pas un port libre du cœur ({known.core}) ; libres : {', '.join(free[:_SHOWN])}"
        )
    operator = "-".join(_words(asked.operator)) if asked.operator else ""
    given = {"operator": asked.operator, "medium": asked.medium, "rate_mbps": asked.rate_mbps}
    return {
        "name": f"{operator or 'liaison'}-{code}",
        **{name: value for name, value in given.items() if value is not None},
        "to": known.core,
        "far_port": far_port,
    }


def _number(known: Known) -> int:
    number = next((number for number in known.room if number not in known.taken), None)
    if number is None:
        full = "le plan d’adressage est plein : aucun numéro de site n’est libre"
        raise Unanswerable(f"{full} ; ajoutez un préfixe à la ville (addressing.extensions)")
    return number


def site_id(name: str) -> str:
    """Make an id from a name: `ecole-helene-boucher`. Raises Unanswerable where nothing is left."""
    steps: list[str] = []
    for word in _words(name):
        if len("-".join([*steps, word])) <= _LONGEST_ID:
            steps.append(word)
    if not steps or not steps[0][0].isalpha():
        raise Unanswerable(f"aucun identifiant ne se tire de « {name} » : donnez-en un (id)")
    return "-".join(steps)


def site_code(name: str, taken: Iterable[str]) -> str:
    """Make a free code from a name. Raises Unanswerable.

    It is the beginning of the last word, or other letters of the name in order.
    """
    used = set(taken)
    for word in (*reversed(_words(name)), "".join(_words(name))):
        letters = "".join(filter(str.isalpha, word))
        for length in _CODES:
            for code in map("".join, combinations(letters, length)):
                if code not in used:
                    return code
    raise Unanswerable(f"aucun code libre ne se tire de « {name} » : donnez-en un, de deux à quatre lettres (code)")


def _words(name: str) -> list[str]:
    small = name.casefold().replace("œ", "oe").replace("æ", "ae")
    plain = unicodedata.normalize("NFKD", small.replace("’", "'")).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", plain)
    kept = [word for word in words if word not in _SMALL_WORDS] or words
    # A number begins no id: « Groupe scolaire du 8 mai 1945 » keeps its first word.
    return [*words[:1], *kept] if kept and kept[0] not in words[:1] and kept[0][0].isdigit() else kept


def host_vars(proposal: Proposal, lifecycle: str) -> str:
    """Write the file of a site."""
    answers = proposal.answers
    plan = f"{{number: {proposal.number}, code: {proposal.code}, status: to_confirm}}"
    lines = [
        "---",
        "site:",
        f"  name: {_scalar(answers.name)}",
        f'  cctp: "{proposal.cctp}"',
        f"  lifecycle: {lifecycle}",
        f"  plan: {plan}",
        *([f"  postal_address: {_scalar(answers.address)}"] if answers.address else []),
        "  status: to_confirm",
    ]
    if answers.ssids:
        lines += ["ssids:", *(f"  {_scalar(name)}: {{status: to_confirm}}" for name in answers.ssids)]
    for variable, kits in (("switches", answers.switches), ("access_points", answers.access_points)):
        here = [kit for kit in kits if kit.serial]
        if here:
            lines += [f"{variable}:"]
            lines += [f"  - {{serial: {kit.serial}, model: {_scalar(kit.model)}, status: to_confirm}}" for kit in here]
    if counts := awaited(answers):
        lines += ["# Commandés : à la réception, une ligne de switches ou d’access_points les remplace."]
        lines += ["awaited_devices:", *(f"  {_scalar(model)}: {count}" for model, count in counts.items())]
    if proposal.queues:
        lines += ["print_queues:"]
        named = proposal.queues.items()
        lines += [f"  {name}: {{comment: {_scalar(what)}, status: to_confirm}}" for name, what in named]
    if proposal.link:
        given = ", ".join(f"{name}: {_value(value)}" for name, value in proposal.link.items())
        lines += ["premises:", "  links:", f"    - {{{given}, status: to_confirm}}"]
    return "\n".join([*lines, ""])


def awaited(answers: Answers) -> Counter[str]:
    counts: Counter[str] = Counter()
    for kit in (*answers.switches, *answers.access_points):
        counts.update({} if kit.serial else {kit.model: kit.count})
    return counts


def _scalar(text: str) -> str:
    """Write a text as a YAML scalar, plain where possible; quoted it is also JSON."""
    if re.fullmatch(r"[A-Za-zÀ-ÿ][\wÀ-ÿ' ’./-]*", text) and text.casefold() not in _WORDS_OF_YAML:
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _value(value: str | int) -> str:
    return str(value) if isinstance(value, int) else _scalar(value)


_WORDS_OF_YAML = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))


def with_host(hosts: str, category: str, site: str) -> str:
    """Give hosts.yml with one more site; the rest stays as it is.

    The site comes before the first site of its category that follows it by name. Raises Unanswerable where the category
    has no list of hosts to add to.
    """
    lines = hosts.splitlines(keepends=True)
    titled = re.compile(rf" +{re.escape(category)}: *(#.*)?\n?")
    start = next((n for n, line in enumerate(lines) if titled.fullmatch(line)), None)
    heading = next((n for n in range((start or 0) + 1, len(lines)) if lines[n].strip() == "hosts:"), None)
    if start is None or heading != start + 1:
        raise Unanswerable(f"la catégorie « {category} » n’a pas de liste « hosts: » dans hosts.yml : ajoutez-la")
    margin = _margin(lines[heading])
    place = heading + 1
    names: list[tuple[int, str]] = []
    while place < len(lines) and (not lines[place].strip() or _margin(lines[place]) > margin):
        if host := re.fullmatch(r" +([a-z0-9-]+):.*\n?", lines[place]):
            names.append((place, host[1]))
        place += 1
    if site in (name for _, name in names):
        return hosts
    step = _margin(lines[names[0][0]]) if names else margin + 2
    last = names[-1][0] + 1 if names else heading + 1
    where = next((number for number, name in names if name > site), last)
    return "".join([*lines[:where], f"{' ' * step}{site}:\n", *lines[where:]])


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def with_lifecycle(text: str, lifecycle: str) -> str:
    """Give the file of a site with another `lifecycle`. Raises Unanswerable where it has none."""
    changed, count = re.subn(r"^(  lifecycle: *)\w+", rf"\g<1>{lifecycle}", text, count=1, flags=re.MULTILINE)
    if not count:
        raise Unanswerable("le fichier du site n’a pas de ligne « lifecycle: »")
    return changed


def with_unlinked(text: str, by: str, why: str, until: str) -> str:
    """Give the file of a site with the decision to open it without a link."""
    line = f"  unlinked: {{by: {_scalar(by)}, why: {_scalar(why)}, until: \"{until}\"}}\n"
    known = re.compile(r"^  unlinked:.*\n(   .*\n)*", re.MULTILINE)
    if known.search(text):
        return known.sub(lambda _: line, text, count=1)
    heading = re.compile(r"^premises: *(#.*)?\n", re.MULTILINE)
    if heading.search(text):
        return heading.sub(lambda head: head[0] + line, text, count=1)
    if re.search(r"^premises:", text, re.MULTILINE):
        raise Unanswerable("« premises » est écrit sur une ligne : ajoutez-y « unlinked » à la main")
    return f"{text.rstrip()}\npremises:\n{line}"


def playbook(proposal: Proposal) -> str:
    """Write the playbook of a site."""
    return (
        f"---\n- name: {_scalar(f'Converger le site {proposal.answers.name}')}\n"
        "  ansible.builtin.import_playbook: ../site.yml\n"
        f"  vars:\n    piste_hosts: {proposal.id}\n"
    )
