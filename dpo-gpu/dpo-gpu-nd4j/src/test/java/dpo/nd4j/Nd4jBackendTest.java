package dpo.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.core.backend.Availability;
import dpo.core.backend.Execution;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.factory.Nd4j;

/** What the backend says of itself. */
class Nd4jBackendTest {

    private static final Nd4jBackend BACKEND = FreshNetworks.BACKEND;

    @Test
    void the_version_is_that_of_the_library_on_the_class_path() {
        String jar = Path.of(Nd4j.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .getPath())
                .getFileName()
                .toString();
        String[] version = BACKEND.version().split(" ");
        assertThat(version).hasSize(2);
        assertThat(version[0]).startsWith("nd4j-");
        assertThat(jar).isEqualTo("nd4j-api-" + version[1] + ".jar");
    }

    @Test
    void the_doctor_shows_version_backend_devices_and_threads() {
        assertThat(BACKEND.diagnostics())
                .containsEntry("ND4J", BACKEND.version())
                .containsKeys("ND4J backend", "ND4J build", "ND4J devices", "ND4J threads", "ND4J BLAS");
    }

    @Test
    void a_device_without_code_in_this_build_is_missing_with_the_build_that_has_it() {
        assertThat(BACKEND.availability("cpu")).isInstanceOf(Availability.Available.class);
        assertThat(BACKEND.availability("cuda"))
                .isInstanceOfSatisfying(Availability.Missing.class, missing -> assertThat(missing.reason())
                        .contains("cuda needs a build with", "-Dnd4j.backend="));
    }

    /** ND4J gives OpenBLAS all processors when it is loaded. */
    @Test
    void matrix_products_take_one_thread() {
        FreshNetworks.open(LayerKind.LSTM, Precision.FLOAT32).close();
        assertThat(Nd4j.factory().blas().getMaxThreads()).isEqualTo(1);
        BACKEND.open(
                        Nd4jModel.of(FreshNetworks.settings(LayerKind.LSTM, 8), Precision.FLOAT32),
                        new Execution("cpu", 2),
                        1)
                .close();
        assertThat(Nd4j.factory().blas().getMaxThreads()).isEqualTo(1);
    }

    @Test
    void a_plan_opens_networks_in_files_once_and_others_for_each_seed() {
        assertThat(BACKEND.isStored(Nd4jModel.at(Path.of("network.zip"), Precision.FLOAT32)))
                .isTrue();
        assertThat(BACKEND.isStored(Nd4jModel.of(FreshNetworks.settings(LayerKind.LSTM, 8), Precision.FLOAT32)))
                .isFalse();
    }

    @Test
    void layers_of_the_users_own_are_code_of_the_model(@TempDir Path folder) {
        Path own = OwnNetworks.saved(OwnNetworks.around(new WrongLayer(WrongLayer.Fault.REVERSED)), folder);
        assertThat(BACKEND.code(Nd4jModel.at(own, Precision.FLOAT32))).containsExactly(WrongLayer.class);
        Path usual = OwnNetworks.saved(OwnNetworks.around(OwnNetworks.lstm(OwnNetworks.WIDTH)), folder);
        assertThat(BACKEND.code(Nd4jModel.at(usual, Precision.FLOAT32))).isEmpty();
    }
}
