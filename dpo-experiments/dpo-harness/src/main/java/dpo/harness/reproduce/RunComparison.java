package dpo.harness.reproduce;

import dpo.harness.store.CheckpointFolder;
import dpo.harness.store.Json;
import dpo.harness.store.JsonLines;
import dpo.harness.store.OutputException;
import dpo.harness.store.RunFolder;
import dpo.harness.store.SampleLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A recorded run and its repetition, compared number by number: steps, evaluations, pairs, result, samples and the
 * bytes of the trained model. Times are not compared.
 *
 * @param verdict the worst of all files
 * @param files the comparison of each file
 * @param inputs what the two runs read differently, and their environments
 */
public record RunComparison(Verdict verdict, List<FileComparison> files, List<InputDifference> inputs) {

    private static final List<String> LINES =
            List.of(RunFolder.METRICS, RunFolder.EVALUATIONS, RunFolder.PAIRS, "frontier.jsonl");

    /** Compares two completed runs. */
    public static RunComparison of(RunFolder recorded, RunFolder again, Tolerance tolerance) {
        List<FileComparison> files = new ArrayList<>();
        for (String name : LINES) {
            List<Map<String, Object>> lines = JsonLines.read(recorded.path().resolve(name));
            List<Map<String, Object>> others = JsonLines.read(again.path().resolve(name));
            if (!lines.isEmpty() || !others.isEmpty()) {
                files.add(new NumberComparison(name, tolerance)
                        .lines(lines, others)
                        .result());
            }
        }
        files.add(new NumberComparison("result", tolerance)
                .lines(List.of(result(recorded)), List.of(result(again)))
                .result());
        samples(recorded, again).ifPresent(files::add);
        model(recorded.checkpoints().trained(), again.checkpoints().trained()).ifPresent(files::add);
        Verdict worst = files.stream().map(FileComparison::verdict).reduce(Verdict.IDENTICAL, Verdict::or);
        return new RunComparison(worst, files, InputDifference.between(recorded, again));
    }

    private static Map<String, Object> result(RunFolder folder) {
        return new LinkedHashMap<>(folder.record().orElseThrow().result());
    }

    /** The file on which the verdict rests: the first with the worst verdict, and with numbers if there is one. */
    public Optional<FileComparison> worst() {
        List<FileComparison> worst = files.stream()
                .filter(file -> file.verdict() == verdict && verdict != Verdict.IDENTICAL)
                .toList();
        return worst.stream()
                .filter(file -> file.largest().isPresent())
                .findFirst()
                .or(() -> worst.stream().findFirst());
    }

    /** Texts have no tolerance: a sampled token may change with the last bits of its probability. */
    private static Optional<FileComparison> samples(RunFolder recorded, RunFolder again) {
        List<SampleLine> lines = recorded.samples();
        List<SampleLine> others = again.samples();
        if (lines.isEmpty() && others.isEmpty()) {
            return Optional.empty();
        }
        long different = IntStream.range(0, Math.min(lines.size(), others.size()))
                .filter(i -> !Objects.equals(lines.get(i), others.get(i)))
                .count();
        boolean isWhole = lines.size() == others.size();
        return Optional.of(FileComparison.ofContent(
                RunFolder.SAMPLES,
                !isWhole ? Verdict.DIFFERENT : different == 0 ? Verdict.IDENTICAL : Verdict.WITHIN_TOLERANCE,
                !isWhole
                        ? lines.size() + " lines were recorded, " + others.size() + " now"
                        : different == 0 ? "" : different + " of " + lines.size() + " completions differ"));
    }

    private static final String CARD = "README.md";

    /** Bytes have no tolerance: a model with other bytes is judged by its evaluations. */
    private static Optional<FileComparison> model(Path recorded, Path again) {
        Set<String> names = new TreeSet<>(names(recorded));
        names.addAll(names(again));
        if (names.isEmpty()) {
            return Optional.empty();
        }
        List<String> different = names.stream()
                .filter(name -> !isEqual(recorded.resolve(name), again.resolve(name)))
                .toList();
        if (names(recorded).isEmpty()) {
            return Optional.of(FileComparison.ofContent(
                    CheckpointFolder.TRAINED,
                    Verdict.WITHIN_TOLERANCE,
                    "not compared: the recorded run is without it"));
        }
        boolean isMissing = names(again).isEmpty();
        return Optional.of(FileComparison.ofContent(
                CheckpointFolder.TRAINED,
                isMissing ? Verdict.DIFFERENT : different.isEmpty() ? Verdict.IDENTICAL : Verdict.WITHIN_TOLERANCE,
                isMissing
                        ? "only the recorded run has it"
                        : different.isEmpty() ? "" : "other bytes: " + String.join(", ", different)));
    }

    private static Set<String> names(Path folder) {
        if (!Files.isDirectory(folder)) {
            return Set.of();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .filter(name -> !name.equals(CARD)) // says in words what the other files hold
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            throw OutputException.reading(folder, e);
        }
    }

    private static boolean isAdapterConfig(Path file) {
        return file.endsWith("adapter_config.json");
    }

    /** An adapter's configuration without the path of its model, which may have moved. */
    private static Map<String, Object> withoutPlace(Path config) throws IOException {
        Map<String, Object> settings = new LinkedHashMap<>(Json.read(Files.readString(config)));
        settings.remove("base_model_name_or_path");
        return settings;
    }

    private static boolean isEqual(Path a, Path b) {
        try {
            return Files.exists(a)
                    && Files.exists(b)
                    && (Files.mismatch(a, b) < 0
                            || (isAdapterConfig(a) && withoutPlace(a).equals(withoutPlace(b))));
        } catch (IOException e) {
            throw OutputException.reading(a, e);
        }
    }
}
