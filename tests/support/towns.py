"""Towns generated from a seed, unlike the declared town: other names, numbers and prefixes.

Catalogues and hardware are those of the declared town, so that what it declares anew is in every generated town.
"""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from piste.town.model.new_site import Unanswerable, site_code, site_id
from tests.support.playbooks import REPOSITORY

HOSTS = Path("inventories/town/hosts.yml")
TABLES = Path("inventories/town/assets")
MAIN, FORMER_CODE, FORMER_PREFIX = "hotel-de-ville", "hdv", "VLB"
_RESERVED = re.compile(r"\b((?:ups|imp|ca)-[a-z]+-\d+): \{host:")
NAMES: Mapping[str, tuple[str, ...]] = {
    "administration": ("Mairie annexe", "Centre technique", "Archives", "Maison de l’État civil", "Régie d’eau"),
    "ecole": ("École élémentaire", "École maternelle", "Groupe scolaire", "École d’application"),
    "petite_enfance": ("Crèche", "Halte-garderie", "Multi-accueil", "Maison de l’enfance"),
    "culture": ("Médiathèque", "Théâtre", "Conservatoire", "Cinéma d’art et d’essai", "Musée"),
    "sport": ("Gymnase", "Stade", "Piscine", "Dojo", "Salle d’escrime"),
    "proximite": ("Maison de quartier", "Centre social", "Résidence d’aînés", "Point d’accès au droit"),
    "police": ("Police municipale",),
}
PEOPLE = (
    "Zélie Ÿvetot", "Françoise d’Eaubonne", "l’Œil vif", "Saint-Exupéry", "Aimé Césaire", "Noël-Noël", "Élisa Deroche",
    "Gaëlle Hénin", "des Cœurs vaillants", "Émile Zola", "L’Île aux Trésors", "Paul Éluard", "Hélène Boucher",
    "Jean-Baptiste Clément", "Maryse Bastié", "Léo Lagrange", "Rosa Parks", "Jacques Prévert", "d’Alembert",
    "Niño Ruiz", "Louise Michel (annexe)", "de l’Abbé Grégoire", "Pierre & Marie Curie", "du 8 mai 1945",
)  # fmt: skip
TOWNS = (
    "Ville de L’Haÿ-sur-Orge", "Commune d’Évry-lès-Prés", "Mairie d’Œuilly", "Ville de Saint-Étienne-d’Île",
    "Ville d’Aÿ", "Ploërmel-le-Vieux", "Commune de Bœurs-en-Othe", "Ville de Nîmes-l’Étang",
    "Ville de Sainte-Geneviève-des-Bois-l’Abbaye",
)  # fmt: skip
ADDRESSES = (("10.0.0.0/16",), ("172.20.0.0/16", "10.128.0.0/16"), ("192.168.0.0/17", "10.7.0.0/16", "172.28.0.0/14"))
SIZES = range(5, 121)
LABEL, OTHER_LABEL = "Proximité", "Quartiers d’aînés"
OTHER_GROUP = "quartiers"
_NEEDED = ("administration", "administration", "ecole", "culture", "police")


@dataclass(frozen=True, slots=True)
class GeneratedSite:
    """A site of a generated town."""

    id: str
    name: str
    category: str
    number: int
    code: str


@dataclass(frozen=True, slots=True)
class GeneratedTown:
    """A generated town in its folder; its main site is the first of `sites`."""

    seed: int
    name: str
    folder: Path
    sites: tuple[GeneratedSite, ...]

    @property
    def inventory(self) -> Path:
        return self.folder / HOSTS.parent


def generated_town(folder: Path, seed: int, size: int | None = None) -> GeneratedTown:
    """Write the town of a seed to a folder, valid: `group_vars` and `inventories/town`.

    Towns of other seeds have other serial numbers and MAC addresses.
    """
    return _Writer(folder, seed, size).town()


