package dpo.harness.run;

import dpo.core.InvalidInputException;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.logprob.TokenStatistic;
import dpo.core.sequence.Label;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A line of a {@link LogProbsFile}: the completions of one prompt under both models, or under one model, as
 * {@code dpo logprobs} writes them, with the policy's values at the top level of the line.
 */
final class LogProbsLine {

    /** The keys whose values must be equal in two lines about the same completions. */
    private static final List<String> OF_DATA = List.of(
            "row",
            "pair",
            "prompt_ids",
            "chosen_ids",
            "rejected_ids",
            "completion_ids",
            "ratings",
            "group",
            "weight",
            "turns");

    private static final String POLICY = "policy";
    private static final String COMPLETIONS = "completions";
    private static final List<String> SIDES = List.of("chosen", "rejected");
    private static final int MOST_TOKENS = 1 << 24;
    private static final Set<String> KNOWN = known();

    private static Set<String> known() {
        Set<String> known = new TreeSet<>(OF_DATA);
        known.addAll(SIDES);
        known.addAll(List.of(POLICY, "reference", COMPLETIONS, "prompt", "tokens", "step", "set", "mismatched"));
        Arrays.stream(TokenStatistic.values()).map(TokenStatistic::key).forEach(known::add);
        return known;
    }

    private final Map<String, Object> line;
    private final String where;
    private final @Nullable Object policy;
    private final boolean perToken;
    private final int[][] turns;

    LogProbsLine(Map<String, Object> line, String where) {
        this.line = line;
        this.where = where;
        for (String key : line.keySet()) {
            require(KNOWN.contains(key), () -> "keys must be among " + KNOWN + ", got " + key);
        }
        boolean isOfOneModel = SIDES.stream().anyMatch(this::has) || has(COMPLETIONS);
        require(!isOfOneModel || !has(POLICY), "policy must be absent if completions are at the top level, got both");
        this.policy = isOfOneModel ? line : line.get(POLICY);
        List<Object> completions = completions(POLICY, "");
        this.perToken = completions.stream().allMatch(List.class::isInstance);
        require(
                perToken || completions.stream().allMatch(Number.class::isInstance),
                "policy must hold a list of numbers, or a number with its turns, for each completion");
        this.turns = perToken && !has("turns") ? oneTurnEach(completions) : givenTurns(completions.size());
    }

    boolean isPerToken() {
        return perToken;
    }

    boolean has(String key) {
        return line.containsKey(key);
    }

    OptionalInt step() {
        if (line.get("step") instanceof Integer step) {
            return OptionalInt.of(step);
        }
        require(!has("step"), () -> "step must be a whole number of 32 bits, got " + line.get("step"));
        return OptionalInt.empty();
    }

    /** The name of the evaluation set; empty if it has none. */
    String set() {
        Object name = line.getOrDefault("set", "");
        require(name instanceof String, () -> "set must be text, got " + name);
        return (String) name;
    }

    boolean hasReference() {
        return has("reference");
    }

    /** Requires that a line of another model is about the same completions. */
    void requireSameData(LogProbsLine other) {
        for (String key : OF_DATA) {
            require(
                    Objects.equals(line.get(key), other.line.get(key)),
                    () -> key + " must be that of the reference's line, got " + line.get(key) + " and "
                            + other.line.get(key) + " in " + other.where);
        }
    }

    /** One number per completion; a single number applies to all of them. */
    List<Double> mismatched() {
        Object given = line.getOrDefault("mismatched", List.of());
        if (given instanceof Number) {
            return Collections.nCopies(turns.length, number(given, "mismatched"));
        }
        List<Double> numbers = numbers(given, "mismatched");
        require(
                numbers.size() == turns.length || !has("mismatched"),
                () -> "mismatched must have " + turns.length + " numbers, one per completion, got " + numbers.size());
        return numbers;
    }

    Label label() {
        Object group = line.getOrDefault("group", Label.ONLY_GROUP);
        require(group instanceof String, () -> "group must be text, got " + group);
        double weight = number(line.getOrDefault("weight", 1.0), "weight");
        List<Double> ratings = has("ratings") ? numbers(line.get("ratings"), "ratings") : List.of();
        try {
            return new Label(turns.length, ratings, (String) group, weight);
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException(e.getMessage() + " (" + where + ")", e);
        }
    }

