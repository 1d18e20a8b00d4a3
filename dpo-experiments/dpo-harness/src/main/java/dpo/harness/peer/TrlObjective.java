package dpo.harness.peer;

import dpo.harness.config.ConfigError;
import dpo.harness.config.ConfigException;
import dpo.harness.config.ConfigNode;
import dpo.harness.peer.TrlLoss.Option;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Translates the objective of TRL 1.16's {@code DPOConfig} to an {@code objective:} section.
 *
 * <p>TRL's options are one flat list, of which each loss reads some. An option that is set but not read is omitted with
 * a note, so that the computation is TRL's. Combinations that TRL rejects, or at which it fails, are errors. Defaults
 * are TRL's. Ranges are checked when the section is read.
 *
 * <p>Different conventions: {@code alpha} is 1 − {@code f_alpha_divergence_coef}; TRL computes that divergence in
 * float32 and clamps its exponent at 80.
 */
public final class TrlObjective {

    static final String TRL = "TRL 1.16";

    private static final List<String> DIVERGENCES =
            List.of("reverse_kl", "forward_kl", "js_divergence", "alpha_divergence");
    private static final double DEFAULT_BETA = 0.1;
    private static final double NEARLY_REVERSE_KL = 1e-6;

    // Noted even for a single term among others, because these options apply to the whole objective.
    private static final Set<Option> OF_THE_WHOLE =
            EnumSet.of(Option.LABEL_SMOOTHING, Option.DIVERGENCE, Option.LD_ALPHA);

    private final SourceConfig source;
    private final List<TrlLoss> losses;
    private final Map<String, Object> section = new LinkedHashMap<>();

    private TrlObjective(SourceConfig source) {
        this.source = source;
        this.losses = losses(source);
    }

    /**
     * Translates.
     *
     * @param json a JSON (or YAML) object with TRL's keys {@code loss_type} (a name or a list), {@code loss_weights},
     *     {@code beta}, {@code label_smoothing}, {@code f_divergence_type}, {@code f_alpha_divergence_coef},
     *     {@code ld_alpha}, {@code use_weighting}, {@code discopop_tau}; none is required
     * @param from origin, for messages
     * @throws ConfigException with all errors: unknown keys and values, and combinations that TRL rejects or cannot
     *     compute
     */
    public static Translation translate(String json, String from) {
        SourceConfig source = source(json, from);
        Map<String, Object> section = section(source);
        return source.translation("An objective of " + TRL + ".", toTheLastDigit(section, source));
    }

    /**
     * The options on which TRL's metrics depend, whether or not a loss reads them.
     *
     * @param beta β, the factor from log-ratios to rewards
     * @param ldAlpha weight of the excess tokens of the longer completion; 1 by default
     */
    public record Reported(double beta, double ldAlpha) {}

    /** The options on which TRL's metrics depend, from the input of {@link #translate}. */
    public static Reported reported(String json, String from) {
        SourceConfig source = source(json, from);
        return new Reported(source.number(Option.BETA.key(), DEFAULT_BETA), source.number(Option.LD_ALPHA.key(), 1));
    }

    private static SourceConfig source(String json, String from) {
        ConfigNode node = ConfigNode.parse(json, from);
        if (!(node instanceof ConfigNode.Mapping mapping)) {
            throw new ConfigException(
                    new ConfigError("", "must be an object with TRL's keys, got " + node.text(), node.place()));
        }
        return new SourceConfig(mapping);
    }

    /** EXO with TRL's rounding, for comparing numbers rather than for a run. */
    private static Map<String, Object> toTheLastDigit(Map<String, Object> section, SourceConfig source) {
        List<?> terms = section.get("preference") instanceof List<?> list ? list : List.of(section.get("preference"));
        for (Object term : terms) {
            @SuppressWarnings("unchecked") // made by term(TrlLoss)
            Map<String, Object> keys = (Map<String, Object>) term;
            if (keys.replace("type", TrlLoss.EXO_PAIR.type(), TrlExoPair.class.getName())) {
                source.note(TRL + " takes log(label_smoothing) of exo_pair in single precision; so does this"
                        + " translation, which changes the loss by about 1e-8");
            }
        }
        return section;
    }

    /** The {@code objective:} section; errors and notes go to the source. */
    static Map<String, Object> section(SourceConfig source) {
        TrlObjective objective = new TrlObjective(source);
        objective.preference();
        objective.divergence();
        objective.lengthDesensitised();
        objective.weighting();
        objective.ignored(Option.BETA, source.has(Option.BETA.key()));
        objective.ignored(Option.LABEL_SMOOTHING, source.number(Option.LABEL_SMOOTHING.key(), 0) != 0);
        objective.ignored(Option.DISCOPOP_TAU, source.has(Option.DISCOPOP_TAU.key()));
        return objective.section;
    }

    private static List<TrlLoss> losses(SourceConfig source) {
        List<ConfigNode> names = source.find("loss_type")
                .map(node -> node instanceof ConfigNode.Sequence list ? list.items() : List.of(node))
                .orElse(List.of());
        if (names.isEmpty() && source.has("loss_type")) {
            source.error("loss_type", "must name at least one loss, got []");
        }
        List<TrlLoss> losses = new ArrayList<>();
        for (ConfigNode name : names) {
            String type = String.valueOf(name.plain());
            TrlLoss.named(type)
                    .ifPresentOrElse(losses::add, () -> source.unknownValue("loss_type", type, TrlLoss.types()));
        }
        return source.has("loss_type") ? losses : List.of(TrlLoss.SIGMOID);
    }

