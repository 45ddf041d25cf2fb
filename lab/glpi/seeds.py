"""The states from which a simulated GLPI starts."""

from __future__ import annotations

from lab.glpi.world import World

CONTRACTOR = "prestataire"
ACCOUNTS = (
    ("glpi", "", "Super-Admin", True),
    ("lecture-dsi@lebourget.example", "Lecture DSI", "Observer", True),
    (CONTRACTOR, "Exploitation du prestataire", "Technician", True),
    ("tech", "", "Technician", False),
)
"""Accounts: name, shown name, profile that they start with, whether they are active."""


def seeded(seed: str) -> World:
    """Build a world; a seed that GLPI does not know starts it empty.

    `brownfield` is a GLPI that people have kept by hand: a location by its usual name, computers whose inventory
    number is a sticker, a computer of nobody, tickets.
    """
    world = World()
    world.add("Entity", {"name": "Ville"})
    for name, shown, profile, active in ACCOUNTS:
        world.add("User", {
            "username": name, "realname": shown, "firstname": "", "is_active": active, "is_deleted": False,
            "default_profile": world.named("Profile", profile)["id"], "last_login": "2026-11-20T08:00:00",
        })  # fmt: skip
    if seed == "brownfield":
        _by_hand(world)
    return world


def _by_hand(world: World) -> None:
    town = world.add("Location", {"name": "Ville du Bourget"})
    hall = world.add("Location", {"name": "Mairie", "parent": town["id"], "comment": "ancien nom"})
    state = world.named("State", "En service")
    maker = world.named("Manufacturer", "Dell")
    world.add("Computer", {
        "name": "PC-ACCUEIL", "serial": "7XKQ2S3", "otherserial": "VLB-0042", "location": hall["id"],
        "status": state["id"], "manufacturer": maker["id"], "comment": "sous le comptoir",
    })  # fmt: skip
    world.add("Computer", {"name": "PC-INCONNU", "serial": "8AAA111"})
    printing = world.add("Category", {"name": "Impression"})
    world.add("Article", {
        "name": "Bourrage de l’accueil", "content": "<p>Ouvrir le capot arrière.</p>", "categories": [printing["id"]],
        "is_faq": True, "user": 4, "date_creation": "2026-09-01T08:00:00+00:00",
    })  # fmt: skip
    for day, solved in ((2, 3), (9, 9), (20, None)):
        world.add("Ticket", {
            "name": "Panne", "content": "texte d’un agent", "type": 1, "date": f"2026-10-{day:02d}T08:00:00+00:00",
            "status": 6 if solved else 2, "resolution_duration": (solved or 0) * 3600,
            "date_solve": f"2026-10-{day:02d}T16:00:00+00:00" if solved else None,
        })  # fmt: skip
