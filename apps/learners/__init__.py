"""Learners: who they are, where they are enrolled, who holds the record, who may see them."""
