package dpo.data.audit;

import dpo.core.sequence.TokenSequence;
import dpo.data.example.Message;
import dpo.data.example.PreferenceExample;
import dpo.data.example.Text;
import dpo.data.source.Dataset;
import dpo.data.tokenization.ExampleTokenizer;
import dpo.data.tokenization.TokenizationReport;
import dpo.data.tokenization.TokenizedPreferences;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Statistics of the tokens of a preference set.
 *
 * @param report counts of dropped and truncated examples and of doubtful boundaries
 * @param chosen numbers of tokens of prompt and chosen completion, if any; see {@link DataAudit}
 * @param rejected numbers of tokens of prompt and rejected completion, if any
 * @param spelling ids of the examples whose text spells a special token
 */
public record TokenAudit(
        TokenizationReport report, Optional<Lengths> chosen, Optional<Lengths> rejected, List<String> spelling) {

    /**
     * Tokenizes a set and computes its statistics. With a tokenizer that refuses spelled special tokens, such examples
     * are bad rows; one that allows them shows their number.
     */
    public static TokenAudit of(Dataset<PreferenceExample> data, ExampleTokenizer tokenizer) {
        TokenizedPreferences tokenized = tokenizer.preferences(data);
        List<String> spelling = data.examples().stream()
                .filter(example -> texts(example)
                        .anyMatch(text -> tokenizer.spelledSpecialToken(text).isPresent()))
                .map(PreferenceExample::id)
                .toList();
        List<Sides<TokenSequence>> sides = tokenized.preferences().stream()
                .map(preference -> Sides.of(preference.label(), preference.completions()))
                .toList();
        return new TokenAudit(
                tokenized.report(),
                Sides.lengths(sides, Sides::chosen, TokenSequence::length),
                Sides.lengths(sides, Sides::rejected, TokenSequence::length),
                spelling);
    }

    private static Stream<String> texts(PreferenceExample example) {
        return Stream.concat(Stream.of(example.prompt()), example.completions().stream())
                .flatMap(TokenAudit::texts);
    }

    private static Stream<String> texts(Text text) {
        return text instanceof Text.Conversation conversation
                ? conversation.messages().stream().map(Message::content)
                : Stream.of(text.readable());
    }
}
