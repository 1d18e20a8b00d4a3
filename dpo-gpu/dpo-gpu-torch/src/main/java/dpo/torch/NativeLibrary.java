package dpo.torch;

import dpo.core.backend.Availability;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.function.Predicate;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/** Whether libtorch is there, told without loading it where that is possible. */
final class NativeLibrary {

    private NativeLibrary() {}

    /** Whether libtorch can compute on a device. */
    static Availability availability(TorchDevice device) {
        Optional<String> reason = absent(device, NativeLibrary::present).or(NativeLibrary::unloadable);
        if (!device.isCpu()) {
            reason = reason.or(() -> notThere(device));
        }
        return reason.<Availability>map(Availability.Missing::new).orElseGet(Availability.Available::new);
    }

    /** Why a device cannot be computed on with the libraries on the class path; empty where it can. */
    static Optional<String> absent(TorchDevice device, Predicate<String> present) {
        if (present.test("-gpu") || device.isCpu() && present.test("")) {
            return Optional.empty();
        }
        return Optional.of(present.test("")
                ? "this build has libtorch for the CPU only: " + device.name() + " needs a build with the Maven profile"
                        + " cuda, DPO_MAVEN_OPTIONS=-Pcuda ./dpo doctor"
                : "libtorch for " + platform() + " is not on the class path: build with -Dnative.platform=" + platform()
                        + " if org.bytedeco:pytorch has it");
    }

    private static Optional<String> notThere(TorchDevice device) {
        long devices = torch.cuda_is_available() ? torch.cuda_device_count() : 0;
        return device.index() < devices
                ? Optional.empty()
                : Optional.of(device.name() + " is not there: libtorch finds " + devices + " CUDA devices (driver: "
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

    /** Platform in the words of JavaCPP, e.g. {@code linux-x86_64}. */
    static String platform() {
        return Loader.getPlatform();
    }

    /** Version of the library in this build. */
    static String version() {
        try {
            return Loader.getVersion("org.bytedeco", "pytorch") + (present("-gpu") ? " with CUDA" : "");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the version of org.bytedeco:pytorch", e);
        }
    }

    private static boolean present(String extension) {
        String resource = "org/bytedeco/pytorch/" + platform() + extension + "/" + System.mapLibraryName("jnitorch");
        return NativeLibrary.class.getClassLoader().getResource(resource) != null;
    }
}
