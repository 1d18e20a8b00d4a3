package dpo.harness.run;

import dpo.core.InvalidInputException;
import dpo.core.logprob.Labels;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenStatistic;
import dpo.core.sequence.Label;
import dpo.harness.store.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Stored log-probabilities of preferences under policy and reference, one JSON object per line: per token, as in the
 * input of {@code dpo objective}, or per turn, as in a run's {@code pairs.jsonl}.
 *
 * @param logProbs those of all lines; unless {@code perToken}, a turn's log-probability is divided evenly among its
 *     tokens
 * @param perToken whether the file has one value per token
 */
public record LogProbsFile(PreferenceLogProbs logProbs, boolean perToken) {

    /** Maximum number of characters of a line: some million tokens. */
    private static final int LONGEST_LINE = 1 << 26;

    /** The number of characters read at a time. */
    private static final int PART = 1 << 8;

    /**
     * Reads the preferences of a file, without a reference if no line has one.
     *
     * @param step the step of the evaluation to read, in a file with several; absent: the last one
     * @param set the name of the evaluation set to read; it must be given for a file with several
     * @throws InvalidInputException if the file or a line is invalid; the message names file, line and key
     */
    public static LogProbsFile read(Path file, OptionalInt step, Optional<String> set) {
        return of(ofSet(atStep(parse(file), step, file), set, file));
    }

    /**
     * Reads all evaluations of a run's {@code pairs.jsonl}, by their steps and the names of their sets; the name of an
     * only set is empty.
     *
     * @throws InvalidInputException if the file or a line is invalid, or a line has no step
     */
    public static SortedMap<Integer, SortedMap<String, LogProbsFile>> evaluations(Path file) {
        SortedMap<Integer, SortedMap<String, List<LogProbsLine>>> lines = new TreeMap<>();
        for (LogProbsLine line : parse(file)) {
            line.require(line.step().isPresent(), "step must be in every line of a run's pairs");
            lines.computeIfAbsent(line.step().getAsInt(), step -> new TreeMap<>())
                    .computeIfAbsent(line.set(), set -> new ArrayList<>())
                    .add(line);
        }
        SortedMap<Integer, SortedMap<String, LogProbsFile>> evaluations = new TreeMap<>();
        lines.forEach((step, sets) -> {
            SortedMap<String, LogProbsFile> ofStep = new TreeMap<>();
            sets.forEach((set, ofSet) -> ofStep.put(set, of(ofSet)));
            evaluations.put(step, ofStep);
        });
        return evaluations;
    }

    private static LogProbsFile of(List<LogProbsLine> lines) {
        boolean hasReference = lines.get(0).hasReference();
        for (LogProbsLine line : lines) {
            line.require(line.hasReference() == hasReference, "reference must be in all lines or in none");
        }
        return of(lines, hasReference ? rows(lines, "reference") : TokenLogProbs.ofRows());
    }

    /**
     * Reads two files that {@code dpo logprobs} has written, one for the policy and one for the reference, with the
     * same completions in the same order.
     *
     * @throws InvalidInputException if a file or a line is invalid, or the two have different data
     */
    public static LogProbsFile read(Path file, Path referenceFile) {
        List<LogProbsLine> lines = parse(file);
        List<LogProbsLine> reference = parse(referenceFile);
        if (lines.size() != reference.size()) {
            throw new InvalidInputException("--reference must have as many lines as --log-probs (" + lines.size()
                    + "), got " + reference.size() + " (" + referenceFile + ")");
        }
        for (int i = 0; i < lines.size(); i++) {
            lines.get(i).require(!lines.get(i).hasReference(), "reference must be absent if --reference is given");
            lines.get(i).requireSameData(reference.get(i));
        }
        return of(lines, rows(reference, "policy"));
    }

    private static TokenLogProbs rows(List<LogProbsLine> lines, String key) {
        return TokenLogProbs.joined(lines.stream().map(line -> line.rows(key)).toList());
    }

