"""Windows servers behind WinRM: shells of WS-Management, and the effects of our snippets."""

from lab.winrm.simulator import WinrmSimulator

__all__ = ["WinrmSimulator"]
