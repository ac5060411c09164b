"""The container image: built without a registry on a base that is made here, and started."""

import json
import pathlib
import re
import shutil

from cluster import ROOT, Failed, run

LIBRARIES = re.compile(r"(/\S+) \(0x")
FLAGS = ["--storage-driver", "vfs"]


class Images:
    """Builds below a directory of its own, with a storage of its own."""

    def __init__(self, directory, executable):
        self.directory = pathlib.Path(directory)
        self.executable = pathlib.Path(executable).resolve()
        self.storage = [*FLAGS, "--root", str(self.directory / "storage"), "--runroot", str(self.directory / "run")]
        self.context = self.directory / "context"

    def buildah(self, *words, **more):
        return run("buildah", *self.storage, *words, seconds=600, **more)

    def base(self):
        """An image with the C library, for the executable and for the compression that it brings, and nothing else."""
        root = self.directory / "base"
        for folder in ("tmp", "etc"):
            (root / folder).mkdir(parents=True, exist_ok=True)
        libraries = [pathlib.Path(it) for it in LIBRARIES.findall(run("ldd", self.executable))]
        threads = next(it for it in libraries if it.name == "libc.so.6").with_name("libpthread.so.0")
        for library in [*libraries, threads]:
            target = root / library.relative_to("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, target)
        (root / "tmp").chmod(0o1777)
        (root / "etc/passwd").write_text("root:x:0:0:root:/:/sbin/nologin\n")
        (root / "Containerfile").write_text("FROM scratch\nCOPY . /\n")
        self.buildah("bud", "--isolation", "chroot", "-t", "localhost/base:1", root)

    def build(self, tag, version):
        """Builds the one description there is, and returns a tar that a node can load."""
        (self.context / "target").mkdir(parents=True, exist_ok=True)
        shutil.copy(self.executable, self.context / "target/holdfast-runner")  # a layer of its own: another time
        name = f"localhost/holdfast:{tag}"
        self.buildah("bud", "--isolation", "chroot", "--build-arg", "BASE=localhost/base:1", "--build-arg",
                     f"VERSION={version}", "-f", ROOT / "src/main/docker/Dockerfile.native", "-t", name, self.context)
        tar = self.directory / f"holdfast-{tag}.tar"
        tar.unlink(missing_ok=True)
        self.buildah("push", name, f"docker-archive:{tar}:{name}")
        return tar

    def labels(self, tag):
        seen = json.loads(self.buildah("inspect", "--type", "image", f"localhost/holdfast:{tag}"))
        return seen["OCIv1"]["config"]

    def start(self, tag, *words):
        """Runs the image's program in a root of its own, and returns what it says."""
        container = self.buildah("from", "--pull-never", f"localhost/holdfast:{tag}").strip()
        try:
            return self.buildah("run", "--isolation", "chroot", container, "--", "/usr/bin/holdfast", *words)
        finally:
            self.buildah("rm", container)


def check(images, report):
    def build():
        images.base()
        tar = images.build(1, "1")
        images.build(2, "2")
        config = images.labels(2)
        labels = config["Labels"]
        if labels["org.opencontainers.image.version"] != "2" or labels["org.opencontainers.image.title"] != "Holdfast":
            raise Failed(f"labels: {labels}")
        if config["User"] != "65532:65532" or config["Entrypoint"] != ["/usr/bin/holdfast"]:
            raise Failed(f"config: {config}")
        return f"executable {images.executable.stat().st_size / 1e6:.0f} MB, image {tar.stat().st_size / 1e6:.0f} MB"

    def start():
        out = images.start(1, "doctor")
        if "native executable" not in out:
            raise Failed(out)
        return "doctor in the image: " + next(line for line in out.splitlines() if "runtime" in line).strip()

    return report.check("image", "built by buildah on a base made here", build) and report.check(
        "image", "starts in its own root", start)
