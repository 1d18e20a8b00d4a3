package dpo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.harness.store.RunFolder;
import dpo.harness.store.RunRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Runs of a small controlled world, trained in this process, and changes of their folders. */
record RecordedRuns(Path folder) {

    private static final String WORLD = """
            name: world
            backend: tabular
            model: {vocabulary: 5, length: 5, prompts: 8}
            data: {train: {format: world, pairs: 64}, evaluation: {format: world, pairs: 40}}
            objective: {preference: {type: sigmoid, beta: 0.1}}
            optimizer: {learning_rate: 0.2}
            training: {batch_size: 16, evaluate_every: 2}
            """;

    /** Trains a run, or a sweep if an override has axes. */
    Path trained(String name, String... overrides) {
        return trained("train", name, "", overrides);
    }

    Path swept(String name, String sweep, String... overrides) {
        return trained("sweep", name, sweep, overrides);
    }

    private Path trained(String command, String name, String end, String... overrides) {
        Path out = folder.resolve(name);
        List<String> arguments = new ArrayList<>(
                List.of(command, write(name + ".yaml", WORLD + end).toString(), "--out", out.toString()));
        for (String override : overrides) {
            arguments.addAll(List.of("--set", override));
        }
        Ended ended = Ended.of(arguments.toArray(String[]::new));
        assertThat(ended.code()).as(ended.err()).isZero();
        return out;
    }

    private Path write(String name, String text) {
        try {
            return Files.writeString(folder.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A copy of a run with a file changed as if it had been recorded so. */
    Path changed(Path run, String name, String file, UnaryOperator<String> change, Map<String, String> identity) {
        Path copy = copied(run, name);
        edit(copy.resolve(file), change);
        RunFolder runFolder = new RunFolder(copy);
        RunRecord record = runFolder.record().orElseThrow();
        Map<String, String> changed = new LinkedHashMap<>(record.identity());
        changed.putAll(identity);
        RunRecord written = new RunRecord(
                record.id(),
                record.name(),
                record.status(),
                record.settings(),
                changed,
                record.provenance(),
                record.environment(),
                record.started(),
                record.finished(),
                record.seconds(),
                record.result(),
                record.error(),
                Optional.of(runFolder.manifest(List.of())));
        runFolder.write(written);
        return copy;
    }

    static void edit(Path file, UnaryOperator<String> change) {
        try {
            String text = Files.readString(file);
            String changed = change.apply(text);
            assertThat(changed).isNotEqualTo(text);
            Files.writeString(file, changed);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path copied(Path run, String name) {
        Path copy = folder.resolve(name);
        try (var files = Files.walk(run)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(run.relativize(file).toString()));
            }
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
