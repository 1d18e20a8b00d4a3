package dpo.nd4j;

import dpo.core.backend.Availability;
import dpo.core.backend.Backend;
import dpo.core.backend.CompanionFiles;
import dpo.core.backend.Execution;
import dpo.core.backend.PreferenceSampler;
import dpo.core.backend.ScalarModel;
import dpo.core.random.RandomStreams;
import dpo.core.world.ControlledWorld;
import dpo.nd4j.network.NetworkState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;

/** Deeplearning4j networks on ND4J. */
public final class Nd4jBackend implements Backend<Nd4jModel> {

    /** Longest sequence of a network that does not say it. */
    private static final int MAX_LENGTH = 1024;

    private final PretrainedNetworks worlds = new PretrainedNetworks();

    @Override
    public String name() {
        return "nd4j";
    }

    @Override
    public Class<Nd4jModel> modelSettings() {
        return Nd4jModel.class;
    }

    @Override
    public String version() {
        return NativeLibrary.version();
    }

    @Override
    public Availability availability(String device) {
        return NativeLibrary.availability(device);
    }

    @Override
    public Map<String, String> diagnostics() {
        return NativeLibrary.diagnostics();
    }

    @Override
    public Map<String, String> environment() {
        return NativeLibrary.availability("cpu") instanceof Availability.Missing ? Map.of() : NativeLibrary.recorded();
    }

    /** The number of threads is a setting of ND4J's whole library. */
    @Override
    public Map<String, String> processSettings(Nd4jModel model, Execution execution) {
        return Map.of("device", execution.device(), "threads", Integer.toString(execution.threads()));
    }

    @Override
    public Nd4jPolicy open(Nd4jModel model, Execution execution, long seed) {
        NativeLibrary.configure(execution);
        DataType dataType = model.dtype().dataType();
        return model.path()
                .map(path -> stored(model, new NetworkFolder(path), dataType))
                .or(() -> model.world().map(world -> worlds.open(world, execution, dataType)))
                .orElseGet(() -> fresh(model.fresh().orElseThrow(), seed, dataType));
    }

    @Override
    public boolean isStored(Nd4jModel model) {
        return model.path().isPresent();
    }

    @Override
    public ScalarModel openScalar(Nd4jModel model, Execution execution, long seed) {
        try (Nd4jPolicy policy = open(model, execution, seed)) {
            return policy.scalar();
        }
    }

    /** Layers of the user's own in a saved network. */
    @Override
    public Set<Class<?>> code(Nd4jModel model) {
        return model.path().map(path -> new NetworkFolder(path).ownClasses()).orElse(Set.of());
    }

    /** Pairs of a controlled world, drawn from its own reference, on which the network is pre-trained. */
    @Override
    public Optional<PreferenceSampler> sampler(Nd4jModel model) {
        return model.world().map(world -> {
            ControlledWorld controlled = world.controlled();
            return controlled::samplePairs;
        });
    }

    private static Nd4jPolicy stored(Nd4jModel model, NetworkFolder folder, DataType dataType) {
        NetworkState state = folder.read(dataType);
        int maxLength = model.maxLength().or(folder::maxLength).orElse(MAX_LENGTH);
        boolean hasTokenizer = Files.isRegularFile(folder.path().resolve("tokenizer.json"));
        Optional<Path> tokenizer = hasTokenizer ? Optional.of(folder.path()) : Optional.empty();
        CompanionFiles companions = folder.companions();
        try {
            Nd4jPolicy policy = new Nd4jPolicy(state, maxLength, companions, tokenizer, Optional.empty());
            policy.probe();
            return policy;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + " (" + folder.path() + ")", e);
        } catch (RuntimeException | LinkageError e) {
            throw new IllegalArgumentException(
                    "path must be a network that Deeplearning4j can build, got " + e + " (" + folder.path() + ")", e);
        }
    }

    private static Nd4jPolicy fresh(FreshNetwork fresh, long seed, DataType dataType) {
        CompanionFiles companions = CompanionFiles.ofTokenizer(fresh.tokenizer());
        NetworkState state = fresh.draw(new RandomStreams(seed).stream("init"), dataType);
        return new Nd4jPolicy(state, fresh.maxLength(), companions, Optional.of(fresh.tokenizer()), Optional.empty());
    }
}
