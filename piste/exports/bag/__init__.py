"""The bag: all the town has, in open formats, for anybody to check and replay without us."""
