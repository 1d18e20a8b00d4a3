package dpo.bench;

import dpo.cli.ErrorMessages;
import dpo.core.InvalidInputException;
import dpo.core.backend.AdamW;
import dpo.core.backend.Execution;
import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenShape;
import dpo.core.sequence.TokenSequence;
import dpo.harness.store.DurableFiles;
import dpo.torch.TorchBackend;
import dpo.torch.TorchModel;
import dpo.torch.memory.MeasuredPeak;
import dpo.torch.memory.MemoryCalibration;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures the peaks of the memory calibration on this machine, each in a separate process, and prints them as lines of
 * the calibration file.
 *
 * <p>The checkpoint of a model is written by another process, because drawing the weights needs memory too.
 */
@Command(
        name = "memory-peaks",
        mixinStandardHelpOptions = true,
        description = "Measures the rows of the memory calibration.")
final class MemoryPeaks implements Callable<Integer> {

    private static final Path STATUS = Path.of("/proc/self/status");

    @Option(names = "--rows", paramLabel = "LIST", description = "fitted or held_out. Default: held_out.")
    private String list = "held_out";

    @Option(names = "--row", paramLabel = "N", description = "Measures only row N, counted from 0. May be repeated.")
    private List<Integer> chosen = new ArrayList<>();

    @Option(names = "--threads", paramLabel = "N", description = "Threads of the backend. Default: 2.")
    private int threads = 2;

    @Option(
            names = "--measurement",
            paramLabel = "NAME",
            description = "Name of the measurement in the printed rows. Default: the name in the calibration file.")
    private Optional<String> measurement = Optional.empty();

    @Option(names = "--write", hidden = true, description = "Writes the model of the row into a folder.")
    private Optional<Path> written = Optional.empty();

    @Option(
            names = "--train",
            hidden = true,
            description = "Trains the model in a folder and prints the peak in bytes.")
    private Optional<Path> trained = Optional.empty();

    private final MemoryCalibration calibration = MemoryCalibration.of(System.getenv());

    private MemoryPeaks() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new MemoryPeaks())
                .setExecutionExceptionHandler(new ErrorMessages())
                .execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<MeasuredPeak> rows = rows();
        if (written.isPresent()) {
            write(rows.get(chosen.get(0)), written.get());
        } else if (trained.isPresent()) {
            System.out.println(peakOf(rows.get(chosen.get(0)), trained.get()));
        } else {
            for (int row = 0; row < rows.size(); row++) {
                if (chosen.isEmpty() || chosen.contains(row)) {
                    print(rows.get(row), measure(row));
                }
            }
        }
        return 0;
    }

    private List<MeasuredPeak> rows() {
        return switch (list) {
            case "fitted" -> calibration.fitted();
            case "held_out" -> calibration.heldOut();
            default -> throw new InvalidInputException("--rows must be fitted or held_out, got " + list);
        };
    }

    private void print(MeasuredPeak row, long peak) {
        System.out.println(MemoryCalibration.line(row.with(peak, measurement.orElse(row.measurement()))));
        long estimate = calibration.estimate(row);
        System.err.printf(
                Locale.ROOT,
                "%s %s: estimate %.0f MB, measured %.0f MB, error %+.1f %%%n",
                row.model(),
                row.dtype(),
                estimate / 1e6,
                peak / 1e6,
                100.0 * estimate / peak - 100);
    }

    private long measure(int row) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("memory-peaks");
        try {
            process(row, "--write", folder);
            return Long.parseLong(process(row, "--train", folder));
        } finally {
            DurableFiles.delete(folder);
        }
    }

    /** Runs this program on a row with one more option; returns its output. */
    private String process(int row, String option, Path folder) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), MemoryPeaks.class.getName()));
        command.addAll(List.of("--rows", list, "--row", "" + row, "--threads", "" + threads));
        command.addAll(List.of(option, folder.toString()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException(
                    "process must exit with code 0, got " + process.exitValue() + " (row " + row + ")");
        }
        return output.strip();
    }

    private void write(MeasuredPeak row, Path folder) throws IOException {
        Path tokenizer = Files.createDirectory(folder.resolve("tokenizer"));
        Files.writeString(tokenizer.resolve("tokenizer.json"), "{}"); // copied without parsing
        try (Policy policy = open(TorchModel.of(calibration.shape(row).fresh(tokenizer)))) {
            policy.save(Files.createDirectory(folder.resolve("model")));
        }
    }

    private Policy open(TorchModel model) {
        return new TorchBackend().open(model, new Execution("cpu", threads), 1);
    }

    private long peakOf(MeasuredPeak row, Path folder) throws IOException {
        TorchModel model = TorchModel.at(folder.resolve("model")).with(row.dtype());
        model = row.adapter().map(model::with).orElse(model);
        model = row.checkpointing() ? model.withCheckpointing() : model;
        try (Policy policy = open(model);
                Optimizer optimizer = policy.optimizer(new AdamW(1e-6, List.of(0.9, 0.999), 1e-8, 0, 1))) {
            for (int step = 0; step < row.steps(); step++) {
                row.passes(step).forEach(sequences -> pass(policy, sequences));
                optimizer.step(1e-6);
            }
            return largestResidentSet();
        }
    }

    /** The gradient of the sum of all log-probs: its values do not change the memory. */
    private static void pass(Policy policy, List<TokenSequence> sequences) {
        try (ForwardPass pass = policy.forward(sequences)) {
            TokenShape shape = pass.logProbs().shape();
            double[] ones = new double[shape.rows()];
            Arrays.fill(ones, 1);
            pass.backward(TokenGradient.ofRowSums(shape, ones));
        }
    }

    private static long largestResidentSet() throws IOException {
        return 1024
                * Files.readAllLines(STATUS).stream()
                        .filter(line -> line.startsWith("VmHWM:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .findFirst()
                        .orElseThrow();
    }
}
