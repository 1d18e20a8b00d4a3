package dpo.report.settings;

import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How the figures of a report look.
 *
 * @param x the swept number on the x axis of final metrics; absent: the first β, or else the first number
 * @param axes metric or setting → its axis
 * @param width width in mm; absent: 164 for one panel beside another, up to 275 for three
 * @param panelHeight height of a row of panels in mm; absent: in proportion
 * @param fontSize size of titles and labels of axes in points; ticks are a tenth smaller
 * @param dpi dots per inch of the PNG
 * @param formats formats of the files
 */
public record FigureSettings(
        @Setting(about = "swept number on the x axis of final metrics; absent: the first β, or the first number")
        Optional<String> x,

        @Setting(about = "metric or setting → its axis", byDefault = "{}")
        Map<String, AxisSettings> axes,

        @Setting(about = "width in mm; absent: by the number of panels, from 164 to 275")
        Optional<Double> width,

        @Setting(about = "height of a row of panels in mm; absent: in proportion")
        Optional<Double> panelHeight,

        @Setting(about = "size of titles and labels of axes in points", byDefault = "9.75")
        double fontSize,

        @Setting(about = "dots per inch of the PNG", byDefault = "192")
        int dpi,

        @Setting(about = "svg, png, pdf", byDefault = "[svg, png, pdf]")
        List<FigureFormat> formats) {

    /** The format of a figure's file. */
    public enum FigureFormat {
        /** Scalable Vector Graphics, as the report has it. */
        SVG,
        /** Pixels. */
        PNG,
        /** Vector graphics with embedded fonts, for papers. */
        PDF
    }

    public FigureSettings {
        axes = Copies.inOrder(axes);
        formats = List.copyOf(formats);
        width.ifPresent(mm -> Requirement.holds(mm >= 40 && mm <= 1000, "width", "must be from 40 to 1000 mm", mm));
        panelHeight.ifPresent(
                mm -> Requirement.holds(mm >= 20 && mm <= 1000, "panel_height", "must be from 20 to 1000 mm", mm));
        Requirement.holds(fontSize >= 4 && fontSize <= 40, "font_size", "must be from 4 to 40 points", fontSize);
        Requirement.holds(dpi >= 50 && dpi <= 1200, "dpi", "must be from 50 to 1200", dpi);
    }
}
