"""The National Institute's pages."""
