package dpo.harness.sweep;

import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentFile;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where the data and the models of a run come from, for its record. */
final class RunProvenance {

    private RunProvenance() {}

    static Map<String, Object> of(PlannedRun run, Backends backends) {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put(
                "settings", ExperimentFile.resolvedTree(run.config(), backends).get("model"));
        model.put("fingerprint", run.identity().model());
        Map<String, Object> provenance = new LinkedHashMap<>(run.data().provenance());
        provenance.put("model", model);
        run.identity().reference().ifPresent(fingerprint -> {
            Map<String, Object> reference = new LinkedHashMap<>();
            reference.put(
                    "settings",
                    ExperimentFile.resolvedTree(run.config(), backends).get("reference"));
            reference.put("fingerprint", fingerprint);
            provenance.put("reference", reference);
        });
        List<String> ineffectiveSettings = run.ineffectiveSettings();
        if (!ineffectiveSettings.isEmpty()) {
            provenance.put("without_effect", ineffectiveSettings);
        }
        return provenance;
    }
}
