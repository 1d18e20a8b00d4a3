package dpo.report.figure;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** A figure: panels in rows, and one legend below them. Equal results give an equal figure, byte by byte. */
public final class Figure {

    /** Pixels of the PNG per unit of the drawing: sharp in print up to 16 cm for the widest figures. */
    private static final int PNG_SCALE = 2;

    private static final int WIDTH = 1040;
    private static final int SINGLE_WIDTH = 620;
    private static final int SINGLE_HEIGHT = 420;
    private static final int ROW_HEIGHT = 290;

    private final String name;
    private final String caption;
    private final int columns;
    private final List<Panel> panels;
    private final Legend legend;

    Figure(String name, String caption, int columns, List<Panel> panels, Legend legend) {
        this.name = name;
        this.caption = caption;
        this.columns = Math.min(columns, panels.size());
        this.panels = List.copyOf(panels);
        this.legend = legend;
    }

    /** The name of the figure's files: lower-case letters, digits and hyphens. */
    public String name() {
        return name;
    }

    /** The caption in plain text: the quantities, and the meaning of lines, bands and bars. */
    public String caption() {
        return caption;
    }

    /** The figure as a self-contained {@code <svg>} element, for a file or an HTML page. */
    public String svg() {
        return SvgText.of(name, width(), height(), this::draw);
    }

    /** The figure as a PNG file. */
    public byte[] png() {
        BufferedImage image = new BufferedImage(width() * PNG_SCALE, height() * PNG_SCALE, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.scale(PNG_SCALE, PNG_SCALE);
        draw(graphics);
        graphics.dispose();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        // In memory, because for other streams ImageIO creates a temporary file and a shutdown hook.
        try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            ImageIO.write(image, "png", out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private int width() {
        return columns == 1 ? SINGLE_WIDTH : columns == 2 ? SINGLE_WIDTH * 3 / 2 : WIDTH;
    }

    private int panelHeight() {
        return columns == 1 ? SINGLE_HEIGHT : columns == 2 ? (SINGLE_HEIGHT + ROW_HEIGHT) / 2 : ROW_HEIGHT;
    }

    private int height() {
        int rows = (panels.size() + columns - 1) / columns;
        return rows * panelHeight() + legend.height(width());
    }

    private void draw(Graphics2D graphics) {
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        graphics.setPaint(Color.WHITE);
        graphics.fill(new Rectangle2D.Double(0, 0, width(), height()));
        double panelWidth = (double) width() / columns;
        for (int i = 0; i < panels.size(); i++) {
            double left = i % columns * panelWidth;
            int row = i / columns;
            double top = (double) row * panelHeight();
            panels.get(i).draw(graphics, new Rectangle2D.Double(left, top, panelWidth, panelHeight()));
        }
        legend.draw(graphics, width(), height() - legend.height(width()));
    }
}
