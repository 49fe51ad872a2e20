"""Files in and out: bytes to rows and back. Pure functions that know no model."""
