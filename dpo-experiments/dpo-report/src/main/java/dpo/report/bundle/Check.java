package dpo.report.bundle;

import java.util.List;

/**
 * One check of a bundle.
 *
 * @param name what was checked
 * @param counts how much of it, in words
 * @param differences what differs; empty if nothing does
 */
public record Check(String name, String counts, List<String> differences) {

    public Check {
        differences = List.copyOf(differences);
    }

    /** Whether nothing differs. */
    public boolean passed() {
        return differences.isEmpty();
    }
}
