package dpo.report.html;

import dpo.harness.store.RunFolder;
import dpo.report.results.Run;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Completions of held-out prompts by policy and reference, side by side: the last evaluation first, the others
 * collapsed.
 */
final class SampleSection {

    private SampleSection() {}

    /** Writes the section, unless no run has samples. */
    static void write(List<Run> runs, Html html) {
        Map<Run, List<Map<String, Object>>> samples = new LinkedHashMap<>();
        for (Run run : runs) {
            boolean isDamaged = run.status().equals(Run.DAMAGED);
            List<Map<String, Object>> lines = isDamaged ? List.of() : new RunFolder(run.folder()).samples();
            if (!lines.isEmpty()) {
                samples.put(run, lines);
            }
        }
        if (!samples.isEmpty()) {
            html.element("h2", "Samples");
            samples.forEach((run, lines) -> write(run, lines, html));
        }
    }

    private static void write(Run run, List<Map<String, Object>> lines, Html html) {
        Map<String, List<Map<String, Object>>> byPrompt = lines.stream()
                .collect(Collectors.groupingBy(
                        line -> String.valueOf(line.get("pair")), LinkedHashMap::new, Collectors.toList()));
        html.markup("<details>\n<summary><code>")
                .value(run.id())
                .markup("</code> <span class=\"muted\">")
                .value(byPrompt.size() + (byPrompt.size() == 1 ? " prompt" : " prompts"))
                .markup("</span></summary>\n");
        byPrompt.forEach((example, ofPrompt) -> {
            html.element("h3", example).element("pre", text(ofPrompt.get(0), "prompt"));
            TreeMap<Integer, Map<String, Object>> bySteps = new TreeMap<>();
            ofPrompt.forEach(line -> bySteps.put(((Number) line.get("step")).intValue(), line));
            int last = bySteps.lastKey();
            table(List.of(bySteps.get(last)), html);
            if (bySteps.size() > 1) {
                html.markup("<details>\n<summary class=\"muted\">earlier steps</summary>\n");
                table(List.copyOf(bySteps.headMap(last).values()), html);
                html.markup("</details>\n");
            }
        });
        html.markup("</details>\n");
    }

    private static void table(List<Map<String, Object>> lines, Html html) {
        html.markup("<table class=\"samples\">\n<tr><th>step</th><th>policy</th><th>reference</th></tr>\n");
        for (Map<String, Object> line : lines) {
            html.markup("<tr><td class=\"number\">")
                    .value(String.valueOf(line.get("step")))
                    .markup("</td><td>")
                    .value(text(line, "policy"))
                    .markup("</td><td>")
                    .value(text(line, "reference"))
                    .markup("</td></tr>\n");
        }
        html.markup("</table>\n");
    }

    /** The text, or the token ids if there is no text. */
    private static String text(Map<String, Object> line, String who) {
        Object text = line.get(who);
        return text != null
                ? text.toString()
                : ((List<?>) line.getOrDefault(who + "_ids", List.of()))
                        .stream().map(String::valueOf).collect(Collectors.joining(" "));
    }
}
