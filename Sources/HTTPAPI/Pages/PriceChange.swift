import MarketData

/// How a series has moved: as its source says, else as its shown rows do.
struct PriceChange: Sendable {
    /// A class of the style sheet: `up`, `down` or `flat`.
    var direction: StaticString
    /// `+2.50 %`; nil where nothing can be said.
    var text: String?
    var explanation: String
    /// The sparkline in words.
    var shape: String

    init(_ series: SeriesPrices) {
        let first = series.quotes[0]
        let newest = series.newest
        let window = DisplayTime.span(newest.time.milliseconds - first.time.milliseconds)
        shape = "\(series.symbol) over \(window): from $\(DisplayNumber.price(first.price)) to $\(DisplayNumber.price(newest.price))"
        if let percent = newest.percentChange {
            text = DisplayNumber.percent(percent)
            explanation = "over 24 hours, as the source says"
            direction = Self.direction(Double(percent) ?? 0)
        } else if series.quotes.count > 1, let before = Double(first.price), let now = Double(newest.price), before > 0 {
            // For show only: a rounded figure over the very points that are drawn.
            let hundredths = ((now - before) / before * 10_000).rounded()
            guard abs(hundredths) < 1e15 else { (direction, text, explanation) = ("flat", nil, ""); return }
            let magnitude = Int(abs(hundredths))
            let digits = magnitude % 100
            text = DisplayNumber.percent("\(hundredths < 0 ? "-" : "")\(magnitude / 100).\(digits < 10 ? "0" : "")\(digits)")
            explanation = "over the \(window) shown"
            direction = Self.direction(hundredths)
        } else {
            (direction, text, explanation) = ("flat", nil, "")
        }
    }

    private static func direction(_ value: Double) -> StaticString { value > 0 ? "up" : value < 0 ? "down" : "flat" }
}
