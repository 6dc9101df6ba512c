"""Who may do what: every route of the service, and what it answers to each person of the cast.

    in   not signed in: pages lead to sign-in            ok   let through, whatever comes of it
    401  not signed in: API and git ask for a token         403  knows that it exists, may not do this
    404  has no right to know that it exists

Ada owns the submission, the token and the session that the paths name; Ben is a fellow student, and the
member that they name; Cora is in another course, Olaf in none. Tara is TA, Ines instructor, Abe admin.
`former` was a student of the course, and has left.
"""

from __future__ import annotations

from dataclasses import dataclass

PEOPLE = ("nobody", "olaf", "cora", "former", "ben", "ada", "tara", "ines", "abe")

EVERYONE = "ok  ok  ok  ok  ok  ok  ok  ok  ok"
SIGNED_IN = "in  ok  ok  ok  ok  ok  ok  ok  ok"
MEMBERS = "in  404 404 404 ok  ok  ok  ok  ok"
OWNER_AND_STAFF = "in  404 404 404 404 ok  ok  ok  ok"
STAFF = "in  404 404 404 403 403 ok  ok  ok"
STAFF_BUT_OWNER_KNOWS = "in  404 404 404 404 403 ok  ok  ok"
INSTRUCTORS = "in  404 404 404 403 403 403 ok  ok"
ADMINS_IN_THE_COURSE = "in  404 404 404 403 403 403 403 ok"
MEMBERS_WITH_ROLE = "in  404 404 404 ok  ok  ok  ok  403"  # an admin is no member
OWNER_OF_A_LINK = "in  404 404 404 404 ok  404 404 403"
BY_SIGNATURE = "401 401 401 401 401 401 401 401 401"
GONE_BY_THEN = "in  404 404 404 403 403 403 ok  404"  # the one who may do it before has done it
OWNER = "in  404 404 404 404 ok  404 404 404"
ADMINS = "in  403 403 403 403 403 403 403 ok"
NOT_FOUND_IN_IT = "in  404 404 404 404 404 404 404 404"  # the made-up archive holds no notebook
AUTHOR = "in  404 404 404 404 403 ok  403 403"  # Tara wrote the comment
AUTHOR_ONCE = "in  404 404 404 404 403 ok  404 404"  # and has removed it by then
NOT_SET_UP = "404 404 404 404 404 404 404 404 404"

