"""An orphan: what is live and nobody declares, as a run names it."""

Orphan = dict[str, str]
"""`{kind, key, why}`."""
WHY = "personne ne le déclare"
"""The reason why an object is an orphan."""
