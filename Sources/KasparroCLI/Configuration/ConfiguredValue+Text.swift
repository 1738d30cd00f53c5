import Ingest
import MarketData

extension ConfiguredValue {
    /// For people: a text without its quotes, unless it is empty; anything else as JSON.
    var text: String {
        guard let text = try? JSONDocument(parsing: json).root.string, !text.isEmpty else { return String(decoding: json, as: UTF8.self) }
        return TerminalText.line(Array(text.utf8))
    }
}
