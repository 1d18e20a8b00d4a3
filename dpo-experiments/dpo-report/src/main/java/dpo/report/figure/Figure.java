package dpo.report.figure;

import com.pngencoder.PngEncoder;
import dpo.report.settings.FigureSettings;
import dpo.report.settings.FigureSettings.FigureFormat;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A figure: panels in rows, and one legend below them. Equal results give an equal figure, byte by byte. */
public final class Figure {

    private static final double POINTS_PER_INCH = 72;
    private static final double PIXELS_PER_INCH = 96;
    private static final double MM_PER_INCH = 25.4;

    /** The level of compression of a PNG; higher ones take longer for two per cent. */
    private static final int COMPRESSION = 6;

    /** The least width of a panel; in a narrower figure there are fewer beside each other. */
    private static final int LEAST_PANEL = 210;

    private static final int WIDTH = 1040;
    private static final int SINGLE_WIDTH = 620;
    private static final int SINGLE_HEIGHT = 420;
    private static final int ROW_HEIGHT = 290;

    private final String name;
    private final String caption;
    private final int columns;
    private final List<Panel> panels;
    private final Legend legend;
    private final FigureSettings settings;

    /** Drawn when it is first asked for; a report needs it twice. */
    private String svg = "";

    Figure(String name, String caption, int columns, List<Panel> panels, Legend legend, FigureSettings settings) {
        this.name = name;
        this.caption = caption;
        this.panels = List.copyOf(panels);
        this.legend = legend;
        this.settings = settings;
        int most =
                settings.width().map(mm -> Math.max(1, units(mm) / LEAST_PANEL)).orElse(columns);
        this.columns = Math.min(Math.min(columns, most), panels.size());
    }

    /** Points per unit of the drawing, in which text has the size {@link Style#TEXT}. */
    private double scale() {
        return settings.fontSize() / Style.TEXT;
    }

    private int units(double mm) {
        return (int) Math.round(mm / MM_PER_INCH * POINTS_PER_INCH / scale());
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
        if (svg.isEmpty()) {
            svg = SvgText.of(name, width(), height(), scale() * PIXELS_PER_INCH / POINTS_PER_INCH, this::draw);
        }
        return svg;
    }

    /** The figure as a PDF file of one page, as large as the SVG. */
    public byte[] pdf() {
        return PdfPage.of(name, width(), height(), scale(), this::draw);
    }

    /** The figure as a file of a format. */
    public byte[] in(FigureFormat format) {
        return switch (format) {
            case SVG -> svg().getBytes(StandardCharsets.UTF_8);
            case PNG -> png();
            case PDF -> pdf();
        };
    }

    /** The figure as a PNG file. */
    public byte[] png() {
        double pixels = scale() * settings.dpi() / POINTS_PER_INCH;
        BufferedImage image = new BufferedImage(
                (int) Math.round(width() * pixels), (int) Math.round(height() * pixels), BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setPaint(Color.WHITE);
        graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
        graphics.scale(pixels, pixels);
        draw(graphics);
        graphics.dispose();
        return new PngEncoder()
                .withBufferedImage(image)
                .withCompressionLevel(COMPRESSION)
                .withMultiThreadedCompressionEnabled(false)
                .toBytes();
    }

    private int width() {
        return settings.width().map(this::units).orElseGet(this::usualWidth);
    }

    private int usualWidth() {
        return columns == 1 ? SINGLE_WIDTH : columns == 2 ? SINGLE_WIDTH * 3 / 2 : WIDTH;
    }

    private int panelHeight() {
        int usual = columns == 1 ? SINGLE_HEIGHT : columns == 2 ? (SINGLE_HEIGHT + ROW_HEIGHT) / 2 : ROW_HEIGHT;
        return settings.panelHeight()
                .map(this::units)
                .orElseGet(() -> Math.max(LEAST_PANEL, usual * width() / usualWidth()));
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
