package dpo.torch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** How fast the engine multiplies large square matrices: what its products in training are measured against. */
@SuppressWarnings("try") // scopes are opened and closed, not used
public final class ProductSpeed {

    private static final int SIZE = 2048;
    private static final int WARM_UP = 3;
    private static final int MEASURED = 10;

    private ProductSpeed() {}

    /**
     * Floating-point operations a second in the fastest of some products of two {@value #SIZE}² matrices, computed as
     * projections are. Makes settings of the calling thread: a policy is to be opened afterwards.
     *
     * @param threads number of threads on the CPU
     */
    public static double measure(Precision precision, int threads) {
        Product product = Machine.configure(new TorchDevice("cpu"), threads, precision).product();
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            Tensor left = precision.of(torch.rand(SIZE, SIZE));
            Tensor right = precision.of(torch.rand(SIZE, SIZE));
            double fastest = Double.POSITIVE_INFINITY;
            for (int i = -WARM_UP; i < MEASURED; i++) {
                double seconds = seconds(product, left, right);
                fastest = i < 0 ? fastest : Math.min(fastest, seconds);
            }
            return 2.0 * SIZE * SIZE * SIZE / fastest;
        }
    }

    private static double seconds(Product product, Tensor left, Tensor right) {
        try (PointerScope scope = new PointerScope()) {
            long begin = System.nanoTime();
            product.linear(left, right);
            return (System.nanoTime() - begin) / 1e9;
        }
    }
}
