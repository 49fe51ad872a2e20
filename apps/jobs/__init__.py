"""Long work that a person asked for: done by the worker in parts, with progress to look at."""
