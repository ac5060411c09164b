"""What the kubelet's probes see, and what it does about it."""

import pathlib

from cluster import NAMESPACE, Failed, run, until
from pods import instant


def hold(directory):
    """Builds the program that holds one thread of a process still."""
    program = pathlib.Path(directory) / "hold"
    run("gcc", "-static", "-Os", "-o", program, pathlib.Path(__file__).with_name("hold.c"))
    return program


class Probes:
    """Uses the agent of Restarts, and a backup of its own."""

    def __init__(self, restarts, directory):
        self.restarts, self.cluster, self.directory = restarts, restarts.cluster, directory

    def all(self, source):
        begin = self.restarts.back_up if self.restarts.agent else self.restarts.begin
        if not self.restarts.report.check("probes", "backup of a pod's volume begins", lambda: begin(source)):
            return
        self.restarts.report.check("probes", "not ready before recovery is done, ready after", self.readiness)
        self.restarts.row("session loop hangs: not live, restarted", self.hang)

    def readiness(self):
        """Looks from the first moment of a new agent on: every answer before its recovery must be a refusal."""
        pod = self.cluster.agent_pod()
        watch = ("n=0; while [ $n -lt 400 ]; do n=$((n + 1)); "
                 "wget -qO /dev/null http://127.0.0.1:9480/q/health/ready 2>/dev/null; "
                 "echo \"$? $(date +%s)\"; usleep 100000; done")
        self.restarts.kill_agent(pod)
        seen = [line.split() for line in self.cluster.sh(watch, seconds=180).splitlines()]
        first = next((int(at) for code, at in seen if code == "0"), None)
        log = self.cluster.kubectl("-n", NAMESPACE, "logs", "--timestamps", self.cluster.agent_pod().name)
        done = next(line.split()[0] for line in log.splitlines() if "session recovered" in line)
        refused = sum(1 for code, _ in seen if code != "0")
        if first is None or first + 1 < instant(done).timestamp() or refused == 0:
            raise Failed(f"ready at {first}, recovery at {done}, {refused} refusals")
        return f"{refused} refusals, first ready {max(0, first - int(instant(done).timestamp()))} s after recovery"

    def hang(self, _):
        """Holds the thread of the session loop, and nothing else, until the kubelet has had enough."""
        program = hold(self.directory)
        self.cluster.node("exec", "sh", "-c", "cat >/opt/hold && chmod +x /opt/hold", stdin=program.read_bytes())
        agent = self.cluster.agents()[0]
        script = (f"for t in /proc/{agent}/task/*; do "
                  "case $(cat $t/comm) in *ldfast-sessio*) /opt/hold ${t##*/} </dev/null >/dev/null 2>&1 & echo $t;; "
                  "esac; done")
        if not self.cluster.sh(script).strip():
            raise Failed(f"agent {agent} has no thread of the session loop")
        until("liveness DOWN", 60, lambda: self.cluster.sh(
            "wget -qO- http://127.0.0.1:9480/q/health/live >/dev/null 2>&1 || echo down"))
        until("the kubelet restarts the container", 240, lambda: self.cluster.sh(
            f"[ -e /proc/{agent} ] || echo gone"))
