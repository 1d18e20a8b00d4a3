package dpo.harness.evaluation;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.InvalidInputException;
import dpo.harness.config.Backends;
import dpo.harness.store.RunFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluatedPolicyTest {

    @Test
    void a_run_with_a_damaged_record_is_damaged_and_not_running(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("run.json"), "{");

        assertThatThrownBy(() -> EvaluatedPolicy.ofRun(
                        new RunFolder(folder), Backends.onClassPath(), Optional.empty(), Optional.empty()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("run must be undamaged, got: run.json must be the record that was written");
    }
}
