"""Uninterruptible power supplies: their readings by NUT, and their judgment."""
