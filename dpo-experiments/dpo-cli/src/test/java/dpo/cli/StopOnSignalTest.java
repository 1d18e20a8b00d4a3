package dpo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Every way in which work can end is reported. */
class StopOnSignalTest {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Test
    void a_missing_native_library_is_reported_in_one_line() {
        int code = new StopOnSignal().guard(console(), stop -> {
            throw new UnsatisfiedLinkError("libfontmanager.so: libharfbuzz.so.0: cannot open shared object file");
        });
        assertThat(code).isEqualTo(1);
        assertThat(bytes.toString(StandardCharsets.UTF_8).strip())
                .isEqualTo("error: native libraries that Java needs must be installed, got libfontmanager.so:"
                        + " libharfbuzz.so.0: cannot open shared object file");
    }

    @Test
    void an_error_of_the_program_is_reported_with_its_trace() {
        int code = new StopOnSignal().guard(console(), stop -> {
            throw new AssertionError("never");
        });
        assertThat(code).isEqualTo(1);
        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .startsWith("internal error, please report it:")
                .contains("never", "StopOnSignalTest");
    }

    @Test
    void the_wait_for_work_that_does_not_end_is_limited() throws InterruptedException {
        StopOnSignal stop = new StopOnSignal();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Thread work = new Thread(() -> stop.guard(console(), requested -> {
            begun.countDown();
            awaitLatch(end);
            return 0;
        }));
        work.start();
        begun.await();
        assertThat(stop.awaitWork(Duration.ofNanos(1))).isFalse();
        end.countDown();
        assertThat(stop.awaitWork(Duration.ofMinutes(5))).isTrue();
        work.join();
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private Console console() {
        return new Console(new PrintStream(bytes, true, StandardCharsets.UTF_8), false, () -> 0);
    }
}
