"""A Local Inclusion Partnership's pages."""
