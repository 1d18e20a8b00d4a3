package dpo.report.html;

import dpo.data.example.PreferenceExample;
import dpo.data.example.Text;
import dpo.data.source.Dataset;
import dpo.harness.config.Backends;
import dpo.harness.config.ConfigException;
import dpo.harness.config.DataSource;
import dpo.harness.config.EvaluationSources;
import dpo.harness.config.ExperimentFile;
import dpo.harness.store.RunFolder;
import dpo.report.results.Run;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The texts of held-out pairs, read again from the data files of the runs. Texts of a file that is gone or has changed
 * are left out, and the page says so.
 */
final class PairTexts {

    /** The most characters of all texts of a page. */
    private static final int MOST_CHARACTERS = 1_200_000;

    private static final String SHA256 = "sha256";

    /** The key of what concerns every set. */
    private static final String ALL = "*";

    private final Map<String, Map<String, List<String>>> texts = new TreeMap<>();
    private final Map<String, String> absent = new TreeMap<>();
    private int left = MOST_CHARACTERS;

    private PairTexts() {}

    /**
     * The texts of an evaluation set.
     *
     * @param texts prompt, chosen and rejected, for the first pairs; null for a pair that another run has
     * @param note which texts are missing, and why; empty if none is
     */
    record Of(List<@Nullable List<String>> texts, String note) {}

    /** Reads the evaluation sets of the first run that has them. */
    static PairTexts of(List<Run> runs) {
        PairTexts all = new PairTexts();
        runs.stream().filter(Run::isCompleted).findFirst().ifPresent(all::read);
        return all;
    }

    private void read(Run run) {
        try {
            ExperimentFile.read(new RunFolder(run.folder()).config(), List.of(), Backends.onClassPath())
                    .cells()
                    .get(0)
                    .config()
                    .data()
                    .evaluation()
                    .ifPresent(sources -> sources.byName().forEach((name, source) -> {
                        if (source instanceof DataSource.Text text) {
                            read(name, text, run.document().path("provenance").path(EvaluationSources.part(name)));
                        }
                    }));
        } catch (ConfigException unreadable) {
            absent.put(ALL, "No texts: the configuration cannot be read again here.");
        }
    }

    private void read(String set, DataSource.Text source, JsonNode recorded) {
        try {
            Dataset<PreferenceExample> data = source.source().read();
            String hash = recorded.path(SHA256).asString("");
            if (hash.equals(data.provenance().readable().get(SHA256))) {
                texts.put(set, byPair(data));
            } else {
                absent.put(set, "No texts: the data file has changed since the run.");
            }
        } catch (RuntimeException unreadable) {
            absent.put(set, "No texts: the data cannot be read again (" + unreadable.getMessage() + ").");
        }
    }

    private static Map<String, List<String>> byPair(Dataset<PreferenceExample> data) {
        Map<String, List<String>> byPair = new LinkedHashMap<>();
        for (PreferenceExample example : data.examples()) {
            List<Text> completions = example.completions();
            if (completions.size() == 2) {
                byPair.put(
                        example.id(),
                        List.of(
                                example.prompt().readable(),
                                completions.get(0).readable(),
                                completions.get(1).readable()));
            }
        }
        return byPair;
    }

    /** The texts of these pairs, in their order, as many as fit into the page. */
    Of of(String set, List<String> pairs) {
        Map<String, List<String>> known = texts.getOrDefault(set, Map.of());
        List<@Nullable List<String>> found = new ArrayList<>();
        int count = 0;
        for (String pair : known.isEmpty() ? List.<String>of() : pairs) {
            List<String> text = known.get(pair);
            int size = text == null ? 0 : text.stream().mapToInt(String::length).sum();
            if (size > left) {
                break;
            }
            left -= size;
            count += text == null ? 0 : 1;
            found.add(text);
        }
        String note = absent.getOrDefault(set, absent.getOrDefault(ALL, ""));
        boolean isCut = note.isEmpty() && !known.isEmpty() && count < pairs.size();
        return new Of(found, isCut ? "Texts of " + count + " of these " + pairs.size() + " pairs." : note);
    }
}
