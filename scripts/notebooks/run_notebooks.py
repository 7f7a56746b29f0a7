"""Executes notebooks through the real kernel, each in a kernel of its own, and converts them to HTML pages.

Reads one JSON object from the first line of standard input: {"kernel": name, "cwd": folder, "at_once": how many run at the
same time, "jobs": [{"name", "source", "executed", "out", "page", "in_place"}]}. A notebook's runs leave their records in
`out`, its kernel's MAIL_LAB_OUT; without `page` no page is written. With `in_place` a notebook that ran without an error and
without standard error replaces its source. Writes one JSON object a line to standard output: what happened, as it
happens. When standard input is closed before the end, the running kernels are shut down and nothing half-written is left.
"""

import asyncio
import hashlib
import json
import os
import re
import sys
import threading
import time
from pathlib import Path

import nbformat
from jupyter_client import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert import HTMLExporter

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def tell(event: str, **facts) -> None:
    print(json.dumps({"event": event, **facts}), flush=True)


def write_whole(path: Path, text: str) -> None:
    """Writes a file under another name first, so that it is never seen half-written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def problems(notebook) -> list[dict]:
    """Error outputs and stderr text, with the cell's number as a reader counts code cells (from 1)."""
    found = []
    number = 0
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        number += 1
        for output in cell.outputs:
            if output.output_type == "error":
                found.append(
                    {
                        "kind": "error",
                        "cell": number,
                        "name": output.ename,
                        "value": output.evalue,
                        "traceback": ANSI.sub("", "\n".join(output.traceback)),
                    }
                )
            elif output.output_type == "stream" and output.name == "stderr":
                found.append({"kind": "stderr", "cell": number, "text": output.text})
    return found


def source_hashes(notebook) -> list[str]:
    """For each code cell a hash of its text and that of all code cells before it. scripts/notebooks/sources.mjs has the twin."""
    so_far = hashlib.sha256()
    hashes = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            so_far.update(json.dumps(cell.source, ensure_ascii=False).encode())
            hashes.append(so_far.hexdigest()[:16])
    return hashes


def without_volatile_parts(notebook):
    """The notebook with what is the same whenever it is run: no times, no state of somebody's page; every cell has an id."""
    kept = ("kernelspec", "language_info")
    notebook.metadata = {key: notebook.metadata[key] for key in kept if key in notebook.metadata}
    notebook.metadata["mail_lab"] = {"sources": source_hashes(notebook)}
    for cell in notebook.cells:
        cell.metadata = {key: cell.metadata[key] for key in ("tags", "slideshow") if key in cell.metadata}
    return notebook


def with_cell_ids(text: bytes) -> str:
    """The notebook with cells that have no id named by their place; nbformat would give them a name by chance."""
    raw = json.loads(text)
    cells = raw.get("cells", [])
    taken = {cell.get("id") for cell in cells}
    for place, cell in enumerate(cells):
        if "id" not in cell:
            name = f"cell-{place:02d}"
            while name in taken:
                name += "-new"
            cell["id"] = name
            taken.add(name)
    if raw.get("nbformat") == 4:
        raw["nbformat_minor"] = max(raw.get("nbformat_minor", 0), 5)  # The first with ids.
    return json.dumps(raw)


class Stop:
    """Set when the caller has closed our input."""

    asked = False


async def execute(job: dict, kernel: str, cwd: str, stop: Stop) -> None:
    before = Path(job["source"]).read_bytes()
    notebook = nbformat.reads(with_cell_ids(before), as_version=4)
    code_cells = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code" and cell.source.strip()]
    number = {index: place + 1 for place, index in enumerate(code_cells)}
    tell("notebook", name=job["name"], cells=len(code_cells))
    began = time.monotonic()
    # The kernel is started and ended here and not by nbclient, which leaves it running when it is stopped early.
    manager = AsyncKernelManager(kernel_name=kernel)
    died = None
    # What native libraries write to the raw standard error: worth keeping, and no part of the notebook.
    log = Path(job["executed"]).with_suffix(".log")
    log.parent.mkdir(parents=True, exist_ok=True)
    try:
        with log.open("wb") as raw:
            await manager.start_kernel(cwd=cwd, stderr=raw, env={**os.environ, "MAIL_LAB_OUT": job["out"]})
        client = NotebookClient(
            notebook,
            km=manager,
            timeout=None,
            startup_timeout=300,
            coalesce_streams=True,
            record_timing=False,
            on_cell_start=lambda cell, cell_index: tell("cell", name=job["name"], cell=number.get(cell_index)),
        )
        await client.async_execute()
    except (CellExecutionError, CellTimeoutError):
        pass  # The cell's error output says it.
    except DeadKernelError:
        died = "The kernel ended by itself. Its last words: " + (log.read_text(errors="replace")[-2000:].strip() or "none")
    finally:
        if manager.has_kernel:
            await manager.shutdown_kernel(now=stop.asked)
    if stop.asked:  # nbclient takes a cancelled task for a dead kernel.
        raise asyncio.CancelledError
    found = problems(notebook)
    if died is not None:
        found.append({"kind": "error", "cell": None, "name": "KernelEnded", "value": died, "traceback": ""})
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    if job.get("in_place"):
        notebook = without_volatile_parts(notebook)
    text = nbformat.writes(notebook) + "\n"
    write_whole(Path(job["executed"]), text)
    if job.get("page"):
        write_whole(Path(job["page"]), html_page(notebook, job["name"]))
    if job.get("in_place") and not found:
        if Path(job["source"]).read_bytes() == before:
            write_whole(Path(job["source"]), text)
        else:
            found.append(
                {
                    "kind": "error",
                    "cell": None,
                    "name": "Changed",
                    "value": "the notebook was edited while it ran, and is left as it is: run it again",
                    "traceback": "",
                }
            )
    tell("done", name=job["name"], seconds=time.monotonic() - began, problems=found)


def html_page(notebook, title: str) -> str:
    """A page that needs nothing from the network, save for MathJax where there are formulas."""
    exporter = HTMLExporter(template_name="lab")
    exporter.require_js_url = ""
    exporter.jquery_url = ""
    page, _ = exporter.from_notebook_node(notebook, resources={"metadata": {"name": title}})
    # An empty address would ask for the page itself.
    return page.replace('<script src=""></script>', "")


async def main() -> int:
    order = json.loads(sys.stdin.readline())
    stop = Stop()

    places = asyncio.Semaphore(order["at_once"])

    async def work(job: dict) -> None:
        async with places:
            await execute(job, order["kernel"], order["cwd"], stop)

    async def work_all() -> None:
        await asyncio.gather(*(work(job) for job in order["jobs"]))

    task = asyncio.ensure_future(work_all())
    loop = asyncio.get_running_loop()

    def end() -> None:
        stop.asked = True
        task.cancel()

    def watch() -> None:
        sys.stdin.read()
        loop.call_soon_threadsafe(end)

    threading.Thread(target=watch, daemon=True).start()
    try:
        await task
    except asyncio.CancelledError:
        return 130
    tell("end")
    return 0


if __name__ == "__main__":
    code = asyncio.run(main())
    sys.stdout.flush()
    # The thread that waits on standard input would hold up a normal exit.
    os._exit(code)
