"""What people may ask about data of theirs: a copy of everything; and which field is whose."""
