package dpo.torch.platform;

import dpo.core.backend.Availability;
import dpo.torch.tensor.TorchDevice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.function.Predicate;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/** The availability of libtorch, determined without loading it if possible. */
public final class NativeLibrary {

    private NativeLibrary() {}

    /** Whether libtorch can compute on a device. */
    public static Availability availability(TorchDevice device) {
        Optional<String> reason = absent(device, NativeLibrary::present).or(NativeLibrary::unloadable);
        if (!device.isCpu()) {
            reason = reason.or(() -> missingDevice(device));
        }
        return reason.<Availability>map(Availability.Missing::new).orElseGet(Availability.Available::new);
    }

    /** Why the libraries on the class path cannot use a device; empty if they can. */
    static Optional<String> absent(TorchDevice device, Predicate<String> present) {
        if (present.test("-gpu") || (device.isCpu() && present.test(""))) {
            return Optional.empty();
        }
        return Optional.of(
                present.test("")
                        ? "this build has libtorch for the CPU only: " + device.name()
                                + " needs a build with the Maven profile"
                                + " cuda, DPO_MAVEN_OPTIONS=-Pcuda ./dpo doctor"
                        : "libtorch for " + platform() + " is not on the class path: build with -Dnative.platform="
                                + platform() + " if org.bytedeco:pytorch has it");
    }

    private static Optional<String> missingDevice(TorchDevice device) {
        long devices = torch.cuda_is_available() ? torch.cuda_device_count() : 0;
        return device.index() < devices
                ? Optional.empty()
                : Optional.of(device.name() + " does not exist: libtorch finds " + devices + " CUDA devices (driver: "
                        + NvidiaDriver.describe() + ")");
    }

    private static Optional<String> unloadable() {
        try {
            CachedLibraries.complete();
            torch.get_num_threads();
            return Optional.empty();
        } catch (LinkageError e) {
            return (present("-gpu") ? CudaLibraries.missing() : Optional.<String>empty())
                    .or(() -> Optional.of(e.toString()))
                    .map(reason -> "libtorch cannot be loaded: " + reason);
        }
    }

    /** The platform as JavaCPP names it, e.g. {@code linux-x86_64}. */
    public static String platform() {
        return Loader.getPlatform();
    }

    /** Version of the library in this build. */
    public static String version() {
        try {
            return Loader.getVersion("org.bytedeco", "pytorch") + (present("-gpu") ? " with CUDA" : "");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the version of org.bytedeco:pytorch", e);
        }
    }

    /** Version of OpenBLAS, which computes matrix products of libtorch on the CPU. */
    public static String openBlas() {
        try {
            return Loader.getVersion("org.bytedeco", "openblas");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the version of org.bytedeco:openblas", e);
        }
    }

    /** Version of JavaCPP, which calls the library. */
    public static String bindings() {
        try {
            return Loader.getVersion();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the version of org.bytedeco:javacpp", e);
        }
    }

    private static boolean present(String extension) {
        String resource = "org/bytedeco/pytorch/" + platform() + extension + "/" + System.mapLibraryName("jnitorch");
        return NativeLibrary.class.getClassLoader().getResource(resource) != null;
    }
}
