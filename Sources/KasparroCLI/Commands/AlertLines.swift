import MarketData

/// The lines of `kasparro status` on alerts, from the object that the server tells of them.
enum AlertLines {
    static func lines(_ alerts: JSONValue?) -> [(String, String)] {
        guard let alerts, alerts.kind == .object else { return [] }
        let channels = alerts.member("channels")?.members.map { (name: $0.key.string ?? "", state: $0.value) } ?? []
        let firing = alerts.member("firing")?.elements.map { $0 } ?? []
        let names = channels.map(\.name).joined(separator: ", ")
        let way = names.isEmpty ? "nobody is told of any; see ALERTS in kasparro.conf(5)" : "people are told by \(names)"
        let count = firing.isEmpty ? "none firing" : "\(firing.count) firing"
        let newest = channels.compactMap { $0.state.member("last_sent")?.string }.max().map { ", last at \($0)" } ?? ""
        return [("alerts", "\(count); \(way)\(newest)")] + firing.map { ("firing", sentence($0)) }
            + channels.filter { $0.state.member("failing")?.boolValue == true }.map { ("not sent", failure($0.name, $0.state)) }
    }

    private static func sentence(_ alert: JSONValue) -> String {
        func word(_ name: String) -> String { alert.member(name)?.string ?? "-" }
        let delivered = alert.member("delivered")?.elements.compactMap(\.string) ?? []
        return "\(word("summary")), since \(word("since")): \(shown(word("cause")))"
            + (delivered.isEmpty ? "" : " (sent by \(delivered.joined(separator: ", ")))")
    }

    private static func failure(_ name: String, _ state: JSONValue) -> String {
        "by \(name) at \(state.member("last_failed")?.string ?? "-"): \(shown(state.member("last_error")?.string ?? "-"))"
    }

    /// A part of it may be what a server answered.
    private static func shown(_ text: String) -> String { TerminalText.line(Array(text.utf8)) }
}
