"""Conformity: the clauses of each framework, what answers each, their verdicts."""
