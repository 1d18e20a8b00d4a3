package dpo.harness.reproduce;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Compares the numbers of two JSON objects after the other; times are left out. */
final class NumberComparison {

    private static final Set<String> TIMES = Set.of("step_seconds", "budget/seconds");

    private final String file;
    private final Tolerance tolerance;
    private Verdict verdict = Verdict.IDENTICAL;
    private long numbers;
    private long unequal;
    private double largestRelative;
    private FileComparison.@Nullable Largest largest;
    private String remark = "";
    private int step = -1;
    private String pair = "";

    NumberComparison(String file, Tolerance tolerance) {
        this.file = file;
        this.tolerance = tolerance;
    }

    /** Compares the lines of two files, and notes if one has more of them. */
    NumberComparison lines(List<Map<String, Object>> recorded, List<Map<String, Object>> again) {
        for (int i = 0; i < Math.min(recorded.size(), again.size()); i++) {
            step = recorded.get(i).get("step") instanceof Integer number ? number : -1;
            pair = recorded.get(i).get("pair") instanceof String id ? id : "";
            compare("", recorded.get(i), again.get(i));
        }
        if (recorded.size() != again.size()) {
            differs(recorded.size() + " lines were recorded, " + again.size() + " now");
        }
        return this;
    }

    FileComparison result() {
        return new FileComparison(file, verdict, numbers, unequal, Optional.ofNullable(largest), remark);
    }

    private void compare(String name, @Nullable Object recorded, @Nullable Object again) {
        if (recorded instanceof Map<?, ?> a && again instanceof Map<?, ?> b) {
            Set<Object> keys = new LinkedHashSet<>(a.keySet());
            keys.addAll(b.keySet());
            keys.removeAll(TIMES);
            for (Object key : keys) {
                compare(name.isEmpty() ? key.toString() : name + "." + key, a.get(key), b.get(key));
            }
        } else if (recorded instanceof List<?> a && again instanceof List<?> b && a.size() == b.size()) {
            for (int i = 0; i < a.size(); i++) {
                compare(name + "[" + i + "]", a.get(i), b.get(i));
            }
        } else if (recorded instanceof Number a && again instanceof Number b) {
            compare(name, a.doubleValue(), b.doubleValue());
        } else if (!Objects.equals(recorded, again)) {
            differs(name + where() + " was " + recorded + ", is " + again);
        }
    }

    private void compare(String metric, double a, double b) {
        numbers++;
        if (a == b || (Double.isNaN(a) && Double.isNaN(b))) {
            return;
        }
        unequal++;
        double relative = tolerance.relative(metric, a, b);
        if (largest == null || relative > largestRelative) {
            largestRelative = relative;
            largest = new FileComparison.Largest(metric, step, pair, a, b);
        }
        verdict = verdict.or(tolerance.accepts(metric, a, b) ? Verdict.WITHIN_TOLERANCE : Verdict.DIFFERENT);
    }

    private void differs(String what) {
        verdict = Verdict.DIFFERENT;
        remark = remark.isEmpty() ? what : remark;
    }

    private String where() {
        return (step < 0 ? "" : " at step " + step) + (pair.isEmpty() ? "" : " of " + pair);
    }
}
