"""The consequences of a plan for people: computed before it is applied, from its readings."""
