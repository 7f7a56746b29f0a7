"""A running kernel as the tests see it: send code, get back everything that came of it."""

from dataclasses import dataclass, field
from time import monotonic

from jupyter_client.manager import KernelManager

# Only an upper bound for a kernel that hangs; every wait below ends with the message that it waits for.
TIMEOUT = 180


@dataclass
class Result:
    """The reply to an execute request and the messages of its cell, statuses left out."""

    reply: dict
    messages: list = field(default_factory=list)

    @property
    def status(self) -> str:
        return self.reply["status"]

    def of_type(self, *types: str) -> list:
        return [content for kind, content in self.messages if kind in types]

    def stream(self, name: str = "stdout") -> str:
        return "".join(c["text"] for c in self.of_type("stream") if c["name"] == name)

    @property
    def error(self) -> dict:
        """The content of the only error message."""
        errors = self.of_type("error")
        assert len(errors) == 1, self
        return errors[0]

    @property
    def traceback(self) -> str:
        return "\n".join(self.error["traceback"])

    @property
    def value(self) -> str | None:
        """The text of the execute_result, if there is one."""
        results = self.of_type("execute_result")
        return results[0]["data"].get("text/plain") if results else None


class Session:
    """One kernel and a client to it."""

    def __init__(self, kernel_name: str, cwd=None):
        self.manager = KernelManager(kernel_name=kernel_name)
        self.manager.start_kernel(**({"cwd": str(cwd)} if cwd else {}))
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=TIMEOUT)

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel()

    def restart(self) -> None:
        self.manager.restart_kernel()
        self.client.wait_for_ready(timeout=TIMEOUT)

    def interrupt(self) -> None:
        self.manager.interrupt_kernel()

    def send(self, code: str, **options) -> str:
        """Sends an execute request and returns its id without waiting."""
        content = {"code": code, "silent": False, "store_history": True, "stop_on_error": True, **options}
        content |= {"user_expressions": {}, "allow_stdin": False}
        message = self.client.session.msg("execute_request", content)
        self.client.shell_channel.send(message)
        return message["header"]["msg_id"]

    def run(self, code: str, **options) -> Result:
        return self.result(self.send(code, **options))

    def ok(self, code: str, **options) -> Result:
        """Runs a cell that has to succeed."""
        result = self.run(code, **options)
        assert result.status == "ok", result
        return result

    def iopub(self, request: str):
        """The messages that a request causes, as (type, content), up to and without its idle status."""
        deadline = monotonic() + TIMEOUT
        while True:
            message = self.client.get_iopub_msg(timeout=max(0.1, deadline - monotonic()))
            if message["parent_header"].get("msg_id") != request:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                return
            if kind != "status":
                yield kind, content

    def wait_for_text(self, request: str, text: str) -> None:
        """Waits until the running cell of a request has printed `text`."""
        seen = []
        for kind, content in self.iopub(request):
            seen.append((kind, content))
            if kind == "stream" and text in content["text"]:
                return
        raise AssertionError(f"The cell ended after {seen}")

    def reply(self, request: str) -> dict:
        """The content of the reply to a request on the shell channel."""
        deadline = monotonic() + TIMEOUT
        while True:
            message = self.client.get_shell_msg(timeout=max(0.1, deadline - monotonic()))
            if message["parent_header"].get("msg_id") == request:
                return message["content"]

    def result(self, request: str) -> Result:
        messages = list(self.iopub(request))
        return Result(self.reply(request), messages)

    def late_message(self, kind: str) -> tuple[dict, dict]:
        """Waits for a message of a type, whatever request it belongs to; returns its parent header and its content."""
        deadline = monotonic() + TIMEOUT
        while True:
            message = self.client.get_iopub_msg(timeout=max(0.1, deadline - monotonic()))
            if message["msg_type"] == kind:
                return message["parent_header"], message["content"]
