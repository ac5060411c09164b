package dev.holdfast.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.smallrye.config.ConfigMappings;
import io.smallrye.config.ConfigMappings.ConfigClass;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
    private static final List<Class<?>> MAPPINGS = List.of(
            AgentConfig.class,
            SessionConfig.class,
            MoverConfig.class,
            ShutdownConfig.class,
            KubeConfig.class,
            PluginConfig.class);

    @Test
    void defaults_have_no_problems() {
        assertThat(settings(Map.of()).problems()).isEmpty();
    }

    @Test
    void values_out_of_range_are_named_with_what_is_allowed() {
        Settings settings = settings(Map.of(
                "holdfast.session.attempts-max", "0",
                "holdfast.mover.orphan-limit", "5s",
                "holdfast.mover.cpu-max", "NaN",
                "holdfast.mover.memory-max", "1M",
                "holdfast.kube.qps", "0",
                "holdfast.kube.shares", "velero=50,other=101",
                "holdfast.state-dir", "here"));

        assertThat(settings.problems())
                .containsExactlyInAnyOrder(
                        "holdfast.state-dir is here: not absolute",
                        "holdfast.session.attempts-max is 0: allowed is 1 to 1000",
                        "holdfast.mover.orphan-limit is 5s: allowed is 1m to 720h",
                        "holdfast.kube.qps is 0: allowed is more than 0 to 10000, or -1 for no limit",
                        "holdfast.kube.shares has \"other=101\": write name=percent, the percentage from 1 to 100",
                        "holdfast.mover.memory-max is 1048576 bytes: allowed is 64M or more",
                        "holdfast.mover.cpu-max is NaN: allowed is 0.01 to 1024");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "abc"})
    void a_budget_that_is_no_number_is_no_setting(String qps) {
        assertThatThrownBy(() -> settings(Map.of("holdfast.kube.qps", qps))).hasMessageContaining("holdfast.kube.qps");
    }

    @Test
    void first_retry_must_not_be_later_than_the_last() {
        Settings settings = settings(Map.of("holdfast.session.retry-first", "10m", "holdfast.session.retry-max", "1m"));

        assertThat(settings.problems())
                .containsExactly("holdfast.session.retry-first is 10m: longer than holdfast.session.retry-max, 1m");
    }

    @Test
    void every_setting_is_in_the_list_of_names() {
        assertThat(Settings.NAMES).containsExactlyInAnyOrderElementsOf(mapped().keySet());
    }

    @Test
    void every_setting_but_the_directories_is_told() {
        List<String> told = new ArrayList<>(List.of("holdfast.state-dir", "holdfast.run-dir"));
        settings(Map.of()).forEach((name, _) -> told.add(name));
        assertThat(told).containsExactlyInAnyOrderElementsOf(Settings.NAMES);
    }

    @Test
    void every_setting_and_its_default_is_documented() throws IOException {
        String reference = Files.readString(Path.of("docs/settings.md"));

        mapped().forEach((name, value) -> assertThat(reference)
                .contains("| `" + name + "` | " + (value.isEmpty() ? "" : "`" + value + "` ") + "|"));
    }

    @Test
    void every_documented_setting_exists() throws IOException {
        String reference = Files.readString(Path.of("docs/settings.md"));

        assertThat(reference
                        .lines()
                        .filter(line -> line.startsWith("| `holdfast."))
                        .map(line -> line.substring(3, line.indexOf('`', 3)))
                        .toList())
                .containsExactlyInAnyOrderElementsOf(Settings.NAMES);
    }

    @Test
    void the_nearest_name_is_offered_only_when_it_is_near() {
        assertThat(Settings.nearest("holdfast.mover.worker", it -> it)).contains("holdfast.mover.workers");
        assertThat(Settings.nearest("holdfast.nonsense", it -> it)).isEmpty();
    }

    /** Defaults by name; empty where there is none. */
    private static Map<String, String> mapped() {
        Map<String, String> mapped = new TreeMap<>();
        MAPPINGS.forEach(it -> ConfigMappings.getProperties(ConfigClass.configClass(it))
                .forEach((name, property) -> mapped.put(
                        name.replace("[*]", ""), property.hasDefaultValue() ? property.getDefaultValue() : "")));
        return mapped;
    }

    private static Settings settings(Map<String, String> values) {
        SmallRyeConfigBuilder builder = new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(values, "test", 100))
                .withConverter(Duration.class, 100, new DurationConverter())
                .withConverter(MemorySize.class, 100, new MemorySizeConverter());
        MAPPINGS.forEach(builder::withMapping);
        SmallRyeConfig config = builder.build();
        return new Settings(
                config.getConfigMapping(AgentConfig.class),
                config.getConfigMapping(SessionConfig.class),
                config.getConfigMapping(MoverConfig.class),
                config.getConfigMapping(ShutdownConfig.class),
                config.getConfigMapping(KubeConfig.class),
                config.getConfigMapping(PluginConfig.class));
    }
}
