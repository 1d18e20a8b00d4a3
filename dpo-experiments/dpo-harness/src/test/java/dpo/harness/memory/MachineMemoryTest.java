package dpo.harness.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineMemoryTest {

    private static final long KIBIBYTE = 1024;

    @TempDir
    Path root;

    @BeforeEach
    void layOut() throws IOException {
        write("proc/meminfo", "MemTotal:       24000 kB\nMemFree:          100 kB\nMemAvailable:   18000 kB\n");
        write("proc/self/status", "Name:\tjava\nVmRSS:\t  500 kB\nRssAnon:\t  300 kB\n");
    }

    @Test
    void without_a_limit_available_memory_includes_that_of_this_process() throws IOException {
        assertThat(MachineMemory.available(root)).hasValue((18000 + 300) * KIBIBYTE);
        write("proc/self/cgroup", "0::/a\n");
        write("sys/fs/cgroup/a/memory.max", "max\n");
        write("sys/fs/cgroup/a/memory.current", "5000\n");
        assertThat(MachineMemory.available(root)).hasValue((18000 + 300) * KIBIBYTE);
    }

    @Test
    void available_memory_is_empty_if_the_system_does_not_report_it() throws IOException {
        Files.delete(root.resolve("proc/meminfo"));
        assertThat(MachineMemory.available(root)).isEmpty();
    }

    @Test
    void the_smallest_limit_of_version_2_applies_and_cached_files_count_as_free() throws IOException {
        write("proc/self/cgroup", "0::/a/b\n");
        write("sys/fs/cgroup/a/memory.max", "9000000\n");
        write("sys/fs/cgroup/a/memory.current", "4000000\n");
        write("sys/fs/cgroup/a/memory.stat", "anon 1\ninactive_file 500000\n");
        write("sys/fs/cgroup/a/b/memory.max", "9000000\n");
        write("sys/fs/cgroup/a/b/memory.current", "1000000\n");
        assertThat(MachineMemory.available(root)).hasValue(9000000 - 3500000 + 300 * KIBIBYTE);
    }

    @Test
    void a_limit_of_version_1_applies_if_the_group_is_named_inside_or_outside_the_container() throws IOException {
        write("proc/self/cgroup", "9:cpu:/x\n4:memory:/outside/name\n0::/\n");
        write("sys/fs/cgroup/memory/memory.limit_in_bytes", "7000000\n");
        write("sys/fs/cgroup/memory/memory.usage_in_bytes", "3000000\n");
        write("sys/fs/cgroup/memory/memory.stat", "inactive_file 1\ntotal_inactive_file 1000000\n");
        assertThat(MachineMemory.available(root)).hasValue(7000000 - 2000000 + 300 * KIBIBYTE);
        write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        assertThat(MachineMemory.available(root)).hasValue((18000 + 300) * KIBIBYTE);
    }

    private void write(String file, String text) throws IOException {
        Files.createDirectories(root.resolve(file).getParent());
        Files.writeString(root.resolve(file), text);
    }
}
