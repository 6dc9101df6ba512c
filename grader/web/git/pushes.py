"""A push as it comes in: put down, read, and held to its limits before git sees it."""

from __future__ import annotations

from typing import IO

from werkzeug.exceptions import BadRequest

from grader.git.limits import GitLimits
from grader.git.pkt_lines import MalformedRequest
from grader.git.repositories import incoming_folder
from grader.git.requests import PushRequest, read_request
from grader.submissions.limits import MIB
from grader.web.git.answers import Refusal
from grader.web.git.spooling import spool
from grader.web.limits import count_upload
from grader.web.service import service


def read_push(limits: GitLimits, user_id: int) -> tuple[IO[bytes], PushRequest, tuple[str, ...]]:
    """Return the request's body as a file, what the push asks for, and why it can't be received, if so.

    The reasons are lines for whoever pushes. Raises Refusal if it makes no sense.
    """
    folder = incoming_folder(service().settings.data_dir)
    body, is_whole = spool(folder, limits.push_bytes, limits.discarded_bytes)
    try:
        asked = read_request(body, limits)
        return body, asked, _unfit(asked, is_whole, limits) or _too_often(asked, user_id)
    except MalformedRequest as error:
        body.close()
        raise Refusal(BadRequest.code, f"This push can't be read: {error}.") from None
    except BaseException:
        body.close()
        raise


def _unfit(asked: PushRequest, is_whole: bool, limits: GitLimits) -> tuple[str, ...]:
    if not is_whole:
        return (
            f"This push is larger than {limits.push_bytes // MIB} MiB. Nothing was stored or handed in.",
            "Take large files such as data sets and saved models out of all commits, not only the last one.",
        )
    if asked.is_shallow:
        return (
            "This push comes from a shallow clone, one without the whole history. Nothing was stored.",
            "Get the rest from where you have cloned it, and push again: git fetch --unshallow",
        )
    if asked.objects > limits.objects:
        return (f"This push has more than {limits.objects:,} objects. Nothing was stored or handed in.",)
    if len(asked.commands) > limits.commands:
        return (f"This push changes more than {limits.commands} branches and tags. Push fewer at once.",)
    return ()


def _too_often(asked: PushRequest, user_id: int) -> tuple[str, ...]:
    is_upload = asked.objects > 0 or asked.handed_in is not None
    if not is_upload or (counted := count_upload(user_id)).is_within:
        return ()
    return (f"You have handed in or pushed too often within a minute. Push again in {counted.wait_s} s.",)
