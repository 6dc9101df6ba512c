"""A task's progress is for show: what can't be written stops nothing."""

from grader.db.database import open_database
from grader.settings import load_settings
from grader.tasks.run import Order, Progress


def test_a_database_that_is_away_stops_nothing():
    away = open_database("postgresql+psycopg://nobody@127.0.0.1:1/away", threads=1)
    Progress(away, Order(load_settings(), task_id=1, fence=1, function=""))({"done": 1})
    away.close()
