package dpo.harness.peer;

import dpo.harness.config.ConfigNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The preference pairs of NeMo RL's {@code data} section, in its current and its previous form. */
final class NemoData {

    private static final List<String> OF_A_SET = List.of(
            "dataset_name",
            "data_path",
            "split",
            "subset",
            "prompt_key",
            "chosen_key",
            "rejected_key",
            "prompt_file",
            "system_prompt_file",
            "processor",
            "task_name");

    private final SourceConfig source;

    NemoData(SourceConfig source) {
        this.source = source;
        source.withoutMeaning(List.of("data.add_bos", "data.add_eos", "data.add_generation_prompt"));
    }

    Map<String, Object> train() {
        String older = source.text("data.train_data_path", source.text("data.dataset_name", "DATASET"));
        OF_A_SET.forEach(key -> source.find("data." + key));
        return pairs("train", older, "train");
    }

    /** The held-out pairs that NeMo RL evaluates; empty if it evaluates none. */
    Optional<Map<String, Object>> evaluation() {
        long batches = source.whole("dpo.val_batches", 8);
        long batch = source.whole("dpo.val_global_batch_size", 8);
        boolean isAtEnd = source.flag("dpo.val_at_end", false);
        boolean isAtStart = source.flag("dpo.val_at_start", true);
        boolean isEver = source.whole("dpo.val_period", 25) > 0 || isAtEnd || isAtStart;
        Optional<ConfigNode> several = source.find("data.val_data_paths");
        String older = source.text("data.val_data_path", first(several).orElse(source.text("data.dataset_name", "")));
        boolean isNamed = source.has("data.validation") || !older.isEmpty();
        if (!isEver || !isNamed) {
            return Optional.empty();
        }
        if (isAtStart) {
            source.note("dpo.val_at_start: there is no evaluation before the first step, where every margin is 0");
        }
        Map<String, Object> pairs = pairs("validation", older, "validation");
        if (batches > 0) {
            pairs.put("limit", batches * batch);
        }
        return Optional.of(pairs);
    }

    private Optional<String> first(Optional<ConfigNode> several) {
        if (!(several.orElse(null) instanceof ConfigNode.Mapping paths)
                || paths.entries().isEmpty()) {
            return Optional.empty();
        }
        if (paths.entries().size() > 1) {
            source.unsupported("data.val_data_paths", "only one held-out set is supported; the first is used");
        }
        return paths.entries().values().stream().findFirst().map(path -> String.valueOf(path.plain()));
    }

    private Map<String, Object> pairs(String part, String older, String split) {
        String section = "data." + part;
        if (source.find(section).orElse(null) instanceof ConfigNode.Sequence) {
            source.unsupported(section, "only one file of pairs is supported; concatenate the sets");
        }
        for (String key : OF_A_SET) {
            source.find(section + "." + key);
            source.find("data.default." + key);
        }
        String kind = source.text(section + ".dataset_name", source.text("data.default.dataset_name", older));
        String name = source.text(section + ".data_path", kind);
        boolean isFile = name.matches(".*\\.jsonl?(\\.gz)?");
        Map<String, Object> pairs = new LinkedHashMap<>();
        // A binary set has prompt, chosen and rejected as text; the others become lists of messages.
        pairs.put("format", kind.equals("BinaryPreferenceDataset") ? "standard" : "conversational");
        String ourKey = part.equals("train") ? "data.train.path" : "data.evaluation.path";
        String suffix = isFile ? "" : "/" + source.text(section + ".split", split) + ".jsonl";
        pairs.put("path", source.place(name, ourKey, suffix));
        if (!kind.equals("BinaryPreferenceDataset")) {
            source.note("not supported: the rows of " + kind + "; convert them to prompt, chosen and rejected as lists"
                    + " of messages for " + ourKey);
        }
        return pairs;
    }
}
