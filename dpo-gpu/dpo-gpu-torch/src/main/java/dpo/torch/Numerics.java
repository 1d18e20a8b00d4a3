package dpo.torch;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.presets.openblas;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Who multiplies float32 matrices, and with how many threads. These are settings of the process, made when a policy opens.
 *
 * <p>libtorch multiplies by OpenBLAS, or, once the precision {@code medium} is allowed, by oneDNN where that knows the
 * processor (AVX-512 and newer). oneDNN is the faster one and computes in float32 on most processors, but is free to use
 * bfloat16 on some; so it is taken only where a product of known matrices comes out as exact as float32 allows. The choice
 * follows from results and never from timings: on one machine it is always the same, and so are all bits.
 *
 * @param library what multiplies
 * @param threads number of threads
 * @param error largest error of an element of the test product, in units of the elements' root mean square
 */
@SuppressWarnings("try") // scopes are opened and closed, not used
record Numerics(Library library, int threads, double error) {

    /**
     * Largest accepted {@link #error}. Sums of {@value #INNER} products in float32 are at about 4e-6, TF32 at 1e-3,
     * bfloat16 at 2e-2.
     */
    static final double LARGEST_ERROR = 2e-5;

    private static final int ROWS = 128;
    private static final int INNER = 576;
    private static final int COLUMNS = 192;

    /** What multiplies matrices. */
    enum Library {
        /** OpenBLAS, with threads of its own. */
        OPENBLAS,
        /** oneDNN, with libtorch's threads. */
        ONEDNN,
        /** cuBLAS without TF32. */
        CUBLAS
    }

    /** Makes the settings for a device and a number of threads, and says what they are. */
    static Numerics configure(TorchDevice device, int threads) {
        torch.set_num_threads(threads);
        openblas.blas_set_num_threads(threads);
        torch.globalContext().setFloat32MatmulPrecision("highest");
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            RandomGenerator random = new SplittableRandom(1);
            Tensor left = device.place(gaussian(random, ROWS, INNER));
            Tensor right = device.place(gaussian(random, INNER, COLUMNS));
            Tensor exact = left.to(ScalarType.Double).mm(right.to(ScalarType.Double));
            Tensor plain = left.mm(right);
            if (!device.isCpu()) {
                return new Numerics(Library.CUBLAS, threads, error(plain, exact));
            }
            torch.globalContext().setFloat32MatmulPrecision("medium");
            Tensor medium = left.mm(right);
            if (!medium.equal(plain) && error(medium, exact) <= LARGEST_ERROR) {
                openblas.blas_set_num_threads(1);
                return new Numerics(Library.ONEDNN, threads, error(medium, exact));
            }
            torch.globalContext().setFloat32MatmulPrecision("highest");
            return new Numerics(Library.OPENBLAS, threads, error(plain, exact));
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
