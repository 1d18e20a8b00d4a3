package dpo.train;

import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The tokenized data of a training.
 *
 * @param train training preferences, at least one
 * @param evaluation sets of held-out preferences, with different names; may be empty
 * @param sft sequences of the SFT term; empty if it has no data of its own
 * @param endIds tokens that end a sampled completion, in addition to those that always end one in the model
 */
public record TrainingData(
        List<Preference> train, List<EvaluationSet> evaluation, List<TokenSequence> sft, Set<Integer> endIds) {

    public TrainingData {
        train = List.copyOf(train);
        evaluation = List.copyOf(evaluation);
        sft = List.copyOf(sft);
        endIds = Set.copyOf(endIds);
        List<String> names = evaluation.stream().map(EvaluationSet::name).toList();
        // Names of columns in SQL do not depend on case.
        if (names.stream().map(name -> name.toLowerCase(Locale.ROOT)).distinct().count() < names.size()) {
            throw new IllegalArgumentException(
                    "evaluation sets must have names that differ by more than case, got " + names);
        }
    }

    /** Data for a model whose completions end as the model defines. */
    public TrainingData(List<Preference> train, List<EvaluationSet> evaluation, List<TokenSequence> sft) {
        this(train, evaluation, sft, Set.of());
    }

    /** The preferences of training and of all evaluation sets. */
    public Stream<Preference> preferences() {
        return Stream.concat(train.stream(), evaluation.stream().flatMap(set -> set.preferences().stream()));
    }
}
