package dpo.torch.lora;

import dpo.torch.checkpoint.Checkpoint;
import dpo.torch.checkpoint.SafetensorsFile;
import dpo.torch.checkpoint.SafetensorsWriter;
import dpo.torch.linear.Dropout;
import dpo.torch.linear.LowRank;
import dpo.torch.linear.WeightMatrix;
import dpo.torch.lora.LoraAdapter.Shape;
import dpo.torch.nn.Architecture;
import dpo.torch.nn.Projection;
import dpo.torch.tensor.NamedTensors;
import dpo.torch.tensor.Precision;
import dpo.torch.tensor.TorchDevice;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** The low-rank matrices of an adapted model, in float32, under PEFT's names. */
@SuppressWarnings("try") // pointer scopes are only opened and closed
public final class Adapter implements AutoCloseable {

    private static final String PREFIX = "base_model.model.";
    private static final String DOWN = ".lora_A.weight";
    private static final String UP = ".lora_B.weight";

    /** The owner of the tensors in a file, for messages. */
    private static final String OWNER = "the adapter's target_modules";

    private final Shape shape;
    private final NamedTensors tensors;
    private final boolean isRead;

    private Adapter(Shape shape, NamedTensors tensors, boolean isRead) {
        this.shape = shape;
        this.tensors = tensors;
        this.isRead = isRead;
    }

    /**
     * Opens an adapter of a model: reads it from a folder, or creates one with B = 0 and A uniform in {@code ±1/√in},
     * as PEFT does.
     *
     * @throws IllegalArgumentException if it does not fit the model
     */
    public static Adapter open(
            LoraAdapter settings, Architecture architecture, RandomGenerator random, TorchDevice device) {
        if (settings.path().isPresent()) {
            return read(settings.path().get(), settings.dropout(), architecture, device);
        }
        Shape shape = settings.shape();
        NamedTensors tensors = new NamedTensors(freshShapes(settings, architecture), device);
        tensors.all().forEach((name, tensor) -> {
            if (name.endsWith(DOWN)) {
                fill(tensor, random);
            }
        });
        return new Adapter(shape, tensors, false);
    }

    /** Names and shapes of the matrices of the adapter that {@link #open} would return. */
    public static Map<String, List<Long>> shapes(LoraAdapter settings, Architecture architecture) {
        return settings.path()
                .map(folder -> storedShapes(folder, architecture))
                .orElseGet(() -> freshShapes(settings, architecture));
    }

    private static Map<String, List<Long>> freshShapes(LoraAdapter settings, Architecture architecture) {
        List<String> targets = settings.resolvedTargets();
        requireTargets(targets, architecture);
        return shapes(architecture, settings.shape().rank(), projection -> targets.stream()
                .anyMatch(target -> LoraAdapter.isTarget(target, projection.name())));
    }

    /**
     * The shapes of an adapter in a folder, after a check that its file holds the tensors that its settings require.
     */
    private static Map<String, List<Long>> storedShapes(Path folder, Architecture architecture) {
        PeftConfig settings = PeftConfig.read(folder);
        Map<String, List<Long>> shapes = shapes(
                architecture, settings.shape().rank(), p -> settings.targets().include(p.name()));
        stored(folder).requireExactly(shapes, OWNER);
        Optional<String> other = architecture
                .otherModules()
                .filter(settings.targets()::includeOther)
                .findFirst();
        if (shapes.isEmpty() || other.isPresent()) {
            throw new IllegalArgumentException("target_modules must name projections of the model's layers ("
                    + lastParts(architecture) + "), got " + other.orElse("none of them") + " ("
                    + folder.resolve(PeftConfig.CONFIG) + ")");
        }
        return shapes;
    }

    private static Checkpoint stored(Path folder) {
        return Checkpoint.of(SafetensorsFile.open(PeftConfig.weights(folder)));
    }

    private static Adapter read(Path folder, Optional<Double> dropout, Architecture architecture, TorchDevice device) {
        Shape stored = PeftConfig.read(folder).shape();
        Shape shape = dropout.map(stored::withDropout).orElse(stored);
        return new NamedTensors(storedShapes(folder, architecture), device).closedOnFailure(tensors -> {
            tensors.copyFrom(stored(folder), OWNER);
            tensors.requireFinite(PeftConfig.weights(folder).toString());
            return new Adapter(shape, tensors, true);
        });
    }

    /** The update of a projection, for matmuls in a dtype; empty if the projection is not adapted. */
    public Optional<LowRank> of(Projection projection, Precision precision) {
        return tensors.find(name(projection, DOWN))
                .map(down -> new LowRank(
                        WeightMatrix.of(down, precision),
                        WeightMatrix.of(tensors.get(name(projection, UP)), precision),
                        shape.scale()));
    }

