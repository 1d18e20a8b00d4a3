package dpo.harness.sweep;

import dpo.core.InvalidInputException;
import dpo.data.tokenization.modelfolder.ModelFolder;
import java.nio.file.Path;
import java.util.Optional;

/** Requires that a reference gives its token ids the meaning that the policy gives them. */
public final class SameTokens {

    private SameTokens() {}

    /**
     * Compares the sizes of two vocabularies, and the tokens themselves if both models have a tokenizer.
     *
     * @param policySize number of token ids of the policy
     * @param policy folder of its tokenizer
     * @param referenceSize number of token ids of the reference
     * @param reference folder of its tokenizer
     * @throws InvalidInputException if they differ
     */
    public static void require(int policySize, Optional<Path> policy, int referenceSize, Optional<Path> reference) {
        if (policySize != referenceSize) {
            throw new InvalidInputException("reference must have the vocabulary of the policy (" + policySize
                    + " token ids), got " + referenceSize + " token ids" + where(reference));
        }
        if (policy.isPresent() && reference.isPresent()) {
            new ModelFolder(reference.get())
                    .tokenizer()
                    .differenceFrom(new ModelFolder(policy.get()).tokenizer())
                    .ifPresent(difference -> {
                        throw new InvalidInputException(
                                "reference must have the tokens of the policy, got " + difference + where(reference));
                    });
        }
    }

    private static String where(Optional<Path> folder) {
        return folder.map(path -> " (" + path + ")").orElse("");
    }
}
