package dpo.docs;

import dpo.core.backend.AdamW;
import dpo.core.backend.Backend;
import dpo.core.loss.Divergence;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.catalog.Objectives;
import dpo.core.setting.Inlined;
import dpo.core.setting.Setting;
import dpo.data.format.CompletionFormats;
import dpo.data.format.PreferenceFormats;
import dpo.harness.config.Backends;
import dpo.harness.config.DataConfig;
import dpo.harness.config.DataSource;
import dpo.harness.config.ExperimentConfig;
import dpo.harness.config.GroupConfig;
import dpo.harness.config.Halving;
import dpo.harness.config.ObjectiveConfig;
import dpo.harness.config.ReferenceConfig;
import dpo.harness.config.SamplesConfig;
import dpo.harness.config.SearchAxis;
import dpo.harness.config.SftConfig;
import dpo.harness.config.TaskResources;
import dpo.harness.config.TrainingConfig;
import dpo.train.BestEvaluation;
import dpo.train.LearningRateSchedule;
import dpo.train.ReferenceUpdates;
import dpo.train.online.Methods;
import dpo.train.online.RewardTraining;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The reference of all configuration keys, as Markdown, from the records that a configuration is bound to. */
final class ConfigReference {

    private final StringBuilder text = new StringBuilder();

    private ConfigReference() {}

    static String markdown() {
        ConfigReference reference = new ConfigReference();
        reference.table("", ExperimentConfig.class);
        for (Backend<?> backend : Backends.onClassPath().all()) {
            Class<? extends Record> model = backend.modelSettings();
            reference.table("model` of `backend: " + backend.name(), model);
            nested(model)
                    .forEach((key, type) -> reference.table("model." + key + "` of `backend: " + backend.name(), type));
        }
        reference.table("data", DataConfig.class);
        reference.choice("data.train` and `data.evaluation", "format", pairSources());
        reference.table("objective", ObjectiveConfig.class);
        reference.choice("objective.preference", "type", losses());
        reference.choice("objective.divergence", "type", divergences());
        reference.table("objective.sft", SftConfig.class);
        reference.choice("objective.sft.data", "format", new LinkedHashMap<>(CompletionFormats.all()));
        reference.table("objective.groups", GroupConfig.class);
        reference.table("objective.groups.robust", GroupConfig.Robust.class);
        reference.table("reference` with `sync_steps", ReferenceUpdates.class);
        reference.table("reference` with `path", ReferenceConfig.Own.class);
        reference.choice("method", "type", methods());
        reference.table("method.reward_model", RewardTraining.class);
        reference.table("optimizer", AdamW.class);
        reference.table("schedule", LearningRateSchedule.class);
        reference.table("training", TrainingConfig.class);
        reference.table("training.best", BestEvaluation.class);
        reference.table("halving", Halving.class);
        reference.table("cluster", TaskResources.class);
        reference.table("sweep.NAME", SearchAxis.class);
        reference.table("sweep.NAME.over.PATH", SearchAxis.Range.class);
        reference.table("training.samples", SamplesConfig.class);
        return reference.text.toString();
    }

    /** Every record type whose keys {@link #markdown} lists. */
    static Set<Class<?>> documented() {
        Stream<Class<?>> fixed = Stream.of(
                ExperimentConfig.class,
                DataConfig.class,
                ObjectiveConfig.class,
                SftConfig.class,
                GroupConfig.class,
                GroupConfig.Robust.class,
                ReferenceConfig.Own.class,
                ReferenceUpdates.class,
                AdamW.class,
                LearningRateSchedule.class,
                TrainingConfig.class,
                SamplesConfig.class,
                BestEvaluation.class,
                Halving.class,
                TaskResources.class,
                SearchAxis.class,
                RewardTraining.class,
                SearchAxis.Range.class);
        Stream<Class<?>> models = Backends.onClassPath().all().stream()
                .<Class<?>>map(Backend::modelSettings)
                .flatMap(model -> Stream.concat(Stream.of(model), nested(model).values().stream()));
        return Stream.of(
                        fixed,
                        models,
                        pairSources().values().stream(),
                        losses().values().stream(),
                        divergences().values().stream(),
                        methods().values().stream(),
                        CompletionFormats.all().values().stream())
                .<Class<?>>flatMap(types -> types)
                .flatMap(type -> Stream.concat(Stream.of(type), inlined(type)))
                .collect(Collectors.toSet());
    }

