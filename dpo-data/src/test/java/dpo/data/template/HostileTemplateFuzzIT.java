package dpo.data.template;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.data.fuzz.Campaign;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Untrusted templates: none may exhaust the heap, the stack or the time limit. */
class HostileTemplateFuzzIT {

    private static final long SEED = 20_261_129;
    private static final int TEMPLATES = 400;

    @Test
    void every_template_of_a_million_characters_ends_with_text_or_a_message_in_256_megabytes() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-Ddpo.fuzz=" + Integer.getInteger("dpo.fuzz", TEMPLATES),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Renders.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output).contains("all ended");
    }

    /** Renders the templates in a process with the heap of the law. */
    static final class Renders {

        private Renders() {}

        public static void main(String[] arguments) {
            Map<String, ?> variables = Map.of(
                    "messages",
                    List.of(
                            Map.of("role", "user", "content", "Hi, what is 1 + 1?"),
                            Map.of("role", "assistant", "content", "2")));
            new Campaign(SEED, List.of(new byte[0]))
                    .run(
                            TEMPLATES,
                            (corpus, random) -> Hostile.template(random).getBytes(StandardCharsets.UTF_8),
                            template -> render(new String(template, StandardCharsets.UTF_8), variables));
            System.out.println("all ended");
        }

        private static void render(String template, Map<String, ?> variables) {
            try {
                ChatTemplate.parse("hostile", template).render(variables);
            } catch (TemplateException refused) {
                assertThat(refused).hasMessageStartingWith("chat template hostile, line ");
            }
        }
    }
}
