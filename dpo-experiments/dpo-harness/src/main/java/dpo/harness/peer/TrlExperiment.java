package dpo.harness.peer;

import static dpo.harness.peer.TrlObjective.TRL;

import dpo.harness.config.ConfigNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Translates a TRL 1.16 DPO configuration; TRL's defaults are written out for missing keys. */
final class TrlExperiment {

    private final SourceConfig source;

    private TrlExperiment(SourceConfig source) {
        this.source = source;
    }

    static Translation translate(ConfigNode.Mapping root, Path file) {
        SourceConfig source = new SourceConfig(root);
        Map<String, Object> tree = new TrlExperiment(source).tree(PeerConfig.nameOf(file));
        source.withoutMeaning(TrlKeys.WITHOUT_MEANING);
        unsupported(source);
        return source.translation(
                "Translated from " + file.getFileName() + ", read as a configuration of " + TRL + "'s DPO trainer.",
                tree);
    }

    private static void unsupported(SourceConfig source) {
        TrlKeys.UNSUPPORTED.forEach(key -> source.unsupported(key.key(), key.neutral(), key.instead()));
    }

    private Map<String, Object> tree(String name) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("name", name);
        tree.put("backend", "torch");
        tree.put("device", "cpu");
        if (!source.flag("use_cpu", false)) {
            source.note("TRL uses a GPU if there is one: set device: cuda to do the same");
        }
        tree.put("model", model());
        tree.put("data", data());
        tree.put("objective", TrlObjective.section(source));
        reference().ifPresent(moving -> tree.put("reference", moving));
        tree.putAll(new TrlTraining(source).sections());
        tree.put("seed", source.whole("seed", 42));
        return tree;
    }

    private Optional<Map<String, Object>> reference() {
        if (!source.flag("sync_ref_model", false)) {
            source.withoutMeaning(TrlKeys.OF_REFERENCE_UPDATES);
            return Optional.empty();
        }
        Map<String, Object> reference = new LinkedHashMap<>();
        reference.put("sync_steps", source.whole("ref_model_sync_steps", 512));
        reference.put("mixup_alpha", source.number("ref_model_mixup_alpha", 0.6));
        return Optional.of(reference);
    }

    private Map<String, Object> model() {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("path", source.place(source.text("model_name_or_path", "MODEL"), "model.path", ""));
        model.putAll(TrlModel.keys(source));
        return model;
    }

    private Map<String, Object> data() {
        Map<String, Object> data = new LinkedHashMap<>();
        String name = dataset();
        data.put("train", pairs(name, "data.train.path", source.text("dataset_train_split", "train")));
        String test = source.text("dataset_test_split", "test");
        if (!evaluationStrategy(source).equals("no")) {
            data.put("evaluation", pairs(name, "data.evaluation.path", test));
        }
        if (!name.isEmpty()) {
            source.note("format is conversational, for rows of messages; set it to standard for plain text");
        }
        data.put("max_length", source.isNull("max_length") ? Integer.MAX_VALUE : source.whole("max_length", 1024));
        data.put("truncation", source.text("truncation_mode", "keep_start"));
        return data;
    }

    /** The data set, or the first of a mixture. */
    private String dataset() {
        String name = source.text("dataset_name", "DATASET");
        List<ConfigNode> mixture = source.find("datasets")
                .map(node -> node instanceof ConfigNode.Sequence list ? list.items() : List.of(node))
                .orElse(List.of());
        if (mixture.isEmpty()) {
            return name;
        }
        if (mixture.size() > 1) {
            source.unsupported("datasets", "only one file of pairs is supported; concatenate the sets");
        }
        Object first = mixture.get(0).plain();
        return first instanceof Map<?, ?> entries && entries.get("path") instanceof String path ? path : name;
    }

    private Map<String, Object> pairs(String name, String key, String split) {
        Map<String, Object> pairs = new LinkedHashMap<>();
        pairs.put("format", "conversational");
        boolean isFile = name.matches(".*\\.jsonl?(\\.gz)?");
        pairs.put("path", source.place(name, key, isFile ? "" : "/" + split + ".jsonl"));
        return pairs;
    }

    /** {@code no}, {@code steps} or {@code epoch}; YAML 1.1 reads {@code no} as false. */
    static String evaluationStrategy(SourceConfig source) {
        String older = source.text("evaluation_strategy", "no");
        String strategy = source.text("eval_strategy", older);
        return strategy.equals("false") ? "no" : strategy;
    }
}
