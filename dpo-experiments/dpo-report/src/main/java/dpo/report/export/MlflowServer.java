package dpo.report.export;

import dpo.core.InvalidInputException;
import dpo.harness.store.Json;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An MLflow tracking server, by its REST API 2.0. */
final class MlflowServer {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration LONGEST_CALL = Duration.ofMinutes(2);
    private static final int TRIES = 5;
    private static final int SUCCESS = 2;
    private static final int SERVER_ERROR = 5;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int NOT_FOUND = 404;
    private static final int LONGEST_ANSWER = 500;

    private final String address;
    private final Optional<String> authorization;
    private final Duration pause;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(20))
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();

    /**
     * @param address of the server, with http or https
     * @param authorization the value of the header of that name, if the server needs it
     * @param pause before the second try of a call that failed; it doubles before each further one
     */
    MlflowServer(URI address, Optional<String> authorization, Duration pause) {
        if (address.getHost() == null || !String.valueOf(address.getScheme()).matches("https?")) {
            throw new InvalidInputException("server must be an address like http://localhost:5000, got " + address);
        }
        this.address = address.toString().replaceFirst("/+$", "");
        this.authorization = authorization;
        this.pause = pause;
    }

    /** Thrown if a call may succeed when it is repeated. */
    private static final class TransientException extends RuntimeException {
        TransientException(String message) {
            super(message);
        }
    }

    /**
     * Repeats calls while the server cannot be reached or has an internal error. What they do must not depend on how
     * often it is done.
     *
     * @throws InvalidInputException if the last try fails as well
     */
    <T> T retrying(Supplier<T> calls) {
        Duration wait = pause;
        for (int attempt = 1; ; attempt++) {
            try {
                return calls.get();
            } catch (TransientException e) {
                if (attempt == TRIES) {
                    throw new InvalidInputException(e.getMessage() + ", after " + TRIES + " tries", e);
                }
                sleep(wait);
                wait = wait.multipliedBy(2);
            }
        }
    }

    private static void sleep(Duration wait) {
        try {
            Thread.sleep(wait.toMillis());
        } catch (InterruptedException e) {
            throw stopped(e);
        }
    }

    private static InvalidInputException stopped(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new InvalidInputException("export must not be interrupted, got an interrupt", e);
    }

    /** Calls an endpoint with a JSON body; returns the answer. */
    JsonNode post(String endpoint, Map<String, ?> body) {
        return answer(request("/api/2.0/mlflow/" + endpoint)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(Json.line(body)))
                .build());
    }

    /** Calls an endpoint with parameters; empty if the server answers that there is no such thing. */
    Optional<JsonNode> get(String endpoint, Map<String, String> parameters) {
        String query = parameters.entrySet().stream()
                .map(parameter -> parameter.getKey() + "=" + encoded(parameter.getValue()))
                .collect(Collectors.joining("&"));
        HttpRequest request =
                request("/api/2.0/mlflow/" + endpoint + "?" + query).GET().build();
        HttpResponse<String> response = send(request);
        if (response.statusCode() == NOT_FOUND && response.body().contains("RESOURCE_DOES_NOT_EXIST")) {
            return Optional.empty();
        }
        return Optional.of(json(request, response));
    }

    /** Stores a file among the artifacts that the server keeps; replaces one of that name. */
    void putArtifact(String path, Path file) {
        try {
            answer(artifact(path).PUT(HttpRequest.BodyPublishers.ofFile(file)).build());
        } catch (FileNotFoundException e) {
            throw new InvalidInputException("artifact must be readable, got: " + e.getMessage(), e);
        }
    }

    /** Stores a text like {@link #putArtifact(String, Path)}. */
    void putArtifact(String path, String text) {
        answer(artifact(path).PUT(HttpRequest.BodyPublishers.ofString(text)).build());
    }

    private HttpRequest.Builder artifact(String path) {
        String encodedPath =
                Stream.of(path.split("/")).map(MlflowServer::encoded).collect(Collectors.joining("/"));
        return request("/api/2.0/mlflow-artifacts/artifacts/" + encodedPath)
                .header("Content-Type", "application/octet-stream");
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(address + path)).timeout(LONGEST_CALL);
        authorization.ifPresent(value -> request.header("Authorization", value));
        return request;
    }

    private JsonNode answer(HttpRequest request) {
        return json(request, send(request));
    }

    private HttpResponse<String> send(HttpRequest request) {
        try {
            HttpResponse<String> response =
                    client.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
            int status = response.statusCode();
            if (status / 100 == SERVER_ERROR || status == TOO_MANY_REQUESTS) {
                throw new TransientException(refusal(request, response));
            }
            return response;
        } catch (IOException e) {
            throw new TransientException(
                    "server must be reachable, got " + e + " (" + request.method() + " " + request.uri() + ")");
        } catch (InterruptedException e) {
            throw stopped(e);
        }
    }

    private static JsonNode json(HttpRequest request, HttpResponse<String> response) {
        if (response.statusCode() / 100 != SUCCESS) {
            throw new InvalidInputException(refusal(request, response));
        }
        try {
            return JSON.readTree(response.body().isEmpty() ? "{}" : response.body());
        } catch (JacksonException e) {
            throw new InvalidInputException(
                    "server must be an MLflow tracking server, got an answer that is not JSON (" + request.uri() + ")",
                    e);
        }
    }

    private static String refusal(HttpRequest request, HttpResponse<String> response) {
        String body = response.body().strip();
        return "server must be an MLflow tracking server that accepts the call, got status " + response.statusCode()
                + ": " + body.substring(0, Math.min(body.length(), LONGEST_ANSWER)) + " (" + request.method() + " "
                + request.uri() + ")";
    }
}