class _Writer:
    def __init__(self, folder: Path, seed: int, size: int | None) -> None:
        self.folder, self.seed = folder, seed
        self.random = random.Random(seed)
        self.size = size or self.random.choice(SIZES)
        self.name = self.random.choice(TOWNS)
        absent = self._absent()
        self.groups = {category: category for category in NAMES if category not in absent}
        if "proximite" in self.groups and seed % 2:
            self.groups["proximite"] = OTHER_GROUP
        self.domain = f"{re.sub('[^a-z]', '', site_id(self.name))}{seed}.example"
        self.prefix = f"V{seed:02}" if seed % 2 else f"{site_code(self.name, ()).upper()}{seed}"
        self.network_prefix = f"{self.prefix} d’Île" if seed % 3 == 0 else self.prefix
        self.per_site, self.base = self.random.choice(((10, 100), (10, 2), (16, 256), (20, 1000)))
        self.prefixes, self.numbers = self._numbers()
        self.shared_number, self.reserved = self.numbers.pop(), self.numbers.pop()
        self.far_ports = _core_ports()

    def _absent(self) -> tuple[str, ...]:
        """Choose the categories that the town lacks."""
        some = ("sport", "petite_enfance", "proximite")
        return some if self.size < 2 * len(NAMES) else (self.random.choice((*some, "")),)

    def _numbers(self) -> tuple[Sequence[str], list[int]]:
        """Choose prefixes, and the numbers of all that has a block of its own."""
        need = self.size + 4
        fitting = [prefixes for prefixes in ADDRESSES if sum(map(_blocks, prefixes)) >= need]
        prefixes = self.random.choice(fitting)
        room = min(sum(map(_blocks, prefixes)), (4095 - self.base) // self.per_site)
        return prefixes, self.random.sample(range(room), need)

    def town(self) -> GeneratedTown:
        shutil.copytree(REPOSITORY / "group_vars", self.folder / "group_vars")
        shutil.copytree(REPOSITORY / HOSTS.parent, self.folder / HOSTS.parent, symlinks=True)
        for path in (self.folder / HOSTS.parent / "host_vars").glob("*.yml"):
            path.unlink()
        sites = list(self._sites())
        former = dict(self._former(sites))
        for path in (self.folder / "group_vars").rglob("*.yml"):
            path.write_text(self._in_town(path.read_text("utf-8"), former, sites), "utf-8")
        self._categories()
        self._addressing()
        self._hosts(sites, former)
        self._watched()
        self._tables(sites, former)
        return GeneratedTown(self.seed, self.name, self.folder, tuple(sites))

    def _categories(self) -> None:
        """Leave out the categories that the town lacks, and give another name to one."""
        links = self.folder / "group_vars/all/policies.yml"
        for category in NAMES:
            path = self.folder / f"group_vars/{category}.yml"
            label = yaml.safe_load(path.read_text("utf-8"))["category"]["label"]
            if category not in self.groups:
                path.unlink()
                text = re.sub(rf"^  Ville/{label}: .*\n", "", links.read_text("utf-8"), flags=re.MULTILINE)
                links.write_text(text, "utf-8")
            elif self.groups[category] != category:
                path.rename(path.with_stem(self.groups[category]))
        if OTHER_GROUP in self.groups.values():
            for path in (links, self.folder / f"group_vars/{OTHER_GROUP}.yml"):
                path.write_text(path.read_text("utf-8").replace(LABEL, OTHER_LABEL), "utf-8")

    def _sites(self) -> Iterator[GeneratedSite]:
        """Draw the sites: those that the catalogues need, then each category, then any."""
        more = [category for category in self.groups if category not in _NEEDED]
        any_of = [category for category in self.groups if category != "police"]
        more += self.random.choices(any_of, k=self.size - len(_NEEDED) - len(more))
        ids, codes = set[str](), set[str]()
        for rank, category in enumerate([*_NEEDED, *more]):
            name = "Maison commune" if rank == 0 else self._title(category)
            site = _free(site_id(name), ids)
            code = self._code(name, codes)
            ids.add(site)
            codes.add(code)
            # A name is of one site, as an id is.
            name += "" if site == site_id(name) else f" {site.rpartition('-')[2]}"
            yield GeneratedSite(site, name, category, self.numbers.pop(), code)

    def _title(self, category: str) -> str:
        return f"{self.random.choice(NAMES[category])} {self.random.choice(PEOPLE)}"

    def _code(self, name: str, taken: set[str]) -> str:
        try:
            return site_code(name, taken)
        except Unanswerable:
            letters = "abcdefghijklmnopqrstuvwxyz"
            return next(code for a in letters for b in letters for c in letters if (code := f"{a}{b}{c}x") not in taken)

    def _former(self, sites: Sequence[GeneratedSite]) -> Iterator[tuple[str, str]]:
        """Give each declared site a site of its category, where the town has any."""
        for category, declared in declared_hosts().items():
            here = [site.id for site in sites if site.category == category]
            yield from ((name, here[min(rank, len(here) - 1)]) for rank, name in enumerate(declared) if here)

    def _in_town(self, text: str, former: Mapping[str, str], sites: Sequence[GeneratedSite]) -> str:
        """Write a text of the declared town with the names of this town."""
        gone = {name for names in declared_hosts().values() for name in names} - former.keys()
        lines = [line for line in text.splitlines(True) if line.strip().partition(":")[0] not in gone]
        text = _renamed("".join(lines), former)
        text = re.sub(r"\b(pilot|sites|except): \[(.+?)\]", _distinct, text)
        text = text.replace("organization: Ville du Bourget", f'organization: "{self.name}"')
        text = text.replace("name: Ville du Bourget", f'name: "{self.name}"').replace("Ville du Bourget", self.name)
        text = text.replace(f"name_prefix: {FORMER_PREFIX}", f'name_prefix: "{self.network_prefix}"')
        text = re.sub(rf"\b{FORMER_PREFIX}\b", self.prefix, text).replace("lebourget.example", self.domain)
        text = text.replace("example.lebourget", ".".join(reversed(self.domain.split("."))))
        text = text.replace("LEBOURGET\\", f"{self.domain.partition('.')[0].upper()}\\")
        text = text.replace("93350 Le Bourget", "99999 Ailleurs").replace("DSI (HDV)", "DSI")
        return re.sub(rf"\b{FORMER_CODE}\b", sites[0].code, text)

    def _addressing(self) -> None:
        path, town = self.folder / "group_vars/all/addressing.yml", "10.93.0.0/16"
        text, (first, *others) = path.read_text("utf-8"), self.prefixes
        text = text.replace(f"town: {town}", f"town: {first}\n  extensions: [{', '.join(others)}]")
        text = text.replace("{base: 100, per_site: 10}", f"{{base: {self.base}, per_site: {self.per_site}}}")
        text = text.replace("shared_number: 30", f"shared_number: {self.shared_number}")
        path.write_text(text.replace("reserved_numbers: [31]", f"reserved_numbers: [{self.reserved}]"), "utf-8")
        flows = self.folder / "group_vars/all/flows.yml"
        flows.write_text(flows.read_text("utf-8").replace(town, ", ".join(self.prefixes)), "utf-8")

    def _watched(self) -> None:
        """Give the groups that the supervision polls the supplies and printers of this town."""
        hosts = [path.read_text("utf-8") for path in (self.folder / HOSTS.parent / "host_vars").glob("*.yml")]
        named = sorted({name for text in hosts for name in _RESERVED.findall(text)})
        flows = self.folder / "group_vars/all/flows.yml"
        text = flows.read_text("utf-8")
        for group, kinds in (("onduleurs", ("ups-",)), ("surveillees", ("imp-", "ca-"))):
            mine = [name for name in named if name.startswith(kinds)]
            place = re.search(rf"(?<=\n  {group}:)\s*\[([^]]*)\]", text)
            kept = [name for name in re.findall(r"[\w-]+", place[1]) if not name.startswith(kinds)] if place else []
            text = text.replace(place[0], f" [{', '.join([*kept, *mine])}]") if place else text
        flows.write_text(text, "utf-8")

    def _hosts(self, sites: Sequence[GeneratedSite], former: Mapping[str, str]) -> None:
        """Write hosts.yml and the file of each host."""
        lines = ["---", "all:", "  vars:", "    ansible_connection: local"]
        lines += ['    ansible_python_interpreter: "{{ ansible_playbook_python }}"', "  children:", "    sites:"]
        lines += ["      children:"]
        planned = GeneratedSite("site-a-venir", "Site à venir", "administration", self.numbers.pop(), "")
        for category, group in self.groups.items():
            lines += [f"        {group}:", "          hosts:"]
            lines += [f"            {site.id}:" for site in (*sites, planned) if site.category == category]
        for group, name in (("ville", "commune"), ("hors_perimetre", "csu")):
            lines += [f"    {group}:", "      hosts:", f"        {name}:"]
        (self.folder / HOSTS).write_text("\n".join([*lines, ""]), "utf-8")
        drawn = [self._template(rank, site) for rank, site in enumerate(sites)]
        for rank, (site, template) in enumerate(zip([*sites, planned], [*drawn, "nouveau-site"], strict=True)):
            text = self._in_town(self._site(rank, site, template), former, sites)
            text = re.sub(r"^  name: .*$", f'  name: "{site.name}"', text, count=1, flags=re.MULTILINE)
            self._host_vars(site.id).write_text(text, "utf-8")
        transit = self.base + self.per_site * self.shared_number
        commune = self._in_town(_host_vars("commune").read_text("utf-8"), former, sites)
        self._host_vars("commune").write_text(commune.replace("vlan: 400", f"vlan: {transit}"), "utf-8")
        csu = self._in_town(_host_vars("csu").read_text("utf-8"), former, sites)
        csu = csu.replace("number: 20", f"number: {self.numbers.pop()}")
        self._host_vars("csu").write_text(csu, "utf-8")

    def _tables(self, sites: Sequence[GeneratedSite], former: Mapping[str, str]) -> None:
        """Write tables of assets: of the core, of a computer a site, of the thin clients of lots."""
        folder, codes = self.folder / TABLES, {site.id: site.code for site in sites}
        for path in folder.glob("*.csv"):
            if path.stem in ("core_switch", "firewall", "server"):
                path.write_text(self._in_town(path.read_text("utf-8"), former, sites), "utf-8")
            else:
                path.unlink()
        lines = [f"pc-{site.code}-001,desktop,{site.id}" for site in sites]
        lots = self.folder / "group_vars/all/thin_clients.yml"
        text = lots.read_text("utf-8")
        for lot in yaml.safe_load(text)["thin_client_lots"].values():
            for client in lot["thin_clients"]:
                name = f"tc-{codes[lot['site']]}-{client.rpartition('-')[2]}"
                text = text.replace(client, name)
                lines.append(f"{name},thin_client,{lot['site']}")
        lots.write_text(text, "utf-8")
        table = "".join(f"{line},EX{self.seed}-{rank},in_service\n" for rank, line in enumerate(lines))
        (folder / "computer.csv").write_text(f"name,variant,site,serial,state\n{table}", "utf-8")

    def _host_vars(self, name: str) -> Path:
        return self.folder / HOSTS.parent / "host_vars" / f"{name}.yml"

    def _template(self, rank: int, site: GeneratedSite) -> str:
        """Choose the declared site whose hardware a site has; those that the flows need come first."""
        declared = (name for name in declared_hosts()[site.category] if name not in (MAIN, "nouveau-site"))
        return {0: MAIN, 3: "mediatheque"}.get(rank) or self.random.choice(list(declared))

    def _site(self, rank: int, site: GeneratedSite, template: str) -> str:
        """Give the text of a declared site another code, number and hardware."""
        text = _host_vars(template).read_text("utf-8")
        if match := re.search(r"code: (\w+)", text):
            text = re.sub(rf"(?<=-){match[1]}(?![\w])", site.code, text.replace(match[0], f"code: {site.code}"))
            text = text.replace(f"EX-{site.code}", f"EX{self.seed}-{site.code}")
        text = re.sub(r"number: \d+", f"number: {site.number}", text)
        text = re.sub(r"QZZZ-\d{4}", f"{_base36(self.seed)}-{rank:04}", text)
        text = re.sub(r",\s*far_port: [^,}]+", lambda _: self._far_port(), text)
        macs = (f"02:5e:{self.seed:02x}:00:{rank:02x}:{last:02x}" for last in range(256))
        return re.sub(r"\b02(:[0-9a-f]{2}){5}\b", lambda _: next(macs), text)

    def _far_port(self) -> str:
        """Give a link the next free port of the core; none where the core is full."""
        port = next(self.far_ports, None)
        return f", far_port: {port}" if port else ""


def _core_ports() -> Iterator[str]:
    """Yield the ports of the core that nothing declared takes but the links of sites."""
    texts = [path.read_text("utf-8") for path in (*REPOSITORY.glob("group_vars/all/*.yml"), _host_vars(MAIN))]
    taken = {port for text in texts for port in re.findall(rf"sw-{FORMER_CODE}-\d\d/\d+", text)}
    ports = (f"sw-{FORMER_CODE}-{switch}/{number}" for number in range(1, 31) for switch in ("01", "02"))
    return (port for port in ports if port not in taken)


@cache
def declared_hosts() -> Mapping[str, tuple[str, ...]]:
    """List the declared sites by category, in order."""
    groups = yaml.safe_load((REPOSITORY / HOSTS).read_text("utf-8"))["all"]["children"]["sites"]["children"]
    return {category: tuple(group["hosts"]) for category, group in groups.items()}


def _host_vars(name: str) -> Path:
    return REPOSITORY / HOSTS.parent / "host_vars" / f"{name}.yml"


def _renamed(text: str, names: Mapping[str, str]) -> str:
    longest = sorted(names, key=len, reverse=True)
    return re.sub(rf"(?<![\w-])({'|'.join(longest)})(?![\w-])", lambda match: names[match[1]], text)


def _distinct(match: re.Match[str]) -> str:
    return f"{match[1]}: [{', '.join(dict.fromkeys(match[2].split(', ')))}]"


def _free(name: str, taken: Iterable[str]) -> str:
    """Give a name that is free, a number behind it where needed."""
    known = set(taken)
    return next(free for rank in range(1, 999) if (free := name if rank == 1 else f"{name[:20]}-{rank}") not in known)


def _blocks(prefix: str) -> int:
    """Count the /21 of a prefix."""
    return int(2 ** (21 - int(prefix.partition("/")[2])))


def _base36(number: int) -> str:
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return f"Q{digits[number // 36 // 36 % 36]}{digits[number // 36 % 36]}{digits[number % 36]}"
