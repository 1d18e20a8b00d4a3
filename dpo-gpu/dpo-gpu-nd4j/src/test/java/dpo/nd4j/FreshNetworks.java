package dpo.nd4j;

import dpo.core.backend.Execution;
import dpo.core.backend.Policy;
import dpo.core.sequence.TokenSequence;
import dpo.core.sequence.TokenSequence.Span;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Small networks for tests, and sequences for them. */
final class FreshNetworks {

    static final int VOCABULARY = 23;

    /** One for all policies, as in a program. */
    static final Nd4jBackend BACKEND = new Nd4jBackend();

    private static final Path TOKENIZER = Path.of("src/test/resources/tokenizer");

    private FreshNetworks() {}

    static FreshNetwork settings(LayerKind type, int hiddenSize) {
        return new FreshNetwork(
                TOKENIZER, VOCABULARY, 12, type, hiddenSize, 2, Optional.empty(), Optional.empty(), Optional.empty());
    }

    static Policy open(LayerKind type, Precision dtype) {
        return BACKEND.open(Nd4jModel.of(settings(type, 8), dtype), new Execution("cpu", 1), 1);
    }

    static List<TokenSequence> sequences() {
        return List.of(
                TokenSequence.of(new int[] {4, 9}, new int[] {1, 2, 3, 3, 0}),
                TokenSequence.of(new int[] {4, 9}, new int[] {22}),
                TokenSequence.of(new int[] {5, 2, 8}, new int[] {1, 1}),
                new TokenSequence(new int[] {4, 3, 2, 1, 2, 2, 20}, List.of(new Span(1, 2), new Span(4, 6))));
    }
}
