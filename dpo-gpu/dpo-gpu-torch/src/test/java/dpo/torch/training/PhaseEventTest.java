package dpo.torch.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PhaseEventTest {

    private static final String EVENT = "dpo.Phase";

    @TempDir
    private Path folder;

    @Test
    void phases_are_recorded_by_name_in_order_also_if_the_work_fails() throws IOException {
        Path file = folder.resolve("phases.jfr");
        try (Recording recording = new Recording()) {
            recording.enable(EVENT).withoutThreshold();
            recording.start();
            assertThat(PhaseEvent.<Integer>in(PhaseEvent.HEAD_FORWARD, () -> 3)).isEqualTo(3);
            assertThatThrownBy(() -> PhaseEvent.run(PhaseEvent.OPTIMIZER, PhaseEventTest::fail))
                    .isInstanceOf(IllegalStateException.class);
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals(EVENT))
                .toList();
        assertThat(events).extracting(event -> event.getString("name")).containsExactly("head forward", "optimizer");
    }

    @Test
    void a_phase_runs_without_a_recording() {
        List<String> done = new ArrayList<>();
        PhaseEvent.run(PhaseEvent.DATA, () -> done.add("laid out"));
        assertThat(done).containsExactly("laid out");
    }

    private static void fail() {
        throw new IllegalStateException("stopped");
    }
}
