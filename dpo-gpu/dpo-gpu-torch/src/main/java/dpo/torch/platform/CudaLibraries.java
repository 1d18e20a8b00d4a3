package dpo.torch.platform;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.bytedeco.javacpp.Loader;

/**
 * The libraries that libtorch for CUDA needs and does not include: CUDA's own, cuDNN and NCCL. If one is missing,
 * libtorch does not load, not even for the CPU.
 */
final class CudaLibraries {

    /** In an order in which each library comes after those that it needs. */
    private static final List<String> NAMES = List.of(
            "libcudart.so.13",
            "libcublasLt.so.13",
            "libcublas.so.13",
            "libcufft.so.12",
            "libcupti.so.13",
            "libcurand.so.10",
            "libnvJitLink.so.13",
            "libcusparse.so.12",
            "libcusolver.so.12",
            "libcufile.so.0",
            "libcudnn.so.9",
            "libnccl.so.2");

    private CudaLibraries() {}

    /** A message about the libraries that the dynamic linker does not find; empty if it finds all. */
    static Optional<String> missing() {
        return Loader.getPlatform().startsWith("linux") ? missing(CudaLibraries::loads) : Optional.empty();
    }

    /** As {@link #missing()}, with another test of whether a library loads. */
    static Optional<String> missing(Predicate<String> loads) {
        List<String> names = NAMES.stream().filter(loads.negate()).toList();
        return names.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "CUDA 13, cuDNN 9 and NCCL 2 must be on the path of the dynamic linker (LD_LIBRARY_PATH), not"
                                + " found: " + String.join(", ", names));
    }

    private static boolean loads(String name) {
        try {
            Loader.loadGlobal(name);
            return true;
        } catch (UnsatisfiedLinkError e) {
            return false;
        }
    }
}
