package dpo.torch.tensor;

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

/** Lifetimes of tensors, and copies of their contents in Java memory. */
@SuppressWarnings("try") // pointer scopes are only opened and closed
public final class Tensors {

    private static final long CHUNK = 1L << 24;

    private Tensors() {}

    /**
     * Computes a tensor and releases all intermediate tensors at once; only the result enters the enclosing scope.
     * Without this, every Java temporary of a step is kept until the step ends.
     */
    public static Tensor scoped(Supplier<Tensor> computation) {
        PointerScope enclosing = PointerScope.getInnerScope();
        try (PointerScope own = new PointerScope()) {
            Tensor result = computation.get();
            enclosing.attach(result);
            return result;
        }
    }

    /**
     * Runs work and frees native memory at once if the work fails, for example for lack of memory. Garbage collection
     * would free it later, but the next model may need the memory.
     */
    public static <T> T freedOnFailure(Runnable free, Supplier<T> work) {
        boolean complete = false;
        try {
            T result = work.get();
            complete = true;
            return result;
        } finally {
            if (!complete) {
                free.run();
            }
        }
    }

    /** All numbers of a tensor in order, as doubles. */
    public static double[] toDoubles(Tensor tensor) {
        try (PointerScope scope = new PointerScope()) {
            Tensor onCpu = tensor.to(new Device("cpu"), ScalarType.Double).contiguous();
            double[] values = new double[Math.toIntExact(onCpu.numel())];
            new DoublePointer(onCpu.data_ptr()).get(values);
            return values;
        }
    }

    /** Passes the float32 bytes of a contiguous tensor to a consumer, in order, chunk by chunk. */
    public static void forEachChunk(Tensor tensor, Consumer<ByteBuffer> consumer) {
        long numbers = tensor.numel();
        for (long done = 0; done < numbers; done += CHUNK) {
            try (PointerScope scope = new PointerScope()) {
                Tensor chunk = tensor.detach()
                        .view(-1)
                        .narrow(0, done, Math.min(CHUNK, numbers - done))
                        .to(new Device("cpu"), ScalarType.Float);
                consumer.accept(new BytePointer(chunk.data_ptr())
                        .capacity(chunk.nbytes())
                        .asByteBuffer()
                        .order(ByteOrder.LITTLE_ENDIAN));
            }
        }
    }

    /** The sizes in the form that libtorch requires. */
    public static long[] shape(List<Long> sizes) {
        return sizes.stream().mapToLong(Long::longValue).toArray();
    }
}
