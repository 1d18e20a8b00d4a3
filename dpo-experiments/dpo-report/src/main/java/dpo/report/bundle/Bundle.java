package dpo.report.bundle;

import dpo.core.InvalidInputException;
import dpo.harness.store.DurableFiles;
import dpo.harness.store.Json;
import dpo.harness.store.OutputException;
import dpo.harness.store.RunFolder;
import dpo.harness.sweep.CodeVersion;
import dpo.report.html.Report;
import dpo.report.results.Results;
import dpo.report.results.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes the results of a sweep's or a run's folder as one zip archive that can be checked offline. It has the layout of
 * the folder, and:
 *
 * <pre>
 *  bundle.json      all other entries with length and SHA-256, the status of each run
 *  results.csv      one row per run; summary.csv: one row per setting
 *  data.json        the data files with SHA-256, lengths and rows; the models before training
 *  data/            the data files, if wanted
 *  croissant.json   the tables and lines as a data set, in Croissant's JSON-LD
 *  sbom.cdx.json    the program's libraries, in CycloneDX's JSON
 * </pre>
 *
 * <p>Equal folders give equal bytes with the same program on the same version of Java.
 */
public final class Bundle {

    private static final List<String> RUN_FILES = List.of(
            "config.yaml",
            "run.json",
            RunFolder.METRICS,
            RunFolder.EVALUATIONS,
            RunFolder.PAIRS,
            RunFolder.SAMPLES,
            "frontier.jsonl",
            "provenance",
            "tensorboard",
            "failure.txt");
    private static final List<String> REPORT = List.of("figures", "report.html", "tables");
    private static final List<String> SWEEP_FILES = List.of("config.yaml", "ledger", "ledger.jsonl", "report.yaml");

    private Bundle() {}

    /**
     * What a bundle has beside the results.
     *
     * @param data whether the data files; whether their licences allow it is for the user to know
     * @param models whether the trained models
     */
    public record Parts(boolean data, boolean models) {}

    /**
     * A bundle that was written.
     *
     * @param sha256 the hash of the archive
     * @param bytes its length
     * @param entries number of its entries
     * @param notices what a reader of it must know: unfinished and damaged runs, an old report
     */
    public record Written(String sha256, long bytes, int entries, List<String> notices) {}

