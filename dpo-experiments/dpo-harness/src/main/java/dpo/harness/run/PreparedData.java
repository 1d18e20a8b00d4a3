package dpo.harness.run;

import dpo.core.sequence.Label;
import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import dpo.data.provenance.SourceProvenance;
import dpo.harness.config.EvaluationSources;
import dpo.harness.store.Sha256;
import dpo.train.EvaluationSet;
import dpo.train.TrainingData;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The tokens of a run and their provenance.
 *
 * @param tokens the data for training and evaluation
 * @param hash the content hash of all of them: ids, spans, preferences, order, and names of evaluation sets
 * @param provenance for each part as text: files, their SHA-256, rows used and dropped, settings of the readers
 * @param sources for each part that was read from a file, in Tribuo's types
 */
public record PreparedData(
        TrainingData tokens,
        String hash,
        Map<String, Map<String, String>> provenance,
        Map<String, SourceProvenance> sources) {

    /**
     * The content hash of data.
     *
     * @param parts {@link #hash(List)} of the training preferences and of each evaluation set, by part of the data
     */
    static String hash(TrainingData tokens, Map<String, String> parts) {
        String none = hash(List.of());
        MessageDigest digest = Sha256.digest();
        digest.update(parts.getOrDefault("train", none).getBytes(StandardCharsets.US_ASCII));
        if (tokens.evaluation().isEmpty()) {
            digest.update(none.getBytes(StandardCharsets.US_ASCII));
        }
        for (EvaluationSet set : tokens.evaluation()) {
            String name = set.name().isEmpty() ? "" : "set " + set.name() + "\n";
            String part = parts.getOrDefault(EvaluationSources.part(set.name()), none);
            digest.update((name + part).getBytes(StandardCharsets.US_ASCII));
        }
        tokens.sft().forEach(sequence -> update(digest, sequence));
        return Sha256.hex(digest.digest());
    }

    /** The digest of each preference or completion, by part of the data, in their order. */
    public Map<String, List<RowDigest>> rows() {
        Map<String, List<RowDigest>> rows = new LinkedHashMap<>();
        rows.put("train", tokens.train().stream().map(PreparedData::row).toList());
        tokens.evaluation()
                .forEach(set -> rows.put(
                        EvaluationSources.part(set.name()),
                        set.preferences().stream().map(PreparedData::row).toList()));
        rows.put(
                "sft",
                IntStream.range(0, tokens.sft().size())
                        .mapToObj(i -> RowDigest.of(
                                "completion " + (i + 1),
                                digest -> update(digest, tokens.sft().get(i))))
                        .toList());
        rows.values().removeIf(List::isEmpty);
        return rows;
    }

    private static RowDigest row(Preference preference) {
        return RowDigest.of(preference.id(), digest -> update(digest, preference));
    }

    private static void update(MessageDigest digest, Preference preference) {
        digest.update(text(preference.label()).getBytes(StandardCharsets.UTF_8));
        preference.completions().forEach(sequence -> update(digest, sequence));
    }

    /** The content hash of a list of preferences. */
    static String hash(List<Preference> preferences) {
        MessageDigest digest = Sha256.digest();
        preferences.forEach(preference -> update(digest, preference));
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
