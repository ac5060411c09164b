package dev.holdfast.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Looks at the machine and says what works here, and what that means. Changes nothing. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = "Look at this machine: what Holdfast runs on, what works here, what that means.")
final class DoctorCommand implements Callable<Integer> {
    private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+).*");
    private static final long SHA_MIN = 1_200;
    private static final long GCM_MIN = 2_000;

    /** How a finding is to be taken. */
    enum Grade {
        OK,
        NOTE,
        WARN
    }

    record Finding(Grade grade, String what, String found) {}

    @Option(names = "--json", description = "print JSON")
    boolean json;

    @Option(
            names = "--require-fast-crypto",
            description = "fail when the crypto is slow on a processor that can do better")
    boolean requireFastCrypto;

    @Mixin
    AgentOptions agent = new AgentOptions();

    @Override
    public Integer call() {
        List<Finding> findings = new ArrayList<>();
        findings.add(new Finding(Grade.OK, "runtime", runtime()));
        findings.add(kernel());
        findings.add(cgroups());
        findings.add(stateDirectory());
        findings.add(agent());
        boolean shaInCpu = cpuCan("sha_ni") || cpuCan("sha2");
        Finding sha = CryptoSpeed.sha256(SHA_MIN, shaInCpu);
        Finding gcm = CryptoSpeed.aesGcm(GCM_MIN, cpuCan("aes"));
        findings.add(sha);
        findings.add(gcm);
        print(findings);
        boolean slow = sha.grade() == Grade.WARN || gcm.grade() == Grade.WARN;
        return (slow && requireFastCrypto ? ExitCode.FAILED : ExitCode.OK).number();
    }

    private void print(List<Finding> findings) {
        if (json) {
            ObjectNode top = Json.object().put("type", "doctor");
            ArrayNode array = top.putArray("findings");
            findings.forEach(finding -> array.addObject()
                    .put("grade", finding.grade().name())
                    .put("what", finding.what())
                    .put("found", finding.found()));
            System.out.println(Json.pretty(top));
            return;
        }
        Table.print(
                findings.stream()
                        .map(finding -> new String[] {
                            finding.grade().name().toLowerCase(java.util.Locale.ROOT), finding.what(), finding.found()
                        })
                        .toList(),
                System.out);
    }

    private static String runtime() {
        String kind = ThisProgram.isNative() ? "native executable" : "JVM " + System.getProperty("java.vm.version");
        return kind + ", Java " + System.getProperty("java.version") + ", " + System.getProperty("os.arch") + ", "
                + Runtime.getRuntime().availableProcessors() + " processors";
    }

    private static Finding kernel() {
        String version = System.getProperty("os.version", "?");
        Matcher matcher = VERSION.matcher(version);
        boolean pidfd = matcher.matches()
                && (Integer.parseInt(matcher.group(1)) > 5
                        || Integer.parseInt(matcher.group(1)) == 5 && Integer.parseInt(matcher.group(2)) >= 3);
        return new Finding(
                pidfd ? Grade.OK : Grade.WARN,
                "kernel",
                version + (pidfd ? ", has pidfd" : ", older than 5.3: no pidfd, movers cannot be signalled safely"));
    }

    private static Finding cgroups() {
        Path root = Path.of("/sys/fs/cgroup");
        if (!Files.exists(root.resolve("cgroup.controllers"))) {
            return new Finding(
                    Grade.NOTE,
                    "cgroups",
                    "no cgroup v2 at " + root + ": movers run without limits and cgroups of their own; they outlive"
                            + " the agent, but not its container or a systemd unit without KillMode=process");
        }
        if (!Files.isWritable(root) || !Files.isWritable(root.resolve("cgroup.procs"))) {
            return new Finding(
                    Grade.NOTE,
                    "cgroups",
                    "v2, but no right to make own ones: movers outlive the agent, but not its container or a systemd"
                            + " unit without KillMode=process; the next agent resumes them");
        }
        if (Files.exists(root.resolve("cgroup.type"))) { // which the root of the hierarchy does not have
            return new Finding(
                    Grade.NOTE,
                    "cgroups",
                    "v2, but of this container alone: own ones would end with it; kubernetes/overlays/survive says"
                            + " what it takes to have the host's");
        }
        return new Finding(Grade.OK, "cgroups", "v2, own ones can be made");
    }

    private Finding stateDirectory() {
        Path directory = agent.stateDirectory();
        Path existing = directory;
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        boolean usable = existing != null && Files.isDirectory(existing) && Files.isWritable(existing);
        return new Finding(
                usable ? Grade.OK : Grade.WARN,
                "state directory",
                directory
                        + (usable ? "" : " cannot be written; choose another with --state-dir or HOLDFAST_STATE_DIR"));
    }

    private Finding agent() {
        try {
            AgentClient client = agent.client();
            JsonNode told = client.agent();
            return new Finding(
                    Grade.OK,
                    "agent",
                    client.address() + ", version " + Json.text(told, "version", "?") + ", pid "
                            + Json.text(told, "pid", "?") + ", state in " + Json.text(told, "stateDir", "?"));
        } catch (CliException e) {
            return new Finding(Grade.NOTE, "agent", String.valueOf(e.getMessage()));
        }
    }

    private static boolean cpuCan(String flag) {
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("flags") || line.startsWith("Features"))
                    .findFirst()
                    .map(line -> List.of(line.split("\\s+", -1)).contains(flag))
                    .orElse(false);
        } catch (java.io.IOException e) {
            return false;
        }
    }
}
