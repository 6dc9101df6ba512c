"""The kinds of hosts, by the name that settings and links use for them."""

from grader.pushes.hosts.gitea import Gitea
from grader.pushes.hosts.github import GitHub
from grader.pushes.hosts.gitlab import GitLab
from grader.pushes.hosts.host import Host

HOSTS: dict[str, Host] = {"github": GitHub(), "gitlab": GitLab(), "gitea": Gitea()}
