"""Kernels for the tests: the one of this checkout, and one of a small project with the same kernel that a test may edit."""

import json
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from session import Session

ROOT = Path(__file__).resolve().parents[2]


def install_spec(jupyter_path: Path, name: str, root: Path) -> None:
    """Writes the kernelspec `name`, which starts the launcher of the project at `root`."""
    directory = jupyter_path / "kernels" / name
    directory.mkdir(parents=True)
    launcher = str(root / "lib" / "kernel" / "launcher.cjs")
    spec = {
        "argv": [shutil.which("node"), launcher, "{connection_file}"],
        "display_name": "TypeScript (mail-lab)",
        "language": "typescript",
    }
    (directory / "kernel.json").write_text(json.dumps(spec))


def pytest_configure(config):
    """Points Jupyter at a temporary kernelspec, whatever is installed on the machine."""
    jupyter_path = Path(tempfile.mkdtemp(prefix="mail-lab-kernelspec-"))
    config.add_cleanup(lambda: shutil.rmtree(jupyter_path, ignore_errors=True))
    install_spec(jupyter_path, "mail-lab", ROOT)
    os.environ["JUPYTER_PATH"] = str(jupyter_path)


@pytest.fixture(scope="module")
def kernel():
    """A kernel that the tests of a module share."""
    session = Session("mail-lab")
    yield session
    session.close()


@pytest.fixture(scope="module")
def restarted_kernel(tmp_path_factory):
    """A kernel that tests may restart, started from a folder that is not the project's."""
    session = Session("mail-lab", cwd=tmp_path_factory.mktemp("elsewhere"))
    yield session
    session.close()


class Project:
    """A project with the kernel of this checkout and a library of its own, and a kernel that runs in it."""

    def __init__(self, root: Path):
        self.root = root
        shutil.copytree(ROOT / "lib" / "kernel", root / "lib" / "kernel")
        (root / "node_modules").symlink_to(ROOT / "node_modules")
        package = {"name": "mail-lab", "type": "module", "exports": {".": "./lib/index.ts"}}
        (root / "package.json").write_text(json.dumps(package))
        self.reset()
        install_spec(Path(os.environ["JUPYTER_PATH"]), f"mail-lab-{root.name}", root)
        self.session = Session(f"mail-lab-{root.name}")

    def reset(self) -> None:
        self.write("index.ts", "export * from './answer.ts';\n")
        self.write("answer.ts", "export const answer = (): number => 41;\n")

    def write(self, name: str, text: str) -> None:
        (self.root / "lib" / name).write_text(text)


@pytest.fixture(scope="module")
def project_kernel(tmp_path_factory):
    made = Project(tmp_path_factory.mktemp("project").resolve())
    yield made
    made.session.close()


@pytest.fixture
def project(project_kernel):
    """The project as it was made, whatever the test before has written."""
    project_kernel.reset()
    return project_kernel
