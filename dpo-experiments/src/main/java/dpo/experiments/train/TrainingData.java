package dpo.experiments.train;

import dpo.core.loss.Normalizer;
import dpo.core.sequence.PreferencePair;
import dpo.core.sequence.TokenSequence;
import dpo.data.provenance.SourceProvenance;
import dpo.experiments.store.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The tokens of a run.
 *
 * @param train training pairs, at least one
 * @param evaluation held-out pairs; empty where the configuration names none
 * @param sft sequences of D_SFT; empty where the configuration names none
 * @param provenance of each part, as text: files, their SHA-256, rows used and dropped, settings of the readers
 * @param sources of each part that was read from a file, in Tribuo's types
 */
public record TrainingData(
        List<PreferencePair> train,
        List<PreferencePair> evaluation,
        List<TokenSequence> sft,
        Map<String, Object> provenance,
        Map<String, SourceProvenance> sources) {

    public TrainingData {
        train = List.copyOf(train);
        evaluation = List.copyOf(evaluation);
        sft = List.copyOf(sft);
    }

    /** Share of each preference source among some pairs. */
    static Map<String, Double> groupShares(List<PreferencePair> pairs) {
        return Normalizer.shares(pairs.stream().map(PreferencePair::group).toList());
    }

    /** A content address of everything that is trained and evaluated on: ids, spans, groups, weights, order. */
    public String hash() {
        MessageDigest digest = Sha256.digest();
        for (List<PreferencePair> pairs : List.of(train, evaluation)) {
            digest.update(hash(pairs).getBytes(StandardCharsets.US_ASCII));
        }
        sft.forEach(sequence -> update(digest, sequence));
        return Sha256.hex(digest.digest());
    }

    /** A content address of some pairs. */
    static String hash(List<PreferencePair> pairs) {
        MessageDigest digest = Sha256.digest();
        for (PreferencePair pair : pairs) {
            digest.update((pair.group() + "\n" + pair.weight() + "\n").getBytes(StandardCharsets.UTF_8));
            Stream.of(pair.chosen(), pair.rejected()).forEach(sequence -> update(digest, sequence));
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
