"""Points Jupyter at the kernel of this checkout, whatever is installed on the machine."""

import json
import os
import shutil
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def pytest_configure(config):
    """Writes the kernelspec before any test module starts a kernel."""
    directory = Path(tempfile.mkdtemp(prefix="mail-lab-kernelspec-"))
    config.add_cleanup(lambda: shutil.rmtree(directory, ignore_errors=True))
    spec = directory / "kernels" / "mail-lab"
    spec.mkdir(parents=True)
    launcher = str(ROOT / "lib" / "kernel" / "launcher.cjs")
    content = {
        "argv": [shutil.which("node"), launcher, "{connection_file}"],
        "display_name": "TypeScript (mail-lab)",
        "language": "typescript",
    }
    (spec / "kernel.json").write_text(json.dumps(content))
    os.environ["JUPYTER_PATH"] = str(directory)
