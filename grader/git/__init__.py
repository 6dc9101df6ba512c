"""Git push as a way in: every member of a course has a repository per unit, and a push hands in.

Theory of operation. Git's own `http-backend` serves the repositories (`backend`); this package decides
around it. A push's request is first put into an unnamed file, so that its size and its commands (`requests`)
are known before git sees them. Then, with the repository locked (`repositories`), git unpacks and checks the
objects in quarantine and asks our only hook, `hooks/pre-receive`, which hands the question to the process
that serves the push, over a socket that both inherited (`gate`). There the rules for references are checked
(`references`), and if the default branch is pushed, its commit is read as archives are and handed in by
`submissions.accept` (`handing_in`). Only if the course takes it does git update the reference. `receiving`
is the whole way of a push.

So hand-in and push can't disagree: if the commit's hand-in is refused, so is the push, and if anything dies
after the hand-in is stored, pushing the same commit again finds it, instead of handing it in twice. What was
handed in is in the database, whatever later pushes do; the repository is only how it came in. After git has
ended, the process writes the live lines (`live_lines`) that git's client shows behind `remote:`; who
interrupts it interrupts nothing else.

Nothing that a repository holds is ever run, followed or fetched: `environment` says with which settings git
is run, whatever the repository's own file says.
"""
