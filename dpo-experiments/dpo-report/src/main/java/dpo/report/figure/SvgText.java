package dpo.report.figure;

import java.awt.Dimension;
import java.awt.Graphics2D;
import java.io.StringWriter;
import java.util.function.Consumer;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.apache.batik.svggen.SVGIDGenerator;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** A drawing as the text of an {@code <svg>} element. */
final class SvgText {

    private static final String NAMESPACE = "http://www.w3.org/2000/svg";

    private SvgText() {}

    /**
     * Draws into an SVG element that scales with its container.
     *
     * @param name the element's id, and the prefix of all ids in it, so that a page can hold several figures
     * @param scale pixels per unit of the drawing
     */
    static String of(String name, int width, int height, double scale, Consumer<Graphics2D> drawing) {
        try {
            Document document = DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .getDOMImplementation()
                    .createDocument(NAMESPACE, "svg", null);
            SVGGeneratorContext context = SVGGeneratorContext.createDefault(document);
            context.setPrecision(2);
            context.setIDGenerator(new PrefixedIds(name));
            SVGGraphics2D graphics = new SVGGraphics2D(context, false);
            graphics.setSVGCanvasSize(new Dimension(width, height));
            drawing.accept(graphics);
            Element root = graphics.getRoot();
            tidy(root, name);
            root.setAttribute("width", Style.rounded(width * scale, 6));
            root.setAttribute("height", Style.rounded(height * scale, 6));
            root.setAttribute("viewBox", "0 0 " + width + " " + height);
            return text(root);
        } catch (ParserConfigurationException | TransformerException e) {
            throw new IllegalStateException("the JDK must build and write an XML document, got: " + e, e);
        }
    }

    /** Removes Batik's signature and its fixed id, and adds substitutes to every font. */
    private static void tidy(Element root, String name) {
        root.setAttribute("id", name);
        for (Node child = root.getFirstChild(); child != null; child = root.getFirstChild()) {
            if (child.getNodeName().equals("g")) {
                break;
            }
            root.removeChild(child);
        }
        root.setAttribute("font-family", FigureFont.FAMILIES);
        NodeList elements = root.getElementsByTagName("*");
        for (int i = 0; i < elements.getLength(); i++) {
            if (elements.item(i) instanceof Element element && element.hasAttribute("font-family")) {
                element.setAttribute("font-family", FigureFont.FAMILIES);
            }
        }
    }

    private static String text(Element root) throws TransformerException {
        Transformer transformer = TransformerFactory.newInstance().newTransformer();
        transformer.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, "yes");
        StringWriter text = new StringWriter();
        transformer.transform(new DOMSource(root), new StreamResult(text));
        return text.toString();
    }

    private static final class PrefixedIds extends SVGIDGenerator {

        private final String prefix;
        private int count;

        PrefixedIds(String prefix) {
            this.prefix = prefix;
        }

        @Override
        public String generateID(String kind) {
            return prefix + "-" + kind + count++;
        }
    }
}
