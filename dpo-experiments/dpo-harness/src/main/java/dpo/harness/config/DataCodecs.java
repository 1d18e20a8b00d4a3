package dpo.harness.config;

import dpo.core.setting.SettingException;
import dpo.data.source.PreferenceSource;
import dpo.train.EvaluationSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Codecs of the sources of preferences. */
final class DataCodecs {

    private static final String FORMAT = "format";
    private static final String WORLD = "world";

    private DataCodecs() {}

    /** A format of dpo-data, or {@code world}. */
    record One(ChoiceCodec<PreferenceSource> text) implements Codec<DataSource> {

        @Override
        public Optional<DataSource> read(ConfigNode node, String path, Binder binder) {
            if (node instanceof ConfigNode.Mapping mapping
                    && mapping.entries().containsKey(FORMAT)
                    && mapping.entries().get(FORMAT).plain().equals(WORLD)) {
                return binder.record(node, path, DataSource.World.class, Set.of(FORMAT))
                        .map(DataSource.class::cast);
            }
            return text.read(node, path, binder).map(DataSource.Text::new);
        }

        @Override
        public Object write(DataSource value, ConfigWriter writer) {
            return value.match(of -> text.write(of.source(), writer), world -> write(world, writer));
        }

        private static Map<String, Object> write(DataSource.World world, ConfigWriter writer) {
            Map<String, Object> plain = new LinkedHashMap<>();
            plain.put(FORMAT, WORLD);
            plain.putAll(writer.record(world));
            return plain;
        }
    }

    /** One source, or a mapping from names to sources. */
    record Sets(One one) implements Codec<EvaluationSources> {

        @Override
        public Optional<EvaluationSources> read(ConfigNode node, String path, Binder binder) {
            if (!(node instanceof ConfigNode.Mapping mapping) || !isNamed(mapping)) {
                return one.read(node, path, binder).map(source -> new EvaluationSources(Map.of("", source)));
            }
            Map<String, DataSource> byName = new LinkedHashMap<>();
            mapping.entries().forEach((name, source) -> {
                Optional<DataSource> read = one.read(source, Binder.join(path, name), binder);
                if (byName.keySet().stream().anyMatch(name::equalsIgnoreCase)) {
                    binder.error(
                            Binder.join(path, name),
                            "must differ from other names by more than case, got " + name,
                            source.place());
                } else if (isName(name, source, path, binder)) {
                    read.ifPresent(value -> byName.put(name, value));
                }
            });
            return byName.size() == mapping.entries().size()
                    ? Optional.of(new EvaluationSources(byName))
                    : Optional.empty();
        }

        private static boolean isNamed(ConfigNode.Mapping mapping) {
            return !mapping.entries().containsKey(FORMAT)
                    && mapping.entries().values().stream().anyMatch(ConfigNode.Mapping.class::isInstance);
        }

        private static boolean isName(String name, ConfigNode source, String path, Binder binder) {
            try {
                EvaluationSet.requireName(name, name);
                return true;
            } catch (SettingException refused) {
                binder.error(Binder.join(path, name), refused.problem(), source.place());
                return false;
            }
        }

        @Override
        public Object write(EvaluationSources value, ConfigWriter writer) {
            DataSource unnamed = value.byName().get("");
            if (unnamed != null) {
                return one.write(unnamed, writer);
            }
            Map<String, Object> plain = new LinkedHashMap<>();
            value.byName().forEach((name, source) -> plain.put(name, one.write(source, writer)));
            return plain;
        }
    }
}
