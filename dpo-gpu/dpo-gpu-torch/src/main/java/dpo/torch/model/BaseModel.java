package dpo.torch.model;

import dpo.core.backend.CompanionFiles;
import dpo.torch.checkpoint.Checkpoint;
import dpo.torch.checkpoint.SafetensorsWriter;
import dpo.torch.compute.ComputeDevice;
import dpo.torch.family.ConfigJson;
import dpo.torch.family.Families;
import dpo.torch.nn.Architecture;
import dpo.torch.nn.Projection;
import dpo.torch.tensor.NamedTensors;
import dpo.torch.tensor.Precision;
import dpo.torch.tensor.TorchDevice;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * A model with its configuration, parameters and tokenizer files.
 *
 * @param configText of its {@code config.json}, with dtype float32
 * @param architecture its layers
 * @param folder of the model, or of its tokenizer
 * @param companions files that are saved with the weights
 * @param parameters of the model
 * @param fingerprint content hash of architecture, parameters and dtype
 * @param notices for the user, one sentence each
 */
public record BaseModel(
        String configText,
        Architecture architecture,
        Path folder,
        CompanionFiles companions,
        NamedTensors parameters,
        String fingerprint,
        List<String> notices)
        implements AutoCloseable {

    /**
     * Reads the model in a checkpoint folder.
     *
     * @param frozen whether it will not be trained: matrices of projections are then stored in the dtype of matmuls
     */
    public static BaseModel read(Path folder, ComputeDevice device, boolean frozen) {
        StoredModel stored = StoredModel.read(folder);
        Architecture architecture = stored.architecture();
        return tensors(architecture, device, frozen).closedOnFailure(parameters -> {
            parameters.copyFrom(stored.checkpoint(), "the model");
            parameters.requireFinite(folder.toString());
            return of(
                    stored.config(),
                    architecture,
                    folder,
                    CompanionFiles.ofModel(folder),
                    parameters,
                    device,
                    stored.notices());
        });
    }

    /** Makes a model with random weights. */
    public static BaseModel fresh(FreshModel fresh, RandomGenerator random, ComputeDevice device) {
        ConfigJson config = fresh.config();
        Architecture architecture = Families.read(config);
        CompanionFiles companions = CompanionFiles.ofTokenizer(fresh.tokenizer());
        return tensors(architecture, device, false).closedOnFailure(parameters -> {
            fresh.initialize(parameters, random);
            return of(config, architecture, fresh.tokenizer(), companions, parameters, device, List.of());
        });
    }

    /**
     * Makes the transformer of a controlled world; it has no tokenizer, and its folder is empty.
     *
     * @param initialize sets the parameters
     */
    public static BaseModel ofWorld(NeuralWorld world, Consumer<NamedTensors> initialize, ComputeDevice device) {
        ConfigJson config = world.config();
        Architecture architecture = Families.read(config);
        return tensors(architecture, device, false).closedOnFailure(parameters -> {
            initialize.accept(parameters);
            return of(config, architecture, Path.of(""), new CompanionFiles(Map.of()), parameters, device, List.of());
        });
    }

    private static BaseModel of(
            ConfigJson config,
            Architecture architecture,
            Path folder,
            CompanionFiles companions,
            NamedTensors parameters,
            ComputeDevice device,
            List<String> notices) {
        return new BaseModel(
                config.asFloat32(),
                architecture,
                folder,
                companions,
                parameters,
                parameters.sha256(device.precision() + " " + architecture),
                notices);
    }

    private static NamedTensors tensors(Architecture architecture, ComputeDevice device, boolean frozen) {
        Map<String, Precision> ofMatMuls = architecture
                .projections()
                .collect(Collectors.toMap(Projection::weightName, projection -> device.precision()));
        Function<String, Precision> dtypes =
                frozen ? name -> ofMatMuls.getOrDefault(name, Precision.FLOAT32) : name -> Precision.FLOAT32;
        return new NamedTensors(architecture.parameters(), dtypes, device.torchDevice());
    }

    /** Writes configuration, tokenizer files and weights into an empty folder, as transformers reads them. */
    public void save(Path folder) {
        companions.with(Checkpoint.CONFIG, configText).write(folder);
        SafetensorsWriter.write(folder.resolve(Checkpoint.WEIGHTS), Map.of("format", "pt"), parameters.sources());
    }

    /** The same model with other parameters. */
    public BaseModel with(NamedTensors others) {
        return new BaseModel(configText, architecture, folder, companions, others, fingerprint, notices);
    }

    /** Reads its parameters again, in float32 on the CPU: a frozen model holds them in the dtype of matmuls. */
    public NamedTensors stored() {
        return new NamedTensors(architecture.parameters(), new TorchDevice("cpu")).closedOnFailure(stored -> {
            stored.copyFrom(StoredModel.read(folder).checkpoint(), "the model");
            return stored;
        });
    }

    /** Reads the parameters that {@link #save} has written. */
    public void restore(Path folder) {
        StoredModel stored = StoredModel.read(folder);
        Architecture saved = stored.architecture();
        if (!saved.equals(architecture)) {
            throw new IllegalArgumentException("saved model must have the policy's architecture in every setting, "
                    + architecture.summary() + ", got " + saved.summary() + " (" + folder + ")");
        }
        parameters.copyFrom(stored.checkpoint(), "the model");
    }

    @Override
    public void close() {
        parameters.close();
    }
}
