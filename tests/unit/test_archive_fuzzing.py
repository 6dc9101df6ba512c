"""Whatever bytes arrive, intake answers with a Submission or RejectedError, never anything else."""

import gzip

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import RejectedError
from grader.submissions.archive import IntakeLimits, read_archive_bytes
from tests.submissions.archives import packing
from tests.submissions.archives.packing import PACKAGE, REQUIRED, honest_tree

SMALL = IntakeLimits(total_bytes=100_000, file_bytes=50_000, stream_bytes=200_000, files=50, entries=100)
TREE = honest_tree()
SEEDS = {
    "zip": packing.as_zip(TREE),
    "streamed zip": packing.as_streamed_zip(TREE),
    "zip64": packing.as_streamed_zip(TREE, zip64=True),
    "tar": packing.as_tar(TREE),
    "tar.gz": packing.as_tar_gz(TREE),
    "tar with long names": packing.as_tar({**TREE, "é" * 120: b"x"}),
}
INTERESTING = st.one_of(
    st.binary(min_size=1, max_size=8),
    st.sampled_from(
        [b"\xff" * 4, b"\xff" * 8, b"\0" * 4, b"PK\x05\x06", b"PK\x06\x07", b"PK\x06\x06", b"\x80"]
    ),
)


def answer(data):
    try:
        submission = read_archive_bytes(data, "fuzz", PACKAGE, REQUIRED, SMALL)
    except RejectedError as rejected:
        assert rejected.rejections
        return
    assert sum(map(len, submission.files.values())) <= SMALL.total_bytes


@given(
    data=st.binary(max_size=600),
    start=st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b\x08\0"]),
)
@settings(max_examples=400)
def test_random_bytes(data, start):
    answer(start + data)


@given(
    seed=st.sampled_from(sorted(SEEDS)),
    changes=st.lists(st.tuples(st.integers(min_value=0), INTERESTING), min_size=1, max_size=6),
    recompress=st.booleans(),
)
@settings(max_examples=1500)
def test_mutated_archives(seed, changes, recompress):
    data = bytearray(SEEDS[seed])
    for position, replacement in changes:
        position %= len(data)
        data[position : position + len(replacement)] = replacement
    answer(gzip.compress(bytes(data)) if recompress and seed.startswith("tar") else bytes(data))


@given(seed=st.sampled_from(sorted(SEEDS)), data=st.data())
@settings(max_examples=400)
def test_cut_and_spliced_archives(seed, data):
    whole = SEEDS[seed]
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(0, len(whole)))
    answer(whole[:end] + whole[start:])
