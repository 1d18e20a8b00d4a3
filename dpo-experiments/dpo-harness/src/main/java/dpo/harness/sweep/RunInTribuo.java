package dpo.harness.sweep;

import dpo.core.backend.Policy;
import dpo.data.provenance.RunProvenance;
import dpo.data.provenance.SourceProvenance;
import dpo.data.provenance.TrainingProvenance;
import dpo.harness.config.Backends;
import dpo.harness.config.ResolvedConfig;
import dpo.harness.config.SettingValue;
import dpo.harness.run.PreparedData;
import dpo.harness.store.RunRecord;
import dpo.train.TrainingLoop;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** The provenance of a run in Tribuo's types: settings, data and, as instance values, hashes and environment. */
final class RunInTribuo {

    private static final String TRAIN = "train";

    private RunInTribuo() {}

    /** The text of {@code provenance/run.json}. */
    static String json(PlannedRun run, RunRecord record, Backends backends) {
        Map<String, String> settings = new LinkedHashMap<>();
        ResolvedConfig.effective(run.config(), backends)
                .forEach(
                        (key, value) -> settings.put(key, SettingValue.of(value).text()));
        Map<String, String> facts = new LinkedHashMap<>();
        record.identity().forEach((part, hash) -> facts.put("identity." + part, hash));
        record.environment().forEach((name, value) -> facts.put("environment." + name, value));
        Map<String, SourceProvenance> others = new LinkedHashMap<>(run.data().sources());
        others.remove(TRAIN);
        return RunProvenance.toJson(RunProvenance.of(
                Policy.class.getName(),
                Instant.parse(record.started()),
                train(run.data()),
                run.data().tokens().train().size(),
                new TrainingProvenance(TrainingLoop.class.getName(), settings),
                others,
                facts));
    }

    /** The source of the training data; sampled data have their own hash in place of a file's. */
    private static SourceProvenance train(PreparedData data) {
        SourceProvenance source = data.sources().get(TRAIN);
        if (source != null) {
            return source;
        }
        int rows = data.tokens().train().size();
        return new SourceProvenance(
                "dpo.core.backend.PreferenceSampler",
                data.provenance().getOrDefault(TRAIN, Map.of()),
                "sampled",
                data.hash(),
                rows,
                rows,
                0,
                Map.of());
    }
}
