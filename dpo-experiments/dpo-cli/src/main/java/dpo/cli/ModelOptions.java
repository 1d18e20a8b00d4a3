package dpo.cli;

import dpo.core.InvalidInputException;
import dpo.core.backend.Availability;
import dpo.core.backend.Backend;
import dpo.core.backend.Execution;
import dpo.core.backend.Policy;
import dpo.harness.config.Backends;
import dpo.harness.config.ConfigValue;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options that select a model folder, its adapter, backend and device. */
final class ModelOptions {

    @Option(
            names = "--model",
            required = true,
            paramLabel = "DIR",
            description = "Model folder in Hugging Face format.")
    private Path model = Path.of("");

    @Option(
            names = "--adapter",
            paramLabel = "DIR",
            description = "Folder of an adapter for the model, in PEFT's format.")
    private Optional<Path> adapter = Optional.empty();

    @Option(
            names = "--dtype",
            paramLabel = "DTYPE",
            description = "dtype of matmuls: float32 or bfloat16. Default: the backend's.")
    private Optional<String> dtype = Optional.empty();

    @Option(names = "--backend", paramLabel = "NAME", description = "Backend. Default: ${DEFAULT-VALUE}.")
    private String backend = "torch";

    @Option(names = "--device", paramLabel = "DEVICE", description = "cpu, cuda or cuda:N. Default: ${DEFAULT-VALUE}.")
    private String device = "cpu";

    @Option(names = "--threads", paramLabel = "N", description = "Threads of the backend. Default: one per processor.")
    private int threads = Runtime.getRuntime().availableProcessors();

    /** The model folder, which also holds the tokenizer. */
    Path folder() {
        return model;
    }

    /** Folder of the adapter, if given. */
    Optional<Path> adapter() {
        return adapter;
    }

    /** The backend, after a check that it is available on the device. */
    Backend<?> backend() {
        if (threads < 1) {
            throw new InvalidInputException("--threads must be at least 1, got " + threads);
        }
        Backend<?> found = Backends.onClassPath()
                .find(backend)
                .orElseThrow(() ->
                        new InvalidInputException("--backend must be a backend on the class path, got " + backend));
        if (UserErrors.asInvalidInput(() -> found.availability(device)) instanceof Availability.Missing missing) {
            throw new InvalidInputException("--device must be available, got " + device + ": " + missing.reason());
        }
        return found;
    }

    /** Opens the model and prints its notices. */
    <M extends Record> Policy open(Backend<M> from) {
        M settings = ConfigValue.model(from, model, dtype, adapter);
        Policy policy = UserErrors.asInvalidInput(() -> from.open(settings, new Execution(device, threads), 0));
        policy.notices().forEach(Console.standard()::print);
        return policy;
    }
}
