package dpo.data.tokenization.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Texts cut before tokens that the library finds before anything else, so that the ids of a text are those of its pieces,
 * one after the other. A piece keeps the token at its beginning: some tokenizers treat the beginning of a text differently
 * from what follows a token.
 *
 * <p>The conversations of an example have most pieces in common, and each piece is encoded once.
 */
final class Pieces {

    /** Limits a request, in characters: one of the library takes less than a second. */
    private static final int MOST_CHARACTERS = 1 << 18;

    private final Map<Character, List<String>> byFirst = new HashMap<>();

    /**
     * @param cuts the tokens; empty if texts must stay whole
     */
    Pieces(Set<String> cuts) {
        cuts.forEach(token -> byFirst.computeIfAbsent(token.charAt(0), first -> new ArrayList<>())
                .add(token));
    }

    /** The pieces of a text. Of overlapping tokens the first counts, and of several at one place the longest. */
    List<String> of(String text) {
        List<String> pieces = new ArrayList<>();
        int begin = 0;
        int at = 0;
        while (at < text.length()) {
            int token = tokenAt(text, at);
            if (token > 0 && at > begin) {
                pieces.add(text.substring(begin, at));
                begin = at;
            }
            at += Math.max(1, token);
        }
        pieces.add(text.substring(begin));
        return pieces;
    }

    private int tokenAt(String text, int at) {
        List<String> tokens = byFirst.get(text.charAt(at));
        int longest = 0;
        if (tokens != null) {
            for (String token : tokens) {
                longest = token.length() > longest && text.startsWith(token, at) ? token.length() : longest;
            }
        }
        return longest;
    }

    /**
     * Ids of each text.
     *
     * @param library encodes texts; empty if it fails at one of them
     * @return empty if the library fails
     */
    Optional<List<int[]>> encodeAll(List<String> texts, Function<List<String>, Optional<List<int[]>>> library) {
        List<List<String>> cut = texts.stream().map(this::of).toList();
        Map<String, int[]> known = new LinkedHashMap<>();
        cut.forEach(pieces -> pieces.forEach(piece -> known.put(piece, new int[0])));
        List<String> request = new ArrayList<>();
        int characters = 0;
        for (String piece : List.copyOf(known.keySet())) {
            if (characters + piece.length() > MOST_CHARACTERS && !ask(request, library, known)) {
                return Optional.empty();
            }
            characters = request.isEmpty() ? piece.length() : characters + piece.length();
            request.add(piece);
        }
        return ask(request, library, known)
                ? Optional.of(cut.stream().map(pieces -> joined(pieces, known)).toList())
                : Optional.empty();
    }

    /** Encodes the pieces of a request, which is empty afterwards; returns whether the library could. */
    private static boolean ask(
            List<String> request, Function<List<String>, Optional<List<int[]>>> library, Map<String, int[]> known) {
        Optional<List<int[]>> answer = request.isEmpty() ? Optional.of(List.of()) : library.apply(request);
        answer.ifPresent(ids -> {
            for (int i = 0; i < ids.size(); i++) {
                known.put(request.get(i), ids.get(i));
            }
        });
        request.clear();
        return answer.isPresent();
    }

    private static int[] joined(List<String> pieces, Map<String, int[]> known) {
        return pieces.stream().map(known::get).flatMapToInt(Arrays::stream).toArray();
    }
}
