"""Signatures as Standard Webhooks has them."""

import base64
import re
import time
from typing import Any

import pytest

from grader.webhooks.signing import PREFIX, SECRET_BYTES, is_signed, new_secret, sign, signatures
from tests.markdown import read

# The example that the libraries of Standard Webhooks are tested with.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, TIMESTAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_published_example():
    assert sign(SECRET, ID, TIMESTAMP, BODY) == SIGNATURE


def test_a_secret_is_random_and_long():
    secret = new_secret()
    assert secret.startswith(PREFIX)
    assert len(base64.b64decode(secret.removeprefix(PREFIX), validate=True)) == SECRET_BYTES
    assert secret != new_secret()


def test_any_of_several_signatures_is_enough():
    header = signatures([new_secret(), SECRET], ID, TIMESTAMP, BODY)
    assert header.count("v1,") == 2
    assert is_signed(SECRET, header, ID, str(TIMESTAMP), BODY)


@pytest.mark.parametrize(
    ("header", "message_id", "timestamp", "body"),
    [
        ("", ID, str(TIMESTAMP), BODY),
        (SIGNATURE, "msg_other", str(TIMESTAMP), BODY),
        (SIGNATURE, ID, str(TIMESTAMP + 1), BODY),
        (SIGNATURE, ID, "", BODY),
        (SIGNATURE, ID, "１６１４２６５３３０", BODY),
        (SIGNATURE, ID, f" {TIMESTAMP}", BODY),
        (SIGNATURE, ID, "9" * 10_000, BODY),
        (SIGNATURE, ID, str(TIMESTAMP), BODY + b" "),
        (SIGNATURE.replace("v1,", "v1a,"), ID, str(TIMESTAMP), BODY),
        (SIGNATURE.removeprefix("v1,"), ID, str(TIMESTAMP), BODY),
        (SIGNATURE[:-1], ID, str(TIMESTAMP), BODY),
        ("v1,ÿ", ID, str(TIMESTAMP), BODY),
    ],
)
def test_whatever_was_changed_is_not_signed(header: str, message_id: str, timestamp: str, body: bytes):
    assert not is_signed(SECRET, header, message_id, timestamp, body)


def test_the_verifier_of_the_documentation_tells_right_from_wrong():
    (source,) = re.findall(r"```python\n(.*?)```", read("docs/how-to/send-webhooks.md"), re.DOTALL)
    page: dict[str, Any] = {}
    exec(source, page)
    secret, at = new_secret(), int(time.time())

    def verdict(header: str, moment: int = at, body: bytes = BODY) -> bool:
        headers = {"webhook-id": ID, "webhook-timestamp": str(moment), "webhook-signature": header}
        return bool(page["is_from_the_grader"](secret, headers, body))

    assert verdict(sign(secret, ID, at, BODY))
    assert verdict(signatures([new_secret(), secret], ID, at, BODY))
    assert not verdict(sign(new_secret(), ID, at, BODY))
    assert not verdict(sign(secret, ID, at, BODY), body=b"{}")
    assert not verdict(sign(secret, ID, at - 1000, BODY), at - 1000)


def test_another_secret_did_not_sign():
    assert not is_signed(new_secret(), SIGNATURE, ID, str(TIMESTAMP), BODY)
