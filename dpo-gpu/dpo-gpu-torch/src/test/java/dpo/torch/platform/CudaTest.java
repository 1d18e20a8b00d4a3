package dpo.torch.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.torch.tensor.TorchDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages about a CUDA device that cannot be used. */
class CudaTest {

    private static final TorchDevice CUDA = new TorchDevice("cuda:1");
    private static final TorchDevice CPU = new TorchDevice("cpu");

    @Test
    void a_build_for_the_cpu_explains_how_to_build_for_cuda() {
        assertThat(NativeLibrary.absent(CPU, ""::equals)).isEmpty();
        assertThat(NativeLibrary.absent(CUDA, ""::equals)).hasValueSatisfying(reason -> assertThat(reason)
                .contains("CPU only", "cuda:1", "DPO_MAVEN_OPTIONS=-Pcuda"));
    }

    @Test
    void a_build_for_cuda_supports_both_devices_and_a_build_without_libtorch_none() {
        assertThat(NativeLibrary.absent(CPU, "-gpu"::equals)).isEmpty();
        assertThat(NativeLibrary.absent(CUDA, "-gpu"::equals)).isEmpty();
        assertThat(NativeLibrary.absent(CPU, extension -> false)).hasValueSatisfying(reason -> assertThat(reason)
                .contains(NativeLibrary.platform() + " is not on the class path"));
        assertThat(NativeLibrary.absent(CUDA, extension -> false)).hasValueSatisfying(reason -> assertThat(reason)
                .contains(NativeLibrary.platform() + " is not on the class path"));
    }

    @Test
    void only_libraries_that_do_not_load_are_listed() {
        assertThat(CudaLibraries.missing(name -> true)).isEmpty();
        assertThat(CudaLibraries.missing(name -> !name.startsWith("libcudnn") && !name.startsWith("libnccl")))
                .hasValueSatisfying(reason -> assertThat(reason)
                        .contains("LD_LIBRARY_PATH")
                        .endsWith("not found: libcudnn.so.9, libnccl.so.2"));
    }

    @Test
    void the_driver_is_described_with_the_models_of_its_devices(@TempDir Path folder) throws IOException {
        assertThat(NvidiaDriver.describe(folder)).isEqualTo("no NVIDIA driver in " + folder);
        Files.writeString(folder.resolve("version"), """
                NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build  (dvs-builder)
                GCC version:  gcc version 13.3.0
                """);
        assertThat(NvidiaDriver.describe(folder)).isEqualTo("580.95.05");
        Path second = Files.createDirectories(folder.resolve("gpus/0000:09:00.0"));
        Files.writeString(second.resolve("information"), "Model: \t\t NVIDIA A2\nIRQ:   \t\t 16\n");
        Path first = Files.createDirectories(folder.resolve("gpus/0000:06:00.0"));
        Files.writeString(first.resolve("information"), "Model: \t\t NVIDIA H100 80GB HBM3\nDevice Minor: \t 0\n");
        assertThat(NvidiaDriver.describe(folder)).isEqualTo("580.95.05, NVIDIA H100 80GB HBM3, NVIDIA A2");
    }
}
