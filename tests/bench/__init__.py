"""The cost of a run: calls and time, ours beside a peer's (`python -m tests.bench --help`).

The lab counts the calls.
"""
