from tests.support.alone import clone

__all__ = ["clone"]
