"""Files about a learner: kept outside the web root, served through the policy."""
