package dpo.report.figure;

import dpo.report.results.Results;
import dpo.report.results.RunFolderWriter;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** A sweep folder that a test fills, and its figures. */
record DrawnSweep(Path folder) {

    /** Begins a run of an objective at a β, with a seed. */
    RunFolderWriter run(String id, String type, double beta, int seed) {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("objective.preference.beta", beta);
        settings.put("objective.preference.type", type);
        settings.put("seed", seed);
        return RunFolderWriter.run(folder, id).settings(settings);
    }

    List<Figure> figures() {
        try (Results results = Results.open(folder)) {
            return Figures.of(results);
        }
    }

    Figure figure(String name) {
        return figures().stream()
                .filter(figure -> figure.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** The texts of a figure, in the order of its SVG. */
    static List<String> texts(Figure figure) throws Exception {
        Document document = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(figure.svg())));
        NodeList nodes = document.getElementsByTagName("text");
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            texts.add(nodes.item(i).getTextContent());
        }
        return texts;
    }
}
