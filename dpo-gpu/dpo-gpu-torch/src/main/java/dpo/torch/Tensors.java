package dpo.torch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Lifetimes of tensors, and their way to and from Java memory. */
@SuppressWarnings("try") // scopes are opened and closed, not used
final class Tensors {

    private static final long PIECE = 1L << 24;

    private Tensors() {}

    /**
     * The result of a computation, all of whose other tensors are let go at once: the result alone enters the enclosing
     * scope. Without this, every Java temporary of a step lives until the step ends.
     */
    static Tensor scoped(Supplier<Tensor> computation) {
        PointerScope enclosing = PointerScope.getInnerScope();
        try (PointerScope own = new PointerScope()) {
            Tensor result = computation.get();
            enclosing.attach(result);
            return result;
        }
    }

    /** The tensor, kept beyond the current scope until {@link Tensor#releaseReference()}. */
    static Tensor kept(Tensor tensor) {
        tensor.retainReference();
        return tensor;
    }

    /** All numbers of a tensor in order, as doubles. */
    static double[] toDoubles(Tensor tensor) {
        try (PointerScope scope = new PointerScope()) {
            Tensor onCpu = tensor.to(new Device("cpu"), ScalarType.Double).contiguous();
            double[] values = new double[Math.toIntExact(onCpu.numel())];
            new DoublePointer(onCpu.data_ptr()).get(values);
            return values;
        }
    }

    /** Hands the bytes of a contiguous tensor, as float32, to a consumer, in order, in pieces. */
    static void forEachPiece(Tensor tensor, Consumer<ByteBuffer> consumer) {
        long numbers = tensor.numel();
        for (long done = 0; done < numbers; done += PIECE) {
            try (PointerScope scope = new PointerScope()) {
                Tensor piece = tensor.detach().view(-1)
                        .narrow(0, done, Math.min(PIECE, numbers - done))
                        .to(new Device("cpu"), ScalarType.Float);
                consumer.accept(new BytePointer(piece.data_ptr())
                        .capacity(piece.nbytes())
                        .asByteBuffer()
                        .order(ByteOrder.LITTLE_ENDIAN));
            }
        }
    }

    static long[] shape(List<Long> sizes) {
        return sizes.stream().mapToLong(Long::longValue).toArray();
    }
}
