package dpo.harness.peer;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The losses of TRL 1.16's DPO trainer, and which of its options each one reads. */
enum TrlLoss {
    SIGMOID(Option.BETA, Option.DIVERGENCE, Option.LD_ALPHA, Option.WEIGHTING),
    HINGE(Option.BETA, Option.DIVERGENCE, Option.LD_ALPHA, Option.WEIGHTING),
    IPO(Option.BETA, Option.DIVERGENCE, Option.LD_ALPHA, Option.WEIGHTING),
    EXO_PAIR(Option.BETA, Option.LABEL_SMOOTHING, Option.DIVERGENCE, Option.LD_ALPHA, Option.WEIGHTING),
    NCA_PAIR(Option.BETA, Option.LD_ALPHA, Option.WEIGHTING),
    ROBUST(Option.BETA, Option.LABEL_SMOOTHING, Option.DIVERGENCE, Option.LD_ALPHA, Option.WEIGHTING),
    BCO_PAIR(Option.BETA, Option.LD_ALPHA, Option.WEIGHTING),
    SPPO_HARD(Option.BETA, Option.LD_ALPHA, Option.WEIGHTING),
    AOT(Option.BETA, Option.LABEL_SMOOTHING, Option.LD_ALPHA),
    AOT_UNPAIRED(Option.BETA, Option.LABEL_SMOOTHING, Option.LD_ALPHA),
    APO_ZERO(Option.BETA, Option.LD_ALPHA, Option.WEIGHTING),
    APO_DOWN(Option.BETA, Option.LD_ALPHA, Option.WEIGHTING),
    DISCOPOP(Option.BETA, Option.DISCOPOP_TAU, Option.DIVERGENCE, Option.LD_ALPHA, Option.WEIGHTING),
    SFT,
    SIGMOID_NORM(Option.BETA, Option.DIVERGENCE, Option.LD_ALPHA, Option.WEIGHTING);

    /** An option of the trainer that some losses read. */
    enum Option {
        BETA("beta"),
        LABEL_SMOOTHING("label_smoothing"),
        DISCOPOP_TAU("discopop_tau"),
        DIVERGENCE("f_divergence_type"),
        LD_ALPHA("ld_alpha"),
        WEIGHTING("use_weighting");

        private final String key;

        Option(String key) {
            this.key = key;
        }

        /** TRL's name. */
        String key() {
            return key;
        }
    }

    private final Set<Option> options;

    TrlLoss(Option... options) {
        this.options = Set.of(options);
    }

    /** TRL's name, which is also the name here. */
    String type() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether TRL reads the option for this loss. */
    boolean reads(Option option) {
        return options.contains(option);
    }

    /** Whether TRL rejects divergences for this loss, because its score is not a difference or it has none. */
    boolean refusesDivergence() {
        // The likelihood has no score: TRL accepts a divergence and ignores it.
        return this != SFT && !reads(Option.DIVERGENCE);
    }

    static Optional<TrlLoss> named(String type) {
        return Arrays.stream(values()).filter(loss -> loss.type().equals(type)).findFirst();
    }

    static List<String> types() {
        return Arrays.stream(values()).map(TrlLoss::type).toList();
    }
}
