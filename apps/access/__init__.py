"""Who may do what: roles, memberships, invitations, and what the database is told."""