    /**
     * Writes a bundle.
     *
     * @param folder a sweep's or a run's folder, which is only read; if it has no report, the archive gets one
     * @param out the archive, which is replaced atomically
     * @throws IllegalArgumentException if the folder is neither
     * @throws InvalidInputException if there is no run, or a data file has moved or changed
     * @throws OutputException if a file cannot be read or written
     */
    public static Written write(Path folder, Path out, Parts parts) {
        List<String> notices = new ArrayList<>();
        int[] entries = new int[1];
        Path report = temporaryFolder();
        try (Results results = Results.open(folder)) {
            if (results.runs().isEmpty()) {
                throw new InvalidInputException("folder must hold at least one run, got none (" + folder + ")");
            }
            addNotices(folder, results, notices);
            SortedMap<String, Path> files = files(folder, parts.models());
            if (!Files.exists(Report.path(folder))) {
                Report.write(folder, report, Optional.empty());
                REPORT.forEach(name -> add(report, report.resolve(name), files));
            }
            DataManifest data = DataManifest.of(results.runs(), parts.data(), files);
            DurableFiles.createParent(out);
            DurableFiles.replaceByFile(out, path -> {
                try (ArchiveWriter archive = new ArchiveWriter(Files.newOutputStream(path))) {
                    entries[0] = write(archive, folder, results, files, data, parts);
                } catch (IOException e) {
                    throw OutputException.writing(out, e);
                }
                seal(path);
            });
            return new Written(HashedFile.sha256(out), Files.size(out), entries[0], notices);
        } catch (IOException e) {
            throw OutputException.reading(out, e);
        } finally {
            DurableFiles.delete(report);
        }
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("dpo-bundle");
        } catch (IOException e) {
            throw OutputException.writing(Path.of(System.getProperty("java.io.tmpdir")), e);
        }
    }

    private static void seal(Path archive) {
        try {
            Seal.write(archive);
        } catch (IOException e) {
            throw OutputException.writing(archive, e);
        }
    }

    private static int write(
            ArchiveWriter archive,
            Path folder,
            Results results,
            SortedMap<String, Path> files,
            DataManifest data,
            Parts parts)
            throws IOException {
        for (Map.Entry<String, Path> file : files.entrySet()) {
            archive.add(file.getKey(), file.getValue());
        }
        for (Map.Entry<String, String> table : Tables.of(results).entrySet()) {
            archive.add(table.getKey(), table.getValue());
        }
        archive.add(DataManifest.FILE, Json.sealed(data));
        archive.add(Sbom.FILE, Json.line(Sbom.ofClassPath()) + "\n");
        String name = name(folder, results.runs());
        archive.add(
                Croissant.FILE,
                Json.line(Croissant.of(name, description(name, results.runs()), results, archive.entries())) + "\n");
        SortedMap<String, String> status = new TreeMap<>();
        results.runs().forEach(run -> status.put(run.id(), run.status()));
        BundleManifest manifest = new BundleManifest(
                BundleManifest.FORMAT,
                name,
                new RunFolder(folder).holdsRun() ? BundleManifest.Kind.RUN : BundleManifest.Kind.SWEEP,
                CodeVersion.ofBuild(),
                status,
                parts.data(),
                parts.models(),
                archive.entries());
        archive.add(BundleManifest.FILE, manifest.toText());
        return archive.entries().size();
    }

    private static String name(Path folder, List<Run> runs) {
        return runs.stream()
                .map(run -> run.document().path("name").asString(""))
                .filter(name -> !name.isEmpty())
                .findFirst()
                .orElseGet(
                        () -> folder.toAbsolutePath().normalize().getFileName().toString());
    }

    private static String description(String name, List<Run> runs) {
        return "Results of the experiment " + name + " in Direct Preference Optimization: " + counts(runs) + ".";
    }

    /** "50 completed, 3 failed". */
    private static String counts(List<Run> runs) {
        Map<String, Long> counts =
                new TreeMap<>(runs.stream().collect(Collectors.groupingBy(Run::status, Collectors.counting())));
        return counts.entrySet().stream()
                .map(count -> count.getValue() + " " + count.getKey())
                .collect(Collectors.joining(", "));
    }

    private static void addNotices(Path folder, Results results, List<String> notices) {
        for (Run run : results.runs()) {
            if (!run.isCompleted()) {
                notices.add(
                        "run " + run.id() + " is " + run.status() + (run.error().isEmpty() ? "" : ": " + run.error()));
            }
        }
        try {
            Path table = folder.resolve(Tables.RESULTS);
            if (Files.exists(table)
                    && !Files.readString(table).equals(Tables.of(results).get(Tables.RESULTS))) {
                notices.add("report.html and figures are of other results than the runs; dpo report writes them again");
            }
        } catch (IOException e) {
            throw OutputException.reading(folder, e);
        }
    }

    /** The files of the folder by their names in the archive. */
    private static SortedMap<String, Path> files(Path folder, boolean models) {
        SortedMap<String, Path> files = new TreeMap<>();
        SWEEP_FILES.forEach(name -> add(folder, folder.resolve(name), files));
        REPORT.forEach(name -> add(folder, folder.resolve(name), files));
        List<RunFolder> runs = new RunFolder(folder).holdsRun()
                ? List.of(new RunFolder(folder))
                : RunFolder.in(folder.resolve("runs"));
        for (RunFolder run : runs) {
            RUN_FILES.forEach(name -> add(folder, run.path().resolve(name), files));
            if (models) {
                run.checkpoints().models().forEach(model -> add(folder, model, files));
            }
        }
        return files;
    }

    private static void add(Path folder, Path start, SortedMap<String, Path> files) {
        if (!Files.exists(start)) {
            return;
        }
        try (Stream<Path> all = Files.walk(start)) {
            all.filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
                    .filter(path -> !path.getFileName().toString().equals(".lock"))
                    .forEach(
                            path -> files.put(folder.relativize(path).toString().replace('\\', '/'), path));
        } catch (IOException e) {
            throw OutputException.reading(start, e);
        }
    }
}
