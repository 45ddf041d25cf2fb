"""Windows servers behind WinRM: the shells of WS-Management, and what our snippets find there."""

from lab.winrm.simulator import WinrmSimulator

__all__ = ["WinrmSimulator"]
