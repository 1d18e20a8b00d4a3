package dpo.harness.sweep;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A commit of a git repository.
 *
 * @param id its full hash
 * @param isDirty whether tracked files differ from it
 */
record GitCommit(String id, boolean isDirty) {

    private static final long LONGEST_SECONDS = 10;
    private static final int MOST_BYTES = 1 << 16;

    /**
     * The checked-out commit of the repository that holds a folder; empty if there is none, or no {@code git} command.
     */
    static Optional<GitCommit> of(Path folder) {
        return answer(folder, "rev-parse", "HEAD")
                .filter(id -> id.matches("[0-9a-f]{40,64}"))
                .flatMap(id -> answer(folder, "status", "--porcelain", "--untracked-files=no")
                        .map(changes -> new GitCommit(id, !changes.isEmpty())));
    }

    /** The output of a command that ends well. */
    private static Optional<String> answer(Path folder, String... arguments) {
        // Without locks, and without programs that the repository's own settings would start.
        List<String> command = List.of("git", "--no-optional-locks", "-c", "core.fsmonitor=false");
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(command)).directory(folder.toFile());
        builder.command().addAll(List.of(arguments));
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        try {
            Process git = builder.start();
            git.getOutputStream().close();
            try (InputStream out = git.getInputStream()) {
                String text = new String(out.readNBytes(MOST_BYTES), StandardCharsets.UTF_8).strip();
                boolean isDone = git.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS);
                return isDone && git.exitValue() == 0 ? Optional.of(text) : Optional.empty();
            } finally {
                git.destroyForcibly();
            }
        } catch (IOException absent) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** The hash, and whether files differ from it. */
    @Override
    public String toString() {
        return id + (isDirty ? " with uncommitted changes" : "");
    }
}
