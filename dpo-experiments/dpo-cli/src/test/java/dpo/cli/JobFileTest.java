package dpo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Job files that {@code dpo sweep --emit} prints. */
class JobFileTest {

    @TempDir
    Path folder;

    private String config = "";

    @BeforeEach
    void write() throws IOException {
        config = Files.writeString(folder.resolve("it's.yaml"), """
                        name: My_sweep.1
                        backend: tabular
                        model: {vocabulary: 4, length: 3, prompts: 2}
                        data: {train: {format: world, pairs: 32}}
                        optimizer: {learning_rate: 0.05}
                        sweep: {seed: [1, 2, 3]}
                        """).toString();
    }

    private String emitted(String... more) {
        List<String> arguments = new ArrayList<>(List.of("sweep", config, "--out", out()));
        arguments.addAll(List.of(more));
        Ended ended = Ended.of(arguments.toArray(String[]::new));
        assertThat(ended.code()).as(ended.err()).isZero();
        return ended.out();
    }

    @Test
    void a_slurm_file_has_a_task_per_cell_and_the_other_options_of_the_command() {
        String file = emitted("--emit", "slurm", "--set", "training.batch_size=8", "--lease=90");
        assertThat(file)
                .startsWith("#!/bin/bash\n")
                .contains("#SBATCH --job-name=dpo-my-sweep-1\n", "#SBATCH --array=1-3\n", "#SBATCH --requeue\n")
                .contains("it'\\''s.yaml' --out " + out() + " --set training.batch_size=8 --lease=90 --worker &")
                .doesNotContainPattern("@[A-Z]+@|--emit");
        assertThat(emitted("--emit=slurm", "--tasks", "2", "--worker"))
                .contains("--array=1-2\n", out() + " --worker &");
    }

    @Test
    void a_slurm_task_that_is_told_to_stop_is_queued_again_with_its_checkpoint() throws Exception {
        // Stand-ins: a worker that ends with 130 on SIGTERM, and a scontrol that records its arguments.
        executable("dpo", "trap 'exit 130' TERM\ntouch begun\nwhile :; do sleep 0.05; done\n");
        executable("scontrol", "echo \"$@\" >> told\n");
        Process task = slurmTask();
        while (!Files.exists(folder.resolve("begun"))) {
            Thread.sleep(10);
        }
        task.destroy();
        assertThat(task.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(task.exitValue()).isEqualTo(130);
        assertThat(folder.resolve("told")).hasContent("requeue 7_2");
    }

    @Test
    void a_slurm_task_that_ends_by_itself_is_not_queued_again_and_keeps_its_exit_code() throws Exception {
        executable("dpo", "exit 1\n");
        executable("scontrol", "touch told\n");
        Process task = slurmTask();
        assertThat(task.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(task.exitValue()).isEqualTo(1);
        assertThat(folder.resolve("told")).doesNotExist();
    }

    private String out() {
        return folder.resolve("out").toString();
    }

    @Test
    void a_slurm_task_that_does_not_see_the_output_folder_says_so() throws Exception {
        executable("dpo", "exit 0\n");
        String script = emitted("--emit", "slurm");
        Files.delete(Path.of(out()));
        Process task = slurmTask(script);
        assertThat(task.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(task.exitValue()).isEqualTo(2);
        assertThat(new String(task.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("output folder must be shared by all machines, got none on", out());
    }

    private void executable(String name, String text) throws IOException {
        Path file = Files.writeString(folder.resolve(name), "#!/bin/bash\n" + text);
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private Process slurmTask() throws IOException {
        return slurmTask(emitted("--emit", "slurm"));
    }

    private Process slurmTask(String text) throws IOException {
        Path script = Files.writeString(folder.resolve("job.sh"), text);
        ProcessBuilder builder = new ProcessBuilder("bash", script.toString()).directory(folder.toFile());
        Map<String, String> environment = builder.environment();
        environment.put("PATH", folder + ":" + environment.get("PATH"));
        environment.put("SLURM_ARRAY_JOB_ID", "7");
        environment.put("SLURM_ARRAY_TASK_ID", "2");
        return builder.start();
    }

    @Test
    void a_kubernetes_file_is_an_indexed_job_with_a_worker_per_index() {
        String file = emitted("--emit", "kubernetes", "--image", "lab/dpo:1", "--volume", "sweeps:/work", "--tasks=5");
        Map<?, ?> job = (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(file);
        assertThat(job.get("kind")).isEqualTo("Job");
        Map<?, ?> spec = (Map<?, ?>) job.get("spec");
        assertThat(spec.get("completionMode")).isEqualTo("Indexed");
        assertThat(spec.get("completions")).isEqualTo(5);
        assertThat(spec.toString())
                .contains("image=lab/dpo:1", "claimName=sweeps", "mountPath=/work", "--worker]")
                // Kubernetes up to 1.34 requires the status.
                .contains("onPodConditions=[{type=DisruptionTarget, status=True}]");
    }

    @Test
    void options_that_are_missing_or_wrong_are_named() {
        assertThat(Ended.of("sweep", config, "--emit", "kubernetes", "--image", "x")
                        .err())
                .contains("--emit kubernetes must have --image IMAGE and --volume CLAIM:/PATH, got --image x and"
                        + " --volume absent");
        assertThat(Ended.of("sweep", config, "--emit", "slurm", "--tasks", "0").err())
                .contains("--tasks must be at least 1, got 0");
        assertThat(Ended.of("sweep", config, "--worker", "--lease", "0.1").err())
                .contains("--lease must be at least 1");
    }
}
