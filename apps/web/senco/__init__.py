"""A SENCO's pages."""
