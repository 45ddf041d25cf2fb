"""The bag: everything the town has, in open formats, checked by anybody and replayed without us."""
