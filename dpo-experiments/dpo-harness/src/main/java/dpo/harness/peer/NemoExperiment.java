package dpo.harness.peer;

import dpo.harness.config.ConfigNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Translates NeMo RL's {@code dpo.yaml}. Missing keys of the {@code dpo} section have the defaults of NeMo RL's code
 * ({@code DPOConfig}); missing keys of other sections, which NeMo RL requires, the values of its
 * {@code examples/configs/dpo.yaml}.
 *
 * <p>{@code sft_average_log_probs} is false by default, independently of {@code preference_average_log_probs}: only
 * NeMo's example couples the two. NeMo's loss is
 * {@code w_p · mean over pairs of −log σ(β(r_w − r_l)) + w_s · mean over pairs of NLL_chosen}, each of r and NLL summed
 * over tokens or, if set, averaged over those of a completion.
 */
final class NemoExperiment {

    private static final List<String> WITHOUT_MEANING = List.of(
            "cluster",
            "logger",
            "checkpointing.enabled",
            "checkpointing.checkpoint_dir",
            "checkpointing.checkpoint_must_save_by",
            "checkpointing.higher_is_better",
            "checkpointing.keep_top_k",
            "checkpointing.metric_name",
            "checkpointing.model_cache_dir",
            "checkpointing.model_repo_id",
            "checkpointing.model_save_format",
            "checkpointing.save_consolidated",
            "checkpointing.save_optimizer",
            "data.num_workers",
            "dpo.val_micro_batch_size",
            "policy.dynamic_batching",
            "policy.fsdp_offload_enabled",
            "policy.generation",
            "policy.logprob_batch_size",
            "policy.make_sequence_length_divisible_by",
            "policy.offload_optimizer_for_logprob",
            "policy.sequence_packing",
            "policy.tokenizer.is_tokenizer_processor");

    private final SourceConfig source;

    private NemoExperiment(SourceConfig source) {
        this.source = source;
    }

    static Translation translate(ConfigNode.Mapping root, Path file) {
        SourceConfig source = new SourceConfig(NemoFile.resolve(root));
        Map<String, Object> tree = new NemoExperiment(source).tree(PeerConfig.nameOf(file));
        source.withoutMeaning(WITHOUT_MEANING);
        return source.translation(
                "Translated from " + file.getFileName() + ", read as a DPO configuration of NeMo RL.", tree);
    }

    private Map<String, Object> tree(String name) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("name", name);
        tree.put("backend", "torch");
        tree.put("device", "cpu");
        source.note("NeMo RL uses GPUs: set device: cuda to use one");
        tree.put("model", model());
        Map<String, Object> data = data();
        tree.put("data", data);
        tree.put("objective", objective());
        tree.putAll(new NemoTraining(source, data.containsKey("evaluation")).sections());
        tree.put("seed", source.whole("dpo.seed", 42));
        return tree;
    }

    private Map<String, Object> model() {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("path", source.place(source.text("policy.model_name", "MODEL"), "model.path", ""));
        model.putAll(NemoModel.keys(source));
        source.unsupported("policy.tokenizer.chat_template_kwargs", Map.of(), "the template gets no further arguments");
        source.unsupported("policy.tokenizer.chat_template", "default", "set data.chat_template to a file");
        source.unsupported("policy.hf_config_overrides", Map.of(), "the model is that of its folder");
        return model;
    }

    private Map<String, Object> data() {
        Map<String, Object> data = new LinkedHashMap<>();
        if (!source.text("policy.tokenizer.name", "").equals(source.text("policy.model_name", ""))
                && source.has("policy.tokenizer.name")) {
            data.put("tokenizer", source.place(source.text("policy.tokenizer.name", ""), "data.tokenizer", ""));
        }
        NemoData pairs = new NemoData(source);
        data.put("train", pairs.train());
        pairs.evaluation().ifPresent(evaluation -> data.put("evaluation", evaluation));
        long length = source.whole("policy.max_total_sequence_length", 1024);
        data.put("max_length", source.whole("data.max_input_seq_length", length));
        // NeMo gives pairs that are too long the weight 0 and does not count them.
        data.put("truncation", "drop");
        return data;
    }

    private Map<String, Object> objective() {
        if (!source.text("dpo.preference_loss", "dpo").equals("dpo")) {
            source.unsupported("dpo.preference_loss", "NeMo RL computes dpo for any value, as here");
        }
        if (source.has("dpo.gt_reward_scale")) {
            source.unsupported("dpo.gt_reward_scale", "NeMo RL does not read it");
        }
        boolean isAveraged = source.flag("dpo.preference_average_log_probs", false);
        Map<String, Object> term = new LinkedHashMap<>();
        term.put("type", isAveraged ? "sigmoid_norm" : "sigmoid");
        term.put("beta", source.number("dpo.reference_policy_kl_penalty", 0.05));
        double weight = source.number("dpo.preference_loss_weight", 1);
        Map<String, Object> objective = new LinkedHashMap<>();
        if (weight == 1) {
            objective.put("preference", term);
        } else {
            term.put("weight", weight);
            objective.put("preference", List.of(term));
        }
        double sftWeight = source.number("dpo.sft_loss_weight", 0);
        boolean isSftAveraged = source.flag("dpo.sft_average_log_probs", false);
        if (sftWeight < 0) {
            source.note("NeMo RL leaves out the SFT term if dpo.sft_loss_weight is negative; so does this translation");
        }
        if (sftWeight > 0) {
            Map<String, Object> sft = new LinkedHashMap<>();
            sft.put("weight", sftWeight);
            sft.put("reduction", isSftAveraged ? "pair_mean" : "sum");
            objective.put("sft", sft);
        }
        return objective;
    }
}
