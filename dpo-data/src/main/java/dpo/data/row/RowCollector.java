package dpo.data.row;

import dpo.core.UserError;
import dpo.data.DataException;
import dpo.data.example.BadRowException;
import dpo.data.example.Prompted;
import dpo.data.example.Text;
import dpo.data.source.OnBadRow;
import dpo.data.source.Reading;
import dpo.data.source.RowCounts;
import dpo.data.source.Selection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** Decodes rows, applies the policy on bad ones, and collects the selected ones. */
final class RowCollector<E> {

    private static final Logger LOG = LoggerFactory.getLogger(RowCollector.class);

    private final Rows rows;
    private final RowDecoder<E> decoder;
    private final List<E> examples = new ArrayList<>();
    private final Map<String, Integer> dropped = new LinkedHashMap<>();
    private final Map<String, String> firstDropped = new LinkedHashMap<>();
    private final Map<String, Integer> unread = new LinkedHashMap<>();
    private int usableRows;
    private int read;
    private int skipped;

    RowCollector(Rows rows, RowDecoder<E> decoder) {
        this.rows = rows;
        this.decoder = decoder;
    }

    /** Processes a row, or its error; returns whether more rows are needed. */
    boolean take(int number, Supplier<JsonNode> json) {
        Outcome outcome = new Outcome(number);
        outcome.attempt(() -> outcome.decode(new Row(number, json.get())));
        read += outcome.made.size() + outcome.left.size();
        if (usableRows < rows.skip()) {
            skipped += outcome.made.size() + outcome.left.size();
        } else {
            examples.addAll(outcome.made);
            outcome.left.forEach(reason -> dropped.merge(reason, 1, Integer::sum));
        }
        if (!outcome.made.isEmpty()) {
            usableRows++;
        }
        return rows.limit().isEmpty() || usableRows - rows.skip() < rows.limit().get();
    }

    Selection<E> selection(String sha256) {
        RowCounts counts = new RowCounts(read, examples.size(), skipped, dropped);
        if (examples.isEmpty()) {
            StringBuilder message = new StringBuilder("data must hold at least one usable row, got ")
                    .append(counts)
                    .append(" (")
                    .append(rows.path())
                    .append(')');
            firstDropped.forEach((reason, row) ->
                    message.append('\n').append(reason).append(", first in ").append(row));
            throw new DataException(message.toString());
        }
        if (!dropped.isEmpty()) {
            LOG.warn("{} ({})", counts, rows.path());
        }
        return new Selection<>(
                rows.path(), examples, counts, sha256, new Reading(rows.onBadRow(), firstDropped, unread));
    }

    /** The result of one row: its examples, and the reasons of its dropped entries. */
    private final class Outcome implements Entries<E> {

        private final int number;
        private final List<E> made = new ArrayList<>();
        private final List<String> left = new ArrayList<>();

        Outcome(int number) {
            this.number = number;
        }

        /** Decodes the row and checks the columns that the decoder has not read. */
        void decode(Row row) {
            convert(row);
            List<Text> prompts = made.stream()
                    .flatMap(example ->
                            example instanceof Prompted prompted ? Stream.of(prompted.prompt()) : Stream.of())
                    .toList();
            if (!made.isEmpty()) {
                requirePromptRead(row, prompts);
                row.unread().forEach(column -> unread.merge(column, 1, Integer::sum));
            }
        }

        private void convert(Row row) {
            try {
                decoder.decode(row, this);
            } catch (RuntimeException e) {
                if (e instanceof BadRowException || e instanceof UserError) {
                    throw e;
                }
                throw new IllegalStateException(
                        "reader must convert a row or throw a BadRowException, got " + e + " (" + rows.path() + ", row "
                                + number + ")",
                        e);
            }
        }

        private void requirePromptRead(Row row, List<Text> prompts) {
            try {
                row.requirePromptRead(prompts);
            } catch (BadRowException e) {
                // All entries of the row are dropped; the last of them is counted where this exception is caught.
                made.subList(1, made.size()).forEach(entry -> left.add(e.reason()));
                made.clear();
                throw e;
            }
        }

        @Override
        public void example(Supplier<E> maker) {
            attempt(() -> made.add(maker.get()));
        }

        @Override
        public void drop(String reason) {
            left.add(reason);
        }

        void attempt(Runnable decoding) {
            try {
                decoding.run();
            } catch (BadRowException e) {
                if (rows.onBadRow() == OnBadRow.FAIL) {
                    throw new DataException(
                            e.getMessage() + " (" + rows.path() + ", row " + number
                                    + "; on_bad_row: skip drops and counts such rows)",
                            e);
                }
                if (usableRows >= rows.skip()) {
                    firstDropped.putIfAbsent(e.reason(), "row " + number + ": " + e.getMessage());
                }
                left.add(e.reason());
            }
        }
    }
}
