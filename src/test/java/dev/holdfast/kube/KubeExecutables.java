package dev.holdfast.kube;

import dev.holdfast.testing.Needs;
import io.fabric8.kubeapitest.KubeAPIServerConfigBuilder;
import io.fabric8.kubeapitest.KubeAPITestException;
import io.fabric8.kubeapitest.binary.BinaryManager;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Where kube-apiserver and etcd are. {@code KUBE_API_TEST_DIR} names a folder that is laid out as fabric8's
 * {@code kube-api-test} does; without it they are kept once for the machine, in the user's cache. With
 * {@code KUBE_API_TEST_GET=build} they get there: fabric8 downloads them, or where it cannot,
 * {@code src/test/kube-api/setup} builds them.
 */
public final class KubeExecutables implements Needs.Thing {
    private static final Path MODULE = Path.of("src", "test", "kube-api");
    private static final int DOWNLOAD_MINUTES_MAX = 15;
    private static final int BUILD_MINUTES_MAX = 45;

    private record Result(Optional<Path> folder, Optional<String> missing) {
        static Result at(Path folder) {
            return new Result(Optional.of(folder), Optional.empty());
        }

        static Result missing(String why) {
            return new Result(Optional.empty(), Optional.of("no real API server: " + why));
        }
    }

    /** Once for all tests: where nothing can be had, trying that takes a while. */
    private static final class Once {
        static final Result RESULT = find();
    }

    @Override
    public Optional<String> missing() {
        return Once.RESULT.missing();
    }

    static Path folder() {
        return Once.RESULT.folder().orElseThrow();
    }

    private static Result find() {
        String named = System.getenv("KUBE_API_TEST_DIR");
        if (named != null && !named.isBlank()) {
            return Result.at(in(Path.of(named), "")
                    .orElseThrow(() -> new IllegalStateException("KUBE_API_TEST_DIR is " + named
                            + ": no k8s/<version>/ with kube-apiserver and etcd is there")));
        }
        try {
            Path cache = cache();
            String version = version();
            Optional<Path> kept = in(cache, version);
            if (kept.isPresent()) {
                return Result.at(kept.get());
            }
            if (!"build".equals(System.getenv("KUBE_API_TEST_GET"))) {
                return Result.missing("KUBE_API_TEST_DIR does not name one; KUBE_API_TEST_GET=build"
                        + " downloads or builds it, as .ci/run does");
            }
            return get(cache, version);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One process of the machine does this at a time. */
    private static Result get(Path cache, String version) throws IOException, InterruptedException {
        Path lock = Files.createDirectories(cache).resolve(".get.lock");
        try (FileChannel file = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock _ = file.lock()) {
            Optional<Path> kept = in(cache, version);
            if (kept.isPresent()) {
                return Result.at(kept.get());
            }
            Optional<String> noDownload = download(cache, version);
            if (noDownload.isPresent()) {
                Optional<String> noBuild = build(cache, noDownload.get());
                if (noBuild.isPresent()) {
                    return Result.missing(noDownload.get() + "; " + noBuild.get());
                }
            }
            return Result.at(in(cache, version).orElseThrow());
        }
    }

    private static Path cache() {
        String named = System.getenv("XDG_CACHE_HOME");
        Path all =
                named == null || named.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(named);
        return all.resolve("holdfast").resolve("kube-api");
    }

    /** Release of Kubernetes that is tested with, without the last number: what can be downloaded has its own. */
    private static String version() throws IOException {
        Matcher found = Pattern.compile("k8s\\.io/kubernetes v(\\d+\\.\\d+\\.)")
                .matcher(Files.readString(MODULE.resolve("go.mod")));
        if (!found.find()) {
            throw new IOException("no release of k8s.io/kubernetes in " + MODULE.resolve("go.mod"));
        }
        return found.group(1);
    }

    private static Optional<Path> in(Path home, String version) {
        File[] versions = home.resolve("k8s").toFile().listFiles();
        return Stream.of(versions == null ? new File[0] : versions)
                .map(File::toPath)
                .filter(it -> it.getFileName().toString().startsWith(version))
                .filter(it ->
                        Files.isExecutable(it.resolve("kube-apiserver")) && Files.isExecutable(it.resolve("etcd")))
                .max(Comparator.naturalOrder());
    }

    /** Why it is not possible; empty when they are in the cache. What breaks off leaves nothing that looks whole. */
    private static Optional<String> download(Path cache, String version) throws IOException, InterruptedException {
        Path next = Files.createTempDirectory(cache, ".download");
        BinaryManager fabric8 = new BinaryManager(KubeAPIServerConfigBuilder.anAPIServerConfig()
                .withTestDir(next.toString())
                .withApiServerVersion(version + "*")
                .withOfflineMode(false)
                .withWaitForEtcdHealthCheckOnStartup(false)
                .withStartupTimeout(0)
                .build());
        try {
            // It has no limit of its own.
            CompletableFuture.runAsync(fabric8::initAndDownloadIfRequired).get(DOWNLOAD_MINUTES_MAX, TimeUnit.MINUTES);
            Path whole = fabric8.binaries().getApiServer().toPath().getParent();
            Files.createDirectories(cache.resolve("k8s"));
            Files.move(whole, cache.resolve(next.relativize(whole)), StandardCopyOption.ATOMIC_MOVE);
        } catch (TimeoutException _) {
            return Optional.of("the download is not done after " + DOWNLOAD_MINUTES_MAX + " min");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof KubeAPITestException cause) {
                return Optional.of("the download failed: " + root(cause));
            }
            throw new IllegalStateException(e);
        } finally {
            delete(next);
        }
        return Optional.empty();
    }

    private static Throwable root(Throwable error) {
        return error.getCause() == null ? error : root(error.getCause());
    }

    private static Optional<String> build(Path cache, String noDownload) throws IOException, InterruptedException {
        System.out.println(noDownload + "; building kube-apiserver and etcd instead: 4 to 10 minutes");
        Process setup = new ProcessBuilder(MODULE.resolve("setup").toString(), cache.toString())
                .redirectErrorStream(true)
                .start();
        CompletableFuture<String> said = CompletableFuture.supplyAsync(() -> read(setup));
        if (!setup.waitFor(BUILD_MINUTES_MAX, TimeUnit.MINUTES)) {
            setup.descendants().forEach(ProcessHandle::destroyForcibly);
            setup.destroyForcibly();
            return Optional.of("the build is not done after " + BUILD_MINUTES_MAX + " min");
        }
        return setup.exitValue() == 0
                ? Optional.empty()
                : Optional.of("the build failed: " + said.join().strip());
    }

    private static String read(Process process) {
        try {
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
