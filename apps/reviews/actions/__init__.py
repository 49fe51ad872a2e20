"""Everything that changes a Learner Record.

`entry`: onto the register. `drafting`: an open review's changes. `signoff`: making them true.
`term`: opening and lapsing a term's reviews. `voices`: contributions, acknowledgements, replies.
`supports`: whether a support happens. `asking`: whose views are asked for. `rounds`: a teacher's
answers for a class. `linked`: answers by a link. `written_down`: what somebody else wrote down.
"""
