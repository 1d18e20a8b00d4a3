package dpo.harness.peer;

import dpo.harness.config.ConfigNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Optimizer, schedule and batches of NeMo RL: of its DTensor backend, or of Megatron if that is enabled. */
final class NemoTraining {

    private static final String MEGATRON = "policy.megatron_cfg";
    private static final String KWARGS = "policy.optimizer.kwargs";

    private final SourceConfig source;
    private final boolean isEvaluated;
    private final boolean isMegatron;

    NemoTraining(SourceConfig source, boolean isEvaluated) {
        this.source = source;
        this.isEvaluated = isEvaluated;
        this.isMegatron = source.flag(MEGATRON + ".enabled", false);
    }

    Map<String, Object> sections() {
        Map<String, Object> sections = new LinkedHashMap<>();
        sections.put("optimizer", isMegatron ? megatronOptimizer() : optimizer());
        sections.put("schedule", isMegatron ? megatronSchedule() : schedule());
        sections.put("training", training());
        // All keys of the disabled backend; of the enabled one, those about processes and memory.
        source.withoutMeaning(List.of("policy.dtensor_cfg", MEGATRON));
        if (isMegatron) {
            source.withoutMeaning(List.of("policy.optimizer", "policy.scheduler"));
        } else {
            source.withoutMeaning(List.of(KWARGS + ".foreach", KWARGS + ".fused"));
        }
        return sections;
    }

    private Map<String, Object> optimizer() {
        if (!source.text("policy.optimizer.name", "torch.optim.AdamW").endsWith(".AdamW")) {
            source.unsupported("policy.optimizer.name", "the optimizer is AdamW");
        }
        // torch's defaults if the section exists without these keys.
        boolean isGiven = source.has(KWARGS);
        Object betas =
                source.find(KWARGS + ".betas").map(ConfigNode::plain).orElse(List.of(0.9, isGiven ? 0.999 : 0.98));
        double decay = source.number(KWARGS + ".weight_decay", isGiven ? 0.01 : 0.1);
        if (decay != 0) {
            source.note("NeMo RL decays biases and norms too; here they are not decayed");
        }
        return optimizer(
                source.number(KWARGS + ".lr", isGiven ? 1e-3 : 5e-6),
                betas,
                source.number(KWARGS + ".eps", isGiven ? 1e-8 : 1e-5),
                decay);
    }

    private Map<String, Object> megatronOptimizer() {
        String at = MEGATRON + ".optimizer.";
        if (!source.text(at + "optimizer", "adam").equals("adam")) {
            source.unsupported(at + "optimizer", "the optimizer is AdamW");
        }
        List<Double> betas = List.of(source.number(at + "adam_beta1", 0.9), source.number(at + "adam_beta2", 0.98));
        return optimizer(
                source.number(at + "lr", 5e-6),
                betas,
                source.number(at + "adam_eps", 1e-8),
                source.number(at + "weight_decay", 0.1));
    }

    private Map<String, Object> optimizer(double rate, Object betas, double epsilon, double decay) {
        String clipping = isMegatron && source.has(MEGATRON + ".optimizer.clip_grad")
                ? MEGATRON + ".optimizer.clip_grad"
                : "policy.max_grad_norm";
        source.find("policy.max_grad_norm");
        double norm = source.number(clipping, source.isNull(clipping) ? 0 : 1);
        Map<String, Object> optimizer = new LinkedHashMap<>();
        optimizer.put("learning_rate", rate);
        optimizer.put("betas", betas);
        optimizer.put("epsilon", epsilon);
        optimizer.put("weight_decay", decay);
        optimizer.put("max_grad_norm", norm > 0 ? norm : Double.POSITIVE_INFINITY);
        return optimizer;
    }

    /** A constant rate, after a linear warm-up if LinearLR is followed by ConstantLR. */
    private Map<String, Object> schedule() {
        List<ConfigNode> parts = source.find("policy.scheduler")
                .map(node -> node instanceof ConfigNode.Sequence list ? list.items() : List.of(node))
                .orElse(List.of());
        long warmup = 0;
        for (ConfigNode part : parts) {
            Object name = value(part, "name", "milestones");
            boolean isKnown =
                    Set.of("milestones", "torch.optim.lr_scheduler.ConstantLR").contains(name);
            if (name.equals("torch.optim.lr_scheduler.LinearLR")
                    && value(part, "end_factor", 1.0).equals(1.0)) {
                warmup = value(part, "total_iters", 5L) instanceof Number iterations ? iterations.longValue() : 0;
                source.note("the warm-up begins at " + value(part, "start_factor", 1.0 / 3)
                        + " of the peak in NeMo RL, at 0 here");
            } else if (!isKnown) {
                source.note("not supported: " + name + " in policy.scheduler; the rate stays at its peak");
            }
        }
        return schedule("constant", warmup);
    }

    private static Object value(ConfigNode part, String key, Object byDefault) {
        Map<?, ?> entries = part.plain() instanceof Map<?, ?> map ? map : Map.of();
        Map<?, ?> arguments = entries.get("kwargs") instanceof Map<?, ?> map ? map : Map.of();
        Object value = entries.containsKey(key) ? entries.get(key) : arguments.get(key);
        return value == null ? byDefault : value;
    }

    private Map<String, Object> megatronSchedule() {
        String at = MEGATRON + ".scheduler.";
        double rate = source.number(MEGATRON + ".optimizer.lr", 5e-6);
        boolean isFlat = source.number(MEGATRON + ".optimizer.min_lr", 0) == rate;
        String style = source.text(at + "lr_decay_style", "constant");
        boolean isKnown = Set.of("constant", "linear", "cosine").contains(style);
        if (!isKnown) {
            source.unsupported(at + "lr_decay_style", "the rate stays at its peak");
        } else if (!style.equals("constant") && !isFlat) {
            source.note("Megatron's rate falls over lr_decay_iters to min_lr; here over the whole run to 0");
        }
        return schedule(isKnown && !isFlat ? style : "constant", source.whole(at + "lr_warmup_iters", 0));
    }

    private static Map<String, Object> schedule(String type, long warmup) {
        Map<String, Object> schedule = new LinkedHashMap<>();
        schedule.put("type", type);
        schedule.put("warmup_steps", warmup);
        return schedule;
    }

    private Map<String, Object> training() {
        long batch = source.whole("policy.train_global_batch_size", 128);
        long steps = source.whole("dpo.max_num_steps", 150);
        Map<String, Object> training = new LinkedHashMap<>();
        training.put("epochs", source.whole("dpo.max_num_epochs", 1));
        training.put("batch_size", batch);
        training.put("micro_batch_size", source.whole("policy.train_micro_batch_size", 2));
        training.put("order", source.flag("data.shuffle", true) ? "shuffled" : "sequential");
        if (steps > 0) {
            source.unsupported(
                    "dpo.max_num_steps",
                    "runs are measured in epochs; data.train.limit: " + steps * batch
                            + " with epochs: 1 gives as many steps");
        }
        source.note("NeMo RL drops a smaller last batch; here it is used");
        long period = source.whole("dpo.val_period", 25);
        if (period > 0 && isEvaluated) {
            training.put("evaluate_every", period);
        }
        if (source.whole("checkpointing.save_period", 0) > 0) {
            training.put("checkpoint_every", source.whole("checkpointing.save_period", 0));
        }
        return training;
    }
}
