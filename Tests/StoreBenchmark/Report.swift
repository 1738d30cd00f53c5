import Glibc

/// A measured number beside the limit that it was designed for.
struct Figure {
    enum Limit {
        case atMost(Double)
        case atLeast(Double)
    }

    var name: String
    var value: Double
    var unit: String
    /// nil: told for what it is worth.
    var limit: Limit?

    var isMissed: Bool {
        switch limit {
        case .atMost(let most): value > most
        case .atLeast(let least): value < least
        case nil: false
        }
    }

    /// What to print behind the value.
    fileprivate var limitText: String {
        switch limit {
        case .atMost(let most): "at most \(plain(most)) \(unit)"
        case .atLeast(let least): "at least \(plain(least)) \(unit)"
        case nil: ""
        }
    }

    fileprivate var json: String {
        let limit = limit == nil ? "null" : "\"\(limitText)\""
        return "{\"name\":\"\(name)\",\"value\":\(plain(value)),\"unit\":\"\(unit)\",\"limit\":\(limit),\"ok\":\(!isMissed)}"
    }
}

/// Prints figures as they come.
struct Report {
    let isJSON: Bool
    private var figures: [Figure] = []

    init(isJSON: Bool) { self.isJSON = isJSON }

    mutating func add(_ name: String, _ value: Double, _ unit: String, _ limit: Figure.Limit? = nil) {
        let figure = Figure(name: name, value: value, unit: unit, limit: limit)
        figures.append(figure)
        if isJSON { return }
        let verdict = figure.limit == nil ? "" : figure.isMissed ? "MISSED" : "ok"
        let columns = [padded(name, 58), padded("\(plain(value)) \(unit)", 20), padded(figure.limitText, 24), verdict]
        print(columns.joined(separator: " "))
        fflush(nil)
    }

    /// A line beside the figures.
    func note(_ text: String) { tell("# \(text)") }

    func end() {
        if isJSON { print("[\n" + figures.map { "  " + $0.json }.joined(separator: ",\n") + "\n]") }
    }
}

private func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }

/// A number with about three digits that count.
private func plain(_ value: Double) -> String {
    if value.magnitude >= 100 || value == value.rounded() { return "\(Int(value.rounded()))" }
    let scale: Double = value.magnitude >= 10 ? 10 : value.magnitude >= 1 ? 100 : 1_000
    return "\((value * scale).rounded() / scale)"
}
