package dpo.harness.sweep;

import dpo.core.backend.Policy;
import dpo.train.EvaluationNames;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a plan must know of a model.
 *
 * @param fingerprint see {@link Policy#fingerprint}
 * @param folder see {@link Policy#tokenizerFolder}
 * @param vocabularySize see {@link Policy#vocabularySize}
 * @param maxLength see {@link Policy#maxLength}
 * @param world what it knows of a controlled world
 * @param notices see {@link Policy#notices}
 */
record ModelFacts(
        String fingerprint,
        Optional<String> folder,
        int vocabularySize,
        int maxLength,
        EvaluationNames.World world,
        List<String> notices) {

    ModelFacts {
        notices = List.copyOf(notices);
    }

    static ModelFacts of(Policy policy) {
        return new ModelFacts(
                policy.fingerprint(),
                policy.tokenizerFolder().map(Path::toString),
                policy.vocabularySize(),
                policy.maxLength(),
                EvaluationNames.World.of(policy),
                policy.notices());
    }

    Optional<Path> tokenizer() {
        return folder.map(Path::of);
    }
}