    private static LogProbsFile of(List<LogProbsLine> lines, TokenLogProbs reference) {
        boolean perToken = lines.get(0).isPerToken();
        for (LogProbsLine line : lines) {
            line.require(line.isPerToken() == perToken, "log-probs must be of tokens, or of turns, in all lines");
        }
        List<Label> labels = new ArrayList<>();
        List<Double> mismatched = new ArrayList<>();
        for (LogProbsLine line : lines) {
            labels.add(line.label());
            line.require(
                    line.has("mismatched") == lines.get(0).has("mismatched"),
                    "mismatched must be in all lines or in none");
            mismatched.addAll(line.mismatched());
        }
        return new LogProbsFile(
                new PreferenceLogProbs(
                        rows(lines, "policy"), reference, Labels.of(labels), statistics(lines), mismatched),
                perToken);
    }

    private static Map<TokenStatistic, TokenLogProbs> statistics(List<LogProbsLine> lines) {
        Map<TokenStatistic, TokenLogProbs> statistics = new TreeMap<>();
        for (TokenStatistic statistic : TokenStatistic.values()) {
            String key = statistic.key();
            if (lines.stream().anyMatch(line -> line.has(key))) {
                statistics.put(statistic, rows(lines, key));
            }
        }
        return statistics;
    }

    private static List<LogProbsLine> parse(Path file) {
        List<LogProbsLine> lines = new ArrayList<>();
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new InvalidInputException("log-probs must be in a file, got a folder, pipe or device (" + file + ")");
        }
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            while (isMore(reader)) {
                lines.add(parsed(reader, file + ", line " + (lines.size() + 1)));
            }
        } catch (IOException e) {
            String what = Files.exists(file) ? e.toString() : "no such file";
            throw new InvalidInputException("log-probs must be readable, got: " + what + " (" + file + ")", e);
        }
        if (lines.isEmpty()) {
            throw new InvalidInputException("log-probs must hold at least one pair, got none (" + file + ")");
        }
        return lines;
    }

    private static LogProbsLine parsed(BufferedReader reader, String where) throws IOException {
        try {
            return new LogProbsLine(Json.read(line(reader)), where);
        } catch (InvalidInputException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException(e.getMessage() + " (" + where + ")", e);
        }
    }

    private static boolean isMore(BufferedReader reader) throws IOException {
        reader.mark(1);
        boolean isMore = reader.read() >= 0;
        reader.reset();
        return isMore;
    }

    /** Like {@link BufferedReader#readLine}, with a limit. */
    private static String line(BufferedReader reader) throws IOException {
        StringBuilder line = new StringBuilder();
        char[] part = new char[PART];
        int read;
        int end;
        do {
            reader.mark(PART);
            read = reader.read(part);
            end = 0;
            while (end < read && part[end] != '\n') {
                end++;
            }
            line.append(part, 0, end);
            if (line.length() > LONGEST_LINE) {
                throw new IllegalArgumentException("line must have at most " + LONGEST_LINE + " characters, got more");
            }
        } while (read > 0 && end == read);
        if (end < read) {
            reader.reset();
            reader.skip(end + 1L);
        }
        return line.toString();
    }

    private static List<LogProbsLine> ofSet(List<LogProbsLine> lines, Optional<String> set, Path file) {
        List<String> known = lines.stream().map(LogProbsLine::set).distinct().toList();
        String wanted = set.orElse(known.get(0));
        if (!known.contains(wanted) || (set.isEmpty() && known.size() > 1)) {
            throw new InvalidInputException("--set must be one of the evaluation sets " + known + ", got "
                    + set.orElse("none") + " (" + file + ")");
        }
        return lines.stream().filter(line -> line.set().equals(wanted)).toList();
    }

    private static List<LogProbsLine> atStep(List<LogProbsLine> lines, OptionalInt step, Path file) {
        Set<OptionalInt> known = new LinkedHashSet<>();
        lines.forEach(line -> known.add(line.step()));
        if (step.isEmpty() && known.size() == 1) {
            return lines;
        }
        OptionalInt wanted =
                step.isPresent() ? step : lines.get(lines.size() - 1).step();
        if (!known.contains(wanted)) {
            throw new InvalidInputException("--step must be one of the evaluations "
                    + known.stream()
                            .filter(OptionalInt::isPresent)
                            .map(OptionalInt::getAsInt)
                            .toList() + ", got "
                    + wanted.getAsInt() + " (" + file + ")");
        }
        return lines.stream().filter(line -> line.step().equals(wanted)).toList();
    }
}
