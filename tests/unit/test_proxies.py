"""Proxies are what pytest expects of the things that assertions name."""

import types

from grader.remote.importing.proxies import _Stub


def test_a_bound_method_says_its_name():
    """Without it, pytest explained a failed assertion by an AttributeError of ours."""
    assert types.MethodType(_Stub("parameters"), object()).__name__ == "parameters"
