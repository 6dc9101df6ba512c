"""People: how they become known, prove who they are, and what they may sign in with.

Theory of operation. Plain Python on a database session, without any web framework. `passwords` hashes,
`throttle` slows down guessing without ever locking an account, `sign_in` puts the two together.
People become known by `roster` (a course's list) or `invitations` (links); both are made by instructors.
`identities` connects an account with a person at an OpenID Connect provider; `tokens` are for programs.
A secret that proves anything (password, link, token) is never stored, only its hash.
"""