TABLE = {
    # one's own account
    "GET /": SIGNED_IN,
    "GET /sign-in": EVERYONE,
    "POST /sign-in": EVERYONE,
    "POST /sign-out": EVERYONE,
    "GET /account": SIGNED_IN,
    "POST /account/name": SIGNED_IN,
    "POST /account/password": SIGNED_IN,
    "POST /account/sessions/end": SIGNED_IN,
    "POST /account/tokens": SIGNED_IN,
    "POST /account/tokens/<int:token_id>/revoke": OWNER,
    "GET /invitation/<token>": EVERYONE,  # its bearer
    "POST /invitation/<token>": EVERYONE,
    "GET /password/<token>": NOT_SET_UP,  # without a link's signature there is nothing
    "POST /password/<token>": NOT_SET_UP,
    "GET /oidc/start": NOT_SET_UP,
    "POST /oidc/connect": NOT_SET_UP,
    "GET /oidc/callback": NOT_SET_UP,
    # who is in a course
    "GET /courses/<course>/people": STAFF,
    "GET /courses/<course>/people/<int:enrolment_id>": STAFF,
    "POST /courses/<course>/people/<int:enrolment_id>/password-link": INSTRUCTORS,
    "POST /courses/<course>/people/<int:enrolment_id>/account": INSTRUCTORS,
    "POST /courses/<course>/people/<int:enrolment_id>/role": INSTRUCTORS,
    "POST /courses/<course>/people/<int:enrolment_id>/end": INSTRUCTORS,
    "POST /courses/<course>/people/<int:enrolment_id>/restore": INSTRUCTORS,
    "POST /courses/<course>/people/invitations": INSTRUCTORS,
    "POST /courses/<course>/people/invitations/<int:invitation_id>/withdraw": INSTRUCTORS,
    "POST /courses/<course>/people/links": INSTRUCTORS,
    "POST /courses/<course>/people/roster": INSTRUCTORS,
    "POST /courses/<course>/people/roster/apply": INSTRUCTORS,
    # units and submissions
    "GET /courses/<course>/": MEMBERS,
    "GET /courses/<course>/<unit>/": MEMBERS,
    "GET /courses/<course>/<unit>/template.zip": MEMBERS,
    "GET /courses/<course>/<unit>/compare": MEMBERS,
    "GET /courses/<course>/<unit>/submissions": STAFF,
    "POST /courses/<course>/<unit>/submissions": MEMBERS,
    # the staff's desk: regrades, and versions of tests
    "GET /courses/<course>/<unit>/regrades": STAFF,
    "POST /courses/<course>/<unit>/regrades": STAFF,
    "GET /courses/<course>/<unit>/regrades/<regrade>": STAFF,
    "GET /courses/<course>/<unit>/regrades/<regrade>/of/<public_id>": STAFF,
    "GET /courses/<course>/<unit>/regrades/<regrade>/of/<public_id>/<any(before, after):which>.html": STAFF,
    "POST /courses/<course>/<unit>/regrades/<regrade>/<any(pause, resume, cancel):control>": STAFF,
    "POST /courses/<course>/<unit>/regrades/<regrade>/extend": STAFF,
    "POST /courses/<course>/<unit>/regrades/<regrade>/<any(promote, undo):decision>": INSTRUCTORS,
    "GET /courses/<course>/<unit>/tests": STAFF,
    "GET /courses/<course>/<unit>/tests/versions/<int:version_id>.zip": STAFF,
    "POST /courses/<course>/<unit>/tests/store": STAFF,
    "POST /courses/<course>/<unit>/tests/upload": ADMINS_IN_THE_COURSE,
    "POST /courses/<course>/<unit>/tests/pin": INSTRUCTORS,
    # submissions
    "GET /submissions/<public_id>": OWNER_AND_STAFF,
    "GET /submissions/<public_id>/progress": OWNER_AND_STAFF,
    "GET /submissions/<public_id>/archive": OWNER_AND_STAFF,
    "GET /submissions/<public_id>/report.<any(json, xml, html):kind>": OWNER_AND_STAFF,
    "GET /submissions/<public_id>/report.gradescope.json": OWNER_AND_STAFF,
    "POST /submissions/<public_id>/cancel": OWNER_AND_STAFF,
    "POST /submissions/<public_id>/regrade": STAFF_BUT_OWNER_KNOWS,
    # the gradebook
    "GET /courses/<course>/gradebook": STAFF,
    "GET /courses/<course>/gradebook/<any(csv, xlsx, canvas, moodle):form>": STAFF,
    # the staff's desk: setting up
    "GET /courses/new": ADMINS,
    "POST /courses/new": ADMINS,
    "GET /courses/<course>/settings": INSTRUCTORS,
    "POST /courses/<course>/settings": INSTRUCTORS,
    "POST /courses/<course>/settings/order": INSTRUCTORS,
    "GET /courses/<course>/settings/units/new": INSTRUCTORS,
    "POST /courses/<course>/settings/units/new": INSTRUCTORS,
    "GET /courses/<course>/<unit>/settings": INSTRUCTORS,
    "POST /courses/<course>/<unit>/settings": INSTRUCTORS,
    "POST /courses/<course>/<unit>/tests/gate": STAFF,
    "GET /courses/<course>/<unit>/tests/gate/<gate>": STAFF,
    "POST /courses/<course>/<unit>/tests/gate/<gate>/cancel": STAFF,
    # decisions about grades
    "GET /courses/<course>/decisions": STAFF,
    "GET /courses/<course>/decisions.csv": STAFF,
    "GET /courses/<course>/<unit>/students/<int:user_id>": STAFF,
    "POST /courses/<course>/<unit>/students/<int:user_id>/decide": STAFF,
    "POST /courses/<course>/<unit>/students/<int:user_id>/withdraw": STAFF,
    "POST /courses/<course>/<unit>/students/<int:user_id>/allow": STAFF,
    "POST /courses/<course>/<unit>/students/<int:user_id>/allowances/<int:allowance_id>/withdraw": STAFF,
    "GET /courses/<course>/<unit>/terms": STAFF,
    "POST /courses/<course>/<unit>/terms/policy": INSTRUCTORS,
    "POST /courses/<course>/<unit>/terms/withhold": INSTRUCTORS,
    "POST /courses/<course>/<unit>/terms/release": INSTRUCTORS,
    "POST /courses/<course>/<unit>/terms/allow": INSTRUCTORS,
    "POST /courses/<course>/<unit>/terms/allowances/<int:allowance_id>/withdraw": INSTRUCTORS,
    # a unit in numbers, and the queue
    "GET /courses/<course>/queue": STAFF,
    "GET /courses/<course>/<unit>/analytics": STAFF,
    "GET /courses/<course>/<unit>/analytics/hint": STAFF,
    "GET /courses/<course>/<unit>/analytics/test": STAFF,
    # the rubric, and what the judge found odd
    "GET /courses/<course>/<unit>/rubric": STAFF,
    "POST /courses/<course>/<unit>/rubric/checklist": INSTRUCTORS,
    "POST /courses/<course>/<unit>/rubric/items": INSTRUCTORS,
    "POST /courses/<course>/<unit>/rubric/items/<int:item_id>": INSTRUCTORS,
    "POST /courses/<course>/<unit>/rubric/items/<int:item_id>/<any(up, down, retire, restore):act>": (
        INSTRUCTORS
    ),
    "GET /courses/<course>/<unit>/rubric/students/<int:user_id>": STAFF,
    "POST /courses/<course>/<unit>/rubric/students/<int:user_id>": STAFF,
    "GET /courses/<course>/review": STAFF,
    "GET /courses/<course>/review/flags": STAFF,
    "GET /courses/<course>/review/<public_id>": STAFF,
    "POST /courses/<course>/review/<public_id>": STAFF,
    # what is in a submission, and how it was graded
    "GET /submissions/<public_id>/code": OWNER_AND_STAFF,
    "GET /submissions/<public_id>/diff": OWNER_AND_STAFF,
    "GET /submissions/<public_id>/notebook": OWNER_AND_STAFF,
    "GET /submissions/<public_id>/notebook/<int:cell>/<int:output>": NOT_FOUND_IN_IT,
    "POST /submissions/<public_id>/comments": STAFF_BUT_OWNER_KNOWS,
    "POST /submissions/<public_id>/comments/<comment>": AUTHOR,
    "POST /submissions/<public_id>/comments/<comment>/remove": AUTHOR_ONCE,
    "GET /submissions/<public_id>/log": STAFF_BUT_OWNER_KNOWS,
    "POST /submissions/<public_id>/replay": STAFF_BUT_OWNER_KNOWS,
    # hand-ins that are alike: students never learn of it
    "GET /courses/<course>/<unit>/similarity": STAFF,
    "POST /courses/<course>/<unit>/similarity": STAFF,
    "POST /courses/<course>/<unit>/similarity/cancel": STAFF,
    "GET /courses/<course>/<unit>/similarity/<pair>": STAFF,
    "POST /courses/<course>/<unit>/similarity/<pair>": STAFF,
    # webhooks, and repositories elsewhere
    "GET /courses/<course>/webhooks": INSTRUCTORS,
    "POST /courses/<course>/webhooks": INSTRUCTORS,
    "GET /courses/<course>/webhooks/<webhook>": INSTRUCTORS,
    "POST /courses/<course>/webhooks/<webhook>/test": INSTRUCTORS,
    "POST /courses/<course>/webhooks/<webhook>/secret": INSTRUCTORS,
    "POST /courses/<course>/webhooks/<webhook>/switch": INSTRUCTORS,
    "POST /courses/<course>/webhooks/<webhook>/remove": GONE_BY_THEN,
    "GET /courses/<course>/webhooks/<webhook>/deliveries/<delivery>": INSTRUCTORS,
    "POST /courses/<course>/webhooks/<webhook>/deliveries/<delivery>/redeliver": INSTRUCTORS,
    "GET /courses/<course>/<unit>/repository": MEMBERS_WITH_ROLE,
    "POST /courses/<course>/<unit>/repository": MEMBERS_WITH_ROLE,
    "POST /courses/<course>/<unit>/repository/secret": OWNER_OF_A_LINK,
    "POST /courses/<course>/<unit>/repository/token": OWNER_OF_A_LINK,
    "POST /courses/<course>/<unit>/repository/remove": OWNER_OF_A_LINK,
    "POST /hooks/<hook>": BY_SIGNATURE,  # hosts, whoever else is signed in
    # the API: the same rights, by token
    "GET /api/v1/docs": EVERYONE,
    "GET /api/v1/openapi.json": EVERYONE,
    "GET /api/v1/me": SIGNED_IN,
    "GET /api/v1/courses": SIGNED_IN,
    "GET /api/v1/courses/<course>/units": MEMBERS,
    "GET /api/v1/submissions": SIGNED_IN,
    "GET /api/v1/courses/<course>/webhooks": INSTRUCTORS,
    "POST /api/v1/courses/<course>/webhooks": INSTRUCTORS,
    "POST /api/v1/courses/<course>/webhooks/<webhook>/test": INSTRUCTORS,
    "POST /api/v1/courses/<course>/webhooks/<webhook>/secret": INSTRUCTORS,
    "POST /api/v1/courses/<course>/webhooks/<webhook>/remove": GONE_BY_THEN,
    "GET /api/v1/courses/<course>/webhooks/<webhook>/deliveries": INSTRUCTORS,
    "POST /api/v1/courses/<course>/webhooks/<webhook>/deliveries/<delivery>/redeliver": INSTRUCTORS,
    "POST /api/v1/submissions": "in  404 404 404 ok  ok  ok  ok  403",  # an admin is no member
    "GET /api/v1/submissions/<public_id>": OWNER_AND_STAFF,
    "GET /api/v1/submissions/<public_id>/events": OWNER_AND_STAFF,
    "GET /api/v1/submissions/<public_id>/report": OWNER_AND_STAFF,
    "GET /api/v1/submissions/<public_id>/report.xml": OWNER_AND_STAFF,
    "GET /api/v1/submissions/<public_id>/report.gradescope.json": OWNER_AND_STAFF,
    "POST /api/v1/submissions/<public_id>/cancel": OWNER_AND_STAFF,
    "POST /api/v1/submissions/<public_id>/regrade": STAFF_BUT_OWNER_KNOWS,
    # git: the same rights, by token as the password
    "GET /git/<course>/<unit>/<owner>.git/info/refs": OWNER_AND_STAFF,
    "POST /git/<course>/<unit>/<owner>.git/git-upload-pack": OWNER_AND_STAFF,
    "POST /git/<course>/<unit>/<owner>.git/git-receive-pack": "in  404 404 404 404 ok  403 403 403",
    "GET /git/<path:anything>": NOT_SET_UP,
    "POST /git/<path:anything>": NOT_SET_UP,
    "PUT /git/<path:anything>": NOT_SET_UP,
    # for machines and browsers
    "GET /healthz": EVERYONE,
    "GET /readyz": EVERYONE,
    "GET /metrics": EVERYONE,  # on this machine
    "GET /assets/report.css": EVERYONE,
    "GET /assets/<path:name>": EVERYONE,
}


@dataclass(frozen=True)
class Expected:
    """What one route answers to one person."""

    method: str
    rule: str
    person: str
    answer: str


def expectations() -> list[Expected]:
    """Return the table, a row per route and person."""
    rows = []
    for route, answers in TABLE.items():
        method, rule = route.split(" ", 1)
        for person, answer in zip(PEOPLE, answers.split(), strict=True):
            by_token = rule.startswith(("/api/", "/git/"))
            rows.append(Expected(method, rule, person, "401" if by_token and answer == "in" else answer))
    return rows
