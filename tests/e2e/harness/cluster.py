"""A cluster on this machine: etcd, masters and workers, each a process of its own on loopback."""

import base64
import functools
import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from harness.godwit import BINARY, Running
from harness.server import DIES_WITH_PARENT, PASSWORD, free_port


@functools.cache
def etcd_program():
    script = Path(__file__).resolve().parents[3] / "scripts" / "etcd-server"
    return subprocess.run([script], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def wait_for(condition, timeout=20, what="waited in vain"):
    """Gives what `condition()` gives, once that is true."""
    deadline = time.monotonic() + timeout
    while not (found := condition()):
        assert time.monotonic() < deadline, what() if callable(what) else what
        time.sleep(0.02)
    return found


class Etcd:
    """One member of etcd, with data of its own in `folder`. May serve several clusters, one after another."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True)
        self.port, peer = free_port(), free_port()
        self.url, peer_url = f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{peer}"
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [*DIES_WITH_PARENT, etcd_program(), "--name=m", f"--data-dir={self.folder}/data", f"--listen-client-urls={self.url}",
                 f"--advertise-client-urls={self.url}", f"--listen-peer-urls={peer_url}",
                 f"--initial-advertise-peer-urls={peer_url}", f"--initial-cluster=m={peer_url}",
                 "--heartbeat-interval=20", "--election-timeout=200", "--unsafe-no-fsync", "--logger=zap", "--log-level=error"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_for(self._answers, what=lambda: (self.folder / "log").read_text()[-3000:])

    def _answers(self):
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=1) as answer:
                return json.load(answer)["health"] == "true"
        except OSError:
            return False

    def _post(self, path, **body):
        request = urllib.request.Request(f"{self.url}/v3/{path}", json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)

    def wipe(self):
        """Nothing is left of any cluster."""
        key = lambda text: base64.b64encode(text.encode()).decode()
        self._post("kv/deleterange", key=key("/godwit/"), range_end=key("/godwit0"))

    def stop(self):
        self.process.kill()
        self.process.wait()


class Cluster:
    """Masters and workers over `etcd`; what runs is ended by close()."""

    def __init__(self, folder, etcd):
        self.folder = Path(folder)
        self.etcd = etcd
        self.masters, self.workers = {}, {}  # the processes, by name
        self.urls = {}  # of masters, by name
        self.token = None  # that is sent along
        self.tls = None  # an ssl.SSLContext, of masters with TLS
        self.lease = 3  # seconds, of masters and workers; None: as they have it by default
        self.prefix = []  # before the command of what is started
        self._runs = 0
        self.environment = {"SRC_PASSWORD": PASSWORD, "DST_PASSWORD": PASSWORD}

    def run(self, *arguments):
        """Starts godwit, with what the cluster's processes have in their environment."""
        self._runs += 1
        folder = self.folder / f"{arguments[0]}-{self._runs}"
        folder.mkdir(parents=True)
        return Running([*self.prefix, str(BINARY), *arguments], {**os.environ, **self.environment}, folder)

    def _start(self, kind, name, arguments, etcd=None):
        lease = [] if self.lease is None else ["--lease", str(self.lease)]
        return self.run(kind, "--name", name, "--etcd", etcd or self.etcd.url, *lease, *arguments)

    def start_master(self, name="m1", *arguments, etcd=None, listen="127.0.0.1:0"):
        """Starts a master, and waits until it answers, which is before one leads."""
        running = self._start("master", name, ["--listen", listen, *arguments], etcd)
        self.masters[name] = running
        wait_for(lambda: " answers at " in running.result().out or running.ended, what=lambda: running.result().text)
        assert not running.ended, running.result().text
        self.urls[name] = running.result().out.split(" answers at ")[1].split()[0]
        return running

    def start_worker(self, name="w1", *arguments, slots=1, etcd=None):
        """`etcd`: the url at which it finds the store, if not at its own."""
        running = self._start("worker", name, ["--slots", str(slots), *arguments], etcd)
        self.workers[name] = running
        return running

    def start(self, masters=1, workers=1, slots=1):
        """All of them, and waits until one leads and all workers are in the books."""
        for number in range(masters):
            self.start_master(f"m{number + 1}")
        for number in range(workers):
            self.start_worker(f"w{number + 1}", slots=slots)
        self.wait_until(lambda: self.get("members")["leader"] and
                        sum(one["state"] != "offline" for one in self.get("members")["workers"]) == workers)
        return self

    def ask(self, method, path, body=None, master=None, token=None):
        """Asks a master, the first by default; gives the HTTP status and the answer. `body`: a text is a file's, else JSON."""
        url = self.urls[master] if master else next(iter(self.urls.values()))
        headers = {}
        if body is not None:
            headers["Content-Type"] = "application/yaml" if isinstance(body, str) else "application/json"
            body = (body if isinstance(body, str) else json.dumps(body)).encode()
        if token or self.token:
            headers["Authorization"] = f"Bearer {token or self.token}"
        if not path.startswith("/"):
            path = f"/api/v1/{path}"
        request = urllib.request.Request(url + path, data=body, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60, context=self.tls) as answer:
                return answer.status, self._read(answer)
        except urllib.error.HTTPError as answer:
            return answer.code, self._read(answer)

    @staticmethod
    def _read(answer):
        text = answer.read().decode()
        return json.loads(text) if answer.headers.get_content_type() == "application/json" else text

    def expect(self, status, method, path, body=None, **how):
        got, answer = self.ask(method, path, body, **how)
        assert got == status, (method, path, got, answer)
        return answer

    def get(self, path, **how):
        return self.expect(200, "GET", path, **how)

    def post(self, path, body=None, **how):
        return self.expect(200, "POST", path, body, **how)

    def wait_until(self, condition, timeout=30):
        """Until it holds; what it asks may be refused meanwhile."""
        last = []

        def holds():
            try:
                return condition()
            except (AssertionError, OSError) as refused:
                last[:] = [refused]
                return False

        return wait_for(holds, timeout, lambda: f"{last}\n{self.logs()}")

    @staticmethod
    def source_file(name, server, **keys):
        """The file of a source; JSON is YAML."""
        return json.dumps({"name": name, "url": server.url, "password_env": "SRC_PASSWORD", **keys})

    @staticmethod
    def task_file(name, sources, target, **keys):
        return json.dumps({"name": name, "sources": sources, "target": {"url": target.url, "password_env": "DST_PASSWORD"},
                           "tables": {"include": ["shop.*"]}, **keys})

    def status(self, task, number=0):
        """Of one of its subtasks."""
        return self.get(f"tasks/{task}/status")["subtasks"][number]

    def phase(self, task, number=0):
        """Where the run of a subtask stands; None where none is known."""
        return (self.status(task, number)["status"] or {}).get("phase")

    def running_at(self, worker):
        """What runs at a worker, by itself, as (source, task)."""
        with urllib.request.urlopen(f"{worker}/api/v1/worker/subtasks", timeout=2) as answer:
            return [(one["source"], one["task"]) for one in json.load(answer)["subtasks"] if one["stage"] == "Running"]

    def logs(self):
        return "\n".join(f"--- {name}\n{running.result().text[-3000:]}"
                         for name, running in {**self.masters, **self.workers}.items())

    def processes(self):
        return [*self.workers.values(), *self.masters.values()]

    def close(self):
        for running in self.processes():
            if not running.ended:
                running.interrupt(signal.SIGCONT)
                running.kill()
