"""The configurations of every system, kept each night in Git repositories of their own."""
