"""scripts/notebooks/run_notebooks.py through the real kernel: what is written back, what is left alone, two at once."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "scripts" / "notebooks" / "sources.mjs"


def notebook(*sources: str, ids: bool = True) -> dict:
    cells = [
        {
            "cell_type": "code",
            "metadata": {"execution": {"iopub.execute_input": "now"}, "scrolled": True, "tags": ["kept"]},
            "source": source.splitlines(keepends=True),
            "execution_count": 7,
            "outputs": [],
        }
        for source in sources
    ]
    for place, cell in enumerate(cells if ids else cells[:1]):
        cell["id"] = f"own-{place}"
    return {"cells": cells, "metadata": {"signature": "somebody's"}, "nbformat": 4, "nbformat_minor": 5}


GOOD = notebook("const é = '😀';\né", "console.log(process.env.MAIL_LAB_OUT!.split('/').at(-1));", ids=False)
FAILS = notebook("1", "throw new Error('no')")
WARNS = notebook("console.error('careful')")
# Edits its own file, as an author may while it runs.
EDITED = notebook(
    "import { appendFileSync } from 'node:fs';\nappendFileSync(process.env.MAIL_LAB_TEST_FOLDER + '/edited.ipynb', ' ');"
)


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """The four notebooks run in place, two at once: the folder, and what was told of each."""
    folder = tmp_path_factory.mktemp("notebooks")
    jobs = []
    for name, content in {"good": GOOD, "fails": FAILS, "warns": WARNS, "edited": EDITED}.items():
        source = folder / f"{name}.ipynb"
        source.write_text(json.dumps(content))
        executed = folder / "executed" / f"{name}.ipynb"
        jobs.append({"name": name, "source": str(source), "executed": str(executed), "out": str(folder / name), "in_place": True})
    order = {"kernel": "mail-lab", "cwd": str(folder), "at_once": 2, "jobs": jobs}
    child = subprocess.Popen(
        [sys.executable, str(ROOT / "scripts" / "notebooks" / "run_notebooks.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "MAIL_LAB_TEST_FOLDER": str(folder)},
    )
    # Its input stays open: closing it would stop the kernels.
    child.stdin.write(json.dumps(order) + "\n")
    child.stdin.flush()
    lines = [json.loads(line) for line in child.stdout]
    assert child.wait() == 0
    return folder, lines


def problems(ran, name: str) -> list[dict]:
    return next(line for line in ran[1] if line["event"] == "done" and line["name"] == name)["problems"]


def test_clean_notebook_is_written_back_with_counts_outputs_and_nothing_volatile(ran):
    back = json.loads((ran[0] / "good.ipynb").read_text())
    assert problems(ran, "good") == []
    assert [cell["execution_count"] for cell in back["cells"]] == [1, 2]
    assert back["cells"][0]["outputs"][0]["data"]["text/plain"] == ["'😀'"]
    assert [cell["metadata"] for cell in back["cells"]] == [{"tags": ["kept"]}] * 2
    assert set(back["metadata"]) == {"language_info", "mail_lab"}


def test_cells_keep_their_ids_and_those_without_are_named_by_their_place(ran):
    back = json.loads((ran[0] / "good.ipynb").read_text())
    assert [cell["id"] for cell in back["cells"]] == ["own-0", "cell-01"]


def test_hashes_of_the_sources_are_those_that_the_lint_computes(ran):
    program = (
        f"const {{ sourceHashes }} = await import({json.dumps(SOURCES.as_uri())});"
        "const text = await import('node:fs').then(({ readFileSync }) => readFileSync(0, 'utf8'));"
        "console.log(JSON.stringify(sourceHashes(JSON.parse(text))));"
    )
    text = (ran[0] / "good.ipynb").read_text()
    node = [shutil.which("node"), "--input-type=module", "-e", program]
    hashes = json.loads(subprocess.run(node, input=text, capture_output=True, text=True, check=True).stdout)
    assert len(set(hashes)) == 2
    assert json.loads(text)["metadata"]["mail_lab"]["sources"] == hashes


def test_each_notebook_has_a_folder_of_records_of_its_own(ran):
    back = json.loads((ran[0] / "good.ipynb").read_text())
    assert back["cells"][1]["outputs"][0]["text"] == ["good\n"]


@pytest.mark.parametrize(("name", "kind", "before"), [("fails", "error", FAILS), ("warns", "stderr", WARNS)])
def test_notebook_with_an_error_or_with_standard_error_is_left_as_it_was(ran, name, kind, before):
    assert [problem["kind"] for problem in problems(ran, name)] == [kind]
    assert json.loads((ran[0] / f"{name}.ipynb").read_text()) == before
    # What came of it is kept elsewhere.
    assert json.loads((ran[0] / "executed" / f"{name}.ipynb").read_text())["cells"][0]["execution_count"] == 1


def test_notebook_that_was_edited_while_it_ran_is_left_as_it_was_edited(ran):
    assert [problem["name"] for problem in problems(ran, "edited")] == ["Changed"]
    assert (ran[0] / "edited.ipynb").read_text() == json.dumps(EDITED) + " "


def test_two_run_at_once(ran):
    events = [(line["event"], line.get("name")) for line in ran[1] if line["event"] in ("notebook", "done")]
    assert [event for event, _ in events[:2]] == ["notebook", "notebook"]
