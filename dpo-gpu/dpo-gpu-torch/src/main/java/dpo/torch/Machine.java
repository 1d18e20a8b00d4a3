package dpo.torch;

import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.presets.openblas;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.bytedeco.pytorch.global.torch;

/**
 * A device, and how it multiplies float32 matrices. Configuring makes settings of the process: the last policy that was
 * opened decides for all.
 *
 * <p>OpenBLAS has threads of its own, which wait by spinning: beside libtorch's, or beside any other process on the
 * same cores, they lose most of their time. So OpenBLAS always has one thread, and products go to oneDNN, which
 * computes on libtorch's. oneDNN's matrix product may use bfloat16 on some processors, so it is taken only where a
 * product of known matrices comes out as exact as float32 allows. The choice follows from results and never from
 * timings: at the same number of threads it is always the same on one machine, and so are all bits.
 *
 * @param device the device
 * @param threads number of threads
 * @param product what computes products
 * @param error largest error of an element of the test product, in units of the elements' root mean square
 */
@SuppressWarnings("try") // scopes are opened and closed, not used
record Machine(TorchDevice device, int threads, Product product, double error) {

    /**
     * Largest accepted {@link #error} of oneDNN's matrix product. A sum of {@value #INNER} float32 products is at about
     * 4e-6, with factors rounded to TF32 at 1e-3, to bfloat16 at 2e-2.
     */
    static final double LARGEST_ERROR = 2e-5;

    private static final int ROWS = 128;
    private static final int INNER = 576;
    private static final int COLUMNS = 192;

    /** Makes the settings for a device and a number of threads. */
    static Machine configure(TorchDevice device, int threads) {
        torch.set_num_threads(threads);
        openblas.blas_set_num_threads(1);
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            RandomGenerator random = new SplittableRandom(1);
            Tensor left = device.place(gaussian(random, ROWS, INNER));
            Tensor right = device.place(gaussian(random, COLUMNS, INNER));
            Tensor exact = left.to(ScalarType.Double).mm(right.to(ScalarType.Double).t());
            torch.globalContext().setFloat32MatmulPrecision("medium");
            Tensor fast = torch.linear(left, right);
            torch.globalContext().setFloat32MatmulPrecision("highest");
            Tensor plain = torch.linear(left, right);
            Product product = Product.CUBLAS;
            if (device.isCpu()) {
                boolean oneDnn = !fast.equal(plain) && error(fast, exact) <= LARGEST_ERROR;
                torch.globalContext().setFloat32MatmulPrecision(oneDnn ? "medium" : "highest");
                product = oneDnn ? Product.ONEDNN_PRODUCT : threads > 1 ? Product.ONEDNN_CONVOLUTION : Product.OPENBLAS;
            }
            return new Machine(device, threads, product, error(product.linear(left, right, Optional.empty()), exact));
        }
    }

    private static double error(Tensor product, Tensor exact) {
        double[] differences = Tensors.toDoubles(product.to(ScalarType.Double).sub(exact));
        return Arrays.stream(differences).map(Math::abs).max().orElseThrow() / Math.sqrt(INNER);
    }

    private static Tensor gaussian(RandomGenerator random, int rows, int columns) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.create(values, rows, columns);
    }
}
