package dpo.harness.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.harness.store.DurableFiles;
import dpo.harness.store.FileChecksum;
import dpo.harness.store.InputFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputCacheTest {

    record Value(String text) {}

    private static final CacheFormat<Value> FORMAT = CacheFormat.json(Value.class);

    @TempDir
    Path folder;

    private InputCache cache;
    private final List<String> computed = new ArrayList<>();

    @BeforeEach
    void open() {
        cache = InputCache.in(folder.resolve("cache"));
    }

    private Value get(String key) {
        return get(() -> key);
    }

    private Value get(Supplier<String> key) {
        return cache.get("values", key, FORMAT, () -> {
            computed.add(key.get());
            return new Value("of " + key.get());
        });
    }

    private Path file() throws IOException {
        try (Stream<Path> all = Files.walk(folder.resolve("cache/values"))) {
            return all.filter(path -> path.endsWith("value")).findFirst().orElseThrow();
        }
    }

    @Test
    void a_value_is_computed_once_and_read_by_each_later_start() {
        assertThat(get("a")).isEqualTo(new Value("of a"));
        cache = InputCache.in(folder.resolve("cache"));
        assertThat(get("a")).isEqualTo(new Value("of a"));
        assertThat(get("b")).isEqualTo(new Value("of b"));
        assertThat(computed).containsExactly("a", "b");
    }

    @Test
    void a_file_of_which_a_byte_has_changed_or_the_end_is_missing_is_computed_again() throws IOException {
        get("a");
        byte[] whole = Files.readAllBytes(file());
        List<byte[]> damaged = new ArrayList<>(List.of(new byte[0], Arrays.copyOf(whole, whole.length / 2)));
        byte[] changed = whole.clone();
        changed[whole.length / 4]++;
        damaged.add(changed);
        for (byte[] bytes : damaged) {
            Files.write(file(), bytes);
            computed.clear();
            assertThat(get("a")).isEqualTo(new Value("of a"));
            assertThat(computed).containsExactly("a");
            assertThat(Files.readAllBytes(file())).containsExactly(whole);
        }
    }

    @Test
    void what_a_kill_leaves_behind_is_never_read() throws IOException {
        get("a");
        byte[] whole = Files.readAllBytes(file());
        Files.write(file().resolveSibling("value.tmp"), Arrays.copyOf(whole, 3));
        Files.delete(file());
        assertThat(get("a")).isEqualTo(new Value("of a"));
        assertThat(computed).containsExactly("a", "a");
        assertThat(Files.exists(file().resolveSibling("value.tmp"))).isFalse();
    }

    @Test
    void a_value_whose_inputs_changed_while_it_was_computed_is_not_kept() {
        Iterator<String> keys = List.of("old", "new", "new", "new").iterator();
        cache.get("values", keys::next, FORMAT, () -> new Value("of both"));
        assertThat(get("old")).isEqualTo(new Value("of old"));
        assertThat(get("new")).isEqualTo(new Value("of new"));
    }

    @Test
    void an_error_of_the_computation_passes_and_nothing_is_kept() {
        assertThatThrownBy(() -> cache.get("values", () -> "a", FORMAT, () -> {
                    throw new IllegalStateException("no value");
                }))
                .hasMessage("no value");
        assertThat(get("a")).isEqualTo(new Value("of a"));
    }

    @Test
    void a_folder_that_cannot_be_written_only_costs_the_time() throws IOException {
        Files.writeString(folder.resolve("cache/values"), "a file in its place");
        assertThat(get("a")).isEqualTo(new Value("of a"));
        assertThat(get("a")).isEqualTo(new Value("of a"));
        assertThat(computed).containsExactly("a", "a");
    }

    @Test
    void an_empty_variable_means_no_cache_and_another_one_its_folder() {
        assertThat(InputCache.of(Map.of(InputCache.VARIABLE, "")).folder()).isEmpty();
        Path other = folder.resolve("other");
        assertThat(InputCache.of(Map.of(InputCache.VARIABLE, other.toString())).folder())
                .contains(other);
    }

    /** The number of the only value's file: what is read is stored in a new file. */
    private static Object number(Path kept) throws IOException {
        try (Stream<Path> files = Files.walk(kept)) {
            List<Path> values = files.filter(file -> file.endsWith("value")).toList();
            assertThat(values).hasSize(1);
            return Files.getAttribute(values.get(0), "unix:ino");
        }
    }

    private static Instant later() {
        return Instant.now().plus(Duration.ofHours(1));
    }

    @Test
    void the_checksum_of_an_unchanged_large_file_is_read_once_and_of_a_changed_or_small_one_always()
            throws IOException {
        Path large = Files.write(folder.resolve("model"), new byte[1 << 20]);
        FileTime time = Files.getLastModifiedTime(large);
        FileChecksum zeros = cache.checksum(large, later());
        assertThat(zeros).isEqualTo(FileChecksum.of(large));
        Path kept = folder.resolve("cache/checksums");
        Object stored = number(kept);
        assertThat(cache.checksum(large, later())).isEqualTo(zeros);
        assertThat(number(kept)).isEqualTo(stored);
        byte[] changed = new byte[1 << 20];
        changed[7] = 1;
        Files.write(large, changed);
        Files.setLastModifiedTime(large, time);
        assertThat(cache.checksum(large, later()))
                .isEqualTo(FileChecksum.of(large))
                .isNotEqualTo(zeros);
        assertThat(number(kept)).isNotEqualTo(stored);
        DurableFiles.delete(kept);
        cache.checksum(Files.write(folder.resolve("small"), new byte[1000]), later());
        assertThat(kept).doesNotExist();
    }

    @Test
    void an_unchanged_file_is_read_once_and_a_changed_one_again_even_if_length_and_time_are_as_before()
            throws IOException {
        Path file = Files.writeString(folder.resolve("data"), "one");
        FileTime time = Files.getLastModifiedTime(file);
        InputFile one = cache.file(file, later());
        assertThat(one).isEqualTo(InputFile.of(file));
        Path known = folder.resolve("cache/files");
        Object stored = number(known);
        assertThat(cache.file(file, later())).isEqualTo(one);
        assertThat(number(known)).isEqualTo(stored);
        Files.writeString(file, "two");
        Files.setLastModifiedTime(file, time);
        assertThat(cache.file(file, later())).isEqualTo(InputFile.of(file)).isNotEqualTo(one);
    }

    @Test
    void a_file_that_has_just_changed_is_not_remembered_since_a_second_change_could_have_the_same_time()
            throws IOException {
        Path file = Files.writeString(folder.resolve("data"), "one");
        cache.file(file, Instant.now());
        assertThat(folder.resolve("cache/files")).doesNotExist();
    }
}
