"""What the script `objects` does with an API server: fill it, have Velero back it up, count what it was asked.

The server and an administrator's token come from KUBE_SERVER, KUBE_CA and KUBE_TOKEN.
"""
import http.client
import json
import os
import re
import ssl
import sys
import tarfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from urllib.parse import urlsplit

SHOP = "/api/v1/namespaces/shop/"
VELERO = "/apis/velero.io/v1/namespaces/velero/"
PODS = 100
SETTINGS = 714
connections = threading.local()


def connect():
    server = urlsplit(os.environ["KUBE_SERVER"])
    trust = ssl.create_default_context(cafile=os.environ["KUBE_CA"])
    return http.client.HTTPSConnection(server.hostname, server.port, timeout=600, context=trust)


def send(connection, method, path, body=None, kind="application/json"):
    headers = {"Authorization": "Bearer " + os.environ["KUBE_TOKEN"], "User-Agent": "bench", "Content-Type": kind}
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    return connection.getresponse()


def call(method, path, body=None, kind="application/json", until=None):
    """Returns the answer. What is not served yet (404) is asked for again until then."""
    if not hasattr(connections, "own"):
        connections.own = connect()
    while True:
        response = send(connections.own, method, path, body, kind)
        answer = response.read()
        if response.status < 300:
            return json.loads(answer)
        if response.status != 404 or until is None or time.monotonic() > until:
            raise SystemExit(f"{method} {path}: {response.status} {answer.decode()}")
        time.sleep(0.1)


def create(path, version, kind, name, **fields):
    return call("POST", path, {"apiVersion": version, "kind": kind, "metadata": {"name": name}, **fields},
                until=time.monotonic() + 120)


def kind(number):
    group = f"g{number}.example.com"
    create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", "apiextensions.k8s.io/v1",
           "CustomResourceDefinition", f"widgets.{group}",
           spec={"group": group, "scope": "Namespaced",
                 "names": {"plural": "widgets", "singular": "widget", "kind": "Widget"},
                 "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {
                     "type": "object", "x-kubernetes-preserve-unknown-fields": True}}}]})


def widget(number, kinds):
    group = f"g{number % kinds}.example.com"
    create(f"/apis/{group}/v1/namespaces/shop/widgets", f"{group}/v1", "Widget", f"w-{number // kinds}",
           spec={"size": 3})


def pod(number):
    """With a claim that is bound to a volume, for which there are no controllers here."""
    claim = f"data-{number}"
    size = {"storage": "1Gi"}
    create("/api/v1/persistentvolumes", "v1", "PersistentVolume", f"pv-{number}",
           spec={"capacity": size, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/nowhere"}})
    create(SHOP + "persistentvolumeclaims", "v1", "PersistentVolumeClaim", claim,
           spec={"accessModes": ["ReadWriteOnce"], "volumeName": f"pv-{number}", "storageClassName": "",
                 "resources": {"requests": size}})
    call("PATCH", SHOP + f"persistentvolumeclaims/{claim}/status", {"status": {"phase": "Bound"}},
         "application/merge-patch+json")
    create(SHOP + "pods", "v1", "Pod", f"web-{number}",
           spec={"serviceAccountName": "clerk", "containers": [{"name": "c", "image": "none"}],
                 "volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": claim}}]})


def fill(kinds, widgets):
    """A namespace `shop`: so many groups of custom resources with so many objects each, pods, claims, small things."""
    kinds = int(kinds)
    rbac = "rbac.authorization.k8s.io"
    create("/api/v1/namespaces", "v1", "Namespace", "shop")
    create(SHOP + "serviceaccounts", "v1", "ServiceAccount", "clerk")
    create(f"/apis/{rbac}/v1/clusterroles", f"{rbac}/v1", "ClusterRole", "reader",
           rules=[{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}])
    create(f"/apis/{rbac}/v1/clusterrolebindings", f"{rbac}/v1", "ClusterRoleBinding", "read",
           subjects=[{"kind": "ServiceAccount", "name": "clerk", "namespace": "shop"}],
           roleRef={"apiGroup": rbac, "kind": "ClusterRole", "name": "reader"})
    with ThreadPoolExecutor(16) as pool:
        for work, count in [
            (kind, kinds),
            (pod, PODS),
            (lambda number: create(SHOP + "configmaps", "v1", "ConfigMap", f"setting-{number}",
                                   data={"key": "value"}), SETTINGS),
            (lambda number: widget(number, kinds), kinds * int(widgets)),
        ]:
            list(pool.map(work, range(count)))


