package dpo.harness.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commit of a folder. */
class GitCommitTest {

    @TempDir
    Path folder;

    private boolean git(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of("git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"));
        command.addAll(List.of(arguments));
        try {
            return new ProcessBuilder(command)
                            .directory(folder.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException absent) {
            return false;
        }
    }

    @Test
    void a_folder_has_the_commit_of_its_repository_and_is_dirty_if_a_tracked_file_differs() throws Exception {
        assertThat(GitCommit.of(folder)).isEmpty();
        assumeTrue(git("init"), "git is not installed");
        Files.writeString(folder.resolve("a"), "1");
        git("add", "a");
        git("commit", "-m", "a");
        Files.writeString(folder.resolve("untracked"), "1");
        GitCommit clean = GitCommit.of(folder).orElseThrow();
        assertThat(clean.id()).matches("[0-9a-f]{40}");
        assertThat(clean).hasToString(clean.id());
        Files.writeString(folder.resolve("a"), "2");
        assertThat(GitCommit.of(folder)).contains(new GitCommit(clean.id(), true));
        assertThat(GitCommit.of(folder.resolve("absent"))).isEmpty();
    }
}
