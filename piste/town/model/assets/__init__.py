"""The assets of the town: the only list of what it owns, typed nowhere twice."""