def velero():
    """Velero's namespace and its definitions, from stdin."""
    for definition in json.load(sys.stdin)["items"]:
        call("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition)
    create("/api/v1/namespaces", "v1", "Namespace", "velero")


def location(root):
    """A new storage location for Velero that is a directory; returns when a server of Velero has found it usable."""
    place = VELERO + "backupstoragelocations"
    for former in call("GET", place)["items"]:
        call("DELETE", f"{place}/{former['metadata']['name']}")
    create(place, "velero.io/v1", "BackupStorageLocation", "default",
           spec={"provider": "holdfast.test/files", "default": True, "config": {"root": root},
                 "objectStorage": {"bucket": "bucket"}})
    end = time.monotonic() + 120
    while call("GET", place + "/default").get("status", {}).get("phase") != "Available":
        if time.monotonic() > end:
            raise SystemExit("Velero's server has not found its storage location usable within 120 s")
        time.sleep(0.2)


def backup(name):
    """Creates a Backup and watches it; prints the seconds to its end, and those that Velero says it took."""
    watched = send(connect(), "GET", f"{VELERO}backups?watch=1&fieldSelector=metadata.name%3D{name}")
    begun = time.monotonic()
    create(VELERO + "backups", "velero.io/v1", "Backup", name,
           spec={"includedNamespaces": ["shop"], "storageLocation": "default", "snapshotVolumes": False,
                 "defaultVolumesToFsBackup": False})
    for line in watched:
        status = json.loads(line)["object"].get("status", {})
        if status.get("phase") == "Completed":
            took = round(time.monotonic() - begun, 3)
            begin, end = (datetime.fromisoformat(status[it]) for it in ("startTimestamp", "completionTimestamp"))
            print(took, (end - begin).seconds)
            return
        if re.fullmatch("PartiallyFailed|Failed|FailedValidation", status.get("phase", "")):
            raise SystemExit(f"Backup {name}: {status}")
    raise SystemExit(f"Backup {name}: the watch has ended")


def count(log, start):
    """Prints total, lists, gets, discovery and others of the requests since that byte of the audit log, and by whom."""
    asked = {}
    with open(log, "rb") as events:
        events.seek(int(start))
        for line in events:
            event = json.loads(line)
            if not re.match("kube-apiserver/|bench$|curl/", event.get("userAgent", "")):
                asked[event["auditID"]] = event  # A watch has two lines.
    kinds = Counter(request(event) for event in asked.values())
    agents = Counter(re.sub(r"/\S+|\(linux.*", "", event.get("userAgent", "?")).strip() for event in asked.values())
    print(len(asked), *(kinds[it] for it in ("list", "get", "discovery", "other")),
          ", ".join(f"{agent}: {number}" for agent, number in agents.most_common()))


def request(event):
    if re.fullmatch(r"/(api(/v1)?|apis(/[^/?]+){0,2}|version|openapi/.*)/?([?].*)?", event["requestURI"]):
        return "discovery"
    return event["verb"] if event["verb"] in ("list", "get") else "other"


def objects(*archives):
    """Prints how many objects are in the first archive and, with two, how many are in only one of them."""
    held = []
    for archive in archives:
        with tarfile.open(archive) as tar:
            held.append({name for name in tar.getnames()
                         if re.fullmatch("resources/[^/]+/(cluster|namespaces/[^/]+)/[^/]+[.]json", name)})
    print(len(held[0]), len(held[0] ^ held[-1]))


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
