"""The Learner Record: reviews, statements, voices, sign-off."""