    /** The rows of {@code policy}, {@code reference} or a token statistic. */
    TokenLogProbs rows(String key) {
        TokenShape shape = TokenShape.ofTurns(turns);
        double[] values = new double[shape.tokens()];
        List<Object> completions = completions(key, perToken ? "" : "_turns");
        require(
                completions.size() == turns.length,
                () -> key + " must have " + turns.length + " completions, got " + completions.size());
        for (int row = 0; row < turns.length; row++) {
            List<Double> given = numbers(completions.get(row), key);
            int expected = perToken ? shape.tokens(row) : shape.turns(row);
            if (given.size() != expected) {
                throw invalid(key + "." + name(row) + " must have as many numbers as "
                        + (perToken ? "policy." + name(row) : "turns") + " (" + expected + "), got " + given.size());
            }
            for (int turn = 0; turn < shape.turns(row); turn++) {
                int length = turns[row][turn];
                for (int i = shape.turnStart(row, turn); i < shape.turnEnd(row, turn); i++) {
                    values[i] = perToken ? given.get(i - shape.start(row)) : given.get(turn) / length;
                }
            }
        }
        return TokenLogProbs.of(shape, values);
    }

    void require(boolean holds, String message) {
        require(holds, () -> message);
    }

    /** Like {@link #require(boolean, String)}, for texts of values, which take longer than the check. */
    private void require(boolean holds, Supplier<String> message) {
        if (!holds) {
            throw invalid(message.get());
        }
    }

    private InvalidInputException invalid(String message) {
        return new InvalidInputException(message + " (" + where + ")");
    }

    /** The values of a key per completion: those of its two sides, or its list {@code completions}. */
    private List<Object> completions(String key, String suffix) {
        Object given = key.equals(POLICY) ? policy : line.get(key);
        Map<?, ?> map = given instanceof Map<?, ?> mapping ? mapping : Map.of();
        require(given instanceof Map<?, ?>, () -> key + " must be a mapping, got " + given);
        if (map.get(COMPLETIONS + suffix) instanceof List<?> list) {
            return new ArrayList<>(list);
        }
        List<Object> sides = new ArrayList<>();
        for (String side : SIDES) {
            Object value = map.get(side + suffix);
            require(value != null, () -> key + "." + side + suffix + " must be a list of numbers, got " + value);
            sides.add(value);
        }
        return sides;
    }

    private int[][] oneTurnEach(List<Object> completions) {
        return completions.stream()
                .map(tokens -> ((List<?>) tokens).isEmpty() ? new int[0] : new int[] {((List<?>) tokens).size()})
                .toArray(int[][]::new);
    }

    private int[][] givenTurns(int completions) {
        List<Object> given = completions("turns", "");
        require(
                given.size() == completions,
                () -> "turns must have " + completions + " completions, got " + given.size());
        int[][] lengths = new int[completions][];
        for (int row = 0; row < completions; row++) {
            List<Double> ofRow = numbers(given.get(row), "turns." + name(row));
            if (!ofRow.stream().allMatch(length -> length >= 1 && length == Math.rint(length))) {
                throw invalid("turns." + name(row) + " must be whole numbers, at least 1, got " + ofRow);
            }
            double tokensOfAll = ofRow.stream().mapToDouble(Double::doubleValue).sum();
            if (!(tokensOfAll <= MOST_TOKENS)) {
                throw invalid("turns." + name(row) + " must add up to at most " + MOST_TOKENS + " tokens, got "
                        + tokensOfAll);
            }
            lengths[row] = ofRow.stream().mapToInt(Double::intValue).toArray();
            if (perToken) {
                int tokens = numbers(completions(POLICY, "").get(row), POLICY).size();
                int sum = Arrays.stream(lengths[row]).sum();
                if (sum != tokens) {
                    throw invalid(
                            "turns." + name(row) + " must add up to the number of tokens (" + tokens + "), got " + sum);
                }
            }
        }
        return lengths;
    }

    private String name(int row) {
        boolean sides = policy instanceof Map<?, ?> map && map.containsKey(SIDES.get(0));
        return sides ? SIDES.get(row) : COMPLETIONS + "[" + row + "]";
    }

    private List<Double> numbers(@Nullable Object value, String name) {
        require(value instanceof List<?>, () -> name + " must be a list of numbers, got " + value);
        List<?> items = value instanceof List<?> list ? list : List.of();
        return items.stream().map(item -> number(item, name)).toList();
    }

    private double number(@Nullable Object value, String name) {
        double number = value instanceof Number given ? given.doubleValue() : Double.NaN;
        require(Double.isFinite(number), () -> name + " must hold finite numbers, got " + value);
        return number;
    }
}
