package dpo.harness.config;

import dpo.core.backend.Backend;
import dpo.core.loss.Divergence;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.catalog.Objectives;
import dpo.core.loss.composed.GroupWeights;
import dpo.core.loss.composed.TurnWeights;
import dpo.core.metric.PreferenceMetric;
import dpo.core.setting.Requirement;
import dpo.data.format.CompletionFormats;
import dpo.data.format.PreferenceFormats;
import dpo.data.source.CompletionSource;
import dpo.data.source.PreferenceSource;
import dpo.train.ReferenceUpdates;
import dpo.train.TrainingMethod;
import dpo.train.online.Methods;
import dpo.train.online.RewardSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** Codecs for the types of an experiment that are not plain records. */
final class Codecs {

    private static final ChoiceCodec<PreferenceLoss> LOSS =
            new ChoiceCodec<>("type", PreferenceLoss.class, lossTypes(), Optional.of("sigmoid"));

    private static final Map<String, Class<? extends Divergence>> DIVERGENCES = divergences();

    private Codecs() {}

    /** All codecs, by the declared type of a settings component. */
    static Map<Class<?>, Codec<?>> all(Backends backends) {
        ChoiceCodec<PreferenceSource> preferences =
                new ChoiceCodec<>("format", PreferenceSource.class, PreferenceFormats.all(), Optional.empty());
        Map<Class<?>, Codec<?>> codecs = new LinkedHashMap<>();
        codecs.put(Record.class, new Model(backends));
        codecs.put(PreferenceLoss.class, LOSS);
        codecs.put(PreferenceTerms.class, new Terms());
        codecs.put(TurnWeights.class, new Turns());
        codecs.put(Divergence.class, new ChoiceCodec<>("type", Divergence.class, DIVERGENCES, Optional.empty()));
        codecs.put(GroupWeights.class, new Sources());
        codecs.put(SftWeight.class, new Weight());
        codecs.put(
                PreferenceMetric.class, new ChoiceCodec<>("type", PreferenceMetric.class, Map.of(), Optional.empty()));
        codecs.put(PreferenceSource.class, preferences);
        codecs.put(DataSource.class, new DataCodecs.One(preferences));
        codecs.put(EvaluationSources.class, new DataCodecs.Sets(new DataCodecs.One(preferences)));
        codecs.put(ReferenceConfig.class, new Reference());
        codecs.put(RewardSource.class, new RewardSourceCodec());
        codecs.put(
                TrainingMethod.class, new ChoiceCodec<>("type", TrainingMethod.class, Methods.all(), Optional.empty()));
        codecs.put(
                CompletionSource.class,
                new ChoiceCodec<>("format", CompletionSource.class, CompletionFormats.all(), Optional.empty()));
        return codecs;
    }

    private static Map<String, Class<? extends PreferenceLoss>> lossTypes() {
        Map<String, Class<? extends PreferenceLoss>> types = new LinkedHashMap<>();
        Objectives.published().forEach(loss -> types.put(PreferenceLoss.typeOf(loss), loss));
        return types;
    }

    private static Map<String, Class<? extends Divergence>> divergences() {
        Map<String, Class<? extends Divergence>> types = new LinkedHashMap<>();
        types.put("reverse_kl", Divergence.ReverseKl.class);
        types.put("forward_kl", Divergence.ForwardKl.class);
        types.put("js", Divergence.JensenShannon.class);
        types.put("alpha", Divergence.Alpha.class);
        return types;
    }

    /** {@code model:} is read as the settings record of the backend that {@code backend:} names. */
    private record Model(Backends backends) implements Codec<Record> {

        @Override
        public Optional<Record> read(ConfigNode node, String path, Binder binder) {
            ConfigNode named = binder.root().entries().get("backend");
            if (!(named instanceof ConfigNode.Scalar scalar && scalar.value() instanceof String name)) {
                return Optional.empty(); // reported when the key backend is read
            }
            Optional<Backend<?>> backend = backends.find(name);
            if (backend.isEmpty()) {
                return binder.error(
                        "backend",
                        "must be a backend on the class path, got " + name + Keys.suggestion(name, backends.names()),
                        named.place());
            }
            return binder.record(node, path, backend.get().modelSettings(), Set.of())
                    .map(Record.class::cast);
        }

