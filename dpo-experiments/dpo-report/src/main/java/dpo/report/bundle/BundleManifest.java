package dpo.report.bundle;

import dpo.core.InvalidInputException;
import dpo.harness.store.Json;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The content of {@code bundle.json}.
 *
 * @param format version of the form of a bundle
 * @param name name of the experiment
 * @param kind whether the bundle is of a sweep or of a single run
 * @param program version of the program that wrote it
 * @param runs the status of each run, by id
 * @param withData whether it holds the data files
 * @param withModels whether it holds the trained models
 * @param entries all other entries of the archive, by name
 */
record BundleManifest(
        int format,
        String name,
        Kind kind,
        String program,
        SortedMap<String, String> runs,
        boolean withData,
        boolean withModels,
        SortedMap<String, Entry> entries) {

    static final String FILE = "bundle.json";
    static final int FORMAT = 1;

    /** What a bundle is of. */
    enum Kind {
        SWEEP,
        RUN
    }

    /**
     * An entry of the archive.
     *
     * @param bytes its length
     * @param sha256 the hash of its content, in hexadecimal
     */
    record Entry(long bytes, String sha256) {}

    BundleManifest {
        runs = Collections.unmodifiableSortedMap(new TreeMap<>(runs));
        entries = Collections.unmodifiableSortedMap(new TreeMap<>(entries));
    }

    String toText() {
        return Json.sealed(this);
    }

    /**
     * Reads {@code bundle.json}.
     *
     * @throws InvalidInputException if the text is not such a file
     */
    static BundleManifest fromText(String text) {
        try {
            BundleManifest manifest = Json.unsealed(text, BundleManifest.class);
            if (manifest.format != FORMAT) {
                throw new InvalidInputException("format must be " + FORMAT + ", got " + manifest.format + " (" + FILE
                        + "); a newer version of the program may read it");
            }
            return manifest;
        } catch (IllegalArgumentException | NullPointerException e) {
            throw new InvalidInputException(FILE + " must be as it was written, got: " + e.getMessage(), e);
        }
    }
}
