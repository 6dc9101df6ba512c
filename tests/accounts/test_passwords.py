"""Passwords are hashed with Argon2id, checked in constant effort, and long enough."""

import argon2
import pytest

from grader.accounts import passwords


def test_the_right_password_is_right_and_another_is_not():
    stored = passwords.hash_password("three oak leaves")
    assert stored.startswith("$argon2id$")
    assert passwords.is_right(stored, "three oak leaves")
    assert not passwords.is_right(stored, "three oak leavez")


def test_without_a_hash_nothing_is_right_not_even_nothing():
    assert not passwords.is_right(None, "")
    assert not passwords.is_right(None, "three oak leaves")


def test_a_check_without_a_hash_does_the_same_work(monkeypatch: pytest.MonkeyPatch):
    checked = []

    class Watched(argon2.PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            checked.append(argon2.extract_parameters(str(hash)))
            return super().verify(hash, password)

    costs = {
        "time_cost": passwords.HASHER.time_cost,
        "memory_cost": passwords.HASHER.memory_cost,
        "parallelism": passwords.HASHER.parallelism,
    }
    monkeypatch.setattr(passwords, "HASHER", Watched(**costs))
    passwords.is_right(passwords.hash_password("three oak leaves"), "wrong")
    passwords.is_right(None, "wrong")
    assert len(checked) == 2
    assert checked[0] == checked[1]


def test_what_looks_the_same_is_the_same():
    stored = passwords.hash_password("über alle Berge")
    assert passwords.is_right(stored, "u\u0308ber alle Berge")


def test_a_damaged_hash_lets_nobody_in():
    assert not passwords.is_right("$argon2id$damaged", "three oak leaves")


def test_a_hash_of_another_cost_is_outdated():
    assert passwords.is_outdated(argon2.PasswordHasher(time_cost=2, memory_cost=64).hash("x"))
    assert not passwords.is_outdated(passwords.hash_password("x"))


def test_a_password_longer_than_allowed_is_wrong_even_if_it_begins_right():
    longest = "ab12!" * 51 + "x"
    stored = passwords.hash_password(longest)
    assert passwords.is_right(stored, longest)
    assert not passwords.is_right(stored, longest + "x")


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("short", "12 characters or more"),
        ("a" * 12, "different characters"),
        ("x1y2z" * 60, "256 characters or fewer"),
        ("Ada.Byron@example.org", "do not know about you"),
        ("three oak leaves", ""),
    ],
)
def test_weak_passwords_are_told_why(password: str, word: str):
    weakness = passwords.weakness(password, "ada.byron@example.org", "Ada Byron")
    assert word in weakness
    assert bool(weakness) == bool(word)
