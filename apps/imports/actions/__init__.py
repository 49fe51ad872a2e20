"""Bringing files in. `staging`: a file becomes rows that a person looks at. `committing`: the rows
become learners, in the worker. `checking`: numbers that another setting's learner may hold."""
