"""/healthz: this process answers, whatever has become of the database."""

from flask import Flask

from grader.db.database import Database


def test_it_answers(app: Flask):
    response = app.test_client().get("/healthz")
    assert (response.status_code, response.text) == (200, "ok\n")


def test_it_answers_without_a_database(app: Flask, database: Database):
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE run_events")
    assert app.test_client().get("/healthz").status_code == 200


def test_it_makes_no_session(app: Flask):
    assert "Set-Cookie" not in app.test_client().get("/healthz").headers
