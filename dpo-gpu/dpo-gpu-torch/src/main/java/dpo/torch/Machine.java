package dpo.torch;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.presets.openblas;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.bytedeco.pytorch.global.torch;

/**
 * A device, and how it multiplies matrices. Configuring makes settings of the process and of the calling thread, which
 * has to be the one that computes: the last policy that was opened decides for all.
 *
 * <p>OpenBLAS has threads of its own, which wait by spinning: beside libtorch's, or beside any other process on the
 * same cores, they lose most of their time. So OpenBLAS always has one thread, and products with weights go to oneDNN,
 * which computes on libtorch's. The products inside of attention are libtorch's to choose; it may take oneDNN for them
 * where a product of known matrices comes out as exact as float32 allows, which it does not on processors that would
 * round factors to bfloat16. The choice follows from results and never from timings: at the same number of threads it
 * is always the same on one machine, and so are all bits. On CUDA they are where {@link CuBlas#isDeterministic}: libtorch
 * is then told to add in an order of its own and not as threads get done.
 *
 * @param device the device
 * @param threads number of threads
 * @param precision number format of products
 * @param product what computes products in that format
 * @param headProduct what computes logits: float32 in and out. Where products are bfloat16, factors may be rounded to
 *     that inside, sums and results never are; on a CPU as the process was last told to by {@link #use}
 * @param sideBySide the threads, each by itself
 * @param fastFloat32 whether libtorch may take oneDNN for other float32 products, and round factors where products are
 *     bfloat16
 * @param error largest error of an element of a float32 test product, in units of the elements' root mean square
 */
@SuppressWarnings("try") // scopes are opened and closed, not used
record Machine(
        TorchDevice device,
        int threads,
        Precision precision,
        Product product,
        Product headProduct,
        SideBySide sideBySide,
        boolean fastFloat32,
        double error) {

    /**
     * Largest accepted {@link #error}. A sum of {@value #INNER} float32 products is at about 4e-6, with factors rounded
     * to TF32 at 1e-3, to bfloat16 at 2e-2.
     */
    static final double LARGEST_ERROR = 2e-5;

    private static final int ROWS = 128;
    private static final int INNER = 576;
    private static final int COLUMNS = 192;

    /** Makes the settings for a device and a number of threads; products are float32. */
    static Machine configure(TorchDevice device, int threads) {
        return configure(device, threads, Precision.FLOAT32);
    }

    /** Makes the settings for a device, a number of threads and a number format of products. */
    static Machine configure(TorchDevice device, int threads, Precision precision) {
        SideBySide.useThreads(threads);
        openblas.blas_set_num_threads(1);
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            RandomGenerator random = new SplittableRandom(1);
            Tensor left = device.place(gaussian(random, ROWS, INNER));
            Tensor right = device.place(gaussian(random, COLUMNS, INNER));
            Tensor exact = left.to(ScalarType.Double).mm(right.to(ScalarType.Double).t());
            torch.globalContext().setFloat32MatmulPrecision("medium");
            boolean fastIsExact = error(torch.linear(left, right), exact) <= LARGEST_ERROR;
            torch.globalContext().setFloat32MatmulPrecision("highest");
            Product float32 = device.isCpu() ? new Product.OfOneDnn() : new Product.OfLibtorch();
            double error = error(float32.linear(left, right), exact);
            Product product = precision == Precision.FLOAT32 ? float32 : ofBfloat16(device, float32, left, right);
            boolean fast = device.isCpu() && (fastIsExact || precision == Precision.BFLOAT16);
            SideBySide sideBySide = new SideBySide(device.isCpu() ? threads : 1);
            Machine machine = new Machine(device, threads, precision, product,
                    headProduct(device, precision, product, float32), sideBySide, fast, error);
            machine.use();
            return machine;
        }
    }

    /** Makes the settings for the calling thread, and once more those of the process, which leaves them as they are. */
    void use() {
        SideBySide.useThreads(threads);
        torch.globalContext().setFloat32MatmulPrecision(fastFloat32 ? "medium" : "highest");
        if (!device.isCpu() && CuBlas.isDeterministic()) {
            torch.globalContext().setDeterministicFillUninitializedMemory(false);
            torch.globalContext().setDeterministicAlgorithms(true, false);
        }
    }

    private static Product headProduct(TorchDevice device, Precision precision, Product product, Product float32) {
        if (!device.isCpu()) {
            return precision == Precision.BFLOAT16 ? new Product.WideSums() : float32;
        }
        // The processor multiplies bfloat16 numbers: libtorch then rounds factors of float32 products, see use().
        return product instanceof Product.OfLibtorch ? product : float32;
    }

    /** libtorch's own product; the same roundings in float32 on a processor that oneDNN has no bfloat16 product for. */
    private static Product ofBfloat16(TorchDevice device, Product float32, Tensor left, Tensor right) {
        try {
            if (device.isCpu()) {
                float32.linear(left.to(ScalarType.BFloat16), right.to(ScalarType.BFloat16));
            }
            return new Product.OfLibtorch();
        } catch (RuntimeException unsupported) {
            return new Product.Rounded(float32);
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
