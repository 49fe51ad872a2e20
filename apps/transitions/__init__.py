"""Moves between settings, and the handover of the record."""
