package dpo.report.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dpo.report.results.RunFolderWriter;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The export to a real MLflow server. Runs if DPO_MLFLOW names the program {@code mlflow}, or it is on the PATH. */
final class MlflowServerIT {

    private static final int STEPS = 700;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    private Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private String address = "";

    private static Optional<String> program() {
        return Stream.concat(
                        Stream.ofNullable(System.getenv("DPO_MLFLOW")),
                        Stream.of(System.getenv("PATH").split(File.pathSeparator))
                                .map(path -> Path.of(path, "mlflow").toString()))
                .filter(path -> Files.isExecutable(Path.of(path)))
                .findFirst();
    }

    @Test
    void a_sweep_exported_twice_is_one_run_a_cell_with_all_metrics_and_artifacts() throws Exception {
        Optional<String> program = program();
        assumeThat(program).as("mlflow on the PATH, or in DPO_MLFLOW").isPresent();
        Path sweep = folder.resolve("sweep");
        for (String id : List.of("a", "b")) {
            cell(sweep, id);
        }
        int port = freePort();
        address = "http://127.0.0.1:" + port;
        Process server = new ProcessBuilder(
                        program.get(),
                        "server",
                        "--host",
                        "127.0.0.1",
                        "--port",
                        Integer.toString(port),
                        "--workers",
                        "1")
                .directory(Files.createDirectory(folder.resolve("server")).toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log.txt").toFile())
                .start();
        try {
            awaitStart(server);
            assertThat(export(sweep).created()).isEqualTo(2);
            assertThat(export(sweep).unchanged()).isEqualTo(2);
            requireEverything();
        } finally {
            server.descendants().forEach(ProcessHandle::destroy);
            server.destroy();
            server.waitFor(20, TimeUnit.SECONDS);
        }
    }

    private static void cell(Path sweep, String id) throws IOException {
        RunFolderWriter writer = RunFolderWriter.run(sweep, id)
                .with("finished", "2026-01-01T00:00:12Z")
                .with("identity", Map.of("config", id))
                .result(Map.of("steps", (double) STEPS));
        for (int step = 1; step <= STEPS; step++) {
            writer.line(
                    "metrics",
                    "{\"step\":" + step + ",\"loss\":" + (step == 3 ? "null" : 1.0 / step)
                            + ",\"groups/é, b/pairs\":3,\"step_seconds\":0.01}\n");
        }
        Files.writeString(writer.write().resolve("config.yaml"), "name: served\nmodel: {size: 3}\n");
    }

    private MlflowExport.Outcome export(Path sweep) {
        return MlflowExport.write(sweep, URI.create(address), Optional.empty(), Optional.empty(), id -> {});
    }

    private void requireEverything() throws Exception {
        String experiment = get("mlflow/experiments/get-by-name?experiment_name=by%20hand")
                .path("experiment")
                .path("experiment_id")
                .asString();
        JsonNode runs = post("mlflow/runs/search", Map.of("experiment_ids", List.of(experiment)))
                .path("runs");
        assertThat(runs.size()).isEqualTo(2);
        for (JsonNode run : runs) {
            String id = run.path("info").path("run_id").asString();
            assertThat(run.path("info").path("status").asString()).isEqualTo("FINISHED");
            assertThat(run.path("data").path("params").toString()).contains("model.size", "\"3\"");
            JsonNode losses = get("mlflow/metrics/get-history?run_id=" + id + "&metric_key=loss&max_results=5000")
                    .path("metrics");
            assertThat(losses.size()).isEqualTo(STEPS);
            for (JsonNode loss : losses) {
                int step = loss.path("step").asInt();
                assertThat(loss.path("value").asString()).isEqualTo(step == 3 ? "NaN" : Double.toString(1.0 / step));
            }
            assertThat(run.path("data").path("metrics").toString()).contains("groups/é_2c_ b/pairs");
            JsonNode files = get("mlflow/artifacts/list?run_id=" + id).path("files");
            assertThat(files.toString()).contains("config.yaml", "run.json", "report.html");
        }
    }

    private void awaitStart(Process server) throws Exception {
        for (int i = 0; i < 600 && server.isAlive(); i++) {
            try {
                HttpRequest health = HttpRequest.newBuilder(URI.create(address + "/health"))
                        .timeout(Duration.ofSeconds(5))
                        .build();
                if (client.send(health, HttpResponse.BodyHandlers.ofString()).statusCode() == 200) {
                    return;
                }
            } catch (IOException notYet) {
                LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
            }
        }
        throw new AssertionError("MLflow's server must start, got: " + Files.readString(folder.resolve("log.txt")));
    }

    private JsonNode get(String call) throws Exception {
        return answer(
                HttpRequest.newBuilder(URI.create(address + "/api/2.0/" + call)).build());
    }

    private JsonNode post(String call, Map<String, ?> body) throws Exception {
        return answer(HttpRequest.newBuilder(URI.create(address + "/api/2.0/" + call))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
                .build());
    }

    private JsonNode answer(HttpRequest request) throws Exception {
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return JSON.readTree(response.body());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
