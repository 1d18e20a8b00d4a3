package dpo.harness.peer;

import static dpo.harness.peer.TrlObjective.TRL;

import dpo.harness.config.ConfigNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Optimizer, schedule and batches of transformers' {@code TrainingArguments}, with TRL's defaults. */
final class TrlTraining {

    private static final Set<String> ADAMW = Set.of("adamw_torch", "adamw_torch_fused", "adamw_hf", "adamw_apex_fused");

    private final SourceConfig source;
    private final long microBatch;
    private final long batch;
    private final long maxSteps;

    TrlTraining(SourceConfig source) {
        this.source = source;
        this.microBatch = source.whole("per_device_train_batch_size", 8);
        this.batch = microBatch * source.whole("gradient_accumulation_steps", 1);
        this.maxSteps = source.whole("max_steps", -1);
    }

    Map<String, Object> sections() {
        Map<String, Object> sections = new LinkedHashMap<>();
        sections.put("optimizer", optimizer());
        sections.put("schedule", schedule());
        sections.put("training", training());
        return sections;
    }

    private Map<String, Object> optimizer() {
        if (!ADAMW.contains(source.text("optim", "adamw_torch_fused"))) {
            source.unsupported("optim", "the optimizer is AdamW");
        }
        double norm = source.isNull("max_grad_norm") ? 0 : source.number("max_grad_norm", 1);
        Map<String, Object> optimizer = new LinkedHashMap<>();
        optimizer.put("learning_rate", source.number("learning_rate", 1e-6));
        optimizer.put("betas", List.of(source.number("adam_beta1", 0.9), source.number("adam_beta2", 0.999)));
        optimizer.put("epsilon", source.number("adam_epsilon", 1e-8));
        optimizer.put("weight_decay", source.number("weight_decay", 0));
        // transformers clips if the norm is positive.
        optimizer.put("max_grad_norm", norm > 0 ? norm : Double.POSITIVE_INFINITY);
        return optimizer;
    }

    private Map<String, Object> schedule() {
        Map<String, Object> schedule = new LinkedHashMap<>();
        String type = source.text("lr_scheduler_type", "linear");
        Map<String, Object> warmup = new LinkedHashMap<>();
        warmUp(warmup);
        switch (type) {
            case "linear", "cosine" -> schedule.put("type", type);
            case "constant_with_warmup" -> schedule.put("type", "constant");
            case "constant" -> {
                schedule.put("type", "constant");
                if (!warmup.equals(Map.of("warmup_steps", 0L))) {
                    source.note("transformers ignores the warm-up of constant; so does this translation");
                }
                warmup = Map.of("warmup_steps", 0L);
            }
            default -> {
                schedule.put("type", "constant");
                source.unsupported("lr_scheduler_type", "schedules: constant, linear, cosine; set to constant");
            }
        }
        schedule.putAll(warmup);
        return schedule;
    }

    /** {@code warmup_steps}, in transformers 5 also a fraction below 1, or the older {@code warmup_ratio}. */
    private void warmUp(Map<String, Object> schedule) {
        double ratio = source.number("warmup_ratio", 0);
        double steps = source.number("warmup_steps", 0);
        if (steps >= 1 || (ratio == 0 && steps == 0)) {
            schedule.put("warmup_steps", Math.round(steps));
        } else {
            schedule.put("warmup_ratio", steps > 0 ? steps : ratio);
        }
    }

    private Map<String, Object> training() {
        Map<String, Object> training = new LinkedHashMap<>();
        if (maxSteps > 0) {
            training.put("max_steps", maxSteps);
        } else {
            training.put("epochs", epochs());
        }
        training.put("batch_size", batch);
        training.put("micro_batch_size", microBatch);
        source.note("batch_size is per_device_train_batch_size * gradient_accumulation_steps of one process; multiply"
                + " it by the number of processes");
        List<?> losses = source.find("loss_type")
                .map(ConfigNode::plain)
                .map(types -> types instanceof List<?> list ? list : List.of(types))
                .orElse(List.of());
        if (batch > microBatch && losses.contains("sft")) {
            source.note(TRL + " averages sft over the tokens of each micro-batch; here over those of the whole batch");
        }
        training.put("order", order());
        evaluateEvery(training);
        if (source.text("save_strategy", "steps").equals("steps") && source.number("save_steps", 0) >= 1) {
            training.put("checkpoint_every", source.whole("save_steps", 500));
        } else if (source.has("save_strategy") || source.has("save_steps")) {
            source.note("save_strategy and save_steps: checkpoints are written if cheap, and at the end");
        }
        return training;
    }

    private long epochs() {
        double epochs = source.number("num_train_epochs", 3);
        boolean isWhole = epochs == Math.rint(epochs) && epochs >= 1;
        if (!isWhole) {
            source.unsupported("num_train_epochs", "epochs are whole; set to " + (long) Math.ceil(epochs));
        }
        return (long) Math.max(1, Math.ceil(epochs));
    }

    private String order() {
        String strategy = source.text("train_sampling_strategy", "random");
        if (!Set.of("random", "sequential").contains(strategy)) {
            source.unsupported("train_sampling_strategy", "order is shuffled or sequential; set to shuffled");
        }
        return strategy.equals("sequential") ? "sequential" : "shuffled";
    }

    private void evaluateEvery(Map<String, Object> training) {
        String strategy = TrlExperiment.evaluationStrategy(source);
        double steps = source.number("eval_steps", source.number("logging_steps", 10));
        if (strategy.equals("steps") && steps >= 1) {
            training.put("evaluate_every", Math.round(steps));
        } else if (!strategy.equals("no")) {
            source.note("evaluations: after the last step; training.evaluate_every counts optimizer steps");
        }
    }
}
