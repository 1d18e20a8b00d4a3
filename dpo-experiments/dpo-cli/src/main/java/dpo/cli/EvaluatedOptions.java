package dpo.cli;

import dpo.core.InvalidInputException;
import dpo.core.backend.Backend;
import dpo.core.backend.Execution;
import dpo.harness.config.Backends;
import dpo.harness.config.ConfigValue;
import dpo.harness.config.ExperimentConfig;
import dpo.harness.config.ReferenceConfig;
import dpo.harness.evaluation.EvaluatedPolicy;
import dpo.harness.store.RunFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Options that select the policy of an evaluation and its reference. */
final class EvaluatedOptions {

    private static final int BATCH_SIZE = 8;

    @Parameters(
            paramLabel = "RUN|MODEL",
            description = "Folder of a completed run, whose trained policy is evaluated; or model folder in Hugging"
                    + " Face format.")
    private Path folder = Path.of("");

    @Option(names = "--adapter", paramLabel = "DIR", description = "Folder of an adapter for MODEL, in PEFT's format.")
    private Optional<Path> adapter = Optional.empty();

    @Option(
            names = "--reference",
            paramLabel = "DIR",
            description = "Model folder of the reference. Default: that of the run, or its model before training;"
                    + " none for a model.")
    private Optional<Path> reference = Optional.empty();

    @Option(names = "--reference-adapter", paramLabel = "DIR", description = "Folder of an adapter for the reference.")
    private Optional<Path> referenceAdapter = Optional.empty();

    @Option(names = "--dtype", description = "dtype of matmuls of MODEL: float32 or bfloat16. Default: the backend's.")
    private Optional<String> dtype = Optional.empty();

    @Option(names = "--batch-size", description = "Preferences per forward pass of MODEL. Default: 8.")
    private Optional<Integer> batchSize = Optional.empty();

    @Option(names = "--backend", description = "Backend of MODEL. Default: torch.")
    private Optional<String> backend = Optional.empty();

    @Option(names = "--device", description = "cpu, cuda or cuda:N. Default: that of the run, or cpu.")
    private Optional<String> device = Optional.empty();

    @Option(
            names = "--threads",
            description = "Threads of the backend. Default: those of the run, or one per processor.")
    private Optional<Integer> threads = Optional.empty();

    /** The policy of these options. */
    EvaluatedPolicy policy(Backends backends) {
        threads.filter(count -> count < 1).ifPresent(count -> {
            throw new InvalidInputException("--threads must be at least 1, got " + count);
        });
        return new RunFolder(folder).holdsRun() ? ofRun(backends) : ofModel(backends);
    }

    private EvaluatedPolicy ofRun(Backends backends) {
        List<String> ofModels = new ArrayList<>();
        adapter.ifPresent(given -> ofModels.add("--adapter " + given));
        dtype.ifPresent(given -> ofModels.add("--dtype " + given));
        batchSize.ifPresent(given -> ofModels.add("--batch-size " + given));
        backend.ifPresent(given -> ofModels.add("--backend " + given));
        if (!ofModels.isEmpty()) {
            throw new InvalidInputException("--adapter, --dtype, --batch-size and --backend must be absent for a run,"
                    + " which has its own, got " + String.join(", ", ofModels));
        }
        return EvaluatedPolicy.ofRun(new RunFolder(folder), backends, device, threads);
    }

    private EvaluatedPolicy ofModel(Backends backends) {
        if (Files.isDirectory(folder.resolve("runs"))) {
            throw new InvalidInputException(
                    "RUN must be the folder of one run, got that of a sweep; its runs are in runs (" + folder + ")");
        }
        String name = backend.orElse("torch");
        Backend<?> found = backends.find(name)
                .orElseThrow(
                        () -> new InvalidInputException("--backend must be a backend on the class path, got " + name));
        requireModel("MODEL", folder, "--adapter");
        Execution execution = UserErrors.asInvalidInput(
                () -> new Execution(device.orElse("cpu"), threads.orElseGet(() -> Runtime.getRuntime()
                        .availableProcessors())));
        return UserErrors.asInvalidInput(() -> EvaluatedPolicy.ofModel(
                found, ConfigValue.model(found, folder, dtype, adapter), execution, batchSize.orElse(BATCH_SIZE)));
    }

    /** The configuration that opens the reference; empty without one. */
    Optional<ExperimentConfig> reference(EvaluatedPolicy policy, Backends backends) {
        if (referenceAdapter.isPresent() && reference.isEmpty()) {
            throw new InvalidInputException(
                    "--reference must be given with --reference-adapter, got " + referenceAdapter.get() + " alone");
        }
        reference.ifPresent(path -> requireModel("--reference", path, "--reference-adapter"));
        return reference.isPresent()
                ? Optional.of(
                        policy.withReference(new ReferenceConfig.Own(reference.get(), referenceAdapter), backends))
                : policy.ownReference(backends);
    }

    /** Requires a model folder; an adapter's folder is the usual mistake. */
    private static void requireModel(String option, Path path, String adapterOption) {
        if (Files.exists(path.resolve("adapter_config.json")) && !Files.exists(path.resolve("config.json"))) {
            throw new InvalidInputException(option + " must be a model folder, got an adapter's; give the folder of its"
                    + " model and " + adapterOption + " " + path);
        }
        if (!Files.isDirectory(path)) {
            throw new InvalidInputException(
                    option + " must be the folder of a run or of a model, got none there (" + path + ")");
        }
    }
}
