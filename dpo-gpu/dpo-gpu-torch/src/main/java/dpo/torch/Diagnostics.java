package dpo.torch;

import dpo.core.backend.Availability;
import dpo.torch.compute.ComputeDevice;
import dpo.torch.compute.CublasWorkspace;
import dpo.torch.memory.MemoryCalibration;
import dpo.torch.platform.NativeLibrary;
import dpo.torch.platform.NvidiaDriver;
import dpo.torch.tensor.TorchDevice;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.SizeTPair;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The diagnostics of the backend: versions, devices and matmul speed of this machine and build. */
@SuppressWarnings("try") // pointer scopes are only opened and closed
final class Diagnostics {

    private static final double GIB = 1L << 30;
    private static final int SIZE = 1024;
    private static final int REPEATS = 5;

    /** Variables by which OpenBLAS, oneDNN and MKL choose other kernels than those for this processor. */
    private static final List<String> KERNEL_VARIABLES =
            List.of("OPENBLAS_CORETYPE", "ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "MKL_CBWR");

    private Diagnostics() {}

    /** Versions, devices, active settings, and the speed of a matmul of 1024 × 1024 matrices. */
    static Map<String, String> collect() {
        int threads = Runtime.getRuntime().availableProcessors();
        Map<String, String> diagnostics = new LinkedHashMap<>();
        diagnostics.put("libtorch", NativeLibrary.version() + " for " + NativeLibrary.platform());
        diagnostics.put("NVIDIA driver", NvidiaDriver.describe());
        diagnostics.put("oneDNN", torch.get_mkldnn_version().getString());
        diagnostics.put("instructions", torch.get_cpu_capability().getString());
        diagnostics.put("OPENBLAS_NUM_THREADS", environment("OPENBLAS_NUM_THREADS"));
        diagnostics.put("OMP_WAIT_POLICY", environment("OMP_WAIT_POLICY"));
        diagnostics.put(MemoryCalibration.VARIABLE, environment(MemoryCalibration.VARIABLE));
        for (int i = 0; i < devices(); i++) {
            TorchDevice device = new TorchDevice("cuda:" + i);
            diagnostics.put(device.name(), memory(device));
            diagnostics.put(
                    device.name() + " repeated runs",
                    CublasWorkspace.isDeterministic()
                            ? "bit-identical"
                            : "different in their last bits, since " + CublasWorkspace.VARIABLE + " is not :4096:8");
            matMul(diagnostics, device.name() + " float32", ComputeDevice.configure(device, threads));
        }
        matMul(diagnostics, "float32", ComputeDevice.configure(new TorchDevice("cpu"), threads));
        return diagnostics;
    }

    /**
     * Versions of the native libraries, instructions of the processor, the GPUs, if there are any, and the variables that
     * choose kernels.
     */
    static Map<String, String> recorded(Map<String, String> variables) {
        Map<String, String> recorded = new LinkedHashMap<>();
        recorded.put("libtorch", NativeLibrary.version() + " for " + NativeLibrary.platform());
        recorded.put("javacpp", NativeLibrary.bindings());
        recorded.put("openblas", NativeLibrary.openBlas());
        recorded.put("onednn", torch.get_mkldnn_version().getString());
        recorded.put("instructions", torch.get_cpu_capability().getString());
        NvidiaDriver.find().ifPresent(driver -> recorded.put("gpu", driver));
        KERNEL_VARIABLES.stream()
                .filter(variables::containsKey)
                .forEach(variable -> recorded.put(variable, variables.get(variable)));
        return recorded;
    }

    private static void matMul(Map<String, String> diagnostics, String name, ComputeDevice device) {
        diagnostics.put(
                name + " matmul",
                String.format(
                        Locale.ROOT,
                        "%s with %d threads, error %.1e (at most %.0e)",
                        device.matMul().getClass().getSimpleName(),
                        device.threads(),
                        device.error(),
                        ComputeDevice.LARGEST_ERROR));
        diagnostics.put(name + " rate", String.format(Locale.ROOT, "%.0f GFLOP/s", rate(device) / 1e9));
    }

    private static int devices() {
        return NativeLibrary.availability(new TorchDevice("cuda")) instanceof Availability.Available
                ? torch.cuda_device_count()
                : 0;
    }

    private static String memory(TorchDevice device) {
        SizeTPair freeAndTotal = device.freeAndTotalMemory();
        return String.format(
                Locale.ROOT, "%.1f GiB, %.1f GiB of it free", freeAndTotal.second() / GIB, freeAndTotal.first() / GIB);
    }

    private static String environment(String name) {
        return System.getenv().getOrDefault(name, "not set");
    }

    /** Floating-point operations per second, the best of a few repetitions. */
    private static double rate(ComputeDevice device) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            Tensor matrix = device.torchDevice().place(torch.rand(SIZE, SIZE));
            boolean cpu = device.torchDevice().isCpu();
            double best = Double.POSITIVE_INFINITY;
            for (int i = 0; i < REPEATS; i++) {
                long start = System.nanoTime();
                device.matMul().linear(matrix, matrix);
                if (!cpu) {
                    torch.cuda_synchronize(device.torchDevice().index());
                }
                best = Math.min(best, (System.nanoTime() - start) * 1e-9);
            }
            return 2.0 * SIZE * SIZE * SIZE / best;
        }
    }
}
