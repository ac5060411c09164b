"""The node under test: a whole cluster of one emulated machine, and the agents on it."""

import http.client
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[3]
NAMESPACE = "holdfast"
STATE = "/var/lib/holdfast"


class Failed(Exception):
    """A promise that was not kept, or a step that did not work."""


def until(what, seconds, look):
    """Returns the first answer of look() that is true. Errors of the tools count as no answer yet."""
    end = time.monotonic() + seconds
    last = None
    while True:
        try:
            last = look()
            if last:
                return last
        except (subprocess.SubprocessError, OSError, ValueError) as e:
            last = e
        if time.monotonic() > end:
            raise Failed(f"waited {seconds} s in vain for: {what}; last seen: {str(last)[:600]}")
        time.sleep(0.3)


def run(*command, stdin=None, seconds=120, env=None, check=True):
    """Runs a command and returns what it wrote."""
    done = subprocess.run(
        [str(word) for word in command], input=stdin, stdin=None if stdin else subprocess.DEVNULL,
        capture_output=True, timeout=seconds, env={**os.environ, **(env or {})})
    if check and done.returncode != 0:
        raise subprocess.SubprocessError(
            f"{' '.join(map(str, command))[:300]}: exit code {done.returncode}: {done.stderr.decode()[-800:]}")
    return done.stdout.decode()