    /** The same matrices with gradients of their own; this must stay open. */
    public Adapter alias() {
        return new Adapter(shape, tensors.aliases(), isRead);
    }

    /** Whether its passes in training have dropout. */
    public boolean hasDropout() {
        return shape.dropout() > 0;
    }

    private boolean has(Projection projection) {
        return tensors.find(name(projection, DOWN)).isPresent();
    }

    /** The trained matrices. */
    public NamedTensors tensors() {
        return tensors;
    }

    /** The dropout of one forward pass in training. */
    public Dropout dropout(long seed) {
        return new Dropout(shape.dropout(), seed);
    }

    /** Adds {@code s B A} to each adapted matrix, on the device of the matrix. */
    public void mergeInto(Architecture architecture, NamedTensors parameters) {
        try (NoGradGuard noGrad = new NoGradGuard()) {
            architecture.projections().forEach(projection -> {
                try (PointerScope scope = new PointerScope()) {
                    of(projection, Precision.FLOAT32).map(LowRank::merged).ifPresent(added -> {
                        Tensor matrix = parameters.get(projection.weightName());
                        Tensor placed = added.to(matrix.device(), matrix.scalar_type());
                        matrix.add_(projection.transposed() ? placed.t() : placed);
                    });
                }
            });
        }
    }

    /** Writes the adapter into a folder, in PEFT's format. */
    public void save(Path folder, Architecture architecture, Path base) {
        List<Projection> adapted = architecture.projections().filter(this::has).toList();
        PeftConfig.write(
                folder,
                shape,
                base,
                targets(adapted, architecture),
                adapted.stream().anyMatch(Projection::transposed));
        SafetensorsWriter.write(folder.resolve(PeftConfig.WEIGHTS), Map.of("format", "pt"), tensors.sources());
    }

    /** The last parts of the adapted projections' names if they are unambiguous, else the whole names. */
    private static List<String> targets(List<Projection> adapted, Architecture architecture) {
        List<String> parts = adapted.stream().map(Adapter::lastPart).distinct().toList();
        boolean unambiguous = architecture
                .projections()
                .filter(projection -> parts.contains(lastPart(projection)))
                .allMatch(adapted::contains);
        return unambiguous ? parts : adapted.stream().map(Projection::name).toList();
    }

    private static String lastPart(Projection projection) {
        return projection.name().substring(projection.name().lastIndexOf('.') + 1);
    }

    /** Reads the matrices that {@link #save} has written. */
    public void restore(Path folder) {
        Shape saved = PeftConfig.read(folder).shape();
        if (!saved.equals(shape)) {
            throw new IllegalArgumentException(
                    "saved adapter must have the policy's settings, " + shape + ", got " + saved + " (" + folder + ")");
        }
        tensors.copyFrom(stored(folder), OWNER);
    }

    /** Whether it was read from a folder; a new one has B = 0. */
    public boolean isRead() {
        return isRead;
    }

    /**
     * Content hash of the adapted model as it was opened. A new adapter has B = 0 and so the log-probabilities of the
     * model itself, and its hash; an adapter from a folder changes the hash.
     */
    public String fingerprint(String ofModel) {
        return isRead ? tensors.sha256(ofModel + " " + shape) : ofModel;
    }

    @Override
    public void close() {
        tensors.close();
    }

    private static Map<String, List<Long>> shapes(Architecture architecture, int rank, Predicate<Projection> adapted) {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        architecture.projections().filter(adapted).forEach(projection -> {
            shapes.put(name(projection, DOWN), List.of((long) rank, (long) projection.in()));
            shapes.put(name(projection, UP), List.of((long) projection.out(), (long) rank));
        });
        return shapes;
    }

    private static void requireTargets(List<String> targets, Architecture architecture) {
        for (String target : targets) {
            if (architecture.projections().noneMatch(p -> LoraAdapter.isTarget(target, p.name()))) {
                throw new IllegalArgumentException("targets must be projections of the model, "
                        + lastParts(architecture) + " or " + LoraAdapter.ALL + ", got " + target);
            }
        }
    }

    private static SortedSet<String> lastParts(Architecture architecture) {
        return architecture.projections().map(Adapter::lastPart).collect(Collectors.toCollection(TreeSet::new));
    }

    private static void fill(Tensor tensor, RandomGenerator random) {
        double bound = 1 / Math.sqrt((double) tensor.size(1));
        float[] values = new float[Math.toIntExact(tensor.numel())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-bound, bound);
        }
        try (PointerScope scope = new PointerScope()) {
            tensor.copy_(Tensor.create(values, tensor.shape()));
        }
    }

    private static String name(Projection projection, String part) {
        return PREFIX + projection.name() + part;
    }
}
