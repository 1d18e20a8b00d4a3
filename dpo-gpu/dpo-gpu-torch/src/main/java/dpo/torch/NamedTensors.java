package dpo.torch;

import dpo.torch.checkpoint.Checkpoint;
import dpo.torch.checkpoint.DataType;
import dpo.torch.checkpoint.SafetensorsWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.bytedeco.pytorch.global.torch;

/** Tensors by name on one device: the parameters of a model, of an adapter, or the moments of an optimizer. */
@SuppressWarnings("try") // scopes are opened and closed, not used
final class NamedTensors implements AutoCloseable {

    private final Map<String, List<Long>> shapes;
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    /** Float32 zeros of the given shapes. */
    NamedTensors(Map<String, List<Long>> shapes, TorchDevice device) {
        this(shapes, name -> Precision.FLOAT32, device);
    }

    /** Zeros of the given shapes and formats. */
    NamedTensors(Map<String, List<Long>> shapes, Function<String, Precision> formats, TorchDevice device) {
        this.shapes = Collections.unmodifiableMap(new LinkedHashMap<>(shapes));
        try (PointerScope scope = new PointerScope()) {
            shapes.forEach((name, shape) -> tensors.put(name, Tensors.kept(
                    torch.zeros(Tensors.shape(shape), device.options(formats.apply(name).type())))));
        }
    }

    /**
     * Does something with these tensors, as a rule to fill them. Where it fails, out of memory too, they are let go at
     * once and not when the collector finds them, since the next model may need the room.
     */
    <T> T orClosed(Function<NamedTensors, T> use) {
        try {
            return use.apply(this);
        } catch (Throwable unusable) {
            close();
            throw unusable;
        }
    }

    /**
     * Overwrites all tensors by those of a checkpoint that holds exactly these, each converted to its format.
     *
     * @param owner whose tensors they are, for messages
     */
    void copyFrom(Checkpoint checkpoint, String owner) {
        checkpoint.requireExactly(shapes, owner);
        tensors.forEach((name, tensor) -> {
            DataType type = checkpoint.entry(name).type();
            long[] done = {0};
            checkpoint.forEachPiece(name, piece -> done[0] += copyPiece(tensor, done[0], piece, type));
        });
    }

    /**
     * Requires every number to be finite.
     *
     * @param where the file that the numbers come from
     */
    void requireFinite(String where) {
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

    /** Moves every tensor towards that of the same name: {@code t ← (1 − share) t + share t_other}. */
    void moveTowards(NamedTensors others, double share) {
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

    /** Makes all tensors trained ones. */
    void train() {
        tensors.values().forEach(tensor -> tensor.set_requires_grad(true));
    }

    /** What is to be written to save these tensors, as float32. */
    List<SafetensorsWriter.Source> sources() {
        return tensors.entrySet().stream()
                .map(e -> new SafetensorsWriter.Source(
                        e.getKey(),
                        shapes.get(e.getKey()),
                        consumer -> Tensors.forEachPiece(e.getValue(), consumer)))
                .toList();
    }

    Tensor get(String name) {
        return find(name).orElseThrow(() -> new IllegalArgumentException("no tensor " + name));
    }

    Optional<Tensor> find(String name) {
        return Optional.ofNullable(tensors.get(name));
    }

    /** All tensors in the order of their shapes. */
    Map<String, Tensor> all() {
        return Collections.unmodifiableMap(tensors);
    }

    /** The shapes by name. */
    Map<String, List<Long>> shapes() {
        return shapes;
    }

    /** SHA-256 over a description and then name and float32 bytes of every tensor, in hexadecimal. */
    String sha256(String description) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(description.getBytes(StandardCharsets.UTF_8));
            tensors.forEach((name, tensor) -> {
                sha256.update(name.getBytes(StandardCharsets.UTF_8));
                Tensors.forEachPiece(tensor, sha256::update);
            });
            return HexFormat.of().formatHex(sha256.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public void close() {
        tensors.values().forEach(Tensor::releaseReference);
        tensors.clear();
    }

    private static long copyPiece(Tensor tensor, long from, ByteBuffer piece, DataType type) {
        long numbers = piece.remaining() / type.bytes();
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            Tensor stored = torch.from_blob(
                    new BytePointer(piece), new long[] {numbers}, new TorchDevice("cpu").options(scalarType(type)));
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
