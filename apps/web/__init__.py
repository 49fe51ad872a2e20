"""Server-rendered pages, by audience."""
