"""A client of Meshgen: CAD in, checked volume meshes out. Python 3.9 or newer, nothing else.

    from meshgen import Client

    client = Client("http://localhost:8080")          # or MESHGEN_SERVER, MESHGEN_API_KEY
    geometry = client.upload("bracket.step")
    mesh = client.mesh(geometry["id"], {"size": {"fineness": 6}})
    client.download(mesh["id"], "bracket.vtu")

Answers are the JSON of the service as dicts: docs/openapi.yaml says what is in them.
"""

import json
import os
import shutil
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from pathlib import Path

FINAL = {"succeeded", "failed", "canceled"}


class MeshgenError(Exception):
    """What the service refused, or why a job failed. `problem` is the JSON that it said, `code` its code."""

    def __init__(self, message, status=0, problem=None):
        super().__init__(message)
        self.status, self.problem = status, problem or {}
        self.code = self.problem.get("code", "")


class Client:
    """Speaks to one service. `patience` is how long, in seconds, a service that is away or full is asked again."""

    def __init__(self, server=None, api_key=None, patience=60):
        self.server = (server or os.environ.get("MESHGEN_SERVER", "http://localhost:8080")).rstrip("/")
        self._key = api_key or os.environ.get("MESHGEN_API_KEY", "")
        self._patience = patience

    def upload(self, file, units=None, wait=True):
        """Sends a CAD file and returns its geometry; with `wait`, once it has been read."""
        file = Path(file)
        boundary = uuid.uuid4().hex
        parts = []
        if units:
            parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="units"\r\n\r\n{units}\r\n'.encode())
        name = file.name.replace('"', "%22")
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        tail = f"\r\n--{boundary}--\r\n".encode()
        before = b"".join(parts) + head.encode()
        size = len(before) + file.stat().st_size + len(tail)

        def body():  # anew for each try
            yield before
            with file.open("rb") as f:
                while block := f.read(1 << 20):
                    yield block
            yield tail

        # The key makes sending it again safe: the same file under the same one is the same geometry.
        key = str(uuid.uuid4())
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Content-Length": str(size), "Idempotency-Key": key}
        geometry = self._json("POST", "/v1/upload", body, headers)
        return self._settled("geometries", geometry) if wait else geometry

    def mesh(self, geometry_id, spec=None, wait=True):
        """Asks for a mesh and returns it; with `wait`, once it is done. A mesh that failed is a MeshgenError."""
        body = json.dumps({"geometry_id": geometry_id, "spec": spec or {}}).encode()
        # The key makes asking again safe: the same one is the same mesh.
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        if wait:
            headers["Prefer"] = "wait=25"
        mesh = self._json("POST", "/v1/meshes", lambda: [body], headers)
        return self._settled("meshes", mesh) if wait else mesh

    def get(self, path, **query):
        """Any GET, such as get("/v1/meshes", limit=10)."""
        return self._json("GET", path + ("?" + urllib.parse.urlencode(query) if query else ""))

    def events(self, subject, id):
        """Yields (type, data) of a mesh ("meshes") or geometry ("geometries") until it is done."""
        with self._open("GET", f"/v1/{subject}/{id}/events", headers={"Accept": "text/event-stream"}) as answer:
            kind, data = "", []
            for line in answer:
                line = line.decode().rstrip("\r\n")
                if line.startswith("event:"):
                    kind = line[6:].strip()
                elif line.startswith("data:"):
                    data.append(line[5:].lstrip())
                elif not line and data:
                    yield kind, json.loads("\n".join(data))
                    if kind == "done":
                        return
                    kind, data = "", []

    def download(self, mesh_id, to, format=None):
        """Writes a mesh to a file, in the format of its suffix if none is named, and returns the path."""
        to = Path(to)
        format = format or to.suffix.lstrip(".")
        part = to.with_name(to.name + ".part")
        with self._open("GET", f"/v1/meshes/{mesh_id}/download?format={urllib.parse.quote(format)}") as answer, part.open("wb") as f:
            shutil.copyfileobj(answer, f, 1 << 20)
        part.replace(to)
        return to

    def _settled(self, subject, thing):
        deadline = time.monotonic() + self._patience
        while thing["status"] not in FINAL:
            try:
                for _ in self.events(subject, thing["id"]):
                    deadline = time.monotonic() + self._patience
            except (OSError, MeshgenError):  # a stream may break; what counts is the state
                if time.monotonic() > deadline:
                    raise
                time.sleep(1)
            thing = self.get(f"/v1/{subject}/{thing['id']}")
        if thing["status"] != "succeeded":
            problem = thing.get("error") or {}
            raise MeshgenError(problem.get("message") or f"{thing['id']} is {thing['status']}", problem=problem)
        return thing

    def _json(self, method, path, body=None, headers=None):
        with self._open(method, path, body, headers) as answer:
            return json.load(answer)

    def _open(self, method, path, body=None, headers=None):
        deadline = time.monotonic() + self._patience
        while True:
            request = urllib.request.Request(self.server + path, method=method, data=body() if body else None, headers=headers or {})
            if self._key:  # not for the store that a download leads to: its URL is signed
                request.add_unredirected_header("Authorization", "Bearer " + self._key)
            try:
                return urllib.request.urlopen(request, timeout=max(30, self._patience))
            except urllib.error.HTTPError as e:
                text = e.read()
                try:
                    problem = json.loads(text)
                except ValueError:
                    problem = {}
                pause = float(e.headers.get("Retry-After") or 0)
                if e.code not in (429, 503) or time.monotonic() + pause > deadline:
                    raise MeshgenError(problem.get("detail") or problem.get("title") or str(e), e.code, problem) from None
            except urllib.error.URLError as e:
                pause = 1
                if method == "POST" and not (headers or {}).get("Idempotency-Key") or time.monotonic() > deadline:
                    raise MeshgenError(f"{self.server} cannot be reached: {e.reason}") from None
            time.sleep(max(pause, 0.5))
