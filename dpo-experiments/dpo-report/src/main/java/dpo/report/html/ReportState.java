package dpo.report.html;

import dpo.harness.store.DurableFiles;
import dpo.harness.store.Json;
import dpo.harness.store.Manifest;
import dpo.harness.store.RunFolder;
import dpo.harness.store.RunRecord.Status;
import dpo.harness.store.Sha256;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a report was made of, kept beside it, so that an equal one need not be made again.
 *
 * @param inputs hash of the records of the runs, of the settings of the report and of the program
 * @param files the files of the report
 */
record ReportState(String inputs, Manifest files) {

    private static final String FILE = ".report.json";

    /** The kept state of a report; empty if there is none. */
    private static Optional<ReportState> of(Path report) {
        try {
            return Optional.of(Json.unsealed(Files.readString(report.resolve(FILE)), ReportState.class));
        } catch (IOException | IllegalArgumentException absent) {
            return Optional.empty();
        }
    }

    /** Whether a report was made of these inputs and has all its files. */
    static boolean isCurrent(Path report, String inputs) {
        return of(report)
                .filter(state -> state.inputs.equals(inputs)
                        && state.files.damage(report).isEmpty())
                .isPresent();
    }

    /** Keeps the state of a report whose files have been written. */
    static void write(Path report, String inputs, List<Path> files) {
        DurableFiles.write(report.resolve(FILE), Json.sealed(new ReportState(inputs, Manifest.of(report, files))));
    }

    /**
     * The hash of all that a report is made of. The record of a run holds the checksums of its files, except of one that
     * is running: then there is none.
     *
     * @param folder a sweep's or a run's folder
     * @param settings the settings of the report
     */
    static Optional<String> inputs(Path folder, Optional<Path> settings) {
        List<RunFolder> runs = new RunFolder(folder).holdsRun()
                ? List.of(new RunFolder(folder))
                : RunFolder.in(folder.resolve("runs"));
        List<String> parts = new ArrayList<>(program());
        try {
            if (settings.isPresent()) {
                parts.add(Sha256.of(Files.readAllBytes(settings.get())));
            }
            List<Optional<String>> records =
                    runs.stream().map(ReportState::ended).toList();
            if (records.stream().anyMatch(Optional::isEmpty)) {
                return Optional.empty();
            }
            records.forEach(record -> parts.add(record.orElseThrow()));
        } catch (IOException unreadable) {
            return Optional.empty();
        }
        return Optional.of(Sha256.of(String.join("\n", parts)));
    }

    /** Name and hash of the record of a run that has ended. */
    private static Optional<String> ended(RunFolder run) {
        if (run.record().filter(record -> record.status() != Status.RUNNING).isEmpty()) {
            return Optional.empty();
        }
        try {
            byte[] record = Files.readAllBytes(run.path().resolve("run.json"));
            return Optional.of(run.name() + " " + Sha256.of(record));
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    /** The virtual machine and the files of the class path, by size and time. */
    private static List<String> program() {
        List<String> program = new ArrayList<>(List.of(System.getProperty("java.vm.version", "")));
        for (String entry : System.getProperty("java.class.path", "").split(Pattern.quote(File.pathSeparator), -1)) {
            try (Stream<Path> files = Files.walk(Path.of(entry))) {
                for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                    program.add(file + " " + Files.size(file) + " " + Files.getLastModifiedTime(file));
                }
            } catch (IOException absent) {
                program.add(entry + " is absent");
            }
        }
        return program;
    }
}
