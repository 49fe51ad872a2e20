"""A family's and a young person's pages."""
