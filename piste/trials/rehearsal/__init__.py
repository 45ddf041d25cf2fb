"""Rehearsal of a plan by packets: the twin before, on the way and after."""
