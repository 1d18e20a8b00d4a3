package dpo.torch.tensor;

import dpo.torch.checkpoint.Checkpoint;
import dpo.torch.checkpoint.DataType;
import dpo.torch.checkpoint.SafetensorsWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.zip.CRC32C;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Named tensors on one device: the parameters of a model or an adapter, or the moments of an optimizer. */
@SuppressWarnings("try") // pointer scopes are only opened and closed
public final class NamedTensors implements AutoCloseable {

    private final Map<String, List<Long>> shapes;
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final RetainedTensors retained = new RetainedTensors();

    /** Float32 zeros with the given shapes. */
    public NamedTensors(Map<String, List<Long>> shapes, TorchDevice device) {
        this(shapes, name -> Precision.FLOAT32, device);
    }

    /** Zeros with the given shapes and dtypes. */
    public NamedTensors(Map<String, List<Long>> shapes, Function<String, Precision> dtypes, TorchDevice device) {
        this.shapes = Collections.unmodifiableMap(new LinkedHashMap<>(shapes));
        try (PointerScope scope = new PointerScope()) {
            shapes.forEach((name, shape) -> tensors.put(
                    name,
                    retained.add(torch.zeros(
                            Tensors.shape(shape),
                            device.options(dtypes.apply(name).type())))));
        }
    }

    /** The same tensors, which belong to others: closing these has no effect on them. */
    private NamedTensors(Map<String, List<Long>> shapes, Map<String, Tensor> shared) {
        this.shapes = Collections.unmodifiableMap(shapes);
        shapes.keySet().forEach(name -> tensors.put(name, shared.get(name)));
    }

    private NamedTensors(NamedTensors others) {
        this.shapes = others.shapes;
        try (PointerScope scope = new PointerScope()) {
            others.tensors.forEach((name, tensor) -> {
                Tensor alias = retained.add(tensor.detach());
                alias.set_requires_grad(tensor.requires_grad());
                tensors.put(name, alias);
            });
        }
    }

    /** The same tensors without those of some names; these must stay open. */
    public NamedTensors without(Collection<String> names) {
        Map<String, List<Long>> others = new LinkedHashMap<>(shapes);
        others.keySet().removeAll(names);
        return new NamedTensors(others, tensors);
    }

    /** These tensors and those of other names; both must stay open. */
    public NamedTensors with(NamedTensors others) {
        Map<String, List<Long>> bothShapes = new LinkedHashMap<>(shapes);
        bothShapes.putAll(others.shapes);
        Map<String, Tensor> both = new LinkedHashMap<>(tensors);
        both.putAll(others.tensors);
        return new NamedTensors(bothShapes, both);
    }

    /** The same memory with gradients of its own; these must stay open. */
    public NamedTensors aliases() {
        return new NamedTensors(this);
    }

    /** Applies a function to these tensors, and closes them at once if it fails. */
    public <T> T closedOnFailure(Function<NamedTensors, T> use) {
        return Tensors.freedOnFailure(this::close, () -> use.apply(this));
    }

    /**
     * Reads all tensors from a checkpoint that holds exactly these, and converts each to its dtype.
     *
     * @param owner of the tensors, for messages
     */
    public void copyFrom(Checkpoint checkpoint, String owner) {
        checkpoint.requireExactly(shapes, owner);
        tensors.forEach((name, tensor) -> {
            DataType type = checkpoint.entry(name).type();
            long[] done = {0};
            checkpoint.forEachChunk(name, chunk -> done[0] += copyChunk(tensor, done[0], chunk, type));
        });
    }

    /**
     * Requires every number to be finite.
     *
     * @param where the file or folder of the weights, for messages
     */
    public void requireFinite(String where) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            tensors.forEach((name, tensor) -> {
                if (!torch.isfinite(tensor).all().item_bool()) {
                    throw new IllegalArgumentException(
                            "weights must be finite, got NaN or infinity (tensor " + name + " in " + where + ")");
                }
            });
        }
    }

    /** Moves every tensor towards the one of the same name: {@code t ← (1 − share) t + share t_other}. */
    public void moveTowards(NamedTensors others, double share) {
        if (!others.shapes.equals(shapes)) {
            throw new IllegalArgumentException("other tensors must have the names and shapes of these, got others");
        }
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            tensors.forEach((name, tensor) -> {
                if (share == 1) {
                    tensor.copy_(others.get(name));
                } else {
                    tensor.lerp_(others.get(name), new Scalar(share));
                }
            });
        }
    }

    /** Makes all tensors require a gradient. */
    public void train() {
        tensors.values().forEach(tensor -> tensor.set_requires_grad(true));
    }

    /** The tensors as float32, to be written to a file. */
    public List<SafetensorsWriter.TensorData> sources() {
        return shapes.entrySet().stream()
                .map(e -> new SafetensorsWriter.TensorData(
                        e.getKey(), e.getValue(), consumer -> Tensors.forEachChunk(get(e.getKey()), consumer)))
                .toList();
    }

    /** The tensor of a name, which must exist. */
    public Tensor get(String name) {
        return find(name).orElseThrow(() -> new IllegalArgumentException("no tensor " + name));
    }

    /** The tensor of a name, if there is one. */
    public Optional<Tensor> find(String name) {
        return Optional.ofNullable(tensors.get(name));
    }

    /** All tensors by name, in the order of their shapes. */
    public Map<String, Tensor> all() {
        return Collections.unmodifiableMap(tensors);
    }

    /** The shapes by name. */
    public Map<String, List<Long>> shapes() {
        return shapes;
    }

    /** SHA-256, in hexadecimal, over a description and the name and float32 bytes of every tensor. */
    public String sha256(String description) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(description.getBytes(StandardCharsets.UTF_8));
            tensors.forEach((name, tensor) -> {
                sha256.update(name.getBytes(StandardCharsets.UTF_8));
                Tensors.forEachChunk(tensor, sha256::update);
            });
            return HexFormat.of().formatHex(sha256.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** CRC-32C of the float32 bytes of each tensor, in hexadecimal, by name. */
    public SortedMap<String, String> checksums() {
        SortedMap<String, String> checksums = new TreeMap<>();
        tensors.forEach((name, tensor) -> {
            CRC32C checksum = new CRC32C();
            Tensors.forEachChunk(tensor, checksum::update);
            checksums.put(name, HexFormat.of().toHexDigits((int) checksum.getValue()));
        });
        return checksums;
    }

    @Override
    public void close() {
        retained.close();
        tensors.clear();
    }

    private static long copyChunk(Tensor tensor, long from, ByteBuffer chunk, DataType type) {
        long numbers = chunk.remaining() / type.bytes();
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            Tensor stored = torch.from_blob(
                    new BytePointer(chunk), new long[] {numbers}, new TorchDevice("cpu").options(scalarType(type)));
            tensor.view(-1).narrow(0, from, numbers).copy_(stored);
        }
        return numbers;
    }

    private static ScalarType scalarType(DataType type) {
        return switch (type) {
            case F32 -> ScalarType.Float;
            case F16 -> ScalarType.Half;
            case BF16 -> ScalarType.BFloat16;
            case BOOL, U8 -> throw new IllegalArgumentException("weights must be floating-point, got " + type);
        };
    }
}
