package dpo.harness.config;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.core.setting.Setting;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ConfigWriterTest {

    record Inner(
            @Setting(about = "where it is") Optional<Path> path,
            @Setting(about = "how wide") int rank,

            @Setting(about = "to save memory", changesResults = false)
            boolean saving) {}

    record Outer(Path folder, List<Path> others, Optional<Inner> inner, String format) {}

    record Numbers(OptionalDouble rate, OptionalInt count, OptionalLong many, OptionalDouble absent) {}

    @Test
    void optional_numbers_are_written_as_numbers_and_left_out_if_absent() {
        Numbers numbers =
                new Numbers(OptionalDouble.of(0.5), OptionalInt.of(2), OptionalLong.of(3), OptionalDouble.empty());
        assertThat(new ConfigWriter(Map.of()).record(numbers)).isEqualTo(Map.of("rate", 0.5, "count", 2, "many", 3L));
    }

    @Test
    void an_identity_excludes_paths_and_settings_that_change_no_result_at_any_depth() {
        Outer outer = new Outer(
                Path.of("a"), List.of(Path.of("b")), Optional.of(new Inner(Optional.of(Path.of("c")), 4, true)), "x");
        assertThat(ConfigWriter.ofIdentity(Map.of()).record(outer))
                .isEqualTo(Map.of("inner", Map.of("rank", 4), "format", "x"));
        assertThat(new ConfigWriter(Map.of()).record(outer))
                .containsOnlyKeys("folder", "others", "inner", "format")
                .containsEntry("inner", Map.of("path", "c", "rank", 4, "saving", true));
    }
}
