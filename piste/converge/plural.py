"""The plural of a count, as French has it."""


def agreed(number: int, text: str) -> str:
    """``1 opération appliquée``, ``2 opérations appliquées`` from ``opération(s) appliquée(s)``; none is singular."""
    return f"{number} {text.replace('(s)', 's' if number > 1 else '')}"
