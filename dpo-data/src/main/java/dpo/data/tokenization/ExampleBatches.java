package dpo.data.tokenization;

import dpo.data.example.BadRowException;
import dpo.data.example.Text;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * The encoding of many examples on all processors. Results come in the order of the examples, and so do their errors: they
 * do not depend on the number of processors.
 *
 * @param <E> kind of example
 */
final class ExampleBatches<E> {

    /** Examples that are encoded together. */
    private static final int SIZE = 128;

    /** Batches per processor that are in memory at a time, so that each has work. */
    private static final int AHEAD = 4;

    /**
     * The texts of an example.
     *
     * @param id its name in messages
     */
    record Texts(String id, Text prompt, List<Text> completions) {}

    /**
     * The ids of an example.
     *
     * @param completions empty if there is a fault
     * @param fault what prevents its encoding
     */
    record Encoded(List<EncodedCompletion> completions, Optional<RuntimeException> fault) {}

    private final TextEncoder encoder;
    private final Function<Text, ExampleEncoder> encoders;
    private final Function<E, Texts> texts;

    /**
     * @param encoders the encoder for the kind of a prompt
     * @param texts the texts of an example
     */
    ExampleBatches(TextEncoder encoder, Function<Text, ExampleEncoder> encoders, Function<E, Texts> texts) {
        this.encoder = encoder;
        this.encoders = encoders;
        this.texts = texts;
    }

    /** Passes the ids of each example on, in order, on the calling thread. */
    void encode(List<E> examples, BiConsumer<E, Encoded> result) {
        int processors = Runtime.getRuntime().availableProcessors();
        ExecutorService threads = Executors.newFixedThreadPool(processors);
        try {
            Deque<Batch<E>> ahead = new ArrayDeque<>();
            for (int from = 0; from < examples.size(); from += SIZE) {
                List<E> batch = examples.subList(from, Math.min(from + SIZE, examples.size()));
                ahead.add(new Batch<>(batch, threads.submit(() -> encoded(batch))));
                if (ahead.size() > AHEAD * processors) {
                    ahead.remove().passTo(result);
                }
            }
            ahead.forEach(batch -> batch.passTo(result));
        } finally {
            threads.shutdownNow();
        }
    }

    /** Some examples and their ids, when they are known. */
    private record Batch<E>(List<E> examples, Future<List<Encoded>> encoded) {

        void passTo(BiConsumer<E, Encoded> result) {
            List<Encoded> each = get();
            for (int i = 0; i < examples.size(); i++) {
                result.accept(examples.get(i), each.get(i));
            }
        }

        private List<Encoded> get() {
            try {
                return encoded.get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while texts were tokenized", e);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof Error error) {
                    throw error;
                }
                throw new IllegalStateException("texts must be tokenized, got: " + e.getCause(), e.getCause());
            }
        }
    }

    /** An example in the form of text, or its fault. */
    private record Rendered(String id, ExampleEncoder encoder, List<RenderedCompletion> completions) {}

    private List<Encoded> encoded(List<E> batch) {
        List<Function<Map<String, int[]>, Encoded>> examples = new ArrayList<>();
        List<String> all = new ArrayList<>();
        for (E example : batch) {
            try {
                Rendered rendered = rendered(texts.apply(example));
                rendered.completions().forEach(side -> side.texts().forEach(all::add));
                examples.add(known -> encoded(rendered, known));
            } catch (RuntimeException fault) {
                examples.add(known -> new Encoded(List.of(), Optional.of(fault)));
            }
        }
        Map<String, int[]> known = encoder.encodeAll(all);
        return examples.stream().map(example -> example.apply(known)).toList();
    }

    private Rendered rendered(Texts example) {
        ExampleEncoder chosen = encoders.apply(example.prompt());
        return new Rendered(
                example.id(), chosen, chosen.completions(example.prompt(), example.completions(), example.id()));
    }

    private Encoded encoded(Rendered example, Map<String, int[]> known) {
        Map<String, int[]> complete = new HashMap<>(); // A text that occurs several times has one array.
        Function<String, int[]> ids = text -> complete.computeIfAbsent(text, absent -> {
            int[] found = known.get(absent);
            return example.encoder().complete(found == null ? encoder.encode(absent, example.id()) : found);
        });
        try {
            return new Encoded(
                    example.completions().stream()
                            .map(side -> side.encoded(ids))
                            .toList(),
                    Optional.empty());
        } catch (BadRowException fault) {
            return new Encoded(List.of(), Optional.of(fault));
        }
    }
}
