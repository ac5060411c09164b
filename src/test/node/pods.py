"""Restarts of everything around a mover, on a real node: what goes on, what resumes, and what that costs."""

import datetime
import json
import os
import re
import tempfile
import time

import workload
from cluster import NAMESPACE, ROOT, STATE, Agent, Failed, until

RATE = 400_000  # bytes per second: the mover is busy for as long as the list is long
IN_FLIGHT = 2 << 20  # of each worker
UNSYNCED = 4 << 20  # of each worker, at a power cut
TAIL = 4 << 20  # of each worker: what may be stored and is not done
WORKERS = 2
REATTACH_SECONDS = 30  # until the agent says so
RESUME_SECONDS = 60  # until the new mover is seen at work
PORTS = {"survive": 9481, "restricted": 8080}
RECOVERED = re.compile(r"^(\S+) .*session recovered session=(\S+) outcome=(\w+)")


def manifests(cluster, overlay, tag, components=()):
    """The overlay as a user would take it: with an image of one's own."""
    with tempfile.TemporaryDirectory(dir=ROOT / "target") as directory:
        def path(name):
            return os.path.relpath(ROOT / "kubernetes" / name, directory)
        kustomization = {
            "resources": [path(f"overlays/{overlay}")], "components": [path(it) for it in components],
            "images": [{"name": "holdfast", "newName": "localhost/holdfast", "newTag": str(tag)}]}
        with open(f"{directory}/kustomization.yaml", "w", encoding="utf-8") as file:
            json.dump(kustomization, file)
        return cluster.kubectl("kustomize", directory).encode()


