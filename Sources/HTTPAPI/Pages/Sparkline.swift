/// A line of a few values without axes, as SVG: it shows the shape, the numbers stand beside it.
struct Sparkline: Sendable {
    /// In the order of time. Doubles will do for a drawing of a hundred points across.
    var values: [Double]
    /// What it shows, for those who cannot see it.
    var description: String

    private static let (width, height, margin) = (120.0, 32.0, 2.0)

    /// Draws nothing where there are no two values to join.
    func append(to writer: inout HTMLWriter) {
        guard values.count > 1, let lowest = values.min(), let highest = values.max(), highest - lowest < .infinity else { return }
        var line = ""
        for (index, value) in values.enumerated() {
            let x = Self.width * Double(index) / Double(values.count - 1)
            let part = highest > lowest ? (value - lowest) / (highest - lowest) : 0.5
            line +=
                (index == 0 ? "M" : "L") + Self.coordinate(x) + " "
                + Self.coordinate(Self.height - Self.margin - part * (Self.height - 2 * Self.margin))
        }
        writer.markup("<svg class=\"spark\" viewBox=\"0 0 120 32\" preserveAspectRatio=\"none\" role=\"img\"")
        writer.attribute("aria-label", description)
        writer.markup("><path class=\"area\"")
        writer.attribute("d", line + "V32H0Z")
        writer.markup("/><path class=\"line\" vector-effect=\"non-scaling-stroke\"")
        writer.attribute("d", line)
        writer.markup("/></svg>")
    }

    /// One digit behind the point is enough for a drawing.
    private static func coordinate(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
}
