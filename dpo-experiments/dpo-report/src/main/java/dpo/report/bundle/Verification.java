package dpo.report.bundle;

import dpo.core.InvalidInputException;
import dpo.harness.config.Backends;
import dpo.harness.store.DurableFiles;
import dpo.harness.store.OutputException;
import dpo.harness.store.RunFolder;
import dpo.report.results.CsvFile;
import dpo.report.results.Results;
import dpo.report.results.Run;
import dpo.report.results.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Checks a bundle offline: the hash of every entry, the checksums of every run, and every number of its results that
 * its files determine.
 */
public final class Verification {

    private final BundleManifest manifest;
    private final Path folder;
    private final Backends backends;

    private Verification(BundleManifest manifest, Path folder, Backends backends) {
        this.manifest = manifest;
        this.folder = folder;
        this.backends = backends;
    }

    /**
     * Checks a bundle. The numbers are checked only if every entry is as it was written.
     *
     * @param bundle the archive
     * @param backends read the configs
     * @param data folders in which the data files are searched
     * @param each receives each check when it is done
     * @param then receives the folder of the extracted bundle if nothing differs; it is deleted afterwards
     * @return whether nothing differs
     * @throws InvalidInputException if the file is not a bundle, is truncated, or has entries outside of itself
     */
    public static boolean of(
            Path bundle, Backends backends, List<Path> data, Consumer<Check> each, Consumer<Path> then) {
        for (Path place : data) {
            if (!Files.isDirectory(place)) {
                throw new InvalidInputException("--data must be a folder, got " + place);
            }
        }
        boolean[] passed = {true};
        Consumer<Check> taken = check -> {
            passed[0] &= check.passed();
            each.accept(check);
        };
        try (Archive archive = Archive.open(bundle)) {
            Path folder = Files.createTempDirectory("dpo-verify");
            try {
                BundleManifest manifest = archive.manifest();
                taken.accept(new Check(
                        "archive",
                        "SHA-256 " + HashedFile.sha256(bundle),
                        Seal.isIntact(bundle) ? List.of() : List.of("changed: bytes of the archive")));
                Check entries = entries(archive, manifest, folder);
                taken.accept(entries);
                if (entries.passed()) {
                    Files.createFile(folder.resolve(BundleManifest.FILE));
                    new Verification(manifest, folder, backends).check(data, taken);
                }
                if (passed[0]) {
                    then.accept(folder);
                }
            } finally {
                DurableFiles.delete(folder);
            }
        } catch (IOException e) {
            throw OutputException.writing(Path.of(System.getProperty("java.io.tmpdir")), e);
        }
        return passed[0];
    }

    private static Check entries(Archive archive, BundleManifest manifest, Path folder) {
        List<String> differences = new ArrayList<>();
        manifest.entries().forEach((name, written) -> archive.extract(name, written, folder)
                .ifPresent(differences::add));
        int intact = manifest.entries().size() - differences.size();
        archive.extra(manifest).forEach(name -> differences.add("extra: " + name));
        return new Check("entries", intact + " of " + manifest.entries().size() + " have their SHA-256", differences);
    }

    private void check(List<Path> data, Consumer<Check> each) throws IOException {
        try (Results results = Results.open(folder)) {
            each.accept(records(results.runs()));
            Comparison result = new Comparison();
            Comparison evaluations = new Comparison();
            Map<String, Integer> left = new TreeMap<>();
            for (Run run : results.runs()) {
                if (run.status().equals(Run.DAMAGED)) {
                    continue;
                }
                RecomputedRun recomputed = new RecomputedRun(new RunFolder(run.folder()), run.id());
                recomputed.compareResult(run.result(), backends, result);
                recomputed
                        .compareEvaluations(backends, evaluations)
                        .forEach((why, count) -> left.merge(why, count, Integer::sum));
            }
            each.accept(result.check("results", "numbers of run.json follow from metrics.jsonl and evaluations.jsonl"));
            each.accept(evaluations.check("evaluations", "numbers follow from pairs.jsonl" + notRecomputed(left)));
            each.accept(tables(results));
        }
        if (!data.isEmpty()) {
            each.accept(data(data));
        }
    }