    private void preference() {
        List<Double> weights = weights();
        List<Map<String, Object>> terms = losses.stream().map(this::term).toList();
        if (terms.size() == 1 && (weights.isEmpty() || weights.get(0) == 1)) {
            section.put("preference", terms.get(0));
            return;
        }
        for (int i = 0; i < terms.size(); i++) {
            terms.get(i).put("weight", i < weights.size() ? weights.get(i) : 1.0);
        }
        section.put("preference", terms);
    }

    private List<Double> weights() {
        List<Double> weights = new ArrayList<>();
        source.find("loss_weights").ifPresent(node -> {
            List<ConfigNode> items = node instanceof ConfigNode.Sequence list ? list.items() : List.of();
            int count = source.find("loss_type")
                    .map(types -> types instanceof ConfigNode.Sequence list
                            ? list.items().size()
                            : 1)
                    .orElse(1);
            if (items.size() != count) {
                source.error("loss_weights", "must be a list of " + count + ", a number per loss, got " + node.text());
            }
            items.forEach(item -> source.number("loss_weights", item).ifPresent(weights::add));
        });
        return weights;
    }

    private Map<String, Object> term(TrlLoss loss) {
        Map<String, Object> term = new LinkedHashMap<>();
        term.put("type", loss.type());
        if (loss.reads(Option.BETA)) {
            term.put("beta", source.number(Option.BETA.key(), DEFAULT_BETA));
        }
        if (loss.reads(Option.LABEL_SMOOTHING)) {
            double smoothing = source.number("label_smoothing", 0);
            term.put("label_smoothing", smoothing);
            if (loss == TrlLoss.EXO_PAIR && smoothing == 0) {
                source.error("label_smoothing", "must be positive for exo_pair, as in TRL, got 0 (the paper: 1e-3)");
            }
        }
        if (loss.reads(Option.DISCOPOP_TAU)) {
            term.put("tau", source.number("discopop_tau", 0.05));
        }
        if (loss == TrlLoss.IPO) {
            term.put("reduction", "mean");
        } else if (loss == TrlLoss.SFT) {
            term.put("reduction", "token_mean");
        }
        return term;
    }

    private void divergence() {
        String type = source.text(Option.DIVERGENCE.key(), "reverse_kl");
        double coefficient = source.number("f_alpha_divergence_coef", 0.5);
        boolean isAlpha = type.equals("alpha_divergence");
        if (!DIVERGENCES.contains(type)) {
            source.unknownValue(Option.DIVERGENCE.key(), type, DIVERGENCES);
        }
        if (!isAlpha && source.has("f_alpha_divergence_coef")) {
            source.note(TRL + " ignores f_alpha_divergence_coef for " + type + "; it is ignored here too");
        }
        if (type.equals("reverse_kl")) {
            return;
        }
        List<TrlLoss> undefined =
                losses.stream().filter(TrlLoss::refusesDivergence).toList();
        if (!undefined.isEmpty()) {
            source.error(
                    Option.DIVERGENCE.key(),
                    "must be reverse_kl for " + named(undefined)
                            + ", as in TRL: its constant cancels only in differences of scores, got " + type);
        }
        ignored(Option.DIVERGENCE, true);
        if (isAlpha && Math.abs(coefficient - 1) < NEARLY_REVERSE_KL) {
            source.note(TRL + " takes alpha_divergence with f_alpha_divergence_coef " + coefficient
                    + " as reverse_kl; so does this translation");
        } else if (losses.stream().anyMatch(loss -> loss.reads(Option.DIVERGENCE))) {
            section.put("divergence", isAlpha ? alpha(1 - coefficient) : Map.of("type", ourName(type)));
        }
    }

    private static Map<String, Object> alpha(double alpha) {
        Map<String, Object> divergence = new LinkedHashMap<>();
        divergence.put("type", "alpha");
        divergence.put("alpha", alpha);
        return divergence;
    }

    private static String ourName(String type) {
        return type.equals("js_divergence") ? "js" : type;
    }

    private void lengthDesensitised() {
        boolean isSet = source.has(Option.LD_ALPHA.key());
        ignored(Option.LD_ALPHA, isSet);
        if (isSet && losses.stream().anyMatch(loss -> loss.reads(Option.LD_ALPHA))) {
            section.put("ld_alpha", source.number(Option.LD_ALPHA.key(), 1));
        }
    }

    private void weighting() {
        if (!source.flag(Option.WEIGHTING.key(), false)) {
            return;
        }
        List<TrlLoss> refused =
                losses.stream().filter(loss -> !loss.reads(Option.WEIGHTING)).toList();
        if (!refused.isEmpty()) {
            source.error(
                    Option.WEIGHTING.key(),
                    "must be false for " + named(refused)
                            + ": TRL rejects it for sorted pairs, and fails with it in sft, got true");
        }
        section.put("weighting", "wpo_unclamped");
    }

    private void ignored(Option option, boolean isSet) {
        List<TrlLoss> without =
                losses.stream().filter(loss -> !loss.reads(option)).distinct().toList();
        boolean isForAll = losses.stream().noneMatch(loss -> loss.reads(option));
        if (isSet && !without.isEmpty() && (isForAll || OF_THE_WHOLE.contains(option))) {
            source.note(TRL + " ignores " + option.key() + " for " + named(without) + "; it is ignored here too");
        }
    }

    private static String named(List<TrlLoss> losses) {
        return losses.stream().map(TrlLoss::type).distinct().collect(Collectors.joining(", "));
    }
}
