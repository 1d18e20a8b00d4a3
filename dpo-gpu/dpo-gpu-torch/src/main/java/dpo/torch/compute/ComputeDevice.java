package dpo.torch.compute;

import dpo.torch.tensor.Precision;
import dpo.torch.tensor.Tensors;
import dpo.torch.tensor.TorchDevice;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.presets.openblas;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A device with its threads and matmul kernels. Configuring one changes settings of the process and of the calling
 * thread, which must be the thread that computes: the settings of the last opened policy apply to all.
 *
 * <p>OpenBLAS has its own threads, which busy-wait: beside libtorch's threads, or beside any other process on the same
 * cores, they waste most of their time. So OpenBLAS always has one thread, and matmuls with weights use oneDNN, which
 * runs on libtorch's threads. libtorch chooses the matmuls inside attention; it may use oneDNN for them if a test
 * matmul is as accurate as float32 allows, which it is not on processors that would round factors to bfloat16. The
 * choice depends on results and never on timings: with the same number of threads it is always the same on one machine,
 * and so are all bits. On CUDA repeated runs give the same bits if {@link CublasWorkspace#isDeterministic}: libtorch is
 * then set to add in a fixed order.
 *
 * @param torchDevice the device
 * @param threads number of threads
 * @param precision dtype of matmuls
 * @param matMul kernel of matmuls with weights, in that dtype
 * @param logitMatMul kernel of logits, float32 in and out. Beside bfloat16 matmuls it may round its factors to
 *     bfloat16, but never sums or results; on a CPU this depends on the last {@link #activate} in the process
 * @param taskPool the threads, for tasks in parallel
 * @param fastFloat32 whether libtorch may use oneDNN for other float32 matmuls, and round their factors beside bfloat16
 *     matmuls
 * @param error largest error of an element of a float32 test matmul, relative to the root mean square of the elements
 */
@SuppressWarnings("try") // pointer scopes are only opened and closed
public record ComputeDevice(
        TorchDevice torchDevice,
        int threads,
        Precision precision,
        MatMul matMul,
        MatMul logitMatMul,
        TaskPool taskPool,
        boolean fastFloat32,
        double error) {

    /**
     * Largest accepted {@link #error}. A sum of {@value #INNER} float32 products has about 4e-6, with factors rounded
     * to TF32 1e-3, with factors rounded to bfloat16 2e-2.
     */
    public static final double LARGEST_ERROR = 2e-5;

    /**
     * Multiplications of a matmul that takes so little time, about half a millisecond on one thread, that a second
     * thread saves no more than it takes to wake it and to wait for it.
     */
    private static final long WORK_OF_ONE_THREAD = 1L << 24;

    /** Number of rows by which a matrix is multiplied in about the time in which it is read. */
    private static final int ROWS_WHILE_READ = 64;

    /** Number of rows in which the operations take longer than to start them. */
    private static final int LEAST_ROWS_OF_PART = 256;

    private static final int ROWS = 128;
    private static final int INNER = 576;
    private static final int COLUMNS = 192;

    /** Configures a device with float32 matmuls. */
    public static ComputeDevice configure(TorchDevice device, int threads) {
        return configure(device, threads, Precision.FLOAT32);
    }

    /** Configures a device: checks the accuracy of its matmuls, chooses the kernels, and applies the settings. */
    public static ComputeDevice configure(TorchDevice device, int threads, Precision precision) {
        TaskPool.useThreads(threads);
        openblas.blas_set_num_threads(1);
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            RandomGenerator random = new SplittableRandom(1);
            Tensor left = device.place(gaussian(random, ROWS, INNER));
            Tensor right = device.place(gaussian(random, COLUMNS, INNER));
            Tensor exact =
                    left.to(ScalarType.Double).mm(right.to(ScalarType.Double).t());
            torch.globalContext().setFloat32MatmulPrecision("medium");
            boolean fastIsExact = error(torch.linear(left, right), exact) <= LARGEST_ERROR;
            torch.globalContext().setFloat32MatmulPrecision("highest");
            MatMul float32 = device.isCpu() ? new MatMul.OneDnn() : new MatMul.Libtorch();
            double error = error(float32.linear(left, right), exact);
            MatMul matMul = precision == Precision.FLOAT32 ? float32 : bfloat16(device, float32, left, right);
            boolean fast = device.isCpu() && (fastIsExact || precision == Precision.BFLOAT16);
            TaskPool taskPool = new TaskPool(device.isCpu() ? threads : 1);
            ComputeDevice configured = new ComputeDevice(
                    device,
                    threads,
                    precision,
                    matMul,
                    logitMatMul(device, precision, matMul, float32),
                    taskPool,
                    fast,
                    error);
            configured.activate();
            return configured;
        }
    }

    /** Applies the settings to the calling thread, and once more to the process, where they do not change. */
    public void activate() {
        TaskPool.useThreads(threads);
        torch.globalContext().setFloat32MatmulPrecision(fastFloat32 ? "medium" : "highest");
        if (isCuda() && CublasWorkspace.isDeterministic()) {
            torch.globalContext().setDeterministicFillUninitializedMemory(false);
            torch.globalContext().setDeterministicAlgorithms(true, false);
        }
    }

    /**
     * Sets libtorch's number of threads on the calling thread for a forward pass and its backward pass: one if the
     * matmuls are small, in which case all other operations are small as well, else all. Tasks of the task pool have all
     * threads in either case. The number depends only on the sizes.
     *
     * @param rows number of tokens
     * @param numbers in a weight matrix, on average
     */
    public void useThreadsFor(long rows, long numbers) {
        TaskPool.useThreads(Math.max(rows, ROWS_WHILE_READ) * numbers <= WORK_OF_ONE_THREAD ? 1 : threads);
    }

    /**
     * Number of parts in which the rows of a pass are computed side by side, each on one thread: as many as there are
     * threads if the matmuls of a part are small, else one part on all threads. The number depends only on the sizes.
     *
     * @param rows number of tokens
     * @param numbers in a weight matrix, on average
     */
    public int parts(long rows, long numbers) {
        long parts = isCuda() ? 1 : Math.min(threads, rows / LEAST_ROWS_OF_PART);
        return parts > 1 && rows / parts * numbers <= WORK_OF_ONE_THREAD ? (int) parts : 1;
    }

    /** This device with one thread, for a part of a pass. */
    public ComputeDevice ofOneThread() {
        return new ComputeDevice(torchDevice, 1, precision, matMul, logitMatMul, new TaskPool(1), fastFloat32, error);
    }

    /** Whether it is a GPU. */
    public boolean isCuda() {
        return !torchDevice.isCpu();
    }

    /** The tensor on this device; the same object if it is there already. */
    public Tensor place(Tensor tensor) {
        return torchDevice.place(tensor);
    }

    /** The tensor in the dtype of matmuls, in libtorch's graph; the same object if it has that dtype already. */
    public Tensor toMatMulDtype(Tensor tensor) {
        return precision.of(tensor);
    }

    private static MatMul logitMatMul(TorchDevice device, Precision precision, MatMul matMul, MatMul float32) {
        if (!device.isCpu()) {
            return precision == Precision.BFLOAT16 ? new MatMul.Bfloat16ToFloat32() : float32;
        }
        // The processor multiplies bfloat16 numbers: libtorch then rounds factors of float32 matmuls, see activate().
        return matMul instanceof MatMul.Libtorch ? matMul : float32;
    }

    /**
     * libtorch's own kernel, or the same roundings in float32 on a processor for which oneDNN has no bfloat16 kernel.
     */
    private static MatMul bfloat16(TorchDevice device, MatMul float32, Tensor left, Tensor right) {
        try {
            if (device.isCpu()) {
                float32.linear(left.to(ScalarType.BFloat16), right.to(ScalarType.BFloat16));
            }
            return new MatMul.Libtorch();
        } catch (RuntimeException unsupported) {
            return new MatMul.EmulatedBfloat16(float32);
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
