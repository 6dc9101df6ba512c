"""Install the sandbox's packages into one folder, for a read-only root and without network.

    python install_packages.py REQUIREMENTS WHEELHOUSE TARGET

Used by the Docker image's build and by the bubblewrap root's, so that student code meets the
same packages in both. Everything is compiled now, because nothing can be written later.
"""

import compileall
import subprocess
import sys
from pathlib import Path


def main(requirements: Path, wheelhouse: Path, target: Path) -> None:
    """Fill `target` from `wheelhouse`; a failing step ends the build."""
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--root-user-action", "ignore", "--no-cache-dir", "--no-compile", "--no-index"),
            *("--find-links", str(wheelhouse), "--target", str(target), "-r", str(requirements)),
        ],
        check=True,
    )
    mend_torchvision(target)
    compileall.compile_dir(str(target), quiet=2, workers=0)


def mend_torchvision(target: Path) -> None:
    """Let torchvision be imported beside a CPU build of torch.

    The wheel of the package index is compiled for CUDA. Beside a CPU torch its compiled
    operators don't load, and then only the registration of their shape rules fails.
    """
    probe = [sys.executable, "-c", "import torchvision"]
    if subprocess.run(probe, env={"PYTHONPATH": str(target)}, capture_output=True).returncode:
        (target / "torchvision" / "_meta_registrations.py").write_text(
            '"""Left empty: the compiled operators it describes need CUDA."""\n'
        )
        subprocess.run(probe, env={"PYTHONPATH": str(target)}, check=True)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
