"""A course's grader page as somebody writes it in an evening: what attacks on web pages are tried on first.

Nothing in it is bad on purpose, and all of it has been seen in the field: pages by f-strings, sessions and
forms without more thought, the log as a `print`, the table of grades by csv.writer.
"""

from __future__ import annotations

import csv
import io
import json
import time
from typing import Any

from flask import Flask, Response, make_response, redirect, request

TEACHER, STUDENT = "tara@example.org", "ada@example.org"
PASSWORD = "three oak leaves in November"
TRIES = 5
CAP = 3


def make_site(log: io.StringIO) -> Flask:
    app = Flask(__name__)
    people = {
        mail: {"name": name, "section": "A", "role": role}
        for mail, name, role in ((TEACHER, "Tara Rao", "staff"), (STUDENT, "Ada Byron", "student"))
    }
    sessions: dict[str, str] = {}
    rows: list[dict[str, Any]] = []
    pushes: list[dict[str, Any]] = []
    tries: dict[str, int] = {}
    app.config.update(people=people, sessions=sessions, rows=rows, pushes=pushes)

    def me() -> str:
        if header := request.headers.get("Authorization", "").removeprefix("Bearer "):
            return header
        return request.args.get("token") or sessions.get(request.cookies.get("sid", ""), "")

    def page(text: str) -> Response:
        return make_response(f"<title>Grader</title><p>Signed in: {me()} {people.get(me(), {})}</p>{text}")

    @app.after_request
    def write_log(response: Response) -> Response:
        raw = request.environ.get("QUERY_STRING", "")
        print(f"{request.remote_addr} {request.method} {request.path}?{raw} by {me()}", file=log)
        response.headers["Access-Control-Allow-Origin"] = request.headers.get("Origin", "*")
        response.headers["Access-Control-Allow-Credentials"] = "true"
        asked = request.headers.get("Access-Control-Request-Headers", "")
        response.headers["Access-Control-Allow-Headers"] = asked
        return response

    @app.get("/")
    def home() -> Response:
        return page("".join(f"<li><a href='/row/{n}'>{row}</a>" for n, row in enumerate(rows)))

    @app.route("/login", methods=["GET", "POST"])
    def login() -> Any:
        sid = request.cookies.get("sid") or request.args.get("sid") or str(len(sessions) + 1)
        if request.method == "POST":
            address = request.headers.get("X-Forwarded-For", request.remote_addr or "")
            mail = request.form["email"]
            tries[f"{address} {mail}"] = tries.get(f"{address} {mail}", 0) + 1
            if tries[f"{address} {mail}"] > TRIES:
                return page("too many tries"), 429
            if mail not in people:
                return page(f"there is no {mail}"), 422
            if request.form["password"] != PASSWORD:
                return page("wrong password"), 422
            sessions[sid] = mail
            tries.clear()
            answer = make_response(redirect(request.args.get("next") or "/"))
            answer.set_cookie("sid", sid)
            return answer
        return page(
            "<form method=post><input name=email><input name=password><button>Sign in</button></form>"
        )

    @app.get("/logout")
    def logout() -> Any:
        sessions.pop(request.cookies.get("sid", ""), None)
        return redirect("/login")

    @app.route("/profile", methods=["GET", "POST"])
    def profile() -> Any:
        people[me()].update(request.values.to_dict())
        return redirect("/")

    @app.post("/upload")
    def upload() -> Any:
        if sum(row["owner"] == me() for row in rows) >= CAP:
            return page("no attempts left"), 409
        time.sleep(1)  # unpacks the archive, and is in no hurry
        name = request.files["archive"].filename if request.files else "nn.zip"
        rows.append({"owner": me(), "filename": name, "score": 0, **request.form.to_dict()})
        return redirect("/")

    @app.route("/row/<int:n>", methods=["GET", "POST"])
    def row(n: int) -> Any:
        if request.method == "POST":
            sent = json.loads(request.get_data()) if request.data else request.form.to_dict()
            rows[n].update(sent)
        return page("".join(f"<dt>{key}<dd>{value}" for key, value in rows[n].items()))

    @app.get("/row/<int:n>/file")
    def file(n: int) -> Response:
        name = rows[n]["filename"].encode().decode("latin-1")
        answer = Response("PK", mimetype="application/zip")
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    @app.get("/grades.csv")
    def grades() -> Response:
        table = io.StringIO()
        keys = sorted({key for row in rows for key in row})
        csv.writer(table).writerows([keys, *([row.get(key, "") for key in keys] for row in rows)])
        csv.writer(table).writerows([mail, *map(str, person.values())] for mail, person in people.items())
        return Response(table.getvalue(), mimetype="text/csv")

    @app.get("/reset/<mail>")
    def reset(mail: str) -> Response:
        return page(f"http://{request.host}/password?token=secret-of-{mail}")

    @app.get("/password")
    def password() -> Response:
        return page(f"<a href='https://elsewhere.example/'>help</a> {request.url}")

    @app.post("/hook")
    def hook() -> Any:
        pushes.append(json.loads(request.get_data()))
        print(f"push by {pushes[-1].get('pusher')}: {pushes[-1].get('head_commit')}", file=log)
        return {"taken": len(pushes)}

    return app
