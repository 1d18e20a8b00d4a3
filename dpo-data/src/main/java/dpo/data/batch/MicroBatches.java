package dpo.data.batch;

import dpo.core.setting.Requirement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * The division of examples into micro-batches, each of which is one forward and backward pass. The examples of an
 * optimizer step do not depend on it, so that it affects time, memory and rounding only.
 */
public sealed interface MicroBatches {

    /**
     * Divides examples into micro-batches, each example in exactly one; deterministic.
     *
     * @param examples indices into {@code tokens}; may be empty
     * @param tokens number of tokens of every example of the data set, each at least 1
     */
    List<List<Integer>> cut(List<Integer> examples, int[] tokens);

    /** Divides all examples of a data set. */
    default List<List<Integer>> cut(int[] tokens) {
        return cut(IntStream.range(0, tokens.length).boxed().toList(), tokens);
    }

    /** The maximum number of micro-batches of a number of examples of any lengths. */
    int atMost(int examples);

    /**
     * A number of examples per micro-batch, in order; the last may have fewer.
     *
     * @param most maximum number of examples of a micro-batch, at least 1
     */
    record OfExamples(int most) implements MicroBatches {

        public OfExamples {
            Requirement.atLeast("micro_batch_size", most, 1);
        }

        @Override
        public List<List<Integer>> cut(List<Integer> examples, int[] tokens) {
            return IntStream.range(0, atMost(examples.size()))
                    .mapToObj(i ->
                            List.copyOf(examples.subList(i * most, (int) Math.min((i + 1L) * most, examples.size()))))
                    .toList();
        }

        @Override
        public int atMost(int examples) {
            return examples / most + (examples % most == 0 ? 0 : 1);
        }
    }

    /**
     * A number of tokens per micro-batch, by best fit decreasing: from the longest example to the shortest, those of
     * equal length in order, each goes into the fullest micro-batch with enough free tokens (for many examples, at most
     * 11/9 of the minimum number of micro-batches). An example that is longer is a micro-batch of its own.
     *
     * @param most maximum number of tokens of a micro-batch, at least 1
     */
    record OfTokens(int most) implements MicroBatches {

        public OfTokens {
            Requirement.atLeast("micro_batch_tokens", most, 1);
        }

        /** The free tokens of a micro-batch, ordered by fullness, then by age. */
        private record Room(int tokens, int microBatch) implements Comparable<Room> {

            @Override
            public int compareTo(Room other) {
                return Comparator.comparingInt(Room::tokens)
                        .thenComparingInt(Room::microBatch)
                        .compare(this, other);
            }
        }

        @Override
        public List<List<Integer>> cut(List<Integer> examples, int[] tokens) {
            List<Integer> longestFirst = examples.stream()
                    .sorted(Comparator.comparingInt((Integer example) -> tokens[example])
                            .reversed())
                    .toList();
            List<List<Integer>> microBatches = new ArrayList<>();
            TreeSet<Room> rooms = new TreeSet<>();
            for (int example : longestFirst) {
                Room room = rooms.ceiling(new Room(tokens[example], 0));
                if (room == null) {
                    room = new Room(Math.max(most, tokens[example]), microBatches.size());
                    microBatches.add(new ArrayList<>());
                }
                microBatches.get(room.microBatch()).add(example);
                rooms.remove(room);
                rooms.add(new Room(room.tokens() - tokens[example], room.microBatch()));
            }
            return microBatches.stream().map(List::copyOf).toList();
        }

        /** Each example may be too long to share a micro-batch. */
        @Override
        public int atMost(int examples) {
            return examples;
        }
    }
}
