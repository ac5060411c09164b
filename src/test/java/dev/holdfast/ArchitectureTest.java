package dev.holdfast;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.Set;

/** Which package may use which, and where each third party lives. */
@AnalyzeClasses(packages = "dev.holdfast", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    private static final String SESSION = in("session");
    private static final String TRANSFER = in("transfer..");
    private static final String PROTOCOL = in("mover.protocol");
    private static final String LINUX = in("linux");
    private static final String CONFIG = in("config");
    private static final String KUBE = in("kube..");

    private static final Set<String> ASKING = Set.of(
            "java.lang.System.getProperty",
            "java.lang.System.getenv",
            "java.lang.System.nanoTime",
            "java.lang.System.currentTimeMillis",
            "java.lang.Boolean.getBoolean",
            "java.lang.Integer.getInteger",
            "java.lang.Long.getLong",
            "java.lang.ProcessHandle.current",
            "java.lang.Runtime.availableProcessors",
            "java.time.Instant.now",
            "java.security.SecureRandom.<init>",
            "java.util.UUID.randomUUID");

    @ArchTest
    static final ArchRule CONFIG_USES = only(CONFIG);

    @ArchTest
    static final ArchRule LINUX_USES = only(LINUX);

    @ArchTest
    static final ArchRule TRANSFER_USES = only(TRANSFER, LINUX);

    @ArchTest
    static final ArchRule PROTOCOL_USES = only(PROTOCOL, LINUX);

    @ArchTest
    static final ArchRule SESSION_USES = only(SESSION, CONFIG, LINUX);

    @ArchTest
    static final ArchRule WORKER_USES = only(in("mover.worker"), PROTOCOL, TRANSFER);

    @ArchTest
    static final ArchRule MOVER_USES = only(in("mover"), SESSION, PROTOCOL, CONFIG, LINUX);

    @ArchTest
    static final ArchRule KUBE_USES = only(KUBE, CONFIG);

    @ArchTest
    static final ArchRule PLUGIN_USES = only(in("plugin.."), KUBE, CONFIG);

    @ArchTest
    static final ArchRule BACKUP_USES = only(in("backup.."), KUBE, in("plugin.."), CONFIG, LINUX);

    @ArchTest
    static final ArchRule VELERO_USES = only(in("velero.."), SESSION, KUBE, CONFIG);

    @ArchTest
    static final ArchRule API_USES = only(in("api"), SESSION, in("backup.."), KUBE, CONFIG);

    /** The command line talks to an agent over REST, and reads repositories and archives by itself. */
    @ArchTest
    static final ArchRule CLI_USES = only(in("cli.."), TRANSFER, in("backup.archive"), LINUX);

    @ArchTest
    static final ArchRule MAPDB = home("org.mapdb..", SESSION);

    @ArchTest
    static final ArchRule NATIVE_IMAGE = home("org.graalvm..", LINUX);

    @ArchTest
    static final ArchRule FOREIGN_MEMORY = home("java.lang.foreign..", LINUX);

    @ArchTest
    static final ArchRule FABRIC8 = home("io.fabric8..", KUBE, in("velero.."), in("backup.."));

    /** Whoever makes a client of his own has a budget of his own, and nobody counts what the node asks. */
    @ArchTest
    static final ArchRule ONE_CLIENT = onlyIn(
            "io[.]fabric8[.]kubernetes[.]client[.](KubernetesClientBuilder|DefaultKubernetesClient|impl[.].*"
                    + "|utils[.]HttpClientUtils)",
            in("kube.ClusterClient"));

    /** What makes connections is handed to that one place, which puts the gate in front of it. */
    @ArchTest
    static final ArchRule ONE_TRANSPORT =
            onlyIn("io[.]fabric8[.]kubernetes[.]client[.]vertx[.].*", in("kube.Transport"));

    @ArchTest
    static final ArchRule REST = home("jakarta.ws.rs..", in("api"));

    @ArchTest
    static final ArchRule QUTE = home("io.quarkus.qute..", in("api"));

    @ArchTest
    static final ArchRule PICOCLI = home("picocli..", in("cli.."));

    @ArchTest
    static final ArchRule ZSTD = home("com.github.luben..", in("transfer.repository"));

    @ArchTest
    static final ArchRule GRPC = home("io.grpc..", in("plugin"));

    @ArchTest
    static final ArchRule TAR = home("org.apache.commons.compress..", in("backup.archive"));

    /** Their beans are made in the agent; a mover and the tests need no container. */
    @ArchTest
    static final ArchRule PLAIN_JAVA = noClasses()
            .that()
            .resideInAnyPackage(SESSION, TRANSFER, PROTOCOL, in("mover.worker"))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.quarkus..", "jakarta..")
            .allowEmptyShould(true);

    /** The machine is given the time, so that a test can replay any run of events. */
    @ArchTest
    static final ArchRule TIMELESS = noClasses()
            .that(pureSession())
            .should()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Thread.class, "sleep", long.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Clock.class)
            .allowEmptyShould(true);

    /**
     * A native image runs static initializers while it is built, on another machine, in another process. Machine asks
     * for the kind of processor, which is the same; failpoints are left to the run, see native-image.properties.
     */
    @ArchTest
    static final ArchRule STATICS_ASK_NOTHING = noClasses()
            .that(not(simpleName("Machine").or(simpleName("Failpoint"))))
            .should()
            .accessTargetWhere(DescribedPredicate.describe(
                    "asks the machine or the process in a static initializer",
                    access -> access.getOrigin().getName().equals("<clinit>")
                            && ASKING.contains(access.getTarget().getOwner().getName() + "."
                                    + access.getTarget().getName())));

    private static String in(String suffix) {
        return "dev.holdfast." + suffix;
    }

    /** Of our own packages, {@code home} uses itself and these, nothing else. */
    private static ArchRule only(String home, String... others) {
        return noClasses()
                .that()
                .resideInAPackage(home)
                .should()
                .dependOnClassesThat(resideInAPackage("dev.holdfast..")
                        .and(not(resideInAPackage(home)))
                        .and(not(resideInAnyPackage(others))))
                .as(home + " uses no package of ours but " + Arrays.toString(others))
                .allowEmptyShould(true);
    }

    private static ArchRule home(String library, String... homes) {
        return noClasses()
                .that()
                .resideOutsideOfPackages(homes)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .allowEmptyShould(true);
    }

    private static ArchRule onlyIn(String libraries, String... classes) {
        return noClasses()
                .that(DescribedPredicate.describe("are not " + Arrays.toString(classes), type -> !Arrays.asList(classes)
                        .contains(type.getName())))
                .should()
                .dependOnClassesThat()
                .haveNameMatching(libraries)
                .allowEmptyShould(true);
    }

    private static DescribedPredicate<JavaClass> pureSession() {
        return resideInAPackage(SESSION)
                .and(DescribedPredicate.describe(
                        "are the pure state machine",
                        type -> type.getSimpleName().matches("SessionMachine.*")
                                || type.getName().startsWith(SESSION + ".SessionState")));
    }
}
