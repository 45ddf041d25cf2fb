"""The matrix of flows: sets of traffic, ordered rules, derived policy, reach."""