class Restarts:
    """One overlay, one long backup, and one row for each thing that is done to it."""

    def __init__(self, cluster, report, overlay):
        self.cluster, self.report, self.overlay = cluster, report, overlay
        self.keeps = overlay == "survive"
        self.agent, self.session, self.tag = None, None, 1

    def apply(self):
        self.cluster.kubectl("apply", "-f", "-", stdin=manifests(self.cluster, self.overlay, self.tag))

    def begin(self, source):
        """Starts agent and backup."""
        self.apply()
        pod = self.cluster.agent_pod()
        repository = f"/backup/{self.overlay}"
        self.cluster.kubectl("-n", NAMESPACE, "exec", pod.name, "--", "holdfast", "init", repository)
        port = PORTS[self.overlay]
        self.agent = Agent(self.cluster, NAMESPACE, lambda: self.cluster.agent_pod().name, port, repository)
        return self.back_up(source, f"{self.overlay}:data")

    def back_up(self, source, name):
        """Starts a backup that takes long: the name is new, or what an earlier one took would be passed over."""
        self.session = self.agent.backup(source, name, RATE, WORKERS)
        busy = self.agent.await_busy(self.session)
        self.place(busy)
        return f"mover {self.mover()}, cgroup {busy['mover']['cgroup']}"

    def place(self, session):
        """Own cgroup and no limits of the pod, or the container's: what the overlay promises."""
        mine = self.cluster.sh(f"cat /proc/{self.mover()}/cgroup").strip()
        if self.keeps and mine != f"0::/holdfast/{self.session}.{session['generation']}":
            raise Failed(f"mover is in {mine}")
        if not self.keeps and "kubepods" not in mine:
            raise Failed(f"mover is in {mine}")

    def mover(self):
        movers = self.cluster.movers(self.session)
        if len(movers) != 1:
            raise Failed(f"movers of session {self.session}: {movers}")
        return movers[0]

    def row(self, name, act, new_agent=True, graceful=False):
        """Does something to the agent or around it; the promise of the overlay must hold. Where movers end with their
        agent, one that was told to has made a checkpoint first, and nothing is sent again."""
        def work():
            old = self.cluster.agent_pod()
            before = self.agent.await_busy(self.session)
            stored = self.stored()
            mover, stops = self.mover(), self.stops()
            act(old)
            self.agent.close()
            pod = self.cluster.agent_pod(other_than=old.container if new_agent else None)
            same = self.keeps or not new_agent
            after, at_work = self.at_work(before, anew=not same)
            outcome, seconds = self.recovered(pod) if new_agent else ("kept", 0)
            if not same:
                seconds = at_work - instant(pod.started).timestamp()
            growth = self.stored_once(before, stored, after)
            now = self.mover()
            again = after["totals"]["bytesSentAgain"] - before["totals"]["bytesSentAgain"]
            expected = "kept" if not new_agent else "reattached" if self.keeps else "resumed"
            seen = [mover, now, outcome, f"{seconds:.1f} s", f"{again} bytes", growth]
            allowed = 0 if same or graceful else WORKERS * IN_FLIGHT
            if outcome != expected or (same and now != mover) or again > allowed:
                raise Failed(f"{seen}, expected {expected}")
            limit = REATTACH_SECONDS if same else RESUME_SECONDS
            if seconds > limit:
                raise Failed(f"{seen}: later than {limit} s")
            if graceful and not same and self.stops() == stops:
                raise Failed(f"{seen}: the mover was ended without a checkpoint")
            return seen
        return self.report.check(self.overlay, name, work)

    def at_work(self, before, anew):
        """Waits until a mover is at work beyond what was done before, with anew a later one than then. Returns the
        session and, by the node's clock, when that was seen; before the agent is ready nothing is."""
        generation = before["generation"] if anew else None
        after = self.agent.await_busy(self.session, before["progress"]["bytesDone"], later_than=generation)
        return after, until("the node's time", 30, self.cluster.clock)

    def stored(self):
        return workload.size(self.cluster, self.agent.repository["repository"])

    def stored_once(self, before, stored, after):
        """The source cannot be compressed and has nothing twice: beside a tail no more is stored than is done since.
        Done is looked at before the store then and after it now, so that it covers all that the store has grown by. It
        may be told late, or stand still while a mover passes over what others did; what is stored twice stays."""
        self.agent.await_busy(self.session, after["progress"]["bytesDone"])
        end = time.monotonic() + 20
        while True:
            grown = self.stored() - stored
            done = self.agent.session(self.session)["progress"]["bytesDone"] - before["progress"]["bytesDone"]
            if grown <= done + WORKERS * TAIL:
                return f"{grown} for {done} bytes"
            if time.monotonic() > end:
                raise Failed(f"{grown} bytes more are stored, {done} bytes more are done")
            time.sleep(1)

    def stops(self):
        """How many movers of the session have ended with a checkpoint, by their own account."""
        return int(self.cluster.sh(f"grep -c 'mover ended: STOPPED' {STATE}/movers/{self.session}/mover.log || true"))

    def recovered(self, pod):
        """What the new agent's log says it made of the session, and how long after the container's start."""
        def look():
            log = self.cluster.kubectl("-n", NAMESPACE, "logs", "--timestamps", pod.name)
            for line in log.splitlines():
                found = RECOVERED.match(line)
                if found and found[2] == self.session:
                    return found
            return None
        found = until("the log line that says what became of the session", 60, look)
        return found[3].lower(), (instant(found[1]) - instant(pod.started)).total_seconds()

    def delete(self, *options):
        return lambda pod: self.cluster.kubectl("-n", NAMESPACE, "delete", "pod", pod.name, *options)

    def roll_out(self, _):
        self.tag = 2
        self.apply()

    def kill_agent(self, _):
        self.cluster.kill(*self.cluster.agents())

    def restart(self, verb, program):
        def act(_):
            before = self.cluster.sh(f"pidof {program}")
            self.cluster.node(verb, program)
            until(f"another {program}", 180, lambda: self.cluster.sh(f"pidof {program}", seconds=30) != before)
            until("the node Ready", 180, self.cluster.ready)
        return act

    def replace(self, _):
        self.cluster.kubectl("-n", NAMESPACE, "delete", "daemonset", "holdfast", "--cascade=foreground", seconds=180)
        self.apply()

    def forget_image(self, _):
        self.cluster.sh("ctr -n k8s.io images rm --sync localhost/holdfast:1")

    def reboot(self):
        """A power cut: the mover is gone whatever the overlay; what was in flight may be sent again, no more."""
        def work():
            old = self.cluster.agent_pod()
            before = self.agent.await_busy(self.session)
            stored = self.stored()
            boot = self.cluster.sh("cat /proc/sys/kernel/random/boot_id")
            mover = self.mover()
            self.cluster.node("kill", "vm")
            self.cluster.node("start", "vm")
            self.agent.close()
            until("the node Ready again", 300, self.back)
            if self.cluster.sh("cat /proc/sys/kernel/random/boot_id") == boot:
                raise Failed("the node did not reboot")
            pod = self.cluster.agent_pod(other_than=old.container)
            after, at_work = self.at_work(before, anew=True)
            self.place(after)
            outcome, _ = self.recovered(pod)
            seconds = at_work - instant(pod.started).timestamp()
            growth = self.stored_once(before, stored, after)
            again = after["totals"]["bytesSentAgain"] - before["totals"]["bytesSentAgain"]
            seen = [mover, self.mover(), outcome, f"{seconds:.1f} s", f"{again} bytes", growth]
            if outcome != "resumed" or again > WORKERS * IN_FLIGHT:
                raise Failed(f"{seen}, expected resumed")
            if seconds > RESUME_SECONDS:
                raise Failed(f"{seen}: later than {RESUME_SECONDS} s")
            return seen
        return self.report.check(self.overlay, "power cut and reboot", work)

    def all(self, source):
        """The whole list."""
        if not self.report.check(self.overlay, "backup of a pod's volume begins", lambda: self.begin(source)):
            return
        self.row("pod deleted", self.delete(), graceful=True)
        self.row("pod deleted by force", self.delete("--force", "--grace-period=0"))
        self.row("rollout of a newer image", self.roll_out, graceful=True)
        if self.keeps:
            self.row("older image removed", self.forget_image, new_agent=False)
        self.row("agent killed -9", self.kill_agent)
        self.row("kubelet restarted", self.restart("stop", "kubelet"), new_agent=False)
        self.row("kubelet killed -9", self.restart("kill", "kubelet"), new_agent=False)
        self.row("containerd restarted", self.restart("stop", "containerd"), new_agent=False)
        self.row("containerd killed -9", self.restart("kill", "containerd"), new_agent=False)
        self.row("DaemonSet deleted, applied again", self.replace, graceful=True)
        self.reboot()
        self.report.check(self.overlay, "finishes; restored and compared", self.end_of(source))

    def back(self):
        """Whether the node is Ready. An emulator whose kernel has panicked has ended, and is started once more."""
        self.cluster.node("start", "vm")  # nothing, while it runs
        return self.cluster.ready()

    def end_of(self, source):
        def work():
            ended = workload.finish_and_compare(self.agent, self.cluster, self.session, source)
            done, sent, attempts = ended["progress"]["bytesDone"], ended["totals"]["bytesSent"], ended["attempt"]
            stored = workload.size(self.cluster, ended["repository"])
            seen = (f"{done} bytes done, {sent} sent, {ended['totals']['bytesSentAgain']} of them known as sent again, "
                    f"{stored} stored, {attempts} attempts, all equal")
            # The source cannot be compressed and has nothing twice: what was sent or stored twice shows.
            if stored > done * 1.05 or sent > done * 1.01 + attempts * WORKERS * UNSYNCED:
                raise Failed(seen)
            return seen
        return work

    def close(self):
        """The movers as well: those of the overlay survive would go on."""
        if self.agent:
            self.agent.close()
        self.cluster.kubectl("-n", NAMESPACE, "delete", "daemonset", "holdfast", "--ignore-not-found",
                             "--cascade=foreground", seconds=180)
        self.cluster.kill(*self.cluster.movers())
        self.cluster.sh(f"rm -rf {STATE}/* /run/holdfast/* /backup/*")


