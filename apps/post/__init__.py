"""What leaves the service by e-mail and SMS: to whom, when, in which words."""
