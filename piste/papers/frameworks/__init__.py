"""The frameworks that the town is judged by: clauses as data, and what answers each."""
