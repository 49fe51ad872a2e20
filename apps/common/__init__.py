"""What every app stands on: the clock, keys, terms, identifiers, errors."""
