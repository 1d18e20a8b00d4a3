package dpo.bench;

import dpo.torch.compute.ComputeDevice;
import dpo.torch.compute.MatMul;
import dpo.torch.tensor.Precision;
import dpo.torch.tensor.TorchDevice;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The speed of the backend's matmul kernel, with which its matmuls in training are compared. */
@SuppressWarnings("try") // pointer scopes are only opened and closed
final class MatMulSpeed {

    private static final int SIZE = 2048;
    private static final int WARM_UP = 3;
    private static final int MEASURED = 10;

    private MatMulSpeed() {}

    /**
     * Floating-point operations per second in the fastest of several matmuls of two {@value #SIZE}² matrices, with the
     * kernel of projections. Changes settings of the calling thread: open policies afterwards.
     *
     * @param threads number of threads on the CPU
     */
    static double measure(Precision precision, int threads) {
        MatMul matMul = ComputeDevice.configure(new TorchDevice("cpu"), threads, precision)
                .matMul();
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            Tensor left = precision.of(torch.rand(SIZE, SIZE));
            Tensor right = precision.of(torch.rand(SIZE, SIZE));
            double fastest = Double.POSITIVE_INFINITY;
            for (int i = -WARM_UP; i < MEASURED; i++) {
                double seconds = seconds(matMul, left, right);
                fastest = i < 0 ? fastest : Math.min(fastest, seconds);
            }
            return 2.0 * SIZE * SIZE * SIZE / fastest;
        }
    }

    private static double seconds(MatMul matMul, Tensor left, Tensor right) {
        try (PointerScope scope = new PointerScope()) {
            long begin = System.nanoTime();
            matMul.linear(left, right);
            return (System.nanoTime() - begin) / 1e9;
        }
    }
}