class Cluster:
    """A cluster that is started when first needed; close() stops it if it was not there before."""

    def __init__(self, tools, directory):
        self.tools = pathlib.Path(tools)
        self.env = {"KUBE_NODE_DIR": str(directory)}
        self.kept = (pathlib.Path(directory) / "init.pid").exists()
        self.bin = None

    def up(self):
        if self.bin is None:
            self.bin = pathlib.Path(run(self.tools / "setup", seconds=3600).strip())
            self.env["KUBECONFIG"] = run(self.tools / "up", seconds=600, env=self.env).strip()

    def close(self):
        if self.bin is not None and not self.kept:
            run(self.tools / "down", env=self.env)

    def kubectl(self, *words, stdin=None, seconds=120, check=True):
        return run(self.bin / "kubectl", *words, stdin=stdin, seconds=seconds, env=self.env, check=check)

    def node(self, *words, stdin=None, seconds=120):
        return run(self.tools / "node", *words, stdin=stdin, seconds=seconds, env=self.env)

    def sh(self, script, seconds=120):
        """Runs a shell script on the node."""
        return self.node("exec", "sh", "-c", script, seconds=seconds)

    def load(self, tar):
        """Brings an image in, by a server in the network that the machine sees: a big file breaks `exec` off."""
        tar = pathlib.Path(tar)
        inside = pathlib.Path(self.env["KUBE_NODE_DIR"], "init.pid").read_text().split()[0]
        server = subprocess.Popen(
            ["nsenter", "-t", inside, "-n", sys.executable, "-u", "-m", "http.server", "--bind", "127.0.0.1",
             "--directory", str(tar.parent), "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            port = server.stdout.readline().split(" port ")[1].split()[0]
            self.sh(f"wget -qO /opt/image.tar http://10.0.2.2:{port}/{tar.name} && "
                    "ctr -n k8s.io images import --local /opt/image.tar && rm /opt/image.tar", seconds=900)
        finally:
            server.kill()
            server.wait()

    def clock(self):
        """Seconds since 1970 by the node's clock, which stamps its containers and logs as well."""
        return int(self.sh("date +%s", seconds=30))

    def ready(self):
        """Whether the node is Ready and commands can be run on it."""
        conditions = json.loads(self.kubectl("get", "node", "node1", "-o", "json"))["status"]["conditions"]
        ready = any(it["type"] == "Ready" and it["status"] == "True" for it in conditions)
        return ready and self.sh("echo yes", seconds=30)

    def pods(self):
        found = json.loads(self.kubectl("-n", NAMESPACE, "get", "pods", "-l", "app.kubernetes.io/name=holdfast",
                                        "-o", "json"))["items"]
        return [Pod(it) for it in found]

    def agent_pod(self, other_than=None, seconds=240):
        """Waits for one pod, ready and not leaving, whose container is not the one given; nothing else is there."""
        def look():
            pods = self.pods()
            return pods[0] if len(pods) == 1 and pods[0].ready and pods[0].container != other_than else None
        return until("one agent pod, ready, and none that is leaving", seconds, look)

    def processes(self, words):
        """Ids, on the node, of our processes whose arguments begin like this, wherever the program lies: agents run
        from their image, movers from a copy in the state directory."""
        program = re.compile(rf"\s*(\d+)\s+(?:\S*/)?holdfast {re.escape(words)}")
        return [int(found[1]) for found in map(program.match, self.sh("ps -o pid,args").splitlines()) if found]

    def movers(self, session=""):
        return self.processes(f"mover {STATE}/movers/{session}")

    def agents(self):
        return self.processes("agent")

    def kill(self, *processes):
        """SIGKILL. One that has ended meanwhile does not matter."""
        if processes:
            self.sh(f"kill -9 {' '.join(map(str, processes))} 2>/dev/null || true")


class Pod:
    def __init__(self, json_):
        status = (json_["status"].get("containerStatuses") or [{}])[0]
        self.name = json_["metadata"]["name"]
        self.container = status.get("containerID", "")
        self.started = status.get("state", {}).get("running", {}).get("startedAt")
        self.restarts = status.get("restartCount", 0)
        self.ready = bool(status.get("ready")) and "deletionTimestamp" not in json_["metadata"]


class Agent:
    """REST of an agent, through a tunnel into the network of a pod. Opened anew whenever it breaks."""

    def __init__(self, cluster, namespace, pod, port, repository):
        self.cluster, self.namespace, self.pod, self.port = cluster, namespace, pod, port
        self.repository = {"repository": repository, "keyFile": f"{repository}.key"}
        self.tunnel, self.address, self.token = None, None, None

    def close(self):
        if self.tunnel:
            self.tunnel.kill()
            self.tunnel.wait()
            self.tunnel = None

    def call(self, method, path, body=None):
        try:
            if self.tunnel is None:
                self.open()
            request = urllib.request.Request(
                f"http://{self.address}/{path}", method=method, data=json.dumps(body).encode() if body else None,
                headers={"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"})
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as e:
            told = f"{method} {path}: {e.code} {e.read().decode()[:500]}"
            raise (OSError(told) if e.code >= 500 else Failed(told)) from e
        except (OSError, ValueError, http.client.HTTPException) as e:
            self.close()
            raise OSError(f"{method} {path}: {e}") from e

    def open(self):
        self.token = self.cluster.sh(f"cat {STATE}/api.token").strip()
        pod = self.pod if isinstance(self.pod, str) else self.pod()
        self.tunnel = subprocess.Popen(
            [str(self.cluster.bin / "kubectl"), "-n", self.namespace, "port-forward", f"pod/{pod}", f":{self.port}"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, **self.cluster.env})
        line = self.tunnel.stdout.readline()
        if "->" not in line:
            raise OSError(f"no tunnel to {pod}: {line}")
        self.address = line.split()[2]

    def get(self, path):
        return until(f"an answer to {path}", 60, lambda: self.call("GET", f"api/v1/{path}"))

    def session(self, session):
        return self.get(f"sessions/{session}")

    def backup(self, source, name, bytes_per_second, workers):
        return self.submit({"kind": "backup", "source": source, "sourceName": name, "workers": workers,
                            "bytesPerSecondMax": bytes_per_second})

    def submit(self, order):
        """Under an id of ours, so that a repetition is no second session."""
        order = {"id": str(uuid.uuid4()), **self.repository, **order}
        return until("the session to be taken in", 60, lambda: self.call("POST", "api/v1/sessions", order))["id"]

    def limit(self, session, bytes_per_second):
        until("the limit to be taken", 60,
              lambda: self.call("PATCH", f"api/v1/sessions/{session}", {"bytesPerSecondMax": bytes_per_second}))

    def await_busy(self, session, more_than=0, seconds=180, later_than=None):
        """Waits until a mover works for it and has done more than so many bytes. With a generation given it must be one
        of a later one, and have sent something itself: what is shown as done is at first what others did."""
        def look():
            it = self.session(session)
            if it["outcome"]:
                raise Failed(f"session ended too early: {json.dumps(it)[:1500]}")
            progress = it["progress"]
            new = later_than is None or (it["generation"] > later_than and progress["bytesSent"] > 0)
            return it if it["state"] == "Running" and new and progress["bytesDone"] > more_than else None
        return until(f"session {session} busy", seconds, look)

    def await_end(self, session, seconds=300):
        return until(f"end of session {session}", seconds,
                     lambda: (lambda it: it if it["outcome"] else None)(self.session(session)))
