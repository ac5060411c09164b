"""Something to back up, somewhere to back it up to, and how to compare."""

import json

from cluster import Failed, until

POD = {
    "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "data", "namespace": "default"},
    "spec": {
        "terminationGracePeriodSeconds": 0,
        "volumes": [{"name": "data", "emptyDir": {}}],
        "containers": [{
            "name": "data", "image": "localhost/busybox:1", "imagePullPolicy": "Never",
            "command": ["sleep", "1000000000"], "volumeMounts": [{"name": "data", "mountPath": "/data"}]}]}}
MAKE = """
cd /data && i=0
while [ $i -lt {files} ]; do
    mkdir -p d$((i % 7)) && dd if=/dev/urandom of=d$((i % 7))/f$i bs=64k count={blocks} 2>/dev/null; i=$((i + 1))
done
sync
"""


def make(cluster, megabytes):
    """A pod with a volume of so many megabytes that cannot be compressed. Returns where that volume is on the node."""
    cluster.kubectl("apply", "-f", "-", stdin=json.dumps(POD).encode())
    cluster.kubectl("wait", "--for=condition=Ready", "pod/data", "--timeout=120s", seconds=150)
    script = MAKE.format(files=megabytes, blocks=16)
    cluster.kubectl("exec", "data", "--", "sh", "-c", script, seconds=900)
    uid = cluster.kubectl("get", "pod", "data", "-o", "jsonpath={.metadata.uid}")
    return f"/var/lib/kubelet/pods/{uid}/volumes/kubernetes.io~empty-dir/data"


def contents(cluster, directory):
    """Every file of a directory on the node with its checksum, as one checksum."""
    return cluster.sh(f"cd {directory} && find . -type f | sort | xargs sha256sum | sha256sum", seconds=600).split()[0]


def size(cluster, directory):
    """Bytes of all its files together, each counted once. Where one goes meanwhile it is tried again."""
    script = f"find {directory} -type f | xargs stat -c '%i %s'"
    def look():
        return sum(map(int, dict(line.split() for line in cluster.sh(script, seconds=300).splitlines()).values()))
    return until(f"the sizes of all files in {directory}", 60, look)


def finish_and_compare(agent, cluster, session, source):
    """Lets the session run to its end, restores, compares."""
    agent.limit(session, 0)
    ended = agent.await_end(session)
    if ended["outcome"] != "completed":
        raise Failed(f"session {session}: {ended['outcome']}: {ended['failure']}")
    target = f"/backup/restored-{session[:8]}"
    restored = agent.await_end(agent.submit({"kind": "restore", "snapshot": ended["snapshot"], "target": target}))
    if restored["outcome"] != "completed":
        raise Failed(f"restore: {restored['outcome']}: {restored['failure']}")
    if contents(cluster, target) != contents(cluster, source):
        raise Failed(f"{target} differs from {source}")
    cluster.sh(f"rm -rf {target}")
    return ended
