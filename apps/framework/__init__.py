"""The National Framework and its toolkit: versioned data."""
