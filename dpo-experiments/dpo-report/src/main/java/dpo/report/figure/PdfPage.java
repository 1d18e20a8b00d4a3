package dpo.report.figure;

import de.rototor.pdfbox.graphics2d.IPdfBoxGraphics2DFontTextDrawer;
import de.rototor.pdfbox.graphics2d.PdfBoxGraphics2D;
import de.rototor.pdfbox.graphics2d.PdfBoxGraphics2DFontTextDrawer;
import java.awt.Font;
import java.awt.FontFormatException;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.text.AttributedCharacterIterator;
import java.util.function.Consumer;
import org.apache.fontbox.ttf.TTFParser;
import org.apache.fontbox.ttf.TrueTypeFont;
import org.apache.pdfbox.io.RandomAccessReadBuffer;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.font.PDType0Font;
import org.apache.pdfbox.util.Matrix;

/**
 * A drawing as a PDF file of one page: paths, and text that can be searched and selected, with the glyphs in use
 * embedded. Equal drawings give equal bytes: the file has no date, and a fixed id.
 */
final class PdfPage {

    private PdfPage() {}

    /**
     * Draws a page.
     *
     * @param title the document's title
     * @param width width of the drawing
     * @param height height of the drawing
     * @param scale points (1/72 inch) per unit of the drawing
     */
    static byte[] of(String title, int width, int height, double scale, Consumer<Graphics2D> drawing) {
        try (PDDocument document = new PDDocument();
                Text text = Text.in(document)) {
            document.setDocumentId(0L);
            document.getDocumentInformation().setTitle(title);
            PDPage page = new PDPage(new PDRectangle((float) (width * scale), (float) (height * scale)));
            document.addPage(page);
            PdfBoxGraphics2D graphics = new PdfBoxGraphics2D(document, width, height);
            graphics.setFontTextDrawer(text);
            drawing.accept(graphics);
            graphics.dispose();
            try (PDPageContentStream content = new PDPageContentStream(document, page)) {
                content.transform(Matrix.getScaleInstance((float) scale, (float) scale));
                content.drawForm(graphics.getXFormObject());
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            document.save(bytes);
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Draws text in the figures' font; what the font has no glyphs for becomes outlines, as in the PNG. */
    private record Text(PdfBoxGraphics2DFontTextDrawer inner)
            implements IPdfBoxGraphics2DFontTextDrawer, AutoCloseable {

        static Text in(PDDocument document) throws IOException {
            PdfBoxGraphics2DFontTextDrawer drawer = new PdfBoxGraphics2DFontTextDrawer();
            try (InputStream file = FigureFont.resource().openStream()) {
                TrueTypeFont font = new TTFParser().parse(new RandomAccessReadBuffer(file));
                // Letters stay single, as in SVG and PNG. To join them as "fi" takes longer than all else on the page.
                font.setEnableGsub(false);
                drawer.registerFont(FigureFont.of(1).getFontName(), PDType0Font.load(document, font, true));
            }
            return new Text(drawer);
        }

        @Override
        public boolean canDrawText(AttributedCharacterIterator text, IFontTextDrawerEnv environment)
                throws IOException, FontFormatException {
            text.first();
            boolean hasGlyphs =
                    environment.getFont().canDisplayUpTo(text, text.getBeginIndex(), text.getEndIndex()) < 0;
            text.first();
            return hasGlyphs && inner.canDrawText(text, environment);
        }

        @Override
        public void drawText(AttributedCharacterIterator text, IFontTextDrawerEnv environment)
                throws IOException, FontFormatException {
            inner.drawText(text, environment);
        }

        @Override
        public FontMetrics getFontMetrics(Font font, IFontTextDrawerEnv environment)
                throws IOException, FontFormatException {
            return inner.getFontMetrics(font, environment);
        }

        @Override
        public void close() {
            inner.close();
        }
    }
}
