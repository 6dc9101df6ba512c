"""Packs the client's modules from ../grader, and no others."""

from setuptools import setup
from setuptools.command.build_py import build_py

MODULES = {
    "grader": {"__init__", "errors"},
    "grader.client": {
        *("__init__", "cli", "command", "configuration", "endings", "events", "following"),
        *("handing_in", "packing", "telling", "transport"),
    },
    "grader.judging": {"__init__", "events", "result"},
    "grader.report": {"__init__", "junit", "lines", "numbers", "summary", "terminal", "text", "words"},
    "grader.submissions": {"__init__", "folder_reader", "intake", "limits", "names"},
}


class ClientModules(build_py):
    """Leaves out what else lies in the packages' folders."""

    def find_package_modules(self, package, package_dir):
        found = super().find_package_modules(package, package_dir)
        return [module for module in found if module[1] in MODULES[package]]


setup(
    packages=list(MODULES),
    package_dir={name: f"../{name.replace('.', '/')}" for name in MODULES},
    include_package_data=False,
    cmdclass={"build_py": ClientModules},
)
