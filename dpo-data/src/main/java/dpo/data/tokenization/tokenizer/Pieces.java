package dpo.data.tokenization.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Texts cut where the library cuts them before anything else, so that the ids of a text are those of its pieces, one after
 * the other: before added tokens, and before words if the tokenizer encodes them separately. A piece keeps the token at its
 * beginning: some tokenizers treat the beginning of a text differently from what follows a token.
 *
 * <p>The texts of a data set have most pieces in common. What lies between two tokens is cut and joined once for all texts of
 * a call, and a word is encoded once for all calls. Instances are safe for use by several threads.
 */
final class Pieces {

    /** Limits a request, in characters: one of the library takes less than a second. */
    private static final int MOST_CHARACTERS = 1 << 18;

    /** Limits the words that are remembered, in number and characters: 20 to 60 MB. */
    private static final int MOST_WORDS = 1 << 17;

    private static final int LONGEST_WORD = 24;

    private final Map<Character, List<String>> byFirst = new HashMap<>();
    private final boolean[] firstChars = new boolean[Character.MAX_VALUE + 1];
    private final boolean separatesWords;
    private final Map<String, int[]> remembered = new ConcurrentHashMap<>();

    /**
     * @param tokens before which texts are cut
     * @param separatesWords whether texts are also cut before a space between two visible characters
     */
    Pieces(Set<String> tokens, boolean separatesWords) {
        for (String token : tokens) {
            firstChars[token.charAt(0)] = true;
            byFirst.computeIfAbsent(token.charAt(0), first -> new ArrayList<>()).add(token);
        }
        this.separatesWords = separatesWords;
    }

    /** A text cut before tokens. Of overlapping tokens the first counts, and of several at one place the longest. */
    List<String> parts(String text) {
        List<String> parts = new ArrayList<>();
        int begin = 0;
        int at = 0;
        while (at < text.length()) {
            int token = firstChars[text.charAt(at)] ? tokenAt(text, at) : 0;
            if (token > 0 && at > begin) {
                parts.add(text.substring(begin, at));
                begin = at;
            }
            at += Math.max(1, token);
        }
        parts.add(text.substring(begin));
        return parts;
    }

    private int tokenAt(String text, int at) {
        int longest = 0;
        for (String token : byFirst.getOrDefault(text.charAt(at), List.of())) {
            longest = token.length() > longest && text.startsWith(token, at) ? token.length() : longest;
        }
        return longest;
    }

    /** A part cut before words. */
    List<String> words(String part) {
        List<String> words = new ArrayList<>();
        int begin = 0;
        for (int at = part.indexOf(' ', 1); separatesWords && at > 0; at = part.indexOf(' ', at + 1)) {
            if (at + 1 < part.length() && isVisible(part.charAt(at - 1)) && isVisible(part.charAt(at + 1))) {
                words.add(part.substring(begin, at));
                begin = at;
            }
        }
        words.add(part.substring(begin));
        return words;
    }

    /** Letters, digits and the signs of ASCII: white space in no version of Unicode. */
    private static boolean isVisible(char c) {
        return c < 0x7f ? c > ' ' : Character.isLetterOrDigit(c);
    }

    /**
     * Ids of each text.
     *
     * @param library encodes texts; empty if it fails at one of them
     * @return empty if the library fails
     */
    Optional<List<int[]>> encodeAll(List<String> texts, Function<List<String>, Optional<List<int[]>>> library) {
        List<List<String>> cut = texts.stream().map(this::parts).toList();
        Map<String, List<String>> words = new LinkedHashMap<>();
        cut.forEach(parts -> parts.forEach(part -> words.computeIfAbsent(part, this::words)));
        return encoded(words.values(), library).map(ids -> {
            Map<String, int[]> idsOfParts = new HashMap<>();
            words.forEach((part, each) -> idsOfParts.put(part, joined(each, ids)));
            return cut.stream().map(parts -> joined(parts, idsOfParts)).toList();
        });
    }

    /** Ids by word. */
    private Optional<Map<String, int[]>> encoded(
            Collection<List<String>> parts, Function<List<String>, Optional<List<int[]>>> library) {
        Map<String, int[]> ids = new HashMap<>();
        List<String> unknown = new ArrayList<>();
        for (List<String> words : parts) {
            for (String word : words) {
                int[] known = remembered.get(word);
                if (ids.put(word, known == null ? new int[0] : known) == null && known == null) {
                    unknown.add(word);
                }
            }
        }
        List<String> request = new ArrayList<>();
        int characters = 0;
        for (String word : unknown) {
            if (characters + word.length() > MOST_CHARACTERS && !ask(request, library, ids)) {
                return Optional.empty();
            }
            characters = request.isEmpty() ? word.length() : characters + word.length();
            request.add(word);
        }
        return ask(request, library, ids) ? Optional.of(ids) : Optional.empty();
    }

    /** Encodes the words of a request, which is empty afterwards; returns whether the library could. */
    private boolean ask(
            List<String> request, Function<List<String>, Optional<List<int[]>>> library, Map<String, int[]> ids) {
        Optional<List<int[]>> answer = request.isEmpty() ? Optional.of(List.of()) : library.apply(request);
        answer.ifPresent(each -> {
            for (int i = 0; i < each.size(); i++) {
                ids.put(request.get(i), each.get(i));
                remember(request.get(i), each.get(i));
            }
        });
        request.clear();
        return answer.isPresent();
    }

    private void remember(String word, int[] ids) {
        if (separatesWords && word.length() <= LONGEST_WORD && remembered.size() < MOST_WORDS) {
            remembered.put(word, ids);
        }
    }

    private static int[] joined(List<String> pieces, Map<String, int[]> ids) {
        int[] joined = new int[2 * pieces.size()];
        int length = 0;
        for (String piece : pieces) {
            int[] more = Objects.requireNonNull(ids.get(piece));
            if (length + more.length > joined.length) {
                joined = Arrays.copyOf(joined, Math.max(2 * joined.length, length + more.length));
            }
            System.arraycopy(more, 0, joined, length, more.length);
            length += more.length;
        }
        return Arrays.copyOf(joined, length);
    }
}
