package dpo.core.backend;

import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import java.util.List;

/**
 * Adam with decoupled weight decay (Loshchilov &amp; Hutter 2019, arXiv:1711.05101, algorithm 2) and clipping of the
 * global gradient norm.
 *
 * <pre>
 *  g ← g · min(1, max_grad_norm / (‖g‖ + 1e-6))
 *  θ ← θ − η λ θ
 *  m ← β1 m + (1−β1) g,   v ← β2 v + (1−β2) g²
 *  θ ← θ − η (m / (1−β1^t)) / (√(v / (1−β2^t)) + ε)
 * </pre>
 *
 * Weight decay is not applied to biases and norms, as in transformers' Trainer.
 *
 * @param learningRate peak η of the schedule
 * @param betas β1 and β2, each in [0, 1)
 * @param epsilon ε &gt; 0
 * @param weightDecay λ at least 0
 * @param maxGradNorm largest global L2 norm of the gradient; infinite for no clipping
 */
public record AdamW(
        @Setting(about = "peak learning rate η >= 0") double learningRate,

        @Setting(about = "β1 and β2, each in [0, 1)", byDefault = "[0.9, 0.999]")
        List<Double> betas,

        @Setting(about = "ε > 0, added to the denominator", byDefault = "1.0e-8")
        double epsilon,

        @Setting(about = "λ >= 0; not applied to biases and norms", byDefault = "0.0")
        double weightDecay,

        @Setting(about = "clip the global gradient norm to this; .inf for no clipping", byDefault = "1.0")
        double maxGradNorm) {

    public AdamW {
        betas = List.copyOf(betas);
        Requirement.notNegative("learning_rate", learningRate);
        Requirement.holds(betas.size() == 2, "betas", "must be two numbers", betas);
        betas.forEach(beta -> Requirement.within("betas", beta, 0, 1));
        Requirement.positive("epsilon", epsilon);
        Requirement.notNegative("weight_decay", weightDecay);
        Requirement.holds(maxGradNorm > 0, "max_grad_norm", "must be positive", maxGradNorm);
    }
}
