"""Making a course, for admins: its title, its address, and who teaches it."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from grader.accounts import names
from grader.accounts.addresses import is_address, normal
from grader.accounts.invitations import LIFETIME
from grader.courses import changing, slugs
from grader.courses.unit_terms import title_problem
from grader.web.access import require_admin
from grader.web.service import service
from grader.web.staff import blueprint


@blueprint.get("/courses/new")
def new_course() -> str:
    """Show the form."""
    admin = require_admin()
    return _page({"email": admin.email}, {})


@blueprint.post("/courses/new")
def create_course() -> Response:
    """Make the course, with its first instructor or a link for them."""
    admin = require_admin()
    form = request.form
    title, name = names.normal(form.get("title", "")), names.normal(form.get("name", ""))
    slug = form.get("slug", "").strip() or slugs.suggested(title)
    email = normal(form.get("email", ""))
    problems = _problems(title, slug, email, name)
    if problems:
        return make_response(_page({**form, "slug": slug}, problems), 422)
    with service().database.writing() as session:
        course = changing.create_course(session, slug, title, admin)
        if course is None:
            taken = {
                "slug": f"There is a course at /courses/{slug}/ already. Please choose another short name."
            }
            return make_response(_page({**form, "slug": slug}, taken), 422)
        token = changing.give_first_instructor(session, course, email, name, admin)
    if token is None:
        flash(f"The course is there, and {email} is its instructor.", "good")
        return redirect(url_for("staff.course_settings", course=slug), code=303)
    link = service().settings.public_url + url_for("accounts.invitation", token=token)
    page = render_template(
        "staff/course_created.html", course=course, email=email, link=link, days=LIFETIME.days
    )
    return make_response(page, 201)


def _problems(title: str, slug: str, email: str, name: str) -> dict[str, str]:
    found = {
        "title": title_problem(title),
        "slug": slugs.problem(slug, slugs.RESERVED_FOR_COURSES),
        "email": "" if is_address(email) else "Please enter one e-mail address, such as ada@example.org.",
        "name": names.problem(name) if name else "",
    }
    return {field: text for field, text in found.items() if text}


def _page(values: dict[str, str], problems: dict[str, str]) -> str:
    return render_template("staff/new_course.html", values=values, problems=problems)
