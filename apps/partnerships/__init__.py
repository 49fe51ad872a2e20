"""What a Local Inclusion Partnership sees of its area."""
