package dpo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.harness.store.Sha256;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A small sweep of several kinds of objectives and its bundle.
 *
 * @param sweep its folder
 * @param archive the bundle
 */
record SmallBundle(Path sweep, Path archive) {

    private static final String SWEEP = """
            name: small
            backend: tabular
            model: {vocabulary: 4, length: 3, prompts: 2}
            data: {train: {format: world, pairs: 16}, evaluation: {format: world, pairs: 8}}
            optimizer: {learning_rate: 0.05}
            training: {batch_size: 8, evaluate_every: 1, save_every: 1, best: {metric: eval/loss, direction: lowest}}
            sweep:
              objective.preference:
                - {type: sigmoid, beta: 0.5}
                - {type: aot, beta: 0.5}
                - {type: beta_dpo, beta: 0.5, alpha: 0.6}
                - {type: kto, beta: 0.5}
            """;

    static SmallBundle in(Path folder) throws IOException {
        Path config = Files.writeString(folder.resolve("sweep.yaml"), SWEEP);
        SmallBundle bundle = new SmallBundle(folder.resolve("sweep"), folder.resolve("small.zip"));
        assertThat(Ended.of("sweep", config.toString(), "--out", bundle.sweep.toString())
                        .code())
                .isZero();
        Ended ended = Ended.of("bundle", bundle.sweep.toString(), "--out", bundle.archive.toString());
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out())
                .contains("small.zip: ", " entries, ", "SHA-256 " + Sha256.of(Files.readAllBytes(bundle.archive)));
        return bundle;
    }

    static FileSystem zip(Path file) throws IOException {
        return FileSystems.newFileSystem(URI.create("jar:" + file.toUri()), Map.of());
    }

    static List<String> entries(Path file) throws IOException {
        try (FileSystem zip = zip(file);
                var files = Files.walk(zip.getPath("/"))) {
            return files.map(Path::toString).toList();
        }
    }
}
