"""Executes notebooks through the real kernel and converts them to HTML pages.

Reads one JSON object from the first line of standard input: {"kernel": name, "cwd": folder, "jobs": [{"name", "source",
"executed", "page"}]}. Writes one JSON object a line to standard output: what happened, as it happens. When standard
input is closed before the end, the running kernel is shut down and nothing half-written is left.
"""

import asyncio
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


class Stop:
    """Set when the caller has closed our input."""

    asked = False


async def execute(job: dict, kernel: str, cwd: str, stop: Stop) -> None:
    notebook = nbformat.read(job["source"], as_version=4)
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
            await manager.start_kernel(cwd=cwd, stderr=raw)
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
    write_whole(Path(job["executed"]), nbformat.writes(notebook) + "\n")
    write_whole(Path(job["page"]), html_page(notebook, job["name"]))
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

    async def work() -> None:
        for job in order["jobs"]:
            await execute(job, order["kernel"], order["cwd"], stop)

    task = asyncio.ensure_future(work())
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
