"""The matrix of flows: sets of traffic, ordered rules, what is derived of the declaration, who reaches what."""
