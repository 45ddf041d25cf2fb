"""Invented resources of each shape, with every kind of field, and a vault of tests."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from piste.engine.converge.resource import Field, Resource, Shape
from piste.engine.converge.secrets import FINGERPRINT_KEY, Vault

GROUPS = {"group": {"1": "élèves", "2": "agents", "3": "invités"}}
OWNER = "ecole-essai"


def address(value: str) -> str:
    return str(ip_address(value))


SERVER = (
    Field("host", "Address.", required=True, normalise=address),
    Field("port", "Port.", type="int", default=1812, minimum=1, maximum=65535),
    Field("weight", "Weight.", type="int", default=0),
    Field("secret", "Secret.", secret="essai/{owner}/radius", readable=False),
)
POOL = (
    Field("name", "Name; what is unreadable sorts before it.", required=True),
    Field("code", "Code.", secret="essai/{owner}/code/{name}", readable=False),
    Field("size", "Size.", type="int", default=1),
)
OPTIONS = (
    Field("level", "Level.", type="int", default=1, minimum=0, maximum=9),
    Field("label", "Label.", nullable=True, default=None),
    Field("depth", "Depth.", type="dict", of=(Field("cold", "Cold.", type="bool"), Field("warm", "Warm.", type="int"))),
)
RULES = (
    Field("open", "Open.", type="bool", default=False),
    Field("rules", "Rules.", type="list", of=(Field("text", "Text.", required=True), Field("on", "On.", type="bool"))),
)


DRIVE = (
    Field("path", "Path.", required=True),
    Field("label", "Label.", nullable=True, default=None),
    Field("code", "Code.", secret="essai/{owner}/drive/{key}", readable=False),
    Field("options", "Options.", type="map", elements="int"),
)


def _common(key: str) -> tuple[Field, ...]:
    return (
        Field("kind", "Kind.", choices=("petit", "grand"), create_only=True),
        Field("mode", "Mode.", choices=("open", "closed", "locked"), default="open", guard="mode"),
        Field("limit", "Limit.", type="int", nullable=True, default=None, minimum=0, maximum=100),
        Field("ratio", "Ratio.", type="float", minimum=0),
        Field("active", "Active.", type="bool", default=False),
        Field("title", "Title.", default="", maximum=40),
        Field("tags", "Tags.", type="list", unordered=True, default=[], normalise=str.lower),
        Field("steps", "Steps.", type="list", elements="int"),
        Field("group", "Group.", wire="groupId", ref="group", encode=int),
        Field("key", "Key.", secret=f"essai/{{owner}}/{key}/key"),
        Field("login", "Login.", type="dict", of=(
            Field("user", "User."),
            Field("password", "Password.", secret="essai/{owner}/{user}/password", readable=False),
        )),
        Field("hidden", "Hidden.", type="int", uncertain=True),
        Field("options", "Options.", type="dict", of=OPTIONS),
        Field("servers", "Servers.", type="list", of=SERVER, identity=("host", "port"), element_id="serverId"),
        Field("pools", "Pools.", type="list", of=POOL, identity=("name",), unordered=True),
        Field("levels", "Levels.", type="map", elements="int", normalise_key=str.lower, default={}),
        Field("side", "A side.", type="dict", of=(
            Field("drives", "Drives.", type="map", of=DRIVE),
            Field("raw", "Whatever.", type="map", elements="raw"),
        )),
        Field("free_form", "Whatever.", type="dict"),
        Field("extra", "A document of its own.", type="dict", part="extra", of=RULES),
    )  # fmt: skip


NAME = Field("name", "Name.", required=True, maximum=200)

THINGS = Resource("essai", "thing", "Chose", (NAME, *_common("{name}")))
SLOTS = Resource(
    "essai", "place", "Place",
    (NAME, Field("number", "Number.", type="int", create_only=True, path_only=True), *_common("{name}")),
    Shape.SLOTS, slots=4, slot_field="number", off={"active": False}, needs_secret=("mode", "key"),
)  # fmt: skip
FIXED = Resource(
    "essai", "port", "Port",
    (
        Field("box", "Box.", required=True, normalise=str.upper, path_only=True),
        Field("port_id", "Port.", required=True, path_only=True),
        *_common("{box}-{port_id}"),
    ),
    Shape.FIXED, key=("box", "port_id"),
)  # fmt: skip

EMPTY: Mapping[str, Any] = {
    "mode": "open", "limit": None, "active": False, "title": "", "tags": [], "servers": [], "pools": [], "levels": {},
}  # fmt: skip
"""Wire document of an empty place."""


def vault(**values: str) -> Vault:
    """A vault with a fingerprint key and `values`, their paths written with dots for slashes."""
    return Vault({FINGERPRINT_KEY: "clef des empreintes", **{path.replace(".", "/"): v for path, v in values.items()}})


def secret(path: str) -> dict[str, str]:
    return {"secret": path}