        @Override
        public Object write(Record value, ConfigWriter writer) {
            return writer.record(value);
        }
    }

    /** One objective as a mapping, or several as a list of mappings with a {@code weight}. */
    private record Terms() implements Codec<PreferenceTerms> {

        private static final String WEIGHT = "weight";

        @Override
        public Optional<PreferenceTerms> read(ConfigNode node, String path, Binder binder) {
            if (!(node instanceof ConfigNode.Sequence sequence)) {
                return LOSS.read(node, path, binder)
                        .map(loss -> new PreferenceTerms(List.of(new PreferenceTerms.Term(1, loss))));
            }
            List<PreferenceTerms.Term> terms = new ArrayList<>();
            for (int i = 0; i < sequence.items().size(); i++) {
                term(sequence.items().get(i), path + "[" + i + "]", binder).ifPresent(terms::add);
            }
            if (sequence.items().isEmpty()) {
                return binder.error(path, "must hold at least one objective, got []", node.place());
            }
            return terms.size() == sequence.items().size() ? Optional.of(new PreferenceTerms(terms)) : Optional.empty();
        }

        private static Optional<PreferenceTerms.Term> term(ConfigNode node, String path, Binder binder) {
            Optional<PreferenceLoss> loss = LOSS.read(node, path, binder, Set.of(WEIGHT));
            if (!(node instanceof ConfigNode.Mapping mapping)
                    || !mapping.entries().containsKey(WEIGHT)) {
                return loss.map(value -> new PreferenceTerms.Term(1, value));
            }
            ConfigNode weight = mapping.entries().get(WEIGHT);
            Optional<?> number = binder.read(weight, Binder.join(path, WEIGHT), double.class);
            if (number.isPresent() && !Double.isFinite((Double) number.get())) {
                return binder.error(Binder.join(path, WEIGHT), "must be finite, got " + weight.text(), weight.place());
            }
            return number.flatMap(value -> loss.map(l -> new PreferenceTerms.Term((Double) value, l)));
        }

        @Override
        public Object write(PreferenceTerms value, ConfigWriter writer) {
            if (value.terms().size() == 1 && value.terms().get(0).weight() == 1) {
                return LOSS.write(value.terms().get(0).loss(), writer);
            }
            return value.terms().stream()
                    .map(term -> {
                        Map<String, Object> plain = LOSS.write(term.loss(), writer);
                        plain.put(WEIGHT, term.weight());
                        return plain;
                    })
                    .toList();
        }
    }

    /** {@code all}, {@code last}, {@code {discount: γ}} or {@code {weights: [w_1, …]}}. */
    private record Turns() implements Codec<TurnWeights> {

        private static final String CHOICES = "must be all, last, {discount: γ} or {weights: [w_1, …]}, got ";

        record Discount(double discount) {}

        record Weights(List<Double> weights) {

            @SuppressWarnings("UnusedMethod") // called by Binder
            Weights {
                Requirement.holds(
                        weights.stream().anyMatch(weight -> weight != 0), "weights", "must not all be 0", weights);
            }
        }

        @Override
        public Optional<TurnWeights> read(ConfigNode node, String path, Binder binder) {
            if (node.plain().equals("all")) {
                return Optional.of(new TurnWeights.All());
            } else if (node.plain().equals("last")) {
                return Optional.of(new TurnWeights.Last());
            }
            Set<String> keys = node instanceof ConfigNode.Mapping mapping
                    ? mapping.entries().keySet()
                    : Set.of();
            try {
                if (keys.contains("discount")) {
                    return binder.record(node, path, Discount.class, Set.of())
                            .map(read -> new TurnWeights.Discounted(read.discount()));
                } else if (keys.contains("weights")) {
                    return binder.record(node, path, Weights.class, Set.of())
                            .map(read -> new TurnWeights.Own(read.weights()));
                }
            } catch (IllegalArgumentException e) {
                return binder.error(path, "refused: " + e.getMessage(), node.place());
            }
            return binder.error(path, CHOICES + node.text(), node.place());
        }

