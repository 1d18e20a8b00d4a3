package dpo.cli;

import dpo.core.InvalidInputException;
import dpo.harness.store.DurableFiles;
import dpo.harness.store.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** The file of a cluster's scheduler that starts the workers of a sweep. */
final class JobFileOptions {

    private static final int LONGEST_NAME = 50;

    /** Options that say how the file is made, and are not those of a worker. */
    private static final Set<String> OWN = Set.of("--emit", "--tasks", "--image", "--volume");

    /** A scheduler. */
    enum Scheduler {
        SLURM,
        KUBERNETES
    }

    @Option(
            names = "--emit",
            paramLabel = "SCHEDULER",
            description = {
                "Print the file that starts workers with the other options by a cluster's scheduler, and compute nothing.",
                "One of: ${COMPLETION-CANDIDATES}."
            })
    private Optional<Scheduler> scheduler = Optional.empty();

    @Option(
            names = "--tasks",
            paramLabel = "N",
            description = "With --emit: number of workers. Default: the number of cells.")
    private Optional<Integer> tasks = Optional.empty();

    @Option(
            names = "--image",
            paramLabel = "IMAGE",
            description = "With --emit kubernetes: image of the container, with the program at the path it has here.")
    private Optional<String> image = Optional.empty();

    @Option(
            names = "--volume",
            paramLabel = "CLAIM:PATH",
            description = "With --emit kubernetes: persistent volume claim that all nodes can write, and its path. The"
                    + " output folder must be below that path.")
    private Optional<String> volume = Optional.empty();

    boolean isAsked() {
        return scheduler.isPresent();
    }

    /**
     * The text of the file.
     *
     * @param name of the experiment
     * @param cells of the sweep
     * @param folder output folder of the sweep; created for Slurm, whose tasks require that they see it
     * @param arguments of this start of the command line
     */
    String text(String name, int cells, Path folder, List<String> arguments) {
        int workers = tasks.orElse(cells);
        if (workers < 1) {
            throw new InvalidInputException("--tasks must be at least 1, got " + workers);
        }
        String directory = Path.of("").toAbsolutePath().toString();
        List<String> command = WorkerOptions.command(arguments, OWN);
        Map<String, String> values = new HashMap<>(Map.of("NAME", jobName(name), "TASKS", Integer.toString(workers)));
        return switch (scheduler.orElseThrow()) {
            case SLURM -> {
                values.put("DIRECTORY", quoted(directory));
                values.put("FOLDER", quoted(DurableFiles.createFolder(folder).toString()));
                values.put(
                        "COMMAND", command.stream().map(JobFileOptions::quoted).collect(Collectors.joining(" ")));
                yield filled("slurm.sh", values);
            }
            case KUBERNETES -> {
                values.put("DIRECTORY", Json.line(directory));
                values.put("COMMAND", Json.line(command));
                values.putAll(container());
                yield filled("kubernetes.yaml", values);
            }
        };
    }

    private Map<String, String> container() {
        String[] parts = volume.orElse("").split(":", 2);
        if (image.isEmpty() || parts.length != 2 || parts[0].isEmpty() || !parts[1].startsWith("/")) {
            throw new InvalidInputException(
                    "--emit kubernetes must have --image IMAGE and --volume CLAIM:/PATH, got --image "
                            + image.orElse("absent") + " and --volume " + volume.orElse("absent"));
        }
        return Map.of("IMAGE", Json.line(image.get()), "CLAIM", Json.line(parts[0]), "MOUNT", Json.line(parts[1]));
    }

    /** A name that schedulers allow: lower-case letters, digits and inner hyphens. */
    private static String jobName(String name) {
        String allowed = ("dpo-" + name).toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        return allowed.substring(0, Math.min(allowed.length(), LONGEST_NAME)).replaceAll("-+$", "");
    }

    /** A word of the shell. */
    private static String quoted(String word) {
        return word.matches("[\\w@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    private static String filled(String template, Map<String, String> values) {
        try (InputStream resource =
                Objects.requireNonNull(JobFileOptions.class.getResourceAsStream(template), template)) {
            String text = new String(resource.readAllBytes(), StandardCharsets.UTF_8);
            // In one pass: a value may look like a place.
            return Pattern.compile("@([A-Z]+)@")
                    .matcher(text)
                    .replaceAll(place -> Matcher.quoteReplacement(
                            Objects.requireNonNull(values.get(place.group(1)), place.group())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
