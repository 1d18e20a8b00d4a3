package dpo.report.html;

import dpo.harness.store.RunFolder;
import dpo.harness.store.SampleLine;
import dpo.report.results.Run;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
        Map<Run, List<SampleLine>> samples = new LinkedHashMap<>();
        for (Run run : runs) {
            boolean isDamaged = run.status().equals(Run.DAMAGED);
            List<SampleLine> lines = isDamaged ? List.of() : new RunFolder(run.folder()).samples();
            if (!lines.isEmpty()) {
                samples.put(run, lines);
            }
        }
        if (!samples.isEmpty()) {
            html.element("h2", "Samples");
            samples.forEach((run, lines) -> write(run, lines, html));
        }
    }

    private static void write(Run run, List<SampleLine> lines, Html html) {
        Map<String, List<SampleLine>> byPrompt = lines.stream()
                .collect(Collectors.groupingBy(SampleLine::pair, LinkedHashMap::new, Collectors.toList()));
        html.markup("<details>\n<summary><code>")
                .value(run.id())
                .markup("</code> <span class=\"muted\">")
                .value(byPrompt.size() + (byPrompt.size() == 1 ? " prompt" : " prompts"))
                .markup("</span></summary>\n");
        byPrompt.forEach((example, ofPrompt) -> {
            html.element("h3", example)
                    .element(
                            "pre",
                            text(ofPrompt.get(0).prompt(), ofPrompt.get(0).promptIds()));
            TreeMap<Integer, SampleLine> bySteps = new TreeMap<>();
            ofPrompt.forEach(line -> bySteps.put(line.step(), line));
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

    private static void table(List<SampleLine> lines, Html html) {
        html.markup("<table class=\"samples\">\n<tr><th>step</th><th>policy</th><th>reference</th></tr>\n");
        for (SampleLine line : lines) {
            html.markup("<tr><td class=\"number\">")
                    .value(Integer.toString(line.step()))
                    .markup("</td><td>")
                    .value(text(line.policy(), line.policyIds()))
                    .markup("</td><td>")
                    .value(text(line.reference(), line.referenceIds()))
                    .markup("</td></tr>\n");
        }
        html.markup("</table>\n");
    }

    /** The text, or the token ids if there is no text. */
    private static String text(Optional<String> text, List<Integer> ids) {
        return text.orElseGet(() -> ids.stream().map(String::valueOf).collect(Collectors.joining(" ")));
    }
}
