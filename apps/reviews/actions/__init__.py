"""Everything that changes a Learner Record.

`entry`: onto the register. `drafting`: an open review's changes. `signoff`: making them true.
`term`: opening and lapsing a term's reviews. `voices`: contributions, acknowledgements, replies.
"""