        @Override
        public Object write(TurnWeights value, ConfigWriter writer) {
            if (value instanceof TurnWeights.Discounted discounted) {
                return Map.of("discount", discounted.gamma());
            } else if (value instanceof TurnWeights.Own own) {
                return Map.of("weights", own.weights());
            }
            return value instanceof TurnWeights.Last ? "last" : "all";
        }
    }

    /** {@code equal}, {@code by_size}, or a mapping from names to weights. */
    private record Sources() implements Codec<GroupWeights> {

        @Override
        public Optional<GroupWeights> read(ConfigNode node, String path, Binder binder) {
            if (node.plain().equals("equal")) {
                return Optional.of(new GroupWeights.Equal());
            } else if (node.plain().equals("by_size")) {
                return Optional.of(new GroupWeights.BySize());
            }
            if (!(node instanceof ConfigNode.Mapping mapping)) {
                return binder.error(path, "must be equal, by_size or {NAME: w_i, …}, got " + node.text(), node.place());
            }
            Map<String, Double> weights = new LinkedHashMap<>();
            mapping.entries().forEach((name, weight) -> binder.read(weight, Binder.join(path, name), double.class)
                    .ifPresent(number -> weights.put(name, (Double) number)));
            try {
                return weights.size() == mapping.entries().size()
                        ? Optional.of(new GroupWeights.Own(weights))
                        : Optional.empty();
            } catch (IllegalArgumentException e) {
                return binder.error(path, "refused: " + e.getMessage(), node.place());
            }
        }

        @Override
        public Object write(GroupWeights value, ConfigWriter writer) {
            if (value instanceof GroupWeights.Own own) {
                return own.weights();
            }
            return value instanceof GroupWeights.Equal ? "equal" : "by_size";
        }
    }

    /** A number, or {@code beta}. */
    private record Weight() implements Codec<SftWeight> {

        @Override
        public Optional<SftWeight> read(ConfigNode node, String path, Binder binder) {
            if (node.plain().equals("beta")) {
                return Optional.of(new SftWeight(OptionalDouble.empty()));
            }
            if (!(node.plain() instanceof Number number)) {
                return binder.error(path, "must be a number or beta, got " + node.text(), node.place());
            }
            try {
                return Optional.of(new SftWeight(OptionalDouble.of(number.doubleValue())));
            } catch (IllegalArgumentException e) {
                return binder.error(path, "refused: " + e.getMessage(), node.place());
            }
        }

        @Override
        public Object write(SftWeight value, ConfigWriter writer) {
            return value.isBeta() ? "beta" : (Object) value.number();
        }
    }

    /** {@code {path: …}}, or the settings of a reference that follows the policy. */
    private record Reference() implements Codec<ReferenceConfig> {

        private static final Set<String> OWN = Set.copyOf(Keys.of(ReferenceConfig.Own.class));
        private static final Set<String> MOVING = Set.copyOf(Keys.of(ReferenceUpdates.class));

        @Override
        public Optional<ReferenceConfig> read(ConfigNode node, String path, Binder binder) {
            Map<String, ConfigNode> given = node instanceof ConfigNode.Mapping mapping ? mapping.entries() : Map.of();
            if (given.keySet().stream().noneMatch(OWN::contains)) {
                return binder.record(node, path, ReferenceUpdates.class, Set.of())
                        .map(ReferenceConfig.Moving::new);
            }
            Optional<ReferenceConfig.Own> own = binder.record(node, path, ReferenceConfig.Own.class, MOVING);
            given.forEach((key, value) -> {
                if (MOVING.contains(key)) {
                    binder.error(
                            Binder.join(path, key),
                            "must be absent with reference.path, whose model stays fixed, got " + value.text(),
                            value.place());
                }
            });
            boolean isFixed = given.keySet().stream().noneMatch(MOVING::contains);
            return isFixed ? own.map(ReferenceConfig.class::cast) : Optional.empty();
        }

        @Override
        public Object write(ReferenceConfig value, ConfigWriter writer) {
            return value.updates()
                    .map(writer::record)
                    .orElseGet(() -> writer.record(value.own().orElseThrow()));
        }
    }
}
