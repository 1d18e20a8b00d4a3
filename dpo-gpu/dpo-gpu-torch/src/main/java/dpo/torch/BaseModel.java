package dpo.torch;

import dpo.torch.block.Architecture;
import dpo.torch.block.Projection;
import dpo.torch.checkpoint.Checkpoint;
import dpo.torch.checkpoint.SafetensorsWriter;
import dpo.torch.family.ConfigJson;
import dpo.torch.family.Families;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * A model as it is stored: configuration, tokenizer files, and the numbers.
 *
 * @param configText of its {@code config.json}, naming float32
 * @param architecture its blocks
 * @param folder where it, or its tokenizer, comes from
 * @param companions files that go with the weights
 * @param parameters its numbers
 * @param fingerprint content address of architecture, numbers and number format
 * @param notices what a user should know of it, a sentence each
 */
record BaseModel(
        String configText,
        Architecture architecture,
        Path folder,
        CompanionFiles companions,
        NamedTensors parameters,
        String fingerprint,
        List<String> notices)
        implements AutoCloseable {

    /**
     * The model in a checkpoint folder.
     *
     * @param frozen whether it will not be trained: matrices of projections are then stored in the format of products
     */
    static BaseModel read(Path folder, Machine machine, boolean frozen) {
        StoredModel stored = StoredModel.read(folder);
        Architecture architecture = stored.architecture();
        return tensors(architecture, machine, frozen).orClosed(parameters -> {
            parameters.copyFrom(stored.checkpoint(), "the model");
            parameters.requireFinite(folder.toString());
            return of(stored.config(), architecture, folder, CompanionFiles.ofModel(folder), parameters, machine,
                    stored.notices());
        });
    }

    /** A model with random weights. */
    static BaseModel fresh(FreshModel fresh, RandomGenerator random, Machine machine) {
        ConfigJson config = fresh.config();
        Architecture architecture = Families.read(config);
        CompanionFiles companions = CompanionFiles.ofTokenizer(fresh.tokenizer());
        return tensors(architecture, machine, false).orClosed(parameters -> {
            fresh.initialise(parameters, random);
            return of(config, architecture, fresh.tokenizer(), companions, parameters, machine, List.of());
        });
    }

    private static BaseModel of(ConfigJson config, Architecture architecture, Path folder, CompanionFiles companions,
            NamedTensors parameters, Machine machine, List<String> notices) {
        return new BaseModel(config.asFloat32(), architecture, folder, companions, parameters,
                parameters.sha256(machine.precision() + " " + architecture), notices);
    }

    private static NamedTensors tensors(Architecture architecture, Machine machine, boolean frozen) {
        Map<String, Precision> ofProducts = architecture.projections()
                .collect(Collectors.toMap(Projection::weightName, projection -> machine.precision()));
        Function<String, Precision> formats = frozen
                ? name -> ofProducts.getOrDefault(name, Precision.FLOAT32)
                : name -> Precision.FLOAT32;
        return new NamedTensors(architecture.parameters(), formats, machine.device());
    }

    /** Writes configuration, tokenizer files and numbers into an empty folder, as transformers opens them. */
    void save(Path folder) {
        companions.write(folder, configText);
        SafetensorsWriter.write(folder.resolve(Checkpoint.WEIGHTS), Map.of("format", "pt"), parameters.sources());
    }

    /** The same model with other numbers. */
    BaseModel with(NamedTensors others) {
        return new BaseModel(configText, architecture, folder, companions, others, fingerprint, notices);
    }

    /** Its numbers as they stand in its folder, on the CPU: one that is frozen holds them as products take them. */
    NamedTensors stored() {
        return new NamedTensors(architecture.parameters(), new TorchDevice("cpu")).orClosed(numbers -> {
            numbers.copyFrom(StoredModel.read(folder).checkpoint(), "the model");
            return numbers;
        });
    }

    /** Takes over the numbers that {@link #save} wrote. */
    void restore(Path folder) {
        StoredModel stored = StoredModel.read(folder);
        Architecture saved = stored.architecture();
        if (!saved.equals(architecture)) {
            throw new IllegalArgumentException("saved model must be of the policy's architecture in every setting, "
                    + architecture.summary() + ", got " + saved.summary() + " (" + folder + ")");
        }
        parameters.copyFrom(stored.checkpoint(), "the model");
    }

    @Override
    public void close() {
        parameters.close();
    }

    /** The architecture of a settings record's model, without its numbers. */
    static Architecture architecture(TorchModel settings) {
        return settings.path()
                .map(folder -> StoredModel.read(folder).architecture())
                .orElseGet(() -> Families.read(settings.fresh().orElseThrow().config()));
    }
}