    private static String notRecomputed(Map<String, Integer> left) {
        return left.isEmpty()
                ? ""
                : left.entrySet().stream()
                        .map(entry -> entry.getValue() + " " + entry.getKey())
                        .collect(Collectors.joining(", ", " (not recomputed: ", ")"));
    }

    private Check records(List<Run> runs) {
        Comparison comparison = new Comparison();
        Map<String, String> found = new TreeMap<>();
        runs.forEach(run -> found.put(run.id(), run.status()));
        manifest.runs().forEach((id, status) -> {
            comparison.texts("status of " + id, status, found.getOrDefault(id, "missing"));
            found.remove(id);
        });
        found.forEach((id, status) -> comparison.differs("run " + id + " is not one of the bundle's"));
        Map<String, Long> counts =
                new TreeMap<>(runs.stream().collect(Collectors.groupingBy(Run::status, Collectors.counting())));
        return comparison.check(
                "runs",
                "runs have the files of their run.json or are known not to: "
                        + counts.entrySet().stream()
                                .map(count -> count.getValue() + " " + count.getKey())
                                .collect(Collectors.joining(", ")));
    }

    private Check tables(Results results) throws IOException {
        Comparison comparison = new Comparison();
        SortedMap<String, String> tables = Tables.of(results);
        List<Path> files = new ArrayList<>();
        for (Map.Entry<String, String> table : tables.entrySet()) {
            files.add(folder.resolve(table.getKey()));
            files.add(Files.writeString(folder.resolve(table.getKey() + ".recomputed"), table.getValue()));
        }
        Iterator<Table> read = CsvFile.read(files).iterator();
        tables.keySet().forEach(name -> compare(name, read.next(), read.next(), comparison));
        return comparison.check("tables", "cells of " + String.join(" and ", tables.keySet()));
    }

    private static void compare(String name, Table stored, Table recomputed, Comparison comparison) {
        if (!stored.columns().equals(recomputed.columns())
                || stored.rows().size() != recomputed.rows().size()) {
            comparison.differs(name + " has " + stored.rows().size() + " rows of " + stored.columns() + ", recomputed "
                    + recomputed.rows().size() + " rows of " + recomputed.columns());
            return;
        }
        for (int row = 0; row < stored.rows().size(); row++) {
            for (int column = 0; column < stored.columns().size(); column++) {
                String where =
                        name + ", row " + (row + 1) + ", " + stored.columns().get(column);
                String one = text(stored.rows().get(row).get(column));
                String other = text(recomputed.rows().get(row).get(column));
                Optional<Double> number = number(one);
                Optional<Double> otherNumber = number(other);
                if (number.isPresent() && otherNumber.isPresent()) {
                    comparison.numbers(where, number.get(), otherNumber.get());
                } else {
                    comparison.texts(where, one, other);
                }
            }
        }
    }

    private static String text(@Nullable Object cell) {
        return cell == null ? "" : cell.toString();
    }

    private static Optional<Double> number(String text) {
        try {
            return Optional.of(Double.parseDouble(text));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Whether the data files are in the given folders, by their hash. */
    private Check data(List<Path> folders) throws IOException {
        Map<String, DataManifest.DataFile> wanted =
                DataManifest.read(folder.resolve(DataManifest.FILE)).files();
        Map<String, Path> found = HashedFile.below(folders);
        List<String> missing = wanted.entrySet().stream()
                .filter(file -> !found.containsKey(file.getKey()))
                .map(file -> "missing: " + file.getValue().name() + ", SHA-256 " + file.getKey())
                .toList();
        return new Check(
                "data",
                (wanted.size() - missing.size()) + " of " + wanted.size() + " data files are in the given folders",
                missing);
    }
}
