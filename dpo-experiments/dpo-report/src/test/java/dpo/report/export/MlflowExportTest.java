package dpo.report.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dpo.core.InvalidInputException;
import dpo.report.results.RunFolderWriter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The export against a server in this process, which keeps runs as MLflow does and checks the sizes of calls. */
final class MlflowExportTest {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    private Path folder;

    private HttpServer http;
    private final List<String> calls = new ArrayList<>();
    private final Map<String, ObjectNode> runs = new LinkedHashMap<>();
    private final Map<String, String> artifacts = new TreeMap<>();
    private int failures;

    @BeforeEach
    void start() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.createContext("/", this::answer);
        http.start();
    }

    @AfterEach
    void stop() {
        http.stop(0);
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String path = exchange.getRequestURI().getPath();
        calls.add(exchange.getRequestMethod() + " " + path);
        int status = 200;
        String answer = "{}";
        if (failures > 0) {
            failures--;
            status = 503;
        } else if (path.startsWith("/api/2.0/mlflow-artifacts/artifacts/")) {
            artifacts.put(path.substring("/api/2.0/mlflow-artifacts/artifacts/".length()), body);
        } else if (path.endsWith("/experiments/get-by-name")) {
            status = calls.stream().anyMatch(call -> call.endsWith("/experiments/create")) ? 200 : 404;
            answer = status == 200
                    ? "{\"experiment\":{\"experiment_id\":\"7\"}}"
                    : "{\"error_code\":\"RESOURCE_DOES_NOT_EXIST\"}";
        } else if (path.startsWith("/api/2.0/mlflow/")) {
            answer = call(path.substring("/api/2.0/mlflow/".length()), JSON.readTree(body));
        } else {
            status = 404;
            answer = "<html>no such page</html>";
        }
        byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private String call(String endpoint, JsonNode body) {
        switch (endpoint) {
            case "experiments/create":
                return "{\"experiment_id\":\"7\"}";
            case "runs/create":
                String id = "r" + runs.size();
                ObjectNode run = JSON.createObjectNode();
                run.putObject("info").put("run_id", id).put("artifact_uri", "mlflow-artifacts:/7/" + id + "/artifacts");
                ObjectNode data = run.putObject("data");
                List.of("params", "metrics", "history").forEach(data::putArray);
                data.set("tags", body.get("tags"));
                runs.put(id, run);
                return JSON.createObjectNode().set("run", run).toString();
            case "runs/search":
                ArrayNode found = JSON.createArrayNode();
                runs.values().stream()
                        .filter(each -> each.path("data")
                                .path("tags")
                                .toString()
                                .contains(body.path("filter").asString().replaceAll(".*'(.*)'", "$1")))
                        .forEach(found::add);
                return JSON.createObjectNode().set("runs", found).toString();
            case "runs/log-batch":
                log((ObjectNode) runs.get(body.path("run_id").asString()).get("data"), body);
                return "{}";
            case "runs/update":
                ((ObjectNode) runs.get(body.path("run_id").asString()).get("info"))
                        .put("status", body.path("status").asString());
                return "{}";
            default:
                throw new AssertionError(endpoint);
        }
    }

    private static void log(ObjectNode data, JsonNode body) {
        assertThat(body.path("metrics").size()).isLessThanOrEqualTo(1000);
        assertThat(body.path("params").size()).isLessThanOrEqualTo(100);
        body.path("params").forEach(((ArrayNode) data.get("params"))::add);
        body.path("tags").forEach(((ArrayNode) data.get("tags"))::add);
        body.path("metrics").forEach(metric -> {
            ((ArrayNode) data.get("history")).add(metric);
            ((ArrayNode) data.get("metrics")).add(metric);
        });
    }

    private MlflowExport.Outcome export() {
        URI address = URI.create("http://localhost:" + http.getAddress().getPort());
        return MlflowExport.write(
                folder, new MlflowServer(address, Optional.empty(), Duration.ofMillis(1)), Optional.empty(), id -> {});
    }

    private void cell(String id, String status, int steps) throws IOException {
        RunFolderWriter writer = RunFolderWriter.run(folder, id)
                .with("status", status)
                .with("identity", Map.of("config", id))
                .result(Map.of("steps", 2.0, "eval/loss", 0.25));
        for (int step = 1; step <= steps; step++) {
            writer.line(
                    "metrics",
                    "{\"step\":" + step + ",\"loss\":" + (step == 2 ? "null" : "0.5")
                            + ",\"groups/a,b/pairs\":3,\"step_seconds\":0.001}\n");
        }
        writer.line("evaluations", "{\"step\":2,\"eval/loss\":0.25}\n");
        Files.writeString(writer.write().resolve("config.yaml"), "a: {b: [1, 2], c: null}\nname: x\n");
    }

    private List<JsonNode> history(String run, String key) {
        List<JsonNode> history = new ArrayList<>();
        runs.get(run).path("data").path("history").forEach(metric -> {
            if (metric.path("key").asString().equals(key)) {
                history.add(metric);
            }
        });
        return history;
    }

    @Test
    void a_run_has_parameters_metrics_with_steps_tags_status_and_artifacts() throws IOException {
        cell("a", "completed", 400);
        MlflowExport.Outcome outcome = export();
        assertThat(outcome.created()).isEqualTo(1);
        assertThat(outcome.notices()).containsExactly("1 values of run a are not finite: MLflow has NaN");
        assertThat(runs.get("r0").path("data").path("params").toString())
                .contains("a.b", "[1,2]", "a.c", "\"null\"", "name");
        assertThat(history("r0", "loss")).hasSize(400);
        assertThat(history("r0", "loss").get(1).path("value").asString()).isEqualTo("NaN");
        assertThat(history("r0", "loss").get(399).path("timestamp").asLong()).isEqualTo(1767225600400L);
        assertThat(history("r0", "groups/a_2c_b/pairs")).hasSize(400);
        assertThat(history("r0", "eval/loss")).hasSize(1);
        assertThat(history("r0", "steps").get(0).path("step").asInt()).isEqualTo(400);
        assertThat(runs.get("r0").path("data").path("tags").toString()).contains("dpo.cell", "dpo.identity.config");
        assertThat(runs.get("r0").path("info").path("status").asString()).isEqualTo("FINISHED");
        assertThat(artifacts.keySet())
                .containsExactly("7/r0/artifacts/config.yaml", "7/r0/artifacts/report.html", "7/r0/artifacts/run.json");
    }

    @Test
    void a_second_export_adds_no_run_and_sends_only_further_steps() throws IOException {
        cell("a", "completed", 3);
        cell("b", "running", 3);
        export();
        cell("b", "completed", 5);
        calls.clear();
        MlflowExport.Outcome second = export();
        assertThat(List.of(second.created(), second.updated(), second.unchanged()))
                .containsExactly(0, 1, 1);
        assertThat(runs).hasSize(2);
        assertThat(history("r1", "loss"))
                .extracting(each -> each.path("step").asInt())
                .containsExactly(1, 2, 3, 4, 5);
        assertThat(calls).noneMatch(call -> call.endsWith("runs/create"));
        calls.clear();
        assertThat(export().unchanged()).isEqualTo(2);
        assertThat(calls).noneMatch(call -> call.endsWith("log-batch"));
    }

    @Test
    void calls_are_repeated_while_the_server_fails_and_then_the_error_names_the_call() throws IOException {
        cell("a", "completed", 1);
        failures = 4;
        assertThat(export().created()).isEqualTo(1);
        failures = 99;
        assertThatThrownBy(this::export)
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("status 503")
                .hasMessageEndingWith(", after 5 tries");
    }

    @Test
    void other_addresses_are_refused_with_a_reason() throws IOException {
        cell("a", "completed", 1);
        int port = http.getAddress().getPort();
        assertThatThrownBy(() -> to("http://localhost:" + port + "/elsewhere"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("server must be an MLflow tracking server that accepts the call, got status 404");
        assertThatThrownBy(() -> to("localhost:5000")).hasMessageContaining("must be an address like http://");
        stop();
        assertThatThrownBy(() -> to("http://localhost:" + port))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("server must be reachable");
    }

    private void to(String address) {
        MlflowExport.write(
                folder,
                new MlflowServer(URI.create(address), Optional.empty(), Duration.ofMillis(1)),
                Optional.empty(),
                id -> {});
    }

    @Test
    void a_damaged_run_is_left_out_with_its_reason() throws IOException {
        cell("a", "completed", 1);
        Files.writeString(folder.resolve("runs/a/run.json"), "{");
        MlflowExport.Outcome outcome = export();
        assertThat(outcome.left()).isEqualTo(1);
        assertThat(outcome.notices().get(0)).startsWith("not exported: run a is damaged: ");
        assertThat(runs).isEmpty();
    }
}
