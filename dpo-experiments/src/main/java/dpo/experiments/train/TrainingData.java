package dpo.experiments.train;

import dpo.core.loss.Normalizer;
import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import dpo.data.provenance.SourceProvenance;
import dpo.experiments.store.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;

/**
 * The tokens of a run.
 *
 * @param train training preferences, at least one
 * @param evaluation held-out preferences; empty where the configuration names none
 * @param sft sequences of D_SFT; empty where the configuration names none
 * @param provenance of each part, as text: files, their SHA-256, rows used and dropped, settings of the readers
 * @param sources of each part that was read from a file, in Tribuo's types
 */
public record TrainingData(
        List<Preference> train,
        List<Preference> evaluation,
        List<TokenSequence> sft,
        Map<String, Object> provenance,
        Map<String, SourceProvenance> sources) {

    public TrainingData {
        train = List.copyOf(train);
        evaluation = List.copyOf(evaluation);
        sft = List.copyOf(sft);
    }

    /** Share of each preference source among some preferences. */
    static Map<String, Double> groupShares(List<Preference> preferences) {
        return Normalizer.shares(
                preferences.stream().map(each -> each.judgement().group()).toList());
    }

    /** Number of tokens of each preference, as an engine computes them. */
    public static int[] tokens(List<Preference> preferences) {
        return preferences.stream().mapToInt(Preference::distinctTokens).toArray();
    }

    /** A content address of everything that is trained and evaluated on: ids, spans, judgements, order. */
    public String hash() {
        MessageDigest digest = Sha256.digest();
        for (List<Preference> preferences : List.of(train, evaluation)) {
            digest.update(hash(preferences).getBytes(StandardCharsets.US_ASCII));
        }
        sft.forEach(sequence -> update(digest, sequence));
        return Sha256.hex(digest.digest());
    }

    /** A content address of some preferences. */
    static String hash(List<Preference> preferences) {
        MessageDigest digest = Sha256.digest();
        for (Preference preference : preferences) {
            digest.update((preference.judgement() + "\n").getBytes(StandardCharsets.UTF_8));
            preference.completions().forEach(sequence -> update(digest, sequence));
        }
        return Sha256.hex(digest.digest());
    }

    private static void update(MessageDigest digest, TokenSequence sequence) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * (sequence.length() + 2 * sequence.turns().size() + 2));
        bytes.putInt(sequence.length()).putInt(sequence.turns().size());
        for (int id : sequence.ids()) {
            bytes.putInt(id);
        }
        sequence.turns().forEach(turn -> bytes.putInt(turn.start()).putInt(turn.end()));
        digest.update(bytes.array());
    }
}
