package dpo.nd4j;

import dpo.core.backend.Availability;
import dpo.core.backend.Execution;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.ServiceLoader;
import java.util.stream.StreamSupport;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.factory.Nd4jBackend;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/** ND4J's native library: whether it can compute on a device, its version and its settings. */
final class NativeLibrary {

    private static final String HOW = "a build with DPO_MAVEN_OPTIONS='-Pnd4j -Dnd4j.backend=";

    private NativeLibrary() {}

    /** Whether ND4J can compute on a device. */
    static Availability availability(String device) {
        boolean cuda = isCuda();
        boolean wantsCuda = !device.equals("cpu");
        if (wantsCuda && !cuda) {
            return new Availability.Missing("this build has ND4J for the CPU only: " + device + " needs " + HOW
                    + "nd4j-cuda-11.6', or another artifact of ND4J with code for this GPU; see docs/backends.md");
        }
        if (!wantsCuda && cuda) {
            return new Availability.Missing("this build has ND4J for GPUs only: cpu needs " + HOW + "nd4j-native'");
        }
        try {
            Nd4j.getBackend();
            return new Availability.Available();
        } catch (LinkageError | RuntimeException e) {
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            return new Availability.Missing("ND4J cannot be loaded: " + cause);
        }
    }

    /** Whether the class path has a backend for GPUs; nothing is loaded. */
    private static boolean isCuda() {
        return StreamSupport.stream(ServiceLoader.load(Nd4jBackend.class).spliterator(), false)
                .anyMatch(backend -> backend.getClass().getName().contains("jcublas"));
    }

    /** Sets device and threads, which are settings of the process. */
    static void configure(Execution execution) {
        if (availability(execution.device()) instanceof Availability.Missing missing) {
            throw new IllegalArgumentException(
                    "device must be available, got " + execution.device() + ": " + missing.reason());
        }
        if (execution.device().startsWith("cuda:")) {
            Nd4j.getAffinityManager()
                    .unsafeSetDevice(Integer.parseInt(execution.device().substring("cuda:".length())));
        }
        ops().setOmpNumThreads(execution.threads());
        // ND4J gives OpenBLAS all processors. Its threads spin between the many small products of a recurrent layer.
        // That takes six times as long as one thread, and libtorch in the same process has the same OpenBLAS.
        Nd4j.factory().blas().setMaxThreads(1);
    }

    private static NativeOps ops() {
        return NativeOpsHolder.getInstance().getDeviceNativeOps();
    }

    /** The artifact of ND4J that this build has, with its version. */
    static String version() {
        try (InputStream in = NativeLibrary.class.getResourceAsStream("build.properties")) {
            Properties build = new Properties();
            build.load(Objects.requireNonNull(in));
            return build.getProperty("artifact") + " " + build.getProperty("version");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read build.properties of the nd4j backend: " + e, e);
        }
    }

    /** What a run records. */
    static Map<String, String> recorded() {
        Map<String, String> recorded = new LinkedHashMap<>();
        recorded.put("nd4j", version());
        recorded.put("nd4j build", ops().buildInfo());
        return recorded;
    }

    /** What {@code dpo doctor} prints. */
    static Map<String, String> diagnostics() {
        Map<String, String> diagnostics = new LinkedHashMap<>();
        diagnostics.put("ND4J", version());
        diagnostics.put("ND4J backend", Nd4j.getBackend().getClass().getSimpleName());
        diagnostics.put("ND4J build", ops().buildInfo().replaceAll("\\s+", " "));
        diagnostics.put(
                "ND4J devices", Integer.toString(Nd4j.getAffinityManager().getNumberOfDevices()));
        diagnostics.put("ND4J threads", Integer.toString(ops().ompGetMaxThreads()));
        diagnostics.put("ND4J BLAS", Nd4j.factory().blas().getClass().getSimpleName());
        return diagnostics;
    }
}
