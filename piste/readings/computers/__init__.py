"""Computers, measured by themselves: the file of each, its collection, what follows from it."""
