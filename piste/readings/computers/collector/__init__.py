"""The programs that run on the computers, and their signing."""
