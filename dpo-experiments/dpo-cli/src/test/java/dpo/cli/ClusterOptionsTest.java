package dpo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterOptionsTest {

    @TempDir
    Path folder;

    private Ended sweep(String... options) throws IOException {
        Path config = Files.writeString(folder.resolve("sweep.yaml"), """
                name: small
                backend: tabular
                model: {vocabulary: 5, length: 5, prompts: 2}
                data: {train: {format: world, pairs: 16}}
                optimizer: {learning_rate: 0.05}
                cluster: {gpus: 1}
                sweep: {seed: [1, 2]}
                """);
        String[] arguments = new String[options.length + 4];
        arguments[0] = "sweep";
        arguments[1] = config.toString();
        arguments[2] = "--spark";
        arguments[3] = "spark://host:7077";
        System.arraycopy(options, 0, arguments, 4, options.length);
        return Ended.of(arguments);
    }

    @Test
    void the_cluster_gives_devices_and_cells_must_use_them() throws IOException {
        Ended devices = sweep("--devices", "cuda:0");
        assertThat(devices.code()).isEqualTo(2);
        assertThat(devices.err()).contains("--devices must be absent with --spark", "cuda:0");
        Ended unused = sweep();
        assertThat(unused.code()).isEqualTo(2);
        assertThat(unused.err()).contains("device must be cuda if cluster.gpus is 1, got cpu");
    }
}