def instant(text):
    """RFC 3339 as Kubernetes writes it, with or without a fraction."""
    whole, _, fraction = text.rstrip("Z").partition(".")
    at = datetime.datetime.fromisoformat(whole).replace(tzinfo=datetime.timezone.utc)
    return at + datetime.timedelta(seconds=float(f"0.{fraction or 0}"))


def check_manifests(cluster, report):
    """What a real API server thinks of the manifests, and what the agent's account may do there."""
    def accepted(overlay, components=()):
        def work():
            text = manifests(cluster, overlay, 1, components)
            out = cluster.kubectl("apply", "--dry-run=server", "-f", "-", stdin=text)
            if "unchanged (server dry run)" not in out and "created (server dry run)" not in out:
                raise Failed(out)
            return f"{len(out.splitlines())} objects accepted"
        return work

    def rights(overlay):
        """With what the overlay binds, applied for as long as this looks."""
        def work():
            everything = manifests(cluster, overlay, 1, ["components/objects"]).decode().split("\n---\n")
            bound = "\n---\n".join(filter(RBAC.search, everything)).encode()
            cluster.kubectl("apply", "-f", "-", stdin=bound)
            try:
                cluster.kubectl("-n", NAMESPACE, "get", "serviceaccount", "holdfast", "holdfast-objects")
                none_of_its_own()
                for action in READS:
                    if not can("holdfast-objects", action):
                        raise Failed(f"holdfast-objects may not {action}")
                for action in RUNS:
                    if can("holdfast-objects", action):
                        raise Failed(f"holdfast-objects may {action}")
            finally:
                cluster.kubectl("delete", "--ignore-not-found", "-f", "-", stdin=bound)
            return "none but what every account has; that for objects reads, and runs nothing"
        return work

    def none_of_its_own():
        """A right too much must be seen, and is given for that; without it nothing may be left."""
        def more():
            return of(NAMESPACE, "holdfast") != of("default", "somebody")
        control = ["clusterrolebinding", "holdfast-control"]
        cluster.kubectl("create", *control, "--clusterrole=view", f"--serviceaccount={NAMESPACE}:holdfast")
        try:
            until("a right too much is seen", 30, more)
        finally:
            cluster.kubectl("delete", *control)
        try:
            until("no right is left", 30, lambda: not more())
        except Failed as e:
            raise Failed(f"more than anybody has:\n{of(NAMESPACE, 'holdfast')}") from e

    def of(namespace, account):
        """What an account may do in our namespace."""
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated")
        return cluster.kubectl("auth", "can-i", "--list", "-n", NAMESPACE, "--as",
                               f"system:serviceaccount:{namespace}:{account}", *(f"--as-group={it}" for it in groups))

    def can(account, action):
        """A part of a resource is asked for by an option: behind a slash kubectl takes it for the name of an object."""
        verb, resource = action.split()
        resource, _, part = resource.partition("/")
        words = [verb, resource, "--all-namespaces", *([f"--subresource={part}"] if part else [])]
        said = cluster.kubectl("auth", "can-i", *words, "--as", f"system:serviceaccount:{NAMESPACE}:{account}",
                               check=False).split()
        if not said or said[0] not in ("yes", "no"):  # a reason may follow
            raise Failed(f"can-i {action}: {said}")
        return said[0] == "yes"

    cluster.kubectl("apply", "-f", str(ROOT / "kubernetes/base/namespace.yaml"))
    cluster.kubectl("apply", "-f", "-", stdin=json.dumps(POD_MONITORS).encode())
    cluster.kubectl("wait", "--for=condition=Established", "crd/podmonitors.monitoring.coreos.com")
    report.check("manifests", "survive", accepted("survive"))
    report.check("manifests", "restricted", accepted("restricted"))
    report.check("manifests", "survive, with metrics", accepted("survive", ["components/metrics"]))
    report.check("manifests", "restricted, with metrics", accepted("restricted", ["components/metrics"]))
    report.check("manifests", "survive, with backups of objects", accepted("survive", ["components/objects"]))
    report.check("manifests", "survive, rights of the accounts", rights("survive"))
    report.check("manifests", "restricted, rights of the accounts", rights("restricted"))


# Of a manifest as kustomize writes it: kinds that give rights, or have them.
RBAC = re.compile(r"^kind: (ServiceAccount|(Cluster)?Role(Binding)?)$", re.MULTILINE)
# What the account for backups of objects may do, and what it may not: each of these is a way to run something.
READS = ("list secrets", "get pods", "list deployments.apps", "watch customresourcedefinitions.apiextensions.k8s.io")
RUNS = ("create pods", "get pods/exec", "create pods/exec", "get pods/attach", "get pods/portforward",
        "create pods/portforward", "get nodes/proxy", "create nodes/proxy", "create serviceaccounts/token",
        "patch deployments.apps")
POD_MONITORS = {
    "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
    "metadata": {"name": "podmonitors.monitoring.coreos.com"},
    "spec": {
        "group": "monitoring.coreos.com", "scope": "Namespaced",
        "names": {"kind": "PodMonitor", "plural": "podmonitors"},
        "versions": [{"name": "v1", "served": True, "storage": True, "schema": {
            "openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}}]}}
