"""Cgroup v2 on a real kernel, with the agent as a plain process of the node: limits, freezing, killing."""

import json
import time

from cluster import STATE, Agent, Failed, until

LEAVES = "/sys/fs/cgroup/holdfast"
ROOT = "/opt/holdfast"
REPOSITORY = "/backup/cgroup"
PORT = 9481
START = """
cd / && env -i PATH=/bin HOME=/root QUARKUS_HTTP_PORT={port} QUARKUS_MANAGEMENT_PORT=9480 {settings} \
    setsid {root}/usr/bin/holdfast agent </dev/null >>/var/log/holdfast.log 2>&1 &
"""
RATE = 400_000  # bytes per second
SETTINGS = {"mover_memory_max": "512M", "mover_cpu_max": "1.5", "session_revalidate": "5s",
            "mover_stall_limit": "20s"}  # at our rate 26 s: the time of a few blocks
FROZEN_SECONDS = 60
# A mover needs some 8 MB and 4.6 MB more for each thread from its start on: 81 MB for 16 of them, 45 MB for 8.
SMALL_MAX, MANY_WORKERS = "72M", 16
BALLOON = "echo $$ >{leaf}/cgroup.procs && exec dd if=/dev/zero of=/dev/null bs={bytes} count=1000000"


class Plain:
    """An agent that runs from its image's files, in no container."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.agent = Agent(cluster, "kube-system", "toolbox-node1", PORT, REPOSITORY)

    def start(self, **settings):
        mounted = f"grep -q ' {ROOT} ' /proc/mounts || "
        self.cluster.sh(f"mkdir -p {ROOT} /backup && ({mounted}ctr -n k8s.io images mount localhost/holdfast:1 {ROOT})")
        self.cluster.sh(f"cp {ROOT}/lib/x86_64-linux-gnu/libpthread.so.0 /lib/x86_64-linux-gnu/")  # the node has none
        words = " ".join(f"HOLDFAST_{name.upper()}={value}" for name, value in settings.items())
        self.cluster.sh(START.format(port=PORT, settings=words, root=ROOT))
        until("the agent ready", 120, lambda: self.agent.call("GET", "api/v1/agent")["ready"])
        return self.pid()

    def pid(self):
        return self.cluster.agents()[0]

    def kill(self):
        """SIGKILL."""
        pid = self.pid()
        self.cluster.kill(pid)
        until("the agent gone", 30, lambda: self.cluster.sh(f"[ -e /proc/{pid} ] || echo gone"))
        self.agent.close()

    def init(self):
        self.cluster.sh(f"[ -e {REPOSITORY} ] || {ROOT}/usr/bin/holdfast init {REPOSITORY}")

    def begin(self, source, name, rate, workers=2):
        session = self.agent.backup(source, name, rate, workers)
        return self.agent.await_busy(session)

    def end(self, session):
        self.agent.call("DELETE", f"api/v1/sessions/{session}")
        self.agent.await_end(session)

    def close(self):
        self.agent.close()
        self.cluster.kill(*self.cluster.agents(), *self.cluster.movers())
        self.cluster.sh(f"sleep 1; rm -rf {STATE}/* /run/holdfast/* /backup/*; "
                        f"ctr -n k8s.io images unmount --rm {ROOT} || true; "
                        f"rmdir {LEAVES}/* {LEAVES} 2>/dev/null || true")

    def read(self, path):
        return self.cluster.sh(f"cat {path}").strip()

    def write(self, path, value):
        self.cluster.sh(f"echo '{value}' >{path}")


class Limits:
    def __init__(self, cluster, report, source):
        self.plain = Plain(cluster)
        self.cluster, self.report, self.source = cluster, report, source

    def leaf(self, session):
        return f"{LEAVES}/{session['id']}.{session['generation']}"

    def all(self):
        try:
            check = self.report.check
            if check("cgroup", "limits are in force; agent -9, same mover", self.limits):
                check("cgroup", "cpu.max changed while it runs", self.cpu)
                check("cgroup", "frozen for longer than a standstill is allowed", self.freeze)
                check("cgroup", "hung: its group is killed, a new mover goes on", self.hung)
                check("cgroup", "memory.max reached by something beside the mover", self.balloon)
                check("cgroup", "memory.max reached by the mover itself", self.greedy)
        finally:
            self.plain.close()

    def limits(self):
        plain = self.plain
        plain.start(**SETTINGS)
        plain.init()
        self.busy = plain.begin(self.source, "cgroup:data", RATE)
        leaf, mover = self.leaf(self.busy), self.busy["mover"]["pid"]
        seen = {name: plain.read(f"{leaf}/{name}") for name in
                ("cgroup.procs", "memory.max", "memory.oom.group", "cpu.max")}
        expected = {"cgroup.procs": str(mover), "memory.max": str(512 << 20), "memory.oom.group": "1",
                    "cpu.max": "150000 100000"}
        if seen != expected:
            raise Failed(f"{seen}, expected {expected}")
        plain.kill()
        plain.start(**SETTINGS)
        after = plain.agent.await_busy(self.busy["id"], self.busy["progress"]["bytesDone"])
        if after["mover"]["pid"] != mover or after["recovery"] != "reattached":
            raise Failed(f"mover {mover} became {after['mover']['pid']}, {after['recovery']}")
        return f"mover {mover} before and after, reattached, memory.max {seen['memory.max']}, cpu.max {seen['cpu.max']}"

    def cpu(self):
        """An unthrottled mover is held to a fifth of a processor from the moment on that the file is written."""
        plain, session = self.plain, self.busy["id"]
        leaf = self.leaf(plain.agent.session(session))
        plain.write(f"{leaf}/cpu.max", "20000 100000")
        plain.agent.limit(session, 0)
        def stat():
            return {name: int(value) for name, value in map(str.split, plain.read(f"{leaf}/cpu.stat").splitlines())}
        before, at = stat(), time.monotonic()
        time.sleep(10)  # the measure itself
        now, seconds = stat(), time.monotonic() - at
        share = (now["usage_usec"] - before["usage_usec"]) / 1e6 / seconds
        throttled = now["nr_throttled"] - before["nr_throttled"]
        plain.agent.limit(session, RATE)
        plain.write(f"{leaf}/cpu.max", "150000 100000")
        after = plain.agent.await_busy(session, plain.agent.session(session)["progress"]["bytesDone"])
        seen = f"{share:.2f} processors at cpu.max 20000 100000, throttled {throttled} times"
        # One that wants less than it may have is throttled by nobody, and would prove nothing.
        if share > 0.3 or throttled < 10 or after["mover"]["pid"] != self.busy["mover"]["pid"]:
            raise Failed(f"{seen}, mover {after['mover']['pid']}")
        return f"{seen}; same mover, goes on"

    def freeze(self):
        plain, session = self.plain, self.busy["id"]
        before = plain.agent.session(session)
        leaf = self.leaf(before)
        plain.write(f"{leaf}/cgroup.freeze", 1)
        until("frozen", 30, lambda: "frozen 1" in plain.read(f"{leaf}/cgroup.events"))
        end = time.monotonic() + FROZEN_SECONDS  # far more than a mover may be silent or stand still
        while time.monotonic() < end:
            now = plain.agent.session(session)
            if now["state"] != "Running" or now["mover"]["pid"] != before["mover"]["pid"]:
                raise Failed(f"while frozen: {now['state']}, mover {now['mover']}")
            time.sleep(1)
        plain.write(f"{leaf}/cgroup.freeze", 0)
        after = plain.agent.await_busy(session, now["progress"]["bytesDone"])
        if after["mover"]["pid"] != before["mover"]["pid"]:
            raise Failed(f"mover {before['mover']['pid']} became {after['mover']['pid']}")
        return f"{FROZEN_SECONDS} s frozen, stayed Running; mover {after['mover']['pid']} goes on"

    def hung(self):
        """A stopped mover cannot answer SIGTERM; what else is in its group goes with it."""
        plain, session = self.plain, self.busy["id"]
        before = plain.agent.session(session)
        leaf, mover = self.leaf(before), before["mover"]["pid"]
        child = plain.cluster.sh(f"sleep 1000 </dev/null >/dev/null 2>&1 & echo $! | tee {leaf}/cgroup.procs").strip()
        plain.cluster.sh(f"kill -STOP {mover}")
        after = self.next_mover(before)
        alive = plain.cluster.sh(f"for p in {mover} {child}; do [ -e /proc/$p ] && echo $p; done; true").split()
        again = after["totals"]["bytesSentAgain"] - before["totals"]["bytesSentAgain"]
        if alive or again > 4 << 20:
            raise Failed(f"still there: {alive}; sent again: {again}")
        self.plain.end(session)
        return f"mover {mover} and {child} beside it gone, mover {after['mover']['pid']} goes on, {again} bytes again"

    def next_mover(self, before):
        """Waits until a later process works for the session, and has come further than the one before."""
        def look():
            it = self.plain.agent.session(before["id"])
            if it["outcome"]:
                raise Failed(f"session ended: {json.dumps(it)[:1500]}")
            later = it["state"] == "Running" and it["generation"] > before["generation"]
            return it if later and it["progress"]["bytesDone"] > before["progress"]["bytesDone"] else None
        return until("another mover that goes on", 300, look)

    def balloon(self):
        """Something in the group takes all the memory: the group dies alone, the next mover has fewer threads."""
        plain = self.plain
        other = plain.begin(self.source, "cgroup:other", 200_000)
        victim = plain.begin(self.source, "cgroup:victim", 200_000, workers=4)
        balloon = BALLOON.format(leaf=self.leaf(victim), bytes=600 << 20)
        plain.cluster.sh(f"sh -c '{balloon}' </dev/null >/dev/null 2>&1 &")
        return self.starved(victim, other, plain.pid(), 4)

    def greedy(self):
        """With so many threads a mover needs more than it may have, with half of them it does not."""
        plain = self.plain
        plain.kill()
        agent = plain.start(**{**SETTINGS, "mover_memory_max": SMALL_MAX})
        other = plain.begin(self.source, "cgroup:modest", 200_000, workers=1)
        greedy = plain.agent.session(plain.agent.backup(self.source, "cgroup:greedy", 200_000, MANY_WORKERS))
        return self.starved({**greedy, "generation": 1}, other, agent, MANY_WORKERS)

    def starved(self, victim, other, agent, threads):
        """The kernel killed the first mover of the session and nothing beside its group; the next is smaller."""
        plain, session = self.plain, victim["id"]
        after = self.next_mover(victim)
        fewer = json.loads(plain.read(f"{STATE}/movers/{session}/bootstrap.json"))["plan"]["workers"]
        kills = self.count(f"dmesg | grep -c 'oom_memcg=/holdfast/{session}[.]'")
        told = self.count(f"grep -c '{session} .*MOVER_OUT_OF_MEMORY' /var/log/holdfast.log")
        beside = plain.agent.await_busy(other["id"], other["progress"]["bytesDone"])
        same = plain.pid() == agent and beside["mover"]["pid"] == other["mover"]["pid"]
        seen = (f"killed by the kernel, told {told} times; mover {after['mover']['pid']} goes on with {fewer} threads "
                f"instead of {threads}, {after['totals']['bytesSentAgain']} bytes again")
        if kills < 1 or told < 1 or fewer >= threads or not same:
            raise Failed(f"{seen}; {kills} kills, same agent and other mover: {same}")
        plain.end(session)
        plain.end(other["id"])
        return seen

    def count(self, command):
        """What grep -c says, which calls none a failure."""
        return int(self.cluster.sh(f"{command} || true"))
