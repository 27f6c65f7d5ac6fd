"""A simulated student: what a browser asks of the hub's proxy, over REST and websocket."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import nbformat
from jupyter_server.services.kernels.connection.base import deserialize_binary_message
from nbformat import NotebookNode
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from tools.notebooks import code_cells

OUTPUTS = ("stream", "display_data", "execute_result")
# What the page of JupyterLab 4 fetches from the server, its static files left out.
LAB = (
    "lab/api/settings",
    "lab/api/workspaces/default",
    "lab/api/translations/",
    "api/kernelspecs",
    "api/terminals",
    "api/contents/?content=1",
    "lsp/status",
)
PATIENCE = 600  # seconds for anything; more is an error
AsyncHTTPClient.configure(None, max_clients=1000)


class KernelDiedError(Exception):
    """The kernel died while it was asked; the server starts a new one."""


@dataclass(frozen=True)
class Message:
    """What a kernel said, and when it came through the proxy."""

    kind: str
    content: Mapping
    at: float


class Student:
    """One student of a hub, who needs nothing but the address of the proxy and a token."""

    def __init__(self, name: str, hub: str, token: str):
        self.name, self.hub = name, hub
        self.headers = {"Authorization": f"token {token}"}

    async def _ask(self, method: str, path: str, body=None) -> str:
        request = HTTPRequest(
            self.hub + path,
            method,
            self.headers,
            body=None if body is None else json.dumps(body),
            allow_nonstandard_methods=True,
            connect_timeout=PATIENCE,
            request_timeout=PATIENCE,
        )
        return (await AsyncHTTPClient().fetch(request)).body.decode()

    async def _ask_server(self, method: str, path: str, body=None) -> str:
        return await self._ask(method, f"/user/{self.name}/{path}", body)

    async def enrol(self) -> None:
        """Become known to the hub, as at the first login."""
        await self._ask("POST", f"/hub/api/users/{self.name}")

    async def start(self) -> None:
        """Start the own server and wait until it is there."""
        await self._ask("POST", f"/hub/api/users/{self.name}/server")
        progress = await self._ask("GET", f"/hub/api/users/{self.name}/server/progress")
        last = _events(progress)[-1]
        if not last.get("ready"):
            raise RuntimeError(f"the server of {self.name} did not start: {last}")

    async def stop(self) -> None:
        """Stop the own server and wait until it is gone."""
        await self._ask("DELETE", f"/hub/api/users/{self.name}/server")
        while await self.server() is not None:
            await asyncio.sleep(0.2)

    async def server(self) -> int | None:
        """Return the process number of the own server; None while there is none."""
        user = json.loads(await self._ask("GET", f"/hub/api/users/{self.name}"))
        servers = user["servers"]
        return servers[""]["state"]["pid"] if servers else None

    async def follow(self, link: str) -> str:
        """Do what nbgitpuller's page does behind a teacher's link; return the path it opens."""
        query = {key: values[0] for key, values in parse_qs(urlsplit(link).query).items()}
        wanted = urlencode({key: query[key] for key in ("repo", "targetpath")})
        await self._ask_server("GET", f"git-pull?{urlsplit(link).query}")
        last = _events(await self._ask_server("GET", f"git-pull/api?{wanted}"))[-1]
        if last["phase"] != "finished":
            raise RuntimeError(f"nbgitpuller: {last['message']}")
        return query["urlpath"].removeprefix("lab/tree/")

    async def open_lab(self, path: str) -> None:
        """Ask for what JupyterLab's page asks the server for when it opens a file."""
        await self._ask_server("GET", f"lab/tree/{quote(path)}")
        await asyncio.gather(*(self._ask_server("GET", part) for part in LAB))

    async def read(self, path: str) -> NotebookNode:
        """Return a notebook as it is saved."""
        model = json.loads(await self._ask_server("GET", f"api/contents/{quote(path)}"))
        return nbformat.from_dict(model["content"])

    async def save(self, path: str, notebook: NotebookNode) -> None:
        """Save a notebook."""
        model = {"type": "notebook", "content": notebook}
        await self._ask_server("PUT", f"api/contents/{quote(path)}", model)

    @asynccontextmanager
    async def kernel(self, path: str):
        """Give the kernel of a notebook, connected as an open tab is."""
        wanted = {"path": path, "name": "", "type": "notebook", "kernel": {"name": "python3"}}
        session = json.loads(await self._ask_server("POST", "api/sessions", wanted))
        number = session["kernel"]["id"]
        address = f"{self.hub.replace('http', 'ws', 1)}/user/{self.name}/api/kernels/{number}"
        request = HTTPRequest(
            f"{address}/channels?session_id={uuid.uuid4().hex}",
            headers=self.headers,
            connect_timeout=PATIENCE,
            request_timeout=PATIENCE,
        )
        kernel = await _connected(request)
        try:
            yield kernel
        finally:
            kernel.close()


async def _connected(request: HTTPRequest) -> Kernel:
    """Connect until the kernel answers: while it starts, the server may close the connection."""
    async with asyncio.timeout(PATIENCE):
        while True:
            kernel = Kernel(await websocket_connect(request, max_message_size=2**30))
            try:
                await kernel.answers()
            except KernelDiedError:
                kernel.close()
                await asyncio.sleep(1)
            else:
                return kernel


