package dpo.data.tokenization;

import dpo.data.example.CompletionExample;
import dpo.data.example.Message;
import dpo.data.example.PreferenceExample;
import dpo.data.example.Text;
import dpo.data.provenance.SourceProvenance;
import dpo.data.source.Dataset;
import dpo.data.source.RowCounts;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Data sets of given examples. */
public final class Examples {

    private Examples() {}

    public static Text conversation(Message... messages) {
        return new Text.Conversation(Arrays.asList(messages));
    }

    public static Text ask(String text) {
        return conversation(Message.user(text));
    }

    public static Text answer(String text) {
        return conversation(Message.assistant(text));
    }

    public static Dataset<PreferenceExample> preferences(PreferenceExample... examples) {
        int n = examples.length;
        return new Dataset<>(List.of(examples), new RowCounts(n, n, 0, Map.of()), provenance(n));
    }

    public static Dataset<PreferenceExample> preference(Text prompt, Text chosen, Text rejected) {
        return preferences(PreferenceExample.pair("row-1", prompt, chosen, rejected));
    }

    public static Dataset<CompletionExample> completion(Text prompt, Text completion) {
        return new Dataset<>(
                List.of(new CompletionExample("row-1", prompt, completion)),
                new RowCounts(1, 1, 0, Map.of()),
                provenance(1));
    }

    private static SourceProvenance provenance(int n) {
        return new SourceProvenance("made.by.Hand", Map.of(), "nowhere", "00", n, n, 0, Map.of());
    }
}
