"""How long a page takes when there is much in the database: 500 students, 20,000 graded submissions.

`python -m bench.pages` fills a database with a whole term of a course, reports and verdicts included, and
asks for each page, as student and as staff, by Flask's test client: what is measured is the service's own
work on one request, without network and web server. On SQLite and on PostgreSQL.
"""
