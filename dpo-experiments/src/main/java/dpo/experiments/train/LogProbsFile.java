package dpo.experiments.train;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.sequence.PreferencePair;
import dpo.experiments.store.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Stored token log-probabilities of pairs under policy and reference, a JSON object a line. */
public final class LogProbsFile {

    private static final Set<String> KNOWN = new TreeSet<>(
            Set.of("policy", "reference", "group", "weight", "turns", "row", "pair", "log_sum_squared_probs"));

    private LogProbsFile() {}

    /**
     * The pairs of a file.
     *
     * @throws InvalidInputException where the file or a line cannot be used: file, line, key
     */
    public static PreferenceLogProbs read(Path file) {
        List<String> groups = new ArrayList<>();
        List<Double> weights = new ArrayList<>();
        List<Line> sides = new ArrayList<>();
        int number = 0;
        for (String text : lines(file)) {
            number++;
            String where = file + ", line " + number;
            Map<String, Object> line = object(text, where);
            Object group = line.getOrDefault("group", PreferencePair.ONLY_GROUP);
            Object weight = line.getOrDefault("weight", 1.0);
            if (!(group instanceof String name) || !(weight instanceof Number factor) || !(factor.doubleValue() >= 0)) {
                throw new InvalidInputException(
                        "group must be text and weight a number at least 0, got " + group + " and " + weight + " (" + where + ")");
            }
            groups.add(name);
            weights.add(factor.doubleValue());
            sides.add(new Line(line, where));
        }
        if (sides.isEmpty()) {
            throw new InvalidInputException("log-probs must hold at least one pair, got none (" + file + ")");
        }
        return new PreferenceLogProbs(
                logProbs(sides, "policy", "chosen"),
                logProbs(sides, "policy", "rejected"),
                logProbs(sides, "reference", "chosen"),
                logProbs(sides, "reference", "rejected"),
                groups,
                weights);
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            String what = Files.exists(file) ? e.toString() : "no such file";
            throw new InvalidInputException("log-probs must be readable, got: " + what + " (" + file + ")", e);
        }
    }

    private static Map<String, Object> object(String text, String where) {
        try {
            Map<String, Object> line = Json.read(text);
            for (String key : line.keySet()) {
                if (!KNOWN.contains(key)) {
                    throw new InvalidInputException("keys must be known " + KNOWN + ", got " + key + " (" + where + ")");
                }
            }
            return line;
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException(e.getMessage() + " (" + where + ")", e);
        }
    }

    /** One line, from which the four rows of a pair are taken. */
    private record Line(Map<String, Object> line, String where) {

        double[] values(String model, String side) {
            return numbers(model, side).stream().mapToDouble(Double::doubleValue).toArray();
        }

        /** Tokens of each turn; one turn where the line does not say. */
        int[] turns(String side) {
            int tokens = numbers("policy", side).size();
            if (numbers("reference", side).size() != tokens) {
                throw new InvalidInputException("reference." + side + " must have as many tokens as policy." + side + " ("
                        + tokens + "), got " + numbers("reference", side).size() + " (" + where + ")");
            }
            if (!line.containsKey("turns")) {
                return tokens == 0 ? new int[0] : new int[] {tokens};
            }
            List<Double> lengths = numbers("turns", side);
            if (lengths.stream().anyMatch(length -> !(length >= 1 && length == Math.rint(length)))) {
                throw new InvalidInputException(
                        "turns." + side + " must be whole numbers, at least 1, got " + lengths + " (" + where + ")");
            }
            int[] turns = lengths.stream().mapToInt(Double::intValue).toArray();
            int sum = IntStream.of(turns).sum();
            if (sum != tokens) {
                throw new InvalidInputException("turns." + side + " must add up to the number of tokens (" + tokens
                        + "), got " + sum + " (" + where + ")");
            }
            return turns;
        }

        private List<Double> numbers(String key, String side) {
            Object found = line.get(key) instanceof Map<?, ?> map ? map.get(side) : null;
            if (!(found instanceof List<?> list) || !list.stream().allMatch(Number.class::isInstance)) {
                throw new InvalidInputException(
                        key + "." + side + " must be a list of numbers, got " + found + " (" + where + ")");
            }
            return list.stream().map(item -> ((Number) item).doubleValue()).toList();
        }
    }

    private static TokenLogProbs logProbs(List<Line> lines, String model, String side) {
        TokenShape shape = TokenShape.ofTurns(lines.stream().map(line -> line.turns(side)).toArray(int[][]::new));
        double[] values = new double[shape.tokens()];
        int at = 0;
        for (Line line : lines) {
            double[] row = line.values(model, side);
            System.arraycopy(row, 0, values, at, row.length);
            at += row.length;
        }
        return TokenLogProbs.of(shape, values);
    }
}
