package dpo.report.html;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A headless Chromium with one page, driven by the DevTools protocol. */
final class Browser implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final long PATIENCE_SECONDS = 120;

    private final Process process;
    private final WebSocket socket;
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    private int calls;

    /** The program, if it is installed. */
    static Optional<Path> program() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .flatMap(folder -> Stream.of("chromium", "chromium-browser", "google-chrome")
                        .map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Starts the program with an empty profile in a folder. */
    Browser(Path program, Path profile) throws Exception {
        process = new ProcessBuilder(
                        program.toString(),
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--window-size=1200,1600",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        String listening = listening(process.errorReader());
        String host = URI.create(listening).getAuthority();
        HttpClient http = HttpClient.newHttpClient();
        JsonNode pages = JSON.readTree(http.send(
                        HttpRequest.newBuilder(URI.create("http://" + host + "/json/list"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body());
        String page = pages.get(0).path("webSocketDebuggerUrl").asString();
        socket = http.newWebSocketBuilder()
                .buildAsync(URI.create(page), new Answers())
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        call("Page.enable", Map.of());
    }

    private static String listening(BufferedReader log) throws IOException {
        for (String line = log.readLine(); line != null; line = log.readLine()) {
            if (line.startsWith("DevTools listening on ")) {
                return line.substring("DevTools listening on ".length());
            }
        }
        throw new IOException("the browser ended before it listened");
    }

    private final class Answers implements WebSocket.Listener {

        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                JsonNode message = JSON.readTree(text.toString());
                text.setLength(0);
                CompletableFuture<JsonNode> waiting =
                        answers.remove(message.path("id").asInt(-1));
                if (waiting != null) {
                    waiting.complete(message);
                }
            }
            from.request(1);
            return CompletableFuture.completedStage(null);
        }
    }

    private JsonNode call(String method, Map<String, ?> parameters) throws Exception {
        int id = ++calls;
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(id, answer);
        socket.sendText(JSON.writeValueAsString(Map.of("id", id, "method", method, "params", parameters)), true);
        JsonNode message = answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (message.has("error")) {
            throw new IllegalStateException(method + ": " + message.path("error"));
        }
        return message.path("result");
    }

    /** Opens a file, with an optional part of the address after {@code #}. */
    void open(Path file, String fragment) throws Exception {
        call("Page.navigate", Map.of("url", "about:blank"));
        call("Page.navigate", Map.of("url", file.toUri() + (fragment.isEmpty() ? "" : "#" + fragment)));
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!evaluate("document.readyState + location.protocol").asString("").equals("completefile:")) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("the page must be loaded within " + PATIENCE_SECONDS + " s");
            }
            Thread.sleep(20);
        }
    }

    /** The value of an expression in the page. */
    JsonNode evaluate(String expression) throws Exception {
        JsonNode result = call("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
        if (result.has("exceptionDetails")) {
            throw new IllegalStateException(expression + ": " + result.path("exceptionDetails"));
        }
        return result.path("result").path("value");
    }

    /** The texts of all elements that a selector matches. */
    List<String> texts(String selector) throws Exception {
        return evaluate("[...document.querySelectorAll(" + JSON.writeValueAsString(selector)
                        + ")].map(each => each.textContent)")
                .valueStream()
                .map(JsonNode::asString)
                .toList();
    }

    /** A mouse event at a point of the window. */
    void mouse(String type, double x, double y, int modifiers) throws Exception {
        call(
                "Input.dispatchMouseEvent",
                Map.of("type", type, "x", x, "y", y, "button", "left", "clickCount", 1, "modifiers", modifiers));
    }

    /** The centre of the first element that a selector matches, after it is scrolled into view. */
    double[] centre(String selector) throws Exception {
        JsonNode box = evaluate("(() => { const e = document.querySelector(" + JSON.writeValueAsString(selector)
                + "); e.scrollIntoView({block: 'center'}); const b = e.getBoundingClientRect();"
                + " return [b.x + b.width / 2, b.y + b.height / 2]; })()");
        return new double[] {box.get(0).asDouble(), box.get(1).asDouble()};
    }

    /** Clicks the first element that a selector matches. */
    void click(String selector, int modifiers) throws Exception {
        double[] at = centre(selector);
        mouse("mousePressed", at[0], at[1], modifiers);
        mouse("mouseReleased", at[0], at[1], modifiers);
    }

    /** Types a text into the first element that a selector matches. */
    void type(String selector, String text) throws Exception {
        click(selector, 0);
        call("Input.insertText", Map.of("text", text));
    }

    @Override
    public void close() throws Exception {
        socket.abort();
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
