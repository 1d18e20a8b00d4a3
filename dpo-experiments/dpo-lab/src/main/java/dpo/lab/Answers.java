package dpo.lab;

import dpo.core.setting.Requirement;
import java.util.List;

/** Settings that hold one number per answer. */
public final class Answers {

    private Answers() {}

    /** Requires finite numbers, one per answer. */
    public static void numbers(String name, List<Double> numbers, int answers) {
        Requirement.holds(numbers.size() == answers, name, "must hold " + answers + " numbers", numbers);
        Requirement.holds(numbers.stream().allMatch(Double::isFinite), name, "must hold finite numbers", numbers);
    }

    /** The numbers as an array. */
    public static double[] array(List<Double> numbers) {
        return numbers.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
