"""What is there and nobody declares, as a run names it."""

Orphan = dict[str, str]
"""`{kind, key, why}`."""
WHY = "personne ne le déclare"
"""Why an object is an orphan."""
