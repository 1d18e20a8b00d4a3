package dpo.harness.peer;

import dpo.harness.config.ConfigNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Systems whose configurations are not translated, recognised by keys that TRL's DPO trainer and NeMo RL do not have.
 */
enum OtherSystem {
    AXOLOTL(
            "axolotl",
            "base_model",
            "rl",
            "sequence_len",
            "num_epochs",
            "rl_beta",
            "lora_target_linear",
            "val_set_size"),
    LLAMA_FACTORY(
            "LLaMA-Factory",
            "stage",
            "finetuning_type",
            "pref_beta",
            "pref_loss",
            "pref_ftx",
            "cutoff_len",
            "dataset_dir",
            "lora_rank",
            "lora_target"),
    SIMPO("SimPO's trainer", "gamma_beta_ratio", "sft_weight"),
    TRL_CPO("TRL's CPO trainer", "cpo_alpha", "simpo_gamma"),
    ALIGNMENT_HANDBOOK(
            "the alignment handbook",
            "dataset_mixer",
            "dataset_mixture",
            "dataset_splits",
            "dataset_weights",
            "use_flash_attention_2"),
    OPEN_RLHF("OpenRLHF", "pretrain", "ref_pretrain", "micro_train_batch_size", "zero_stage", "apply_chat_template"),
    TORCHTUNE("torchtune", "checkpointer", "lr_scheduler", "max_steps_per_epoch", "enable_activation_checkpointing"),
    VERL("verl", "actor_rollout_ref", "algorithm", "trainer"),
    MS_SWIFT("ms-swift", "rlhf_type", "train_type", "tuner_type"),
    NEMO_ALIGNER("NeMo-Aligner", "trainer", "exp_manager"),
    OURS("this project, which needs no import", "backend", "objective", "schedule", "sweep");

    private final String title;
    private final List<String> keys;

    OtherSystem(String title, String... keys) {
        this.title = title;
        this.keys = List.of(keys);
    }

    /** The system with the most matching keys, and these keys; empty if there is none. */
    static Optional<String> of(ConfigNode.Mapping root) {
        return Arrays.stream(values())
                .filter(system -> !system.found(root).isEmpty())
                .max(Comparator.comparingInt(system -> system.found(root).size()))
                .map(system -> "one of " + system.title + " (it has " + String.join(", ", system.found(root)) + ")");
    }

    private List<String> found(ConfigNode.Mapping root) {
        List<String> found = new ArrayList<>(keys);
        found.retainAll(root.entries().keySet());
        return found;
    }
}
