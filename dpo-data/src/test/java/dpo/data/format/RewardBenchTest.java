package dpo.data.format;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.data.example.PreferenceExample;
import dpo.data.row.Rows;
import dpo.data.source.PreferenceSource;
import dpo.data.source.SourceContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RewardBenchTest implements SourceContract {

    private static String row(int number, String subset) {
        return "{\"prompt\": \"Q" + number + "\", \"chosen\": \"good\", \"rejected\": \"bad\", \"subset\": \"" + subset
                + "\", \"id\": " + number + "}";
    }

    @Override
    public PreferenceSource source(Rows rows) {
        return new RewardBench(rows);
    }

    @Override
    public List<String> rows() {
        return IntStream.range(0, 5).mapToObj(i -> row(i, "subset-" + i % 2)).toList();
    }

    @Override
    public List<String> requiredFields() {
        return List.of("prompt", "chosen", "rejected", "subset");
    }

    @Test
    void prompt_and_completions_are_messages_and_the_subset_is_the_group(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("a.jsonl"), row(7, "refusals-offensive"));
        PreferenceExample example = source(Rows.of(file)).read().examples().get(0);
        assertThat(example.prompt().readable()).isEqualTo("user: Q7");
        assertThat(example.completions())
                .extracting(completion -> completion.readable())
                .containsExactly("assistant: good", "assistant: bad");
        assertThat(example.group()).isEqualTo("refusals-offensive");
    }
}
