"""Runs: the record that each leaves, the journal that they form, and the checks before one."""
