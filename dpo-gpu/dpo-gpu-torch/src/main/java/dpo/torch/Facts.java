package dpo.torch;

import dpo.core.backend.Availability;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.SizeTPair;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** What a user wants to know of this machine and this build before a long run. */
@SuppressWarnings("try") // scopes are opened and closed, not used
final class Facts {

    private static final double GIB = 1L << 30;
    private static final int SIZE = 1024;
    private static final int REPEATS = 5;

    private Facts() {}

    /** Versions, devices, settings in force, and the rate of a product of 1024 × 1024 matrices. */
    static Map<String, String> collect() {
        int threads = Runtime.getRuntime().availableProcessors();
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("libtorch", NativeLibrary.version() + " for " + NativeLibrary.platform());
        facts.put("NVIDIA driver", NvidiaDriver.describe());
        facts.put("oneDNN", torch.get_mkldnn_version().getString());
        facts.put("instructions", torch.get_cpu_capability().getString());
        facts.put("OPENBLAS_NUM_THREADS", environment("OPENBLAS_NUM_THREADS"));
        facts.put("OMP_WAIT_POLICY", environment("OMP_WAIT_POLICY"));
        for (int i = 0; i < devices(); i++) {
            TorchDevice device = new TorchDevice("cuda:" + i);
            facts.put(device.name(), memory(device));
            facts.put(device.name() + " repeats", CuBlas.isDeterministic()
                    ? "bit for bit"
                    : CuBlas.WORKSPACE + " is not :4096:8, so that results differ in their last bits");
            products(facts, device.name() + " float32", Machine.configure(device, threads));
        }
        products(facts, "float32", Machine.configure(new TorchDevice("cpu"), threads));
        return facts;
    }

    private static void products(Map<String, String> facts, String name, Machine machine) {
        facts.put(name + " products", String.format(Locale.ROOT, "%s with %d threads, error %.1e (at most %.0e)",
                machine.product().getClass().getSimpleName(), machine.threads(), machine.error(), Machine.LARGEST_ERROR));
        facts.put(name + " rate", String.format(Locale.ROOT, "%.0f GFLOP/s", rate(machine) / 1e9));
    }

    private static int devices() {
        return NativeLibrary.availability(new TorchDevice("cuda")) instanceof Availability.Available
                ? torch.cuda_device_count()
                : 0;
    }

    private static String memory(TorchDevice device) {
        SizeTPair freeAndTotal = device.freeAndTotalMemory();
        return String.format(Locale.ROOT, "%.1f GiB, %.1f GiB of it free",
                freeAndTotal.second() / GIB, freeAndTotal.first() / GIB);
    }

    private static String environment(String name) {
        return System.getenv().getOrDefault(name, "not set");
    }

    /** Floating-point operations a second, the best of a few repeats. */
    private static double rate(Machine machine) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            Tensor matrix = machine.device().place(torch.rand(SIZE, SIZE));
            boolean cpu = machine.device().isCpu();
            double best = Double.POSITIVE_INFINITY;
            for (int i = 0; i < REPEATS; i++) {
                long start = System.nanoTime();
                machine.product().linear(matrix, matrix);
                if (!cpu) {
                    torch.cuda_synchronize(machine.device().index());
                }
                best = Math.min(best, (System.nanoTime() - start) * 1e-9);
            }
            return 2.0 * SIZE * SIZE * SIZE / best;
        }
    }
}
