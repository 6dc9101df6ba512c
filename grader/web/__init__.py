"""The pages and the HTTP API.

Theory of operation. `app.create_app` puts the parts together. A request reads through one session
of its own (`service.reading()`), which is closed when the answer is made; what it changes, it changes in a
transaction of its own (`service().database.writing()`) and answers with a redirect. `identity` says who
asks: by cookie on pages, by bearer token under /api. `access` decides what they may see: every route
asks it, and a test holds every route against every kind of person. Static files and templates need no build.

Nothing here imports `grader.judging` or `grader.sandbox`: the web reads what workers have recorded.
"""
