package dpo.nd4j;

import dpo.core.backend.Availability;
import dpo.core.backend.Execution;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.StreamSupport;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.factory.Nd4jBackend;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.nd4j.versioncheck.VersionCheck;
import org.nd4j.versioncheck.VersionInfo;

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
    }

    private static NativeOps ops() {
        return NativeOpsHolder.getInstance().getDeviceNativeOps();
    }

    /** Version of ND4J with the backend that computes. */
    static String version() {
        String version = VersionCheck.getVersionInfos().stream()
                .filter(info -> info.getArtifactId().equals("nd4j-api"))
                .map(VersionInfo::getBuildVersion)
                .findFirst()
                .orElse("of unknown version");
        return "nd4j " + version + (isCuda() ? " with CUDA" : "");
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
