"""What a run costs: calls counted by the lab and time, ours beside a peer's. `python -m tests.bench --help`."""
