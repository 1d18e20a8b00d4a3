package dpo.harness.run;

import dpo.core.sequence.Label;
import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import dpo.data.provenance.SourceProvenance;
import dpo.harness.store.Sha256;
import dpo.train.TrainingData;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;

/**
 * The tokens of a run and their provenance.
 *
 * @param tokens the data for training and evaluation
 * @param provenance for each part as text: files, their SHA-256, rows used and dropped, settings of the readers
 * @param sources for each part that was read from a file, in Tribuo's types
 */
public record PreparedData(
        TrainingData tokens, Map<String, Map<String, String>> provenance, Map<String, SourceProvenance> sources) {

    /** The content hash of all data for training and evaluation: ids, spans, preferences, order. */
    public String hash() {
        MessageDigest digest = Sha256.digest();
        for (List<Preference> preferences : List.of(tokens.train(), tokens.evaluation())) {
            digest.update(hash(preferences).getBytes(StandardCharsets.US_ASCII));
        }
        tokens.sft().forEach(sequence -> update(digest, sequence));
        return Sha256.hex(digest.digest());
    }

    /** The content hash of a list of preferences. */
    static String hash(List<Preference> preferences) {
        MessageDigest digest = Sha256.digest();
        for (Preference preference : preferences) {
            digest.update(text(preference.label()).getBytes(StandardCharsets.UTF_8));
            preference.completions().forEach(sequence -> update(digest, sequence));
        }
        return Sha256.hex(digest.digest());
    }

    /** The components of a label; the names are fixed, since renaming a class must not change the hash of data. */
    private static String text(Label label) {
        return "Judgement[completions=" + label.completions() + ", ratings=" + label.ratings() + ", group="
                + label.group() + ", weight=" + label.weight() + "]\n";
    }

    private static void update(MessageDigest digest, TokenSequence sequence) {
        ByteBuffer bytes = ByteBuffer.allocate(
                4 * (sequence.length() + 2 * sequence.turns().size() + 2));
        bytes.putInt(sequence.length()).putInt(sequence.turns().size());
        for (int id : sequence.ids()) {
            bytes.putInt(id);
        }
        sequence.turns().forEach(turn -> bytes.putInt(turn.start()).putInt(turn.end()));
        digest.update(bytes.array());
    }
}
