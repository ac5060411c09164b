package dev.holdfast.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.config.Budget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BudgetSettingsTest {
    @TempDir
    Path directory;

    private static BudgetSettings.Layer layer(@Nullable Double qps, @Nullable Double burst) {
        return new BudgetSettings.Layer(qps, burst);
    }

    private static final AtomicInteger ROWS = new AtomicInteger();

    @AfterAll
    static void count() {
        Measured.say("validation of the budget: %d rows, each as expected", ROWS.get());
    }

    @ParameterizedTest
    @CsvSource({
        "100, 100, true",
        "0.5, 1, true",
        "-1, 1, true",
        "10000, 20000, true",
        "0, 100, false",
        "-2, 100, false",
        "NaN, 100, false",
        "Infinity, 100, false",
        "1e9, 100, false",
        "100, 0, false",
        "100, -1, false",
        "100, 1.5, false",
        "100, 20001, false",
        "100, NaN, false",
    })
    void a_pair_is_good_or_bad_as_a_whole(double qps, double burst, boolean good) {
        BudgetSettings settings = new BudgetSettings();

        assertThat(settings.change(BudgetSource.ENVIRONMENT, layer(qps, burst)).isEmpty())
                .isEqualTo(good);
        assertThat(settings.effective().budget()).isEqualTo(good ? new Budget(qps, (int) burst) : Budget.BUILT_IN);
        assertThat(settings.effective().refused().isEmpty()).isEqualTo(good);
        ROWS.incrementAndGet();
    }

    /** What a child makes of its environment. The second column is the budget in force, or why it does not start. */
    @ParameterizedTest
    @CsvSource(nullValues = "unset", textBlock = """
            70,    80,    70/80
            ' 70', 80,    70/80
            -1,    5,     no limit
            70,    unset, 70/100
            unset, 80,    100/80
            '',    '',    100/100
            ' ',   80,    100/80
            unset, unset, 100/100
            abc,   80,    'HOLDFAST_KUBE_QPS is "abc": not a number'
            70,    many,  'HOLDFAST_KUBE_BURST is "many": not a number'
            0,     80,    qps is 0
            -2,    80,    qps is -2
            NaN,   80,    qps is NaN
            1e9,   80,    qps is 1000000000
            70,    0,     burst is 0
            """)
    void the_environment_of_a_child_is_good_or_bad_as_a_whole(
            @Nullable String qps, @Nullable String burst, String outcome) {
        Map<String, String> environment = new HashMap<>();
        environment.computeIfAbsent(ChildSettings.QPS, _ -> qps);
        environment.computeIfAbsent(ChildSettings.BURST, _ -> burst);
        String seen;
        try (KubeChild child = KubeChild.connect(environment, "a")) {
            seen = child.effective().budget().toString();
        } catch (IOException e) {
            seen = String.valueOf(e.getMessage());
        }
        assertThat(seen).contains(outcome);
        ROWS.incrementAndGet();
    }

    @Test
    void later_sources_win_and_each_value_says_where_it_is_from() {
        BudgetSettings settings = new BudgetSettings();
        settings.change(BudgetSource.ENVIRONMENT, layer(50.0, null));
        settings.change(BudgetSource.SHARED_FILE, layer(20.0, 30.0));

        BudgetSettings.Effective now = settings.effective();
        assertThat(now.budget()).isEqualTo(new Budget(50, 30));
        assertThat(now.qpsFrom()).isEqualTo(BudgetSource.ENVIRONMENT);
        assertThat(now.burstFrom()).isEqualTo(BudgetSource.SHARED_FILE);

        settings.change(BudgetSource.LIVE, layer(7.0, null));
        assertThat(settings.effective().budget()).isEqualTo(new Budget(7, 30));
        settings.change(BudgetSource.LIVE, BudgetSettings.Layer.EMPTY);
        assertThat(settings.effective().budget()).isEqualTo(new Budget(50, 30));
    }

    @Test
    void a_refused_value_leaves_its_source_as_it_was() {
        BudgetSettings settings = new BudgetSettings();
        settings.change(BudgetSource.SHARED_FILE, layer(20.0, 30.0));
        assertThat(settings.change(BudgetSource.SHARED_FILE, layer(20.0, 0.0)))
                .hasValueSatisfying(it -> assertThat(it).contains("shared file").contains("burst is 0"));

        assertThat(settings.effective().budget()).isEqualTo(new Budget(20, 30));
        assertThat(settings.effective().refused()).contains("20/30 stays in force");
        settings.change(BudgetSource.SHARED_FILE, layer(20.0, 40.0));
        assertThat(settings.effective().refused()).isEmpty();
    }

    @Test
    void a_refused_live_value_is_told_to_who_asked_and_leaves_no_trace() {
        BudgetSettings settings = new BudgetSettings();

        assertThat(settings.change(BudgetSource.LIVE, layer(0.0, 1.0))).isPresent();
        assertThat(settings.effective().refused()).isEmpty();
    }

    @Test
    void a_wrong_value_is_refused_also_where_a_later_source_hides_it() {
        BudgetSettings settings = new BudgetSettings();
        settings.change(BudgetSource.LIVE, layer(50.0, 50.0));

        assertThat(settings.change(BudgetSource.SHARED_FILE, layer(0.0, null))).isPresent();
    }

    @Test
    @Timeout(60)
    void a_reader_never_sees_half_of_a_change() throws InterruptedException {
        BudgetSettings settings = new BudgetSettings();
        settings.change(BudgetSource.LIVE, layer(10.0, 10.0));
        AtomicBoolean stop = new AtomicBoolean();
        AtomicReference<Budget> torn = new AtomicReference<>();
        AtomicInteger changesSeen = new AtomicInteger();
        Thread reader = Thread.ofPlatform().start(() -> {
            Budget last = settings.effective().budget();
            while (!stop.get()) {
                Budget seen = settings.effective().budget();
                if (seen.qps() != seen.burst()) {
                    torn.set(seen);
                }
                if (!seen.equals(last)) {
                    changesSeen.incrementAndGet();
                }
                last = seen;
            }
        });
        // For as long as is promised, or until the reader has really read while there were changes.
        long end = System.nanoTime() + (Boolean.getBoolean("holdfast.soak") ? 10_000_000_000L : 0);
        int changes = 0;
        while (System.nanoTime() < end || changesSeen.get() < 1000) {
            double next = 1 + changes++ % 1000;
            settings.change(BudgetSource.LIVE, layer(next, next));
            settings.change(BudgetSource.LIVE, layer(next + 1, 0.0));
        }
        stop.set(true);
        reader.join();

        assertThat(torn.get()).isNull();
        Measured.say("%d changes of the budget, %d seen by a reader, none torn", changes, changesSeen.get());
    }

    @Test
    void a_config_map_that_is_swapped_is_in_force_within_a_second() throws Exception {
        Path first = Files.createDirectory(directory.resolve("..first"));
        Path second = Files.createDirectory(directory.resolve("..second"));
        Files.writeString(first.resolve("kube.properties"), "holdfast.kube.qps=20\nholdfast.kube.burst=30\n");
        Files.writeString(second.resolve("kube.properties"), "holdfast.kube.qps=40\nholdfast.kube.burst=60\n");
        Path data = Files.createSymbolicLink(directory.resolve("..data"), Path.of("..first"));
        Path file =
                Files.createSymbolicLink(directory.resolve("kube.properties"), Path.of("..data", "kube.properties"));
        BudgetSettings settings = new BudgetSettings();
        try (SharedFile _ = SharedFile.follow(file, settings)) {
            assertThat(settings.effective().budget()).isEqualTo(new Budget(20, 30));
            assertThat(settings.effective().source()).isEqualTo(BudgetSource.SHARED_FILE);

            Path swap = Files.createSymbolicLink(directory.resolve("..data_tmp"), Path.of("..second"));
            Files.move(swap, data, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);

            KubeRig.await("the new pair", Duration.ofSeconds(1), () -> settings.effective()
                    .budget()
                    .equals(new Budget(40, 60)));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "holdfast.kube.qps=abc",
        "holdfast.kube.qps=-3",
        "'  '",
        "holdfast.kube.burst=0",
        "'holdfast.kube.qps=40\nholdfast.kube.bur'",
        "'holdfast.kube.qps=40\nholdfast.kube.burst'",
        "'holdfast.kube.qps=40\nholdfast.kube.burst='",
    })
    void a_file_that_makes_no_sense_changes_nothing(String content) throws Exception {
        Path file = Files.writeString(directory.resolve("kube.properties"), "holdfast.kube.qps=20\n");
        BudgetSettings settings = new BudgetSettings();
        try (SharedFile _ = SharedFile.follow(file, settings)) {
            Files.writeString(file, content);
            KubeRig.await("the refusal", Duration.ofSeconds(2), () -> !settings.effective()
                    .refused()
                    .isEmpty());

            assertThat(settings.effective().budget()).isEqualTo(new Budget(20, 100));
            Files.delete(file);
            KubeRig.await("the built-in pair", Duration.ofSeconds(2), () -> settings.effective()
                    .budget()
                    .equals(Budget.BUILT_IN));
        }
        ROWS.incrementAndGet();
    }

    @Test
    void a_file_that_was_half_written_counts_once_it_is_whole() throws Exception {
        Path file = Files.writeString(directory.resolve("kube.properties"), "holdfast.kube.qps=20\n");
        BudgetSettings settings = new BudgetSettings();
        List<Budget> seen = new CopyOnWriteArrayList<>();
        settings.onChange(now -> seen.add(now.budget()));
        try (SharedFile _ = SharedFile.follow(file, settings)) {
            Files.writeString(file, "holdfast.kube.qps=40\nholdfast.ku");
            KubeRig.await("the refusal", Duration.ofSeconds(10), () -> !settings.effective()
                    .refused()
                    .isEmpty());
            Files.writeString(file, "be.burst=60\n", StandardOpenOption.APPEND);
            KubeRig.await("the new pair", Duration.ofSeconds(10), () -> seen.size() > 1);
        }
        assertThat(seen).containsExactly(new Budget(20, 100), new Budget(40, 60));
        assertThat(settings.effective().refused()).isEmpty();
        ROWS.incrementAndGet();
    }
}
