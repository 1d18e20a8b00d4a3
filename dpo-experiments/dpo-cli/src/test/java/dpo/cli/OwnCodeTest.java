package dpo.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class OwnCodeTest {

    /** A user's class, in the folder of the test classes. */
    private static final class Own {

        static void fail(@Nullable Object absent) {
            Objects.requireNonNull(absent);
        }
    }

    @Test
    void the_thrower_is_the_own_class_that_failed_also_in_a_cause_and_in_a_call_of_java() throws URISyntaxException {
        Throwable failure = catchThrowable(() -> Own.fail(null));
        OwnCode own = new OwnCode(List.of(Path.of(
                Own.class.getProtectionDomain().getCodeSource().getLocation().toURI())));
        assertThat(own.thrower(failure)).contains(Own.class.getName());
        Throwable ofLibrary = catchThrowable(() -> new CommandLine("no command"));
        assertThat(own.thrower(ofLibrary)).isEmpty();
        ofLibrary.initCause(failure);
        assertThat(own.thrower(ofLibrary)).contains(Own.class.getName());
    }

    @Test
    void a_class_outside_of_the_own_folders_is_not_the_users() {
        Throwable failure = catchThrowable(() -> Own.fail(null));
        assertThat(new OwnCode(List.of(Path.of("elsewhere"))).thrower(failure)).isEqualTo(Optional.empty());
        assertThat(new OwnCode(List.of()).thrower(failure)).isEqualTo(Optional.empty());
    }
}
