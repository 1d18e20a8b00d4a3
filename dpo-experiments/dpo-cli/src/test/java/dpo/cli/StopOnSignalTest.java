package dpo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** However work ends, its end is told. */
class StopOnSignalTest {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Test
    void a_missing_native_library_is_told_in_a_line() {
        int code = new StopOnSignal().guard(console(), stop -> {
            throw new UnsatisfiedLinkError("libfontmanager.so: libharfbuzz.so.0: cannot open shared object file");
        });
        assertThat(code).isEqualTo(1);
        assertThat(bytes.toString(StandardCharsets.UTF_8).strip())
                .isEqualTo("error: native libraries that Java needs must be installed, got libfontmanager.so:"
                        + " libharfbuzz.so.0: cannot open shared object file");
    }

    @Test
    void an_error_of_the_program_is_told_with_its_trace() {
        int code = new StopOnSignal().guard(console(), stop -> {
            throw new AssertionError("never");
        });
        assertThat(code).isEqualTo(1);
        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .startsWith("internal error, please report it:")
                .contains("never", "StopOnSignalTest");
    }

    private Console console() {
        return new Console(new PrintStream(bytes, true, StandardCharsets.UTF_8), false, () -> 0);
    }
}