class Kernel:
    """A kernel behind the proxy; asked one thing at a time."""

    def __init__(self, socket: WebSocketClientConnection):
        self._socket = socket
        self._session = uuid.uuid4().hex

    def close(self) -> None:
        """Close the connection; the kernel runs on."""
        self._socket.close()

    async def answers(self, again: float = 10.0) -> None:
        """Ask for its info until it answers: what a kernel says while it starts can be lost."""
        while True:
            with suppress(TimeoutError):
                await self._ask("kernel_info_request", {}, patience=again)
                return

    async def run(self, source: str) -> list[Message]:
        """Run a cell; return what it said, in order."""
        content = {"code": source, "silent": False, "store_history": True}
        content |= {"user_expressions": {}, "allow_stdin": False, "stop_on_error": True}
        return await self._ask("execute_request", content)

    async def send(self, comm: str, data: Mapping) -> list[Message]:
        """Send a widget's message, as its front end does; return the answer."""
        return await self._ask("comm_msg", {"comm_id": comm, "data": data})

    async def _ask(self, kind: str, content: Mapping, patience: float = PATIENCE) -> list[Message]:
        number = uuid.uuid4().hex
        header = {"msg_id": number, "msg_type": kind, "session": self._session}
        header |= {"username": "", "version": "5.3", "date": ""}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        await self._socket.write_message(json.dumps(message | {"channel": "shell", "buffers": []}))
        return await asyncio.wait_for(self._answer(number), patience)

    async def _answer(self, number: str) -> list[Message]:
        said = []
        while True:
            raw = await self._socket.read_message()
            if raw is None:
                raise KernelDiedError("the connection was closed")
            message = json.loads(raw) if isinstance(raw, str) else deserialize_binary_message(raw)
            kind, content = message["header"]["msg_type"], message["content"]
            state = content.get("execution_state") if kind == "status" else None
            if state in ("restarting", "autorestarting", "dead"):
                raise KernelDiedError(state)
            if message["parent_header"].get("msg_id") != number or message["channel"] != "iopub":
                continue
            if state == "idle":
                return said
            said.append(Message(kind, content, time.monotonic()))


@dataclass
class Explorer:
    """A live explorer of a notebook, as its front end sees it."""

    kernel: Kernel
    comm: str
    slider: Mapping
    moved: int = 0

    async def moves(self, count: int, pause: float = 0.0) -> list[float]:
        """Move the first slider some steps, with a pause behind each: keys pressed, or a drag."""
        answers = []
        for _ in range(count):
            answers.append(await self.move())
            await asyncio.sleep(pause)
        return answers

    async def move(self) -> float:
        """Move the first slider one step and return the seconds until the picture came."""
        self.moved += 1
        low, high, step = (self.slider[key] for key in ("low", "high", "step"))
        value = low + self.moved % round((high - low) / step) * step
        answer = [1, self.moved]
        steps = [{"values": {self.slider["key"]: value}, "act": None}]
        data = {"method": "custom", "content": {"steps": steps, "answer": answer}}
        began = time.monotonic()
        for message in await self.kernel.send(self.comm, data):
            shown = message.content.get("data", {}).get("state", {}).get("shown")
            if shown and shown["answer"] == answer:
                if shown.get("error") or shown["values"][self.slider["key"]] != value:
                    raise RuntimeError(f"the explorer shows something else: {shown}")
                return message.at - began
        raise RuntimeError("the explorer did not answer")


async def run_lesson(kernel: Kernel, notebook: NotebookNode) -> list[Message]:
    """Run all cells; return what they said; raise RuntimeError if one fails that should not."""
    said = []
    for cell in code_cells(notebook):
        answer = await kernel.run(cell.source)
        if (wrong := errors(answer)) and "raises-exception" not in cell.metadata.get("tags", []):
            raise RuntimeError(f"{wrong} from the cell {cell.source[:60]!r}")
        said += answer
    return said


def first_output(said: Sequence[Message]) -> float:
    """Return when the first output came."""
    return next(message.at for message in said if message.kind in OUTPUTS)


def explorer(kernel: Kernel, said: Sequence[Message]) -> Explorer:
    """Return the first live explorer with a slider; raise RuntimeError if there is none."""
    for message in said:
        if message.kind != "comm_open":
            continue
        controls = message.content["data"].get("state", {}).get("controls", [])
        sliders = [control for control in controls if control["kind"] == "slider"]
        if sliders:
            return Explorer(kernel, message.content["comm_id"], sliders[0])
    raise RuntimeError("the lesson opens no live explorer with a slider")


def errors(said: Sequence[Message]) -> list[str]:
    """Return what cells put out in red."""
    red = [message.content["ename"] for message in said if message.kind == "error"]
    streams = [message.content for message in said if message.kind == "stream"]
    return red + [content["text"] for content in streams if content["name"] == "stderr"]


def _events(stream: str) -> list[dict]:
    return [json.loads(line[5:]) for line in stream.splitlines() if line.startswith("data:")]
