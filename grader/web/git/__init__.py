"""Git's smart HTTP: what git's own client asks when people push, clone and fetch.

Theory of operation. `routes` knows the three addresses that git asks; whatever else is asked below /git, such
as the files of the older "dumb" protocol, is not there. `identification` finds out whose token came as the
password of Basic authentication; cookies count for nothing. `pushes` reads what a push asks for, from a file
that `spooling` has put its body into. All that happens then is `grader.git`'s. Errors are plain text, which
git's client shows behind `remote:`. Clients take their time: while one sends, waits or reads, its request
holds a thread and no connection to the database.
"""

from flask import Blueprint

blueprint = Blueprint("git", __name__, url_prefix="/git")

from grader.web.git import answers, routes  # noqa: E402, F401  # they add to the blueprint
