"""Pushes in: a commit pushed to a repository elsewhere becomes a submission, and its status is told.

Theory of operation. A student links a repository on an allowed host to a unit (`links`) and gives that host
our address and the link's secret. `receiving` answers the host at once: it checks the signature over the
raw body before reading any of it, and stores a push of the default branch as a row, once per delivery and
once per body. Nothing that a payload says is ever used as an address: what is fetched follows from the link.

`handing_in` is the errand (see grader.outbound.errands) that workers run: it fetches exactly the commit
that was told of (`fetching`, git with everything off but https to the address that was judged), and hands
its files to `submissions.accept`, under a key made of the link and the commit, so that the same commit is
handed in once. Pushes may arrive in any order: `ordering` keeps an older commit from taking the place of a
newer one.

`statuses` says in the transaction that accepts or ends a grading what the host shall show beside the commit;
`reporting` sends the newest of it. `hosts` holds what differs between GitHub, GitLab and Gitea, a file each.
"""
