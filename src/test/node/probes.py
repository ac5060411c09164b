"""What the kubelet's probes see, and what it does about it."""

import pathlib
import re
import time

from cluster import NAMESPACE, STATE, Failed, run, until

HEALTH = "http://127.0.0.1:9480/q/health"
ASK = (f"for p in ready started live; do "
       f"echo $p $(wget -qO /dev/null {HEALTH}/$p 2>&1 && echo HTTP/1.1 200); done")
ANSWER = re.compile(r"^(\w+) .*HTTP/1\.1 (\d+)", re.MULTILINE)
RECOVERING = {"ready": 503, "started": 503, "live": 200}
HELD = f"{STATE}/sessions/held.session"
LOOKS = 8


class Probes:
    """Uses the agent of Restarts, and a backup of its own."""

    def __init__(self, restarts, directory):
        self.restarts, self.cluster, self.report = restarts, restarts.cluster, restarts.report
        self.directory = directory

    def all(self, source):
        if not self.report.check("probes", "backup of a pod's volume begins", lambda: self.begin(source)):
            return
        self.report.check("probes", "not ready before recovery is done, ready after", self.readiness)
        self.restarts.row("session loop hangs: not live, restarted", self.hang)

    def begin(self, source):
        """Also brings the program that holds others still to the node."""
        program = pathlib.Path(self.directory) / "hold"
        run("gcc", "-static", "-s", "-Os", "-o", program, pathlib.Path(__file__).with_name("hold.c"))
        self.cluster.node("exec", "sh", "-c", "cat >/opt/hold && chmod +x /opt/hold", stdin=program.read_bytes())
        if self.restarts.agent:
            return self.restarts.back_up(source, "probes:data")
        return self.restarts.begin(source)

    def hold(self, what, which):
        """Returns the process that holds it."""
        return self.cluster.sh(f"/opt/hold {what} {which} </dev/null >/dev/null 2>&1 & echo $!").strip()

    def answers(self):
        """What each probe says: 200, 503, or nothing while nobody listens."""
        said = self.cluster.sh(ASK, seconds=30)
        return {name: int(code) for name, code in ANSWER.findall(said)}

    def readiness(self):
        try:
            return self.held_in_recovery()
        finally:
            self.cluster.sh(f"rm -f {HELD}*")

    def held_in_recovery(self):
        """Recovery cannot end while one session file cannot be read. For as long as that is so nobody may call the
        agent ready, and it must not be killed for it either."""
        before = self.restarts.agent.await_busy(self.restarts.session)
        old, agent = self.cluster.agent_pod(), self.cluster.agents()[0]
        self.cluster.sh("echo 300 >/proc/sys/fs/lease-break-time")  # longer than this takes
        holder = self.hold("file", HELD)
        try:
            until("the file held", 30, lambda: self.cluster.sh(f"grep 'LEASE .* {holder} ' /proc/locks"))
            self.cluster.kill(agent)
            self.restarts.agent.close()
            until("the agent gone", 60, lambda: self.cluster.sh(f"[ -e /proc/{agent} ] || echo gone"))
            seconds = self.recovering()
        finally:
            self.cluster.kill(holder)
        until("ready", 60, lambda: self.answers().get("ready") == 200)
        pod = self.cluster.agent_pod(other_than=old.container)
        outcome, _ = self.restarts.recovered(pod)
        after = self.restarts.agent.await_busy(self.restarts.session, before["progress"]["bytesDone"])
        if outcome != "reattached" or after["mover"]["pid"] != before["mover"]["pid"]:
            raise Failed(f"{outcome}, mover {before['mover']['pid']} became {after['mover']['pid']}")
        return f"{LOOKS} looks in {seconds:.0f} s of recovery: live, not started, not ready; then ready, same mover"

    def recovering(self):
        """Looks at an agent whose recovery does not end; returns for how long."""
        until("the new agent to answer", 240, lambda: "live" in self.answers())
        begun = time.monotonic()
        for _ in range(LOOKS):
            said = self.answers()
            if said != RECOVERING or any(pod.ready for pod in self.cluster.pods()):
                raise Failed(f"during recovery: {said}, expected {RECOVERING} and no pod that is ready")
            time.sleep(1)
        names = [pod.name for pod in self.cluster.pods()]
        if "session recovered" in self.cluster.kubectl("-n", NAMESPACE, "logs", *names):
            raise Failed("recovery was done all the while")
        return time.monotonic() - begun

    def hang(self, _):
        """Holds the thread of the session loop, and nothing else, until the kubelet has had enough."""
        agent = self.cluster.agents()[0]
        said = self.answers()
        if said.get("live") != 200:
            raise Failed(f"before anything hangs: {said}")
        self.hold("thread", self.loop(agent))
        until("live says no, started still yes", 60, lambda: self.stuck(self.answers()))
        until("the kubelet restarts the container", 240, lambda: self.cluster.sh(
            f"[ -e /proc/{agent} ] || echo gone"))
        until("the kubelet says why", 60, lambda: "failed liveness probe" in self.killings())

    def killings(self):
        return self.cluster.kubectl("-n", NAMESPACE, "get", "events", "--field-selector", "reason=Killing",
                                    "-o", "jsonpath={.items[*].message}")

    def loop(self, agent):
        """The thread of the session loop; of its name the kernel keeps 15 characters, of either end."""
        found = self.cluster.sh(f"grep -l ldfast-sessio /proc/{agent}/task/*/comm || true").split()
        if len(found) != 1:
            raise Failed(f"agent {agent} has {len(found)} threads of the session loop")
        return found[0].split("/")[-2]

    @staticmethod
    def stuck(said):
        return said.get("live") == 503 and said.get("started") == 200
