"""The forms of files that Piste reads: how each is recognised, read, and written again.

A reader returns what it has understood, and raises what Piste raises for a file that it refuses. `again` gives what
differs once that is written and read anew; a form that Piste never writes has none.
"""

from __future__ import annotations

import codecs
import re
import socket
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from piste.engine.converge.bounded import of_json, of_xml, of_yaml
from piste.exports.capture import forms as answers
from piste.exports.capture.masks import Masks
from piste.sites.imports import agents
from piste.systems.nexus import configuration, tables
from piste.systems.nexus.state import of_configuration
from piste.systems.ups.judgment import trial
from piste.systems.ups.nut import Nut
from piste.systems.windows.dhcp.exports import exported
from piste.systems.windows.gpo import admx, document, registry_pol, xml
from piste.systems.windows.gpo.part import Content, Side
from piste.systems.windows.gpo.policy_table import TABLE
from piste.systems.windows.gpos import PARTS
from piste.systems.windows.nps.document import Document
from piste.systems.windows.well_known import WELL_KNOWN
from piste.systems.windows.winrm import pack
from tests.support.nps import World

Place = PurePosixPath
"""Place of a file below the folder, in lower case."""
Again = Callable[[Any], Sequence[str]]


class Refused(Exception):
    """A reader has said why it does not take a file."""


class Differs(Exception):
    """The bytes once written are not those that were read."""


class Form(NamedTuple):
    """A form: whether a file has it, its reader, what differs once it is written again."""

    name: str
    fits: Callable[[Place, bytes], bool]
    read: Callable[[Path, bytes], Any]
    again: Again | None = None


def _named(*patterns: str) -> Callable[[Place, bytes], bool]:
    return lambda place, raw: any(place.match(pattern) for pattern in patterns)


def _says(pattern: str) -> Callable[[Place, bytes], bool]:
    """Recognise a text by a line of it, at its beginning or behind a mark of its bytes."""
    shape = re.compile(pattern.encode(), re.MULTILINE)
    return lambda place, raw: shape.search(_plain(raw[:400_000])) is not None and not place.match("*.yml")


