"""Organisations, people and roles, imports."""
