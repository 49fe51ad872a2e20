"""The applications of Learner Record; each imports only those below it."""
