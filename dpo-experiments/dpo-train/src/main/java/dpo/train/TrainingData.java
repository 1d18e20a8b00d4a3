package dpo.train;

import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import java.util.List;

/**
 * The tokenized data of a training.
 *
 * @param train training preferences, at least one
 * @param evaluation held-out preferences; may be empty
 * @param sft sequences of the SFT term; empty if it has no data of its own
 */
public record TrainingData(List<Preference> train, List<Preference> evaluation, List<TokenSequence> sft) {

    public TrainingData {
        train = List.copyOf(train);
        evaluation = List.copyOf(evaluation);
        sft = List.copyOf(sft);
    }
}
