"""A commit's upload: the same files, the same bytes."""

from grader.submissions.commits import upload_of_commit
from tests.submissions.archives.packing import honest_tree


def test_the_files_are_packed_the_same_each_time():
    tree = honest_tree()
    one = upload_of_commit(tree, "a" * 40, "key")
    assert one == upload_of_commit(dict(reversed(tree.items())), "a" * 40, "key")
    assert one.filename == "commit-aaaaaaaaaaaa.zip"