    private static Stream<Class<?>> inlined(Class<?> type) {
        return Arrays.stream(type.getRecordComponents())
                .filter(component -> component.isAnnotationPresent(Inlined.class))
                .map(RecordComponent::getType);
    }

    private static Map<String, Class<?>> pairSources() {
        Map<String, Class<?>> sources = new LinkedHashMap<>(Map.of("world", DataSource.World.class));
        sources.putAll(PreferenceFormats.all());
        return sources;
    }

    private static Map<String, Class<?>> divergences() {
        return new TreeMap<>(Map.of(
                "reverse_kl",
                Divergence.ReverseKl.class,
                "forward_kl",
                Divergence.ForwardKl.class,
                "js",
                Divergence.JensenShannon.class,
                "alpha",
                Divergence.Alpha.class));
    }

    private static Map<String, Class<?>> methods() {
        return new LinkedHashMap<>(Methods.all());
    }

    private static Map<String, Class<?>> losses() {
        Map<String, Class<?>> losses = new LinkedHashMap<>();
        Objectives.published().forEach(loss -> losses.put(PreferenceLoss.typeOf(loss), loss));
        return losses;
    }

    /** The components that are records themselves, by key. */
    private static Map<String, Class<?>> nested(Class<?> type) {
        Map<String, Class<?>> nested = new TreeMap<>();
        for (RecordComponent component : type.getRecordComponents()) {
            if (component.getType() == Optional.class
                    && component.getGenericType() instanceof ParameterizedType generic
                    && generic.getActualTypeArguments()[0] instanceof Class<?> inner
                    && inner.isRecord()) {
                nested.put(key(component), inner);
            }
        }
        return nested;
    }

    private void table(String path, Class<?> type) {
        heading(path);
        text.append("| key | default | meaning |\n|---|---|---|\n");
        settings(type).forEach(setting -> text.append("| `")
                .append(setting.key())
                .append("` | ")
                .append(setting.byDefault())
                .append(" | ")
                .append(setting.about())
                .append(" |\n"));
    }

    /** Keys that several types share are listed once. */
    private void choice(String path, String discriminator, Map<String, Class<?>> types) {
        Map<Row, List<String>> rows = new LinkedHashMap<>();
        types.forEach((name, type) -> settings(type)
                .forEach(row -> rows.merge(row, List.of(name), (a, b) -> Stream.concat(a.stream(), b.stream())
                        .toList())));
        heading(path);
        text.append("| key | of `").append(discriminator).append("` | default | meaning |\n|---|---|---|---|\n");
        rows.forEach((row, names) -> text.append("| `")
                .append(row.key())
                .append("` | ")
                .append(names.stream().map(name -> "`" + name + "`").collect(Collectors.joining(", ")))
                .append(" | ")
                .append(row.byDefault())
                .append(" | ")
                .append(row.about())
                .append(" |\n"));
    }

    private void heading(String path) {
        text.append("\n### ")
                .append(path.isEmpty() ? "Top level" : "`" + path + "`")
                .append("\n\n");
    }

    private record Row(String key, String byDefault, String about) {}

    private static Stream<Row> settings(Class<?> type) {
        return Arrays.stream(type.getRecordComponents())
                .flatMap(component -> component.isAnnotationPresent(Inlined.class)
                        ? settings(component.getType())
                        : row(component).stream());
    }

    private static Optional<Row> row(RecordComponent component) {
        return Optional.ofNullable(component.getAnnotation(Setting.class))
                .map(setting -> new Row(
                        key(component),
                        byDefault(component, setting),
                        setting.about().replace("|", "\\|")));
    }

    private static String byDefault(RecordComponent component, Setting setting) {
        if (!setting.byDefault().isEmpty()) {
            return "`" + setting.byDefault() + "`";
        }
        return component.getType() == Optional.class ? "absent" : "must be given";
    }

    private static String key(RecordComponent component) {
        return component.getName().replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
    }
}