def _plain(raw: bytes) -> bytes:
    """Give a text in UTF-8, whatever its byte order mark says: PowerShell writes UTF-16."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw[: len(raw) // 2 * 2].decode("utf-16", "replace").encode()
    return raw.removeprefix(codecs.BOM_UTF8)


# group policies


class _Anybody:
    """A directory that knows everybody: a SID of a domain has a name that is made of it."""

    def name(self, sid: str) -> str:
        return WELL_KNOWN.get(sid, f"Compte {sid}")

    def sid(self, name: str) -> str:
        if name.startswith("Compte S-1-"):
            return name.removeprefix("Compte ")
        return _WELL_KNOWN[name]


_ANYBODY = _Anybody()
_WELL_KNOWN = {name: sid for sid, name in WELL_KNOWN.items()}
_PREFERENCES = ("groups", "drives", "printers", "registry", "files", "folders", "shortcuts", "scheduledtasks",
                "services", "localusersandgroups", "environmentvariables", "inifiles", "networkshares", "datasources",
                "devices", "folderoptions", "internetsettings", "networkoptions", "poweroptions",
                "regionaloptions", "startmenutaskbar", "applications")  # fmt: skip


class _Policy(NamedTuple):
    side: Side
    content: Content
    value: dict[str, Any]


def _policy(path: Path, raw: bytes) -> _Policy:
    side: Side = "user" if "user" in {part.casefold() for part in path.parts} else "computer"
    content = document.content_of(side, "{G}", {_within(path): raw})
    if lost := PARTS.illegible(content):
        raise Refused(f"illisible : {', '.join(lost)}")
    return _Policy(side, content, PARTS.read(content, _ANYBODY))


def _within(path: Path) -> str:
    """Place of a file below the folder of its side, as the reader of a policy expects it."""
    whole = path.as_posix()
    for known in document.KINDS:
        if path.name.casefold() == PurePosixPath(known).name.casefold():
            return known
    at = whole.casefold().rfind("/preferences/")
    return whole[at + 1 :] if at >= 0 else f"{document.PREFERENCES}{path.stem}/{path.name}"


def _policy_again(read: _Policy) -> list[str]:
    """Make the policy anew from what was read of it, then read it."""
    if faults := PARTS.faults(read.side, read.value, read.side, _ANYBODY):
        raise Refused(str(faults[0]))
    made = PARTS.changed(Content(read.side, "{G}"), {}, read.value, _ANYBODY)
    files = document.documents(made)
    value = PARTS.read(document.content_of(read.side, "{G}", files, made.objects, made.pairs), _ANYBODY)
    differing = sorted(name for name in read.value.keys() | value.keys() if read.value.get(name) != value.get(name))
    same = document.documents(read.content)
    encoded = document.documents(document.content_of(read.side, "{G}", same))
    return differing + [f"octets de {name}" for name in same if encoded.get(name) != same[name]]


def _registry(path: Path, raw: bytes) -> _Policy:
    entries = registry_pol.decode(raw)
    if registry_pol.encode(entries) != raw:
        raise Differs("octets")
    return _policy(path, raw)


def _templates(path: Path, raw: bytes) -> int:
    return len(admx.read({path.name: raw}, {}, TABLE).by_name)


def _texts(path: Path, raw: bytes) -> int:
    admx.read({f"{path.stem}.admx": b"<policyDefinitions/>"}, {path.name: raw}, TABLE)
    return len(raw)


def _gpp(place: Place, raw: bytes) -> bool:
    return place.suffix == ".xml" and ("preferences" in place.parts or place.stem in _PREFERENCES) and b"clsid=" in raw


# servers of Windows


class _Nps(NamedTuple):
    folder: tempfile.TemporaryDirectory[str]
    world: World
    gathered: Mapping[str, list[dict[str, Any]]]


_NPS = ("nps_radius_clients", "nps_connection_request_policies", "nps_network_policies")


def _nps(path: Path, raw: bytes) -> _Nps:
    document_ = Document(raw)
    differing = Document(document_.to_bytes()).differences(document_)
    if differing:
        raise Differs(f"{differing[:3]}")
    folder = tempfile.TemporaryDirectory(prefix="piste-corpus-")
    world = World(Path(folder.name), raw, model=False)
    return _Nps(folder, world, {module: world.once(module, [], state="gathered")["gathered"] for module in _NPS})


def _nps_again(read: _Nps) -> list[str]:
    """Ask that a server have what it has: nothing is to change."""
    asked = {module: read.world.once(module, items, check=True) for module, items in read.gathered.items() if items}
    return [f"{module} : {answer.get('summary', '')}" for module, answer in asked.items() if answer["changed"]]


def _dhcp(path: Path, raw: bytes) -> str:
    return exported(pack(raw), path.name)


def _dhcp_again(text: str) -> list[str]:
    return [] if exported(pack(text.encode()), "again") == text else ["le texte"]


class Job(NamedTuple):
    """The fields that the reading of the print log takes from an event."""

    event: int
    fields: tuple[str, ...]


def _spooled(path: Path, raw: bytes) -> list[Job]:
    """Read what `print_log_read` takes from events as XML; `wevtutil qe` writes no root."""
    jobs = []
    events = re.sub(rb"^\s*<\?xml[^>]*\?>", b"", _plain(raw))
    for event in of_xml(b"<Events>%s</Events>" % events).iter("{*}Event"):
        number = event.findtext("{*}System/{*}EventID", "").strip()
        body = next(iter(event.findall("{*}UserData/*")), None)
        if number not in ("307", "805") or body is None:
            continue
        if number == "805":
            fields = tuple(body.findtext(f"{{*}}{name}", "").strip() for name in ("JobId", "Copies", "Color"))
        else:
            fields = tuple((body[at].text or "").strip() for at in (0, 7)) if len(body) >= 8 else ()
        if not fields or not all(field.isdecimal() for field in fields):
            raise Refused(f"événement {number} sans les champs lus : {fields}")
        jobs.append(Job(int(number), fields))
    if not jobs:
        raise Refused("ni événement 307, ni 805")
    return jobs


# networks, supplies, inventories


def _running(path: Path, raw: bytes) -> Any:
    text = _utf8(raw)
    configuration.masked(text)
    return of_configuration(configuration.tree(text))


def _by_text(read: Callable[[str], Any]) -> Callable[[Path, bytes], Any]:
    return lambda path, raw: read(_utf8(raw))


def _accounts(text: str) -> Any:
    if not (roles := tables.roles(text)):
        raise Refused("aucun compte")
    return roles


def _utf8(raw: bytes) -> str:
    return _plain(raw).decode("utf-8", "replace")


_VARIABLE = re.compile(rb"^([a-z][a-z0-9]*(?:\.[A-Za-z0-9_-]+)+): ?(.*)$", re.MULTILINE)


def _supply(path: Path, raw: bytes) -> Mapping[str, str]:
    """Say the dump as `upsd` does, line by line; judge what the client has heard."""
    seen = dict(_VARIABLE.findall(raw))
    lines = [b"BEGIN LIST VAR ups", *(b'VAR ups %s "%s"' % (key, _quoted(text)) for key, text in seen.items()),
             b"END LIST VAR ups"]  # fmt: skip
    here, there = socket.socketpair()
    with here, there:
        there.sendall(b"\n".join([b"ERR FEATURE-NOT-CONFIGURED", *lines, b""]))
        nut = _Dump(here)
        read = nut.variables("ups")
    said = {"name": "ups", "runtime_minutes": 5, "battery_until": ""}
    trial(said, read, date(2026, 12, 1))
    return read


class _Dump(Nut):
    """A client of a server that has already said all."""

    def __init__(self, connected: socket.socket) -> None:
        self.where, self._patience, self._pending = "upsd", 5.0, b""
        self._end = time.monotonic() + 60
        self._socket = connected
        self._secure("upsd", "")


def _quoted(text: bytes) -> bytes:
    """Quote a value as upsd does (`pconf_encode`)."""
    return re.sub(rb'(["\\])', rb"\\\1", text.rstrip(b"\r"))


def _inventory(path: Path, raw: bytes) -> Any:
    items = agents.read(raw.removeprefix(b"\xef\xbb\xbf"), path.name)
    if items.faults:
        raise Refused(items.faults[0].message)
    return items.items


def _is_inventory(place: Place, raw: bytes) -> bool:
    head = raw[:4000].upper()
    # FusionInventory's answers of other queries (SNMP) are REQUEST too: the reader says what it does not take.
    whole = raw.upper()
    return b"<REQUEST>" in head or (place.suffix == ".json" and b'"DEVICEID"' in whole and b'"CONTENT"' in whole)


# published descriptions of services

_SYSTEMS = ("meraki", "prism", "veeam")
_API = re.compile(rb"""(?:^|\{)\s*["']?(openapi|swagger)["']?\s*:""", re.MULTILINE)


def _described(place: Place, raw: bytes) -> bool:
    return place.suffix in (".json", ".yaml", ".yml") and _API.search(raw[:4000]) is not None


def _examples(path: Path, raw: bytes) -> int:
    """Put the examples of a description before the forms that are known of its system's answers."""
    described = of_yaml(raw) if path.suffix in (".yaml", ".yml") else of_json(raw)
    odd: list[str] = []
    seen = 0
    for template, methods in described.get("paths", {}).items():
        for example in _answers(methods.get("get", {}) if isinstance(methods, dict) else {}):
            line = _line(template)
            if line is None:
                continue
            seen += 1
            unlike = answers.kept(example, line, Masks(b"corpus", keep_names=True))[1]
            odd += [f"{template} {each.at} ({each.why})" for each in unlike]
    if not seen:
        raise Refused("aucun exemple d’une lecture que Piste fait")
    if odd:
        raise Refused(f"{len(odd)} écarts à la forme connue, dont {odd[0]}")
    return seen


def _line(template: str) -> Any:
    path = re.sub(r"\{[^}]*\}", "{}", template)
    ways = (path, path.removeprefix("/api/v1"), f"/api{path}")
    return next((line[1] for system in _SYSTEMS for way in ways if (line := answers.template(system, way))), None)


def _answers(get: Mapping[str, Any]) -> list[Any]:
    """Give the examples of a successful answer."""
    good = get.get("responses", {}).get("200", {})
    bodies = good.get("content", {}).get("application/json", {})
    examples = [bodies["example"]] if "example" in bodies else []
    examples += [each["value"] for each in bodies.get("examples", {}).values() if "value" in each]
    return [*examples, *good.get("examples", {}).values()]


_BACKUP = ("bkupinfo.xml", "backup.xml", "gpreport.xml", "manifest.xml")
FORMS: Sequence[Form] = (
    Form("registre (Registry.pol)", _named("*.pol"), _registry, _policy_again),
    Form("modèle de sécurité", _named("gpttmpl.inf"), _policy, _policy_again),
    Form("audit d’une stratégie", _named("audit.csv"), _policy, _policy_again),
    Form("scripts d’une stratégie", _named("scripts.ini", "psscripts.ini"), _policy, _policy_again),
    Form("préférences", _gpp, _policy, _policy_again),
    Form("sauvegarde de GPO", _named(*_BACKUP), lambda path, raw: xml.parse(raw)),
    Form("modèle d’administration (ADMX)", _named("*.admx"), _templates),
    Form("textes d’un modèle (ADML)", _named("*.adml"), _texts),
    Form("configuration de NPS", _says("<Microsoft_Internet_Authentication_Service[ />]"), _nps, _nps_again),
    Form("export DHCP", _says("<(\\w+:)?DHCPServer[ />]"), _dhcp, _dhcp_again),
    Form("événements d’impression", _says("Microsoft-Windows-PrintService"), _spooled),
    Form("inventaire d’agent", _is_inventory, _inventory),
    Form("description d’API", _described, _examples),
    Form("onduleur (upsc)", _says(r"^(ups|battery|input|driver)\.[a-z.]+: "), _supply),
    Form("NX-OS, configuration", _says(r"^version \d+\.\d+\([\s\S]*^(hostname|switchname|vdc) "), _running),
    Form("NX-OS, show version", _says(r"^Cisco Nexus Operating System .NX-OS. Software\s*$"), _by_text(tables.version)),
    Form("NX-OS, show vlan", _says(r"^VLAN\s+Name\s+Status\s+Ports"), _by_text(tables.active_vlans)),
    Form("NX-OS, agrégats", _says(r"^Group\s+Port-\s+Type\s+Protocol\s+Member Ports"), _by_text(tables.bundled)),
    Form("NX-OS, interfaces", _says(r"Ethernet +VLAN +Type +Mode +Status +Reason +Speed"), _by_text(tables.ports)),
    Form("NX-OS, comptes", _says(r"^user:\s*\S+[\s\S]*^\s+roles:"), _by_text(_accounts)),
)
"""Every form, the more particular first: the first that fits reads the file."""
