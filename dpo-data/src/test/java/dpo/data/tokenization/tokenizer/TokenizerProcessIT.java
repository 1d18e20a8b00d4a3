package dpo.data.tokenization.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.data.DataException;
import dpo.data.TestData;
import dpo.data.example.BadRowException;
import dpo.data.tokenization.modelfolder.ModelFolders;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

class TokenizerProcessIT {

    private static final Path FILE = TestData.resource("tiny/tokenizer.json");
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String TEXT = "wáter 模型 👍 \u0000";

    /** The tiny tokenizer with other components. */
    private static TokenizerProcess tiny(String components, Duration limit) {
        ObjectNode json = (ObjectNode) ModelFolders.JSON.readTree(FILE.toFile());
        json.setAll((ObjectNode) ModelFolders.JSON.readTree(components));
        return new TokenizerProcess(FILE, json.toString(), limit);
    }

    private static String split(String regex) {
        return "{\"pre_tokenizer\": {\"type\": \"Split\", \"pattern\": {\"Regex\": \"" + regex
                + "\"}, \"behavior\": \"Isolated\", \"invert\": false}}";
    }

    @Test
    void a_panic_at_loading_is_an_error_that_names_the_file_and_the_panic() {
        String components = "{\"normalizer\": {\"type\": \"Precompiled\", \"precompiled_charsmap\": \"AAAA\"}}";
        assertThatThrownBy(() -> tiny(components, LIMIT))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("tokenizer must be one that the tokenizers library loads, got: a crash")
                .hasMessageContaining("Cannot parse precompiled_charsmap")
                .hasMessageContaining(FILE.toString());
    }

    @Test
    void a_panic_on_a_text_is_an_error_and_the_next_text_is_encoded() {
        try (TokenizerProcess tokenizer = tiny(split("(a+)+$"), LIMIT)) {
            int[] ids = tokenizer.encode("moon", false);
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> tokenizer.encode("a".repeat(60) + "b", false))
                        .isInstanceOf(BadRowException.class)
                        .hasMessageContaining("tokenizer must encode a text of 61 characters, got: a crash")
                        .hasMessageContaining("retry-limit-in-match over")
                        .hasMessageContaining(FILE.toString());
                assertThat(tokenizer.encode("moon", false)).containsExactly(ids);
            }
        }
    }

    @Test
    void a_text_that_takes_too_long_is_an_error() {
        try (TokenizerProcess tokenizer = tiny(split("[a-c]*\\\\d"), Duration.ofSeconds(1))) {
            assertThatThrownBy(() -> tokenizer.encode("a".repeat(1_000_000), false))
                    .isInstanceOf(BadRowException.class)
                    .hasMessageContaining("no result after 1 s of processor time");
        }
    }

    @Test
    void a_signal_that_stops_a_run_loses_no_text() {
        try (TokenizerProcess tokenizer = tiny("{}", LIMIT)) {
            int[] ids = tokenizer.encode(TEXT, false);
            List<ProcessHandle> children = ProcessHandle.current().children().toList();
            children.forEach(ProcessHandle::destroy);
            children.forEach(child -> child.onExit().join());
            assertThat(tokenizer.encode(TEXT, false)).containsExactly(ids);
        }
    }

    @Test
    void a_closed_tokenizer_leaves_no_process() {
        tiny("{}", LIMIT).close();
        ProcessHandle.current().children().forEach(child -> child.onExit().join());
        assertThat(ProcessHandle.current().children()).isEmpty();
    }

    @Test
    void half_of_a_surrogate_pair_is_refused_and_not_replaced() {
        try (TokenizerProcess tokenizer = tiny("{}", LIMIT)) {
            assertThatThrownBy(() -> tokenizer.encode("a\ud83d", false))
                    .isInstanceOf(BadRowException.class)
                    .hasMessageContaining("half of a surrogate pair");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"C", "POSIX", "C.UTF-8", "tr_TR.ISO-8859-9"})
    void ids_and_texts_are_the_same_in_every_locale(String locale) throws Exception {
        ProcessBuilder java = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName());
        java.environment().put("LC_ALL", locale);
        Process process = java.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        assertThat(printed.strip()).isEqualTo(described());
        assertThat(printed).contains(Arrays.toString(TEXT.codePoints().toArray()));
    }

    /** The ids of a text, and its code points after a round trip. */
    private static String described() {
        try (TokenizerProcess tokenizer = tiny("{}", LIMIT)) {
            int[] ids = tokenizer.encode(TEXT, false);
            return Arrays.toString(ids)
                    + Arrays.toString(tokenizer.decode(ids).codePoints().toArray());
        }
    }

    /** Prints {@link #described}. */
    static final class Main {
        private Main() {}

        public static void main(String[] args) {
            System.out.println(described());
        }
    }
}
