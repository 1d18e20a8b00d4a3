package dpo.data.batch;

import dpo.core.setting.Requirement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * How examples are cut into micro-batches, each of which is one forward and backward pass. Which examples make an
 * optimizer step does not depend on it, so that it changes time and memory and no result beyond rounding.
 */
public sealed interface MicroBatches {

    /**
     * Cuts examples into micro-batches, each example being in exactly one. The same input gives the same micro-batches.
     *
     * @param examples indices into {@code tokens}; none give no micro-batch
     * @param tokens number of tokens of every example of the data set, each at least 1
     */
    List<List<Integer>> cut(List<Integer> examples, int[] tokens);

    /** Cuts all examples of a data set. */
    default List<List<Integer>> cut(int[] tokens) {
        return cut(IntStream.range(0, tokens.length).boxed().toList(), tokens);
    }

    /** The greatest number of micro-batches into which so many examples are cut, whatever their lengths. */
    int atMost(int examples);

    /**
     * A number of examples a micro-batch, in the order in which they come; the last may have fewer.
     *
     * @param most examples of a micro-batch, at least 1
     */
    record OfExamples(int most) implements MicroBatches {

        public OfExamples {
            Requirement.atLeast("micro_batch_size", most, 1);
        }

        @Override
        public List<List<Integer>> cut(List<Integer> examples, int[] tokens) {
            return IntStream.range(0, atMost(examples.size()))
                    .mapToObj(i -> List.copyOf(
                            examples.subList(i * most, (int) Math.min((i + 1L) * most, examples.size()))))
                    .toList();
        }

        @Override
        public int atMost(int examples) {
            return examples / most + (examples % most == 0 ? 0 : 1);
        }
    }

    /**
     * A number of tokens a micro-batch: the longest examples first, those of one length as they come, each into the
     * fullest micro-batch that has room for it (best fit decreasing: of many, at most 11/9 of the fewest possible).
     * An example that is longer is a micro-batch of its own.
     *
     * @param most tokens of a micro-batch, at least 1
     */
    record OfTokens(int most) implements MicroBatches {

        public OfTokens {
            Requirement.atLeast("micro_batch_tokens", most, 1);
        }

        /** Room for tokens in a micro-batch; the fullest come first, of equally full ones the earliest. */
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
                    .sorted(Comparator.comparingInt((Integer example) -> tokens[example]).reversed())
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

        /** Each may be too long to share a micro-batch. */
        @Override
        public int atMost(int examples) {
            return examples;
        }
    }
}
