package dpo.data.template;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.data.TestData;
import dpo.data.fuzz.Campaign;
import dpo.data.fuzz.Mutator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** Damaged chat templates similar to those of well-known models. */
class ChatTemplateFuzzIT {

    private static final Clock NOW = Clock.fixed(Instant.parse("2024-07-26T09:05:03Z"), ZoneOffset.UTC);

    @Test
    void every_damaged_template_renders_or_is_refused_with_its_name_and_line() throws IOException {
        List<Map<String, Object>> conversations = conversations();
        new Campaign(7, corpus()).run(1500, ChatTemplateFuzzIT::mutant, input -> {
            String source = new String(input, StandardCharsets.UTF_8);
            for (Map<String, Object> variables : conversations) {
                try {
                    ChatTemplate.parse("damaged", source).withClock(NOW).render(variables);
                } catch (TemplateException refused) {
                    assertThat(refused).hasMessageStartingWith("chat template damaged, line ");
                }
            }
        });
    }

    /** Bytes are mutated, tokens are dropped, doubled or swapped, or a hostile expression is inserted. */
    private static byte[] mutant(List<byte[]> corpus, SplittableRandom random) {
        if (random.nextInt(3) == 0) {
            return Mutator.bytes(corpus, random);
        }
        String template = new String(corpus.get(random.nextInt(corpus.size())), StandardCharsets.UTF_8);
        List<String> tokens = new ArrayList<>(Arrays.asList(template.split("(?<=\\W)|(?=\\W)")));
        for (int left = random.nextInt(1, 5); left > 0; left--) {
            int at = random.nextInt(tokens.size());
            int other = random.nextInt(tokens.size());
            switch (random.nextInt(4)) {
                case 0 -> tokens.set(at, "");
                case 1 -> tokens.add(at, tokens.get(other));
                case 2 -> tokens.set(at, tokens.set(other, tokens.get(at)));
                default -> tokens.set(at, Hostile.expression(random));
            }
        }
        return String.join("", tokens).getBytes(StandardCharsets.UTF_8);
    }

    private static List<byte[]> corpus() throws IOException {
        List<byte[]> corpus = new ArrayList<>();
        try (Stream<Path> families = Files.list(TestData.resource("template/families"))) {
            for (Path family : families.sorted().toList()) {
                corpus.add(Files.readAllBytes(family));
            }
        }
        corpus.addAll(Arrays.stream(Files.readString(TestData.resource("template/statements.txt"))
                        .split("\n=====\n"))
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toList());
        return corpus;
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> conversations() throws IOException {
        Map<String, Map<String, Object>> variables = JsonMapper.builder()
                                .build()
                                .readValue(Files.readAllBytes(TestData.resource("template/cases.json")), Map.class)
                                .get("variables")
                        instanceof Map<?, ?> named
                ? (Map<String, Map<String, Object>>) named
                : Map.of();
        return List.of(variables.get("feature"), variables.get("calls, prompt True"));
    }
}
