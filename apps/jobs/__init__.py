"""Long work with progress, and the doorbell that wakes the worker."""
